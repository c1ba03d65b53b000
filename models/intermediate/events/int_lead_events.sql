{{ config(materialized='view') }}
{#- Where every source names the lead of every event, nothing else is looked up or carried. -#}
{%- set sources = source_models('events') | map('first') | list -%}
{%- set others = sources | reject('equalto', 'file') | list -%}
{%- set kept_columns = ['event_id', 'event_type', 'source_name'] -%}
{%- for property in event_property_types() -%}
    {%- do kept_columns.append(quoted(property)) -%}
{%- endfor -%}
{%- do kept_columns.append('signature_hash') -%}
{#- Only a build of several days asks since when the lead is known to have done it. -#}
{%- set joined_columns = [('joined_record_key', 'integer'), ('joined_date', 'date')] -%}
with

events as (

    select * from {{ ref('int_events') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

{% if others -%}
lead_addresses as (

    select * from {{ ref('int_lead_addresses') }}

),

visitor_leads as (

    select * from {{ ref('int_visitor_leads') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

{% endif -%}
-- Events of people who are no lead are kept, without a key. Looked up each time the events are
-- read, so that a new record or a merge rewrites no event.
keyed as (

    select
        {% if others -%}
        coalesce(record_leads.lead_id, leads.lead_id, events.lead_id) as lead_id,
        {%- else -%}
        coalesce(record_leads.lead_id, events.lead_id) as lead_id,
        {%- endif %}
        {{ column_list(kept_columns, 'events') }},
        {% if others -%}
        coalesce(
            record_leads.lead_key, lead_addresses.lead_key, visitor_leads.lead_key
        ) as lead_key,
        {%- else -%}
        record_leads.lead_key,
        {%- endif %}
        {%- for column, data_type in joined_columns %}
        {% if not history_days() -%}
        cast(null as {{ data_type }})
        {%- elif others -%}
        case
            when record_leads.lead_key is not null then record_leads.{{ column }}
            when lead_addresses.lead_key is not null then lead_addresses.{{ column }}
            else visitor_leads.{{ column }}
        end
        {%- else -%}
        record_leads.{{ column }}
        {%- endif %} as {{ column }},
        {%- endfor %}
        {% if history_days() and others -%}
        case
            when coalesce(record_leads.lead_key, lead_addresses.lead_key) is null
                then visitor_leads.identified_date
        end
        {%- else -%}
        cast(null as date)
        {%- endif %} as identified_date,
        events.is_automated,
        events.event_date,
        events.occurred_at

    from events

    left join record_leads
        on
            events.lead_id = record_leads.record_id
            {%- if sources | length > 1 %}
            and events.source_name = record_leads.source_name
            {%- else %}
            and record_leads.source_name = '{{ sources | first | default('') }}'
            {%- endif %}
    {% if others %}
    left join lead_addresses
        on events.email = lead_addresses.email

    -- A visitor's history counts for the lead that the visitor turned out to be at that time.
    left join visitor_leads
        on
            events.visitor_id = visitor_leads.visitor_id
            and events.source_name = visitor_leads.source_name
            and coalesce(events.occurred_at >= visitor_leads.from_at, true)
            and coalesce(events.occurred_at < visitor_leads.until_at, true)

    left join leads
        on coalesce(lead_addresses.lead_key, visitor_leads.lead_key) = leads.lead_key
    {% endif %}
)

select * from keyed
