{%- set models = [
    'int_hubspot__engagement_calls',
    'int_hubspot__engagement_meetings',
    'int_hubspot__engagement_emails',
    'int_hubspot__engagement_tasks_and_notes',
] -%}
with

engagements as (

    select * from {{ ref('stg_hubspot__engagements') }}

),

actions as (
    {% for model in models %}
    select {{ action_columns() | join(', ') }} from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

-- Older connectors keep owner and time with the engagement, newer ones with the call.
completed as (

    select
        actions.engagement_id,
        actions.action_id,
        actions.event_type,
        actions.outcome,
        coalesce(actions.owner_id, engagements.owner_id) as owner_id,
        coalesce(actions.occurred_at_text, engagements.occurred_at_text) as occurred_at_text,
        {%- for property in event_property_types() %}
        actions.{{ quoted(property) }},
        {%- endfor %}
        actions.is_automated,
        coalesce(
            actions.occurred_at,
            case when actions.occurred_at_text is null then engagements.occurred_at end
        ) as occurred_at

    from actions

    left join engagements
        on actions.engagement_id = engagements.engagement_id

    where not coalesce(engagements.is_deleted, false)

)

select * from completed
