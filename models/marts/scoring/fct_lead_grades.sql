with

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

    where is_current

),

grades as (

    select * from {{ ref('int_lead_day_grades') }}

),

stamp as (

    select * from {{ ref('int_stamp') }}

),

graded as (

    select
        scored_leads.lead_id,
        grades.grade_set,
        grades.grade,
        grades.temperature,
        grades.route,
        stamp.rule_set_id,
        grades.priority,
        stamp.is_provisional,
        stamp.as_of_date,
        stamp.data_through

    from grades

    inner join scored_leads
        on grades.lead_key = scored_leads.lead_key

    cross join stamp

)

select * from graded
