{{ config(materialized='view') }}
with

published_lead_days as (

    select * from {{ ref('int_published_lead_days') }}

),

score_definitions as (

    select * from {{ ref('score_definitions') }}

),

valued as (

    select
        published_lead_days.lead_id,
        score_definitions.score_id,
        case score_definitions.score_id
            when 'fit' then published_lead_days.fit_score
            when 'engagement' then published_lead_days.engagement_score
            else
                {{ json_number('published_lead_days.other_scores', 'score_definitions.score_id') }}
        end as points,
        published_lead_days.as_of_date

    from published_lead_days

    cross join score_definitions

),

-- A score that was not defined on that day has no value of it.
score_values as (

    select
        valued.lead_id,
        valued.score_id,
        valued.points,
        valued.as_of_date

    from valued

    where valued.points is not null

)

select * from score_values
