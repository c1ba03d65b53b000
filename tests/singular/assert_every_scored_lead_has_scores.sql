{{ config(meta={'dagster': {'ref': {'name': 'fct_lead_scores'}}}) }}

with

leads as (

    select * from {{ ref('dim_leads') }}

),

score_definitions as (

    select * from {{ ref('score_definitions') }}

),

score_values as (

    select * from {{ ref('fct_lead_score_values') }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

value_counts as (

    select
        score_values.lead_id,
        count(*) as value_count

    from score_values

    group by score_values.lead_id

),

definition_counts as (

    select count(*) as definition_count from score_definitions

),

-- A scored lead has its row and one value a score definition; an excluded one has neither.
compared as (

    select
        coalesce(leads.lead_id, scores.lead_id) as lead_id,
        coalesce(leads.is_scored, false) as is_scored,
        scores.lead_id is not null as has_scores,
        coalesce(value_counts.value_count, 0) as value_count,
        definition_counts.definition_count

    from leads

    full outer join scores
        on leads.lead_id = scores.lead_id

    left join value_counts
        on coalesce(leads.lead_id, scores.lead_id) = value_counts.lead_id

    cross join definition_counts

),

wrong as (

    select compared.*

    from compared

    where
        compared.is_scored <> compared.has_scores
        or compared.value_count
        <> case when compared.is_scored then compared.definition_count else 0 end

)

select * from wrong
