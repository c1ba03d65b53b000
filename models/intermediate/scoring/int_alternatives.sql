with

conditions as (

    select * from {{ ref('int_conditions') }}

),

rules as (

    select distinct rule_id

    from {{ ref('int_rules') }}

),

exclusions as (

    select * from {{ ref('exclusions') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

motions as (

    select * from {{ ref('motions') }}

),

owners as (

    select
        'rule' as owner_type,
        rules.rule_id as owner_id

    from rules

    union all

    select
        'exclusion' as owner_type,
        exclusions.exclusion_id as owner_id

    from exclusions

    where
        exists (
            select 1
            from scored_days
            where {{ is_in_force('exclusions', 'scored_days.as_of_date') }}
        )

    union all

    select
        'motion' as owner_type,
        motions.motion as owner_id

    from motions

),

-- Conditions of one alternative are joined by AND: how many of each kind must hold. An owner
-- without conditions has one alternative that always holds.
counted as (

    select
        owners.owner_type,
        owners.owner_id,
        coalesce(conditions.alternative, '') as alternative,
        count(*) filter (where not conditions.is_on_event) as lead_condition_count,
        count(*) filter (where conditions.is_on_event) as event_condition_count

    from owners

    left join conditions
        on
            owners.owner_type = conditions.owner_type
            and owners.owner_id = conditions.owner_id

    group by
        owners.owner_type,
        owners.owner_id,
        coalesce(conditions.alternative, '')

),

keyed as (

    select
        counted.owner_type,
        counted.owner_id,
        counted.alternative,
        counted.lead_condition_count,
        counted.event_condition_count,
        cast(
            row_number() over (
                order by counted.owner_type, counted.owner_id, counted.alternative
            ) as integer
        ) as alternative_key

    from counted

)

select * from keyed
