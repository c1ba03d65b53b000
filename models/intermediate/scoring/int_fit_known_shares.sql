with

rules as (

    select * from {{ ref('int_rules') }}

    where is_current

),

conditions as (

    select * from {{ ref('int_conditions') }}

),

grade_sets as (

    select * from {{ ref('grade_sets') }}

    where grade_set = 'main'

),

lead_attributes as (

    select * from {{ ref('int_lead_attributes') }}

),

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

    where is_current

),

fit_fields as (

    select distinct conditions.field

    from conditions

    inner join rules
        on
            conditions.owner_type = 'rule'
            and conditions.owner_id = rules.rule_id

    inner join grade_sets
        on rules.score_id = grade_sets.fit_score_id

    where not conditions.is_on_event

),

shares as (

    select
        lead_attributes.lead_key,
        cast(
            cast(count(lead_attributes.field_value) as decimal(12, 6)) / count(*) as decimal(5, 4)
        ) as known_share

    from lead_attributes

    inner join fit_fields
        on lead_attributes.field = fit_fields.field

    inner join scored_leads
        on lead_attributes.lead_key = scored_leads.lead_key

    group by lead_attributes.lead_key

)

select * from shares
