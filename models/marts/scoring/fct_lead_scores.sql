with

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

    where is_current

),

score_values as (

    select * from {{ ref('fct_lead_score_values') }}

),

main_grades as (

    select * from {{ ref('fct_lead_grades') }}

    where grade_set = 'main'

),

reasons as (

    select * from {{ ref('int_lead_reason_texts') }}

),

fit_known_shares as (

    select * from {{ ref('int_fit_known_shares') }}

),

stamp as (

    select * from {{ ref('int_stamp') }}

),

fit_values as (

    select * from score_values

    where score_id = 'fit'

),

engagement_values as (

    select * from score_values

    where score_id = 'engagement'

),

scores as (

    select
        scored_leads.lead_id,
        fit_values.band as fit_band,
        engagement_values.band as engagement_band,
        main_grades.grade,
        main_grades.temperature,
        main_grades.route,
        reasons.reason_1_en,
        reasons.reason_1_ja,
        reasons.reason_2_en,
        reasons.reason_2_ja,
        reasons.reason_3_en,
        reasons.reason_3_ja,
        stamp.rule_set_id,
        fit_values.points as fit_score,
        engagement_values.points as engagement_score,
        main_grades.priority,
        fit_known_shares.known_share as fit_known_share,
        stamp.is_provisional,
        stamp.as_of_date,
        stamp.data_through

    from scored_leads

    inner join fit_values
        on scored_leads.lead_id = fit_values.lead_id

    inner join engagement_values
        on scored_leads.lead_id = engagement_values.lead_id

    left join main_grades
        on scored_leads.lead_id = main_grades.lead_id

    left join reasons
        on scored_leads.lead_key = reasons.lead_key

    left join fit_known_shares
        on scored_leads.lead_key = fit_known_shares.lead_key

    cross join stamp

)

select * from scores
