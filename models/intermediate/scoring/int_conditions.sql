with

rules as (

    select distinct rule_id

    from {{ ref('int_rules') }}

),

rule_conditions as (

    select * from {{ ref('rule_conditions') }}

),

exclusions as (

    select * from {{ ref('exclusions') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

exclusion_conditions as (

    select * from {{ ref('exclusion_conditions') }}

),

motion_conditions as (

    select * from {{ ref('motion_conditions') }}

),

-- One language of conditions, whoever owns them; only what is in force on a scored day.
owned as (

    select
        'rule' as owner_type,
        rule_conditions.rule_id as owner_id,
        rule_conditions.alternative,
        rule_conditions.field,
        rule_conditions.operator,
        rule_conditions.value

    from rule_conditions

    inner join rules
        on rule_conditions.rule_id = rules.rule_id

    union all

    select
        'exclusion' as owner_type,
        exclusion_conditions.exclusion_id as owner_id,
        exclusion_conditions.alternative,
        exclusion_conditions.field,
        exclusion_conditions.operator,
        exclusion_conditions.value

    from exclusion_conditions

    inner join exclusions
        on exclusion_conditions.exclusion_id = exclusions.exclusion_id

    where
        exists (
            select 1
            from scored_days
            where {{ is_in_force('exclusions', 'scored_days.as_of_date') }}
        )

    union all

    select
        'motion' as owner_type,
        motion_conditions.motion as owner_id,
        motion_conditions.alternative,
        motion_conditions.field,
        motion_conditions.operator,
        motion_conditions.value

    from motion_conditions

),

keyed as (

    select
        owned.owner_type,
        owned.owner_id,
        cast(owned.alternative as {{ dbt.type_string() }}) as alternative,
        lower(owned.field) as field,
        owned.operator,
        owned.value as operand,
        lower(owned.field) like 'event.%' as is_on_event,
        cast(
            row_number() over (
                order by
                    owned.owner_type,
                    owned.owner_id,
                    owned.alternative,
                    owned.field,
                    owned.operator,
                    owned.value
            ) as integer
        ) as condition_key

    from owned

)

select * from keyed
