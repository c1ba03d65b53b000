with

dim_leads as (

    select * from {{ ref('dim_leads') }}

),

lead_records as (

    select * from {{ ref('dim_lead_records') }}

    where is_lead_record

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

-- An excluded lead is named with its reason alone, and only where its fields are to be emptied.
exported as (

    select
        dim_leads.lead_id,
        dim_leads.company_id,
        dim_leads.owner_id,
        dim_leads.email,
        dim_leads.company_name,
        dim_leads.exclusion_reason,
        dim_leads.motion,
        dim_leads.lifecycle_stage,
        dim_leads.work_status,
        not dim_leads.is_scored as is_clearing

    from dim_leads

    inner join lead_records
        on dim_leads.lead_id = lead_records.lead_id

    where
        not lead_records.stops_export
        and (dim_leads.is_scored or lead_records.clears_crm_fields)

),

scored as (

    select
        exported.lead_id,
        exported.company_id,
        exported.owner_id,
        exported.email,
        exported.company_name,
        cast('scored' as {{ dbt.type_string() }}) as score_status,
        exported.motion,
        exported.lifecycle_stage,
        exported.work_status,
        scores.grade,
        scores.temperature,
        scores.route,
        scores.fit_band,
        scores.engagement_band,
        scores.reason_1_en,
        scores.reason_1_ja,
        scores.reason_2_en,
        scores.reason_2_ja,
        scores.reason_3_en,
        scores.reason_3_ja,
        scores.fit_score,
        scores.engagement_score,
        scores.priority,
        scores.fit_known_share,
        exported.is_clearing,
        scores.as_of_date

    from exported

    inner join scores
        on exported.lead_id = scores.lead_id

    where not exported.is_clearing

),

cleared as (

    select
        exported.lead_id,
        cast(null as {{ dbt.type_string() }}) as company_id,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        exported.email,
        cast(null as {{ dbt.type_string() }}) as company_name,
        exported.exclusion_reason as score_status,
        cast(null as {{ dbt.type_string() }}) as motion,
        cast(null as {{ dbt.type_string() }}) as lifecycle_stage,
        cast(null as {{ dbt.type_string() }}) as work_status,
        cast(null as {{ dbt.type_string() }}) as grade,
        cast(null as {{ dbt.type_string() }}) as temperature,
        cast(null as {{ dbt.type_string() }}) as route,
        cast(null as {{ dbt.type_string() }}) as fit_band,
        cast(null as {{ dbt.type_string() }}) as engagement_band,
        cast(null as {{ dbt.type_string() }}) as reason_1_en,
        cast(null as {{ dbt.type_string() }}) as reason_1_ja,
        cast(null as {{ dbt.type_string() }}) as reason_2_en,
        cast(null as {{ dbt.type_string() }}) as reason_2_ja,
        cast(null as {{ dbt.type_string() }}) as reason_3_en,
        cast(null as {{ dbt.type_string() }}) as reason_3_ja,
        cast(null as decimal(12, 2)) as fit_score,
        cast(null as decimal(12, 2)) as engagement_score,
        cast(null as integer) as priority,
        cast(null as decimal(5, 4)) as fit_known_share,
        exported.is_clearing,
        cast(null as date) as as_of_date

    from exported

    where exported.is_clearing

),

leads as (

    select * from scored

    union all

    select * from cleared

)

select * from leads
