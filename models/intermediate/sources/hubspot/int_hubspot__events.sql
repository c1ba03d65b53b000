{{ config(materialized='view') }}
with

engagement_contacts as (

    select * from {{ ref('stg_hubspot__engagement_contacts') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

    where source_name = 'hubspot'

),

engagement_actions as (

    select * from {{ ref('int_hubspot__engagement_actions') }}

),

email_events as (

    select * from {{ ref('int_hubspot__email_events') }}

),

form_events as (

    select * from {{ ref('int_hubspot__form_events') }}

),

list_events as (

    select * from {{ ref('int_hubspot__list_events') }}

),

-- Several records of one person took part once, the one that has belonged to it longest.
participants as (

    select
        engagement_contacts.engagement_id,
        engagement_contacts.contact_id,
        row_number() over (
            partition by
                engagement_contacts.engagement_id,
                record_leads.lead_key,
                case when record_leads.lead_key is null then engagement_contacts.contact_id end
            order by record_leads.joined_date nulls first, engagement_contacts.contact_id
        ) as record_rank

    from engagement_contacts

    left join record_leads
        on engagement_contacts.contact_id = record_leads.record_id

    where not engagement_contacts.is_deleted

),

-- Everybody who took part in a call or a meeting has an event of their own.
engagement_events as (

    select
        participants.contact_id as lead_id,
        cast(null as {{ dbt.type_string() }}) as visitor_id,
        cast(null as {{ dbt.type_string() }}) as email,
        engagement_actions.action_id || ':' || participants.contact_id as event_id,
        engagement_actions.event_type,
        engagement_actions.occurred_at_text,
        {%- for property in event_property_types() %}
        engagement_actions.{{ quoted(property) }},
        {%- endfor %}
        engagement_actions.is_automated,
        cast(null as bigint) as source_row_number,
        {{ business_day('engagement_actions.occurred_at') }} as event_date,
        engagement_actions.occurred_at

    from engagement_actions

    inner join participants
        on engagement_actions.engagement_id = participants.engagement_id

    where participants.record_rank = 1

),

events as (
    {% for part in ['email_events', 'form_events', 'list_events', 'engagement_events'] %}
    select {{ column_list(event_columns(), part) }}

    from {{ part }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select * from events
