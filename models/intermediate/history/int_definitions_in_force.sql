{{ config(materialized='view') }}
with

definitions as (

    select * from {{ ref('int_rule_definitions') }}

),

scored_days as (

    select * from {{ ref('int_history_days') }}

),

in_force as (

    select
        definitions.kind,
        definitions.rule_id,
        definitions.definition_hash,
        scored_days.as_of_date

    from definitions

    inner join scored_days
        on {{ is_in_force('definitions', 'scored_days.as_of_date') }}

)

select * from in_force
