{%- set named_columns = [
    ('stg_hubspot__email_events', 'email_event', 'type', 'type'),
    ('stg_hubspot__email_event_bounces', 'email_event_bounce', 'category', 'category'),
    (
        'stg_hubspot__email_event_status_changes', 'email_event_status_change',
        'portal_subscription_status', 'portal_subscription_status'
    ),
    ('stg_hubspot__contact_lists', 'contact_list', 'name', 'list_name'),
    ('stg_hubspot__engagement_calls', 'engagement_call', 'direction', 'direction'),
    ('stg_hubspot__engagement_calls', 'engagement_call', 'disposition', 'disposition'),
    ('stg_hubspot__engagement_calls', 'engagement_call', 'activity_type', 'activity_type'),
    ('stg_hubspot__engagement_meetings', 'engagement_meeting', 'outcome', 'outcome'),
    ('stg_hubspot__engagement_meetings', 'engagement_meeting', 'location', 'location'),
    ('stg_hubspot__engagement_emails', 'engagement_email', 'direction', 'direction'),
    ('stg_hubspot__engagement_tasks', 'engagement_task', 'status', 'status'),
    ('stg_hubspot__engagement_tasks', 'engagement_task', 'subject', 'subject'),
] -%}
with

event_names as (

    select * from {{ ref('event_names') }}

),

-- Few words say a lot of rows, so each word is looked up once.
names as (
    {% for model, source_table, field, column in named_columns %}
    select distinct
        '{{ source_table }}' as source_table,
        '{{ field }}' as field,
        coalesce({{ column }}, '') as name

    from {{ ref(model) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

matched as (

    {{ first_event_names('hubspot') }}

)

select * from matched
