{%- set bearers = source_models('leads') -%}
with

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

lead_exclusions as (

    select * from {{ ref('int_lead_exclusions') }}

),

ranked_exclusions as (

    select
        lead_exclusions.*,
        row_number() over (
            partition by lead_exclusions.lead_key
            order by lead_exclusions.sort_order, lead_exclusions.exclusion_id
        ) as reason_rank

    from lead_exclusions

),

excluded_leads as (

    select
        ranked_exclusions.lead_key,
        max(case when ranked_exclusions.reason_rank = 1 then ranked_exclusions.reason end)
            as exclusion_reason,
        bool_or(ranked_exclusions.stops_scoring) as stops_scoring,
        bool_or(ranked_exclusions.stops_queue) as stops_queue,
        bool_or(ranked_exclusions.stops_nurture) as stops_nurture,
        bool_or(ranked_exclusions.stops_export) as stops_export,
        bool_or(ranked_exclusions.clears_crm_fields) as clears_crm_fields

    from ranked_exclusions

    group by ranked_exclusions.lead_key

),

-- The first source that bears leads gives ids as they stand, as int_lead_source_records does.
records as (

    select
        record_leads.record_id,
        {% if bearers | length > 1 -%}
        case
            when record_leads.source_name = '{{ bearers[0][0] }}' then record_leads.record_id
            else concat(record_leads.source_name, ':', record_leads.record_id)
        end
        {%- else -%}
        record_leads.record_id
        {%- endif %} as own_lead_id,
        record_leads.lead_id,
        record_leads.source_name,
        excluded_leads.exclusion_reason,
        record_leads.is_lead_record,
        record_leads.record_key is null as is_merged,
        coalesce(excluded_leads.stops_scoring, false) as stops_scoring,
        coalesce(excluded_leads.stops_queue, false) as stops_queue,
        coalesce(excluded_leads.stops_nurture, false) as stops_nurture,
        coalesce(excluded_leads.stops_export, false) as stops_export,
        coalesce(excluded_leads.clears_crm_fields, false) as clears_crm_fields

    from record_leads

    left join excluded_leads
        on record_leads.lead_key = excluded_leads.lead_key

)

select * from records
