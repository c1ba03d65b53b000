{#- Where every source names the lead of every event, nothing else is looked up or carried. -#}
{%- set others = source_models('events') | map('first') | reject('equalto', 'file') | list -%}
{%- set columns = ['lead_id', 'event_id', 'event_type', 'source_name'] -%}
{%- do columns.extend(['visitor_id', 'email'] if others else []) -%}
{%- for property in event_property_types() -%}
    {%- do columns.append(quoted(property)) -%}
{%- endfor -%}
{%- do columns.extend(['is_automated', 'signature_hash', 'event_date', 'occurred_at']) -%}
{%- set grouped_by = ['event_id', 'source_name', 'signature_hash', 'occurred_at'] -%}
{%- set tie_breakers = columns | reject('in', grouped_by) | list -%}
{%- set used_up = [
    'lead_id', 'visitor_id', 'email', 'is_automated', 'event_date', 'occurred_at',
] -%}
{#- Only a build of several days asks since when the lead is known to have done it. -#}
{%- set joined_columns = [('joined_record_key', 'integer'), ('joined_date', 'date')] -%}
{%- set kept_columns = columns | reject('in', used_up) | list -%}
with

repeated_event_ids as (

    select * from {{ ref('int_repeated_event_ids') }}

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
-- The view is read twice on purpose: one pass for the many events that stand alone, one for the few
-- whose id stands twice. A shared step would hold every event in memory.
single as (

    select events.*

    from {{ ref('int_readable_events') }} as events

    where not exists (
        select 1
        from repeated_event_ids
        where
            events.source_name = repeated_event_ids.source_name
            and events.event_id_hash = repeated_event_ids.event_id_hash
    )

),

-- One event an id: the earliest, then the smallest text, so that the order of rows decides nothing.
repeated as (

    select
        events.*,
        row_number() over (
            partition by events.source_name, events.event_id
            order by
                events.occurred_at,
                {{ column_list(tie_breakers, 'events', 'nulls first') }}
        ) as event_rank

    from {{ ref('int_readable_events') }} as events

    where exists (
        select 1
        from repeated_event_ids
        where
            events.source_name = repeated_event_ids.source_name
            and events.event_id_hash = repeated_event_ids.event_id_hash
    )

),

deduplicated as (

    select {{ column_list(columns, 'single') }}

    from single

    union all

    select {{ column_list(columns, 'repeated') }}

    from repeated

    where repeated.event_rank = 1

),

-- Events of people who are no lead are kept, without a key. Events of one lead stand together,
-- which halves the cost of gathering them and of looking one lead up.
keyed as (

    select
        {% if others -%}
        coalesce(record_leads.lead_id, leads.lead_id, deduplicated.lead_id) as lead_id,
        {%- else -%}
        coalesce(record_leads.lead_id, deduplicated.lead_id) as lead_id,
        {%- endif %}
        {{ column_list(kept_columns, 'deduplicated') }},
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
        deduplicated.is_automated,
        deduplicated.event_date,
        deduplicated.occurred_at

    from deduplicated

    left join record_leads
        on
            deduplicated.lead_id = record_leads.record_id
            and deduplicated.source_name = record_leads.source_name
    {% if others %}
    left join lead_addresses
        on deduplicated.email = lead_addresses.email

    -- A visitor's history counts for the lead that the visitor turned out to be at that time.
    left join visitor_leads
        on
            deduplicated.visitor_id = visitor_leads.visitor_id
            and deduplicated.source_name = visitor_leads.source_name
            and (
                visitor_leads.from_at is null
                or deduplicated.occurred_at >= visitor_leads.from_at
            )
            and (
                visitor_leads.until_at is null
                or deduplicated.occurred_at < visitor_leads.until_at
            )

    left join leads
        on coalesce(lead_addresses.lead_key, visitor_leads.lead_key) = leads.lead_key
    {% endif %}
    order by {{ 'lead_key' if others else 'record_leads.lead_key' }}

)

select * from keyed
