with

definitions as (

    select * from {{ ref('int_definitions_in_force') }}

),

scored_days as (

    select * from {{ ref('int_history_days') }}

),

definitions_to_record as (

    select
        definitions.kind,
        definitions.rule_id,
        definitions.definition_hash,
        definitions.as_of_date

    from definitions

    inner join scored_days
        on definitions.as_of_date = scored_days.as_of_date

    inner join {{ ref('int_history_days') }} as current_days
        on
            scored_days.as_of_date = current_days.as_of_date
            or scored_days.as_of_date = current_days.previous_date

    where
        current_days.is_current
        and not scored_days.is_recorded

)

select * from definitions_to_record
