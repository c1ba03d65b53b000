{%- set columns = {
    'kind': dbt.type_string(),
    'rule_id': dbt.type_string(),
    'definition_hash': dbt.type_string(),
    'as_of_date': 'date',
} -%}
with

in_force as (

    select * from {{ ref('int_definitions_in_force') }}

),

recorded_days as (

    select * from {{ ref('int_history_days') }}

    where is_recorded

),

rules_seen as (

    {{ state_rows('rules_seen', columns) | indent(4) }}

),

seen_days as (

    select distinct rules_seen.as_of_date

    from rules_seen

    inner join recorded_days
        on rules_seen.as_of_date = recorded_days.as_of_date

),

-- A definition that stands on one side alone was added or taken out.
both_sides as (

    select
        in_force.kind,
        in_force.rule_id,
        in_force.definition_hash,
        in_force.as_of_date

    from in_force

    inner join seen_days
        on in_force.as_of_date = seen_days.as_of_date

    union all

    select
        rules_seen.kind,
        rules_seen.rule_id,
        rules_seen.definition_hash,
        rules_seen.as_of_date

    from rules_seen

    inner join seen_days
        on rules_seen.as_of_date = seen_days.as_of_date

),

changed as (

    select
        both_sides.kind,
        both_sides.rule_id,
        both_sides.as_of_date

    from both_sides

    group by
        both_sides.kind,
        both_sides.rule_id,
        both_sides.as_of_date

    having
        count(*) = 1
        or min(both_sides.definition_hash) <> max(both_sides.definition_hash)

)

select * from changed
