{%- set named = condition_fields('lead') -%}
{%- set days_since = {
    'days_since_last_activity': 'last_activity_date',
    'days_since_last_offline_event': 'last_offline_event_date',
    'days_since_last_visit': 'last_visit_date',
    'days_since_last_webinar': 'last_webinar_date',
} -%}
with

leads as (

    select * from {{ ref('int_lead_days') }}

),

lead_day_versions as (

    select * from {{ ref('int_lead_day_versions') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

activities as (

    select * from {{ ref('int_lead_activities') }}

),

lead_companies as (

    select * from {{ ref('int_lead_version_companies') }}

),

deal_companies as (

    select * from {{ ref('int_deal_companies') }}

),

deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

measure_settings as (

    select * from {{ ref('measure_settings') }}

),

settings as (

    select
        max(measure_settings.setting_value) filter (
            where measure_settings.setting_id = 'email_min_delivered'
        ) as email_min_delivered

    from measure_settings

),

-- Colleagues with an activity within the window, the lead itself among them.
company_activities as (

    select
        lead_companies.company_key,
        lead_day_versions.as_of_date,
        count(*) as active_lead_count

    from lead_day_versions

    inner join lead_companies
        on lead_day_versions.version_key = lead_companies.version_key

    inner join activities
        on lead_day_versions.lead_key = activities.lead_key

    where {{ 'activities.is_active_colleague' if 'company_active_leads_30d' in named else 'false' }}

    group by
        lead_companies.company_key,
        lead_day_versions.as_of_date

),

-- Deals are as known on D; of a past day it counts what had happened by then.
company_deals as (

    select
        deal_companies.company_key,
        scored_days.as_of_date,
        count(*) as open_deal_count

    from deals

    inner join deal_companies
        on deals.deal_key = deal_companies.deal_key

    inner join scored_days
        on
            (deals.created_date is null or deals.created_date <= scored_days.as_of_date)
            and (deals.outcome = 'open' or deals.closed_date > scored_days.as_of_date)

    group by
        deal_companies.company_key,
        scored_days.as_of_date

),

lost_deals as (

    select
        deal_leads.lead_key,
        scored_days.as_of_date,
        max(deals.closed_date) as last_lost_date

    from deal_leads

    inner join deals
        on
            deal_leads.deal_key = deals.deal_key
            and deals.outcome = 'lost'

    inner join scored_days
        on deals.closed_date <= scored_days.as_of_date

    group by
        deal_leads.lead_key,
        scored_days.as_of_date

),

-- What no condition names is unknown here. A lead of whom nothing is known was active on no day.
measures as (

    select
        leads.lead_key,
        leads.lead_id,
        {%- for field, day in days_since.items() %}
        {% if field in named -%}
        cast({{ dbt.datediff('activities.' ~ day, 'leads.as_of_date', 'day') }} as integer)
        {%- else -%}
        cast(null as integer)
        {%- endif %} as {{ field }},
        {%- endfor %}
        {% if 'days_since_last_lost_deal' in named -%}
        cast({{ dbt.datediff('lost_deals.last_lost_date', 'leads.as_of_date', 'day') }} as integer)
        {%- else -%}
        cast(null as integer)
        {%- endif %} as days_since_last_lost_deal,
        cast(
            {{ dbt.datediff(
                'activities.last_activity_before_visit_date', 'activities.last_visit_date', 'day'
            ) }}
            as integer
        ) as quiet_days_before_last_visit,
        {% if 'active_days_30d' in named -%}
        cast(coalesce(activities.active_day_count, 0) as integer)
        {%- else -%}
        cast(null as integer)
        {%- endif %} as active_days_30d,
        {% if 'company_active_leads_30d' in named -%}
        cast(
            case
                when lead_companies.company_key is not null
                    then coalesce(company_activities.active_lead_count, 0)
                when activities.is_active_colleague then 1
                else 0
            end as integer
        )
        {%- else -%}
        cast(null as integer)
        {%- endif %} as company_active_leads_30d,
        {% if 'company_open_deals' in named -%}
        cast(
            case
                when lead_companies.company_key is not null
                    then coalesce(company_deals.open_deal_count, 0)
            end as integer
        )
        {%- else -%}
        cast(null as integer)
        {%- endif %} as company_open_deals,
        {% if 'email_click_share_90d' in named -%}
        case
            when activities.email_delivered_count >= settings.email_min_delivered
                then cast(
                    least(activities.email_clicked_count, activities.email_delivered_count)
                    / cast(activities.email_delivered_count as double)
                    as decimal(7, 6)
                )
        end
        {%- else -%}
        cast(null as decimal(7, 6))
        {%- endif %} as email_click_share_90d

    from leads

    cross join settings

    left join activities
        on leads.lead_key = activities.lead_key

    left join lead_companies
        on leads.version_key = lead_companies.version_key

    left join company_activities
        on
            lead_companies.company_key = company_activities.company_key
            and leads.as_of_date = company_activities.as_of_date

    left join company_deals
        on
            lead_companies.company_key = company_deals.company_key
            and leads.as_of_date = company_deals.as_of_date

    left join lost_deals
        on
            leads.current_lead_key = lost_deals.lead_key
            and leads.as_of_date = lost_deals.as_of_date

)

select * from measures
