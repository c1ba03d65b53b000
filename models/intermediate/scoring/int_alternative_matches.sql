with

conditions as (

    select * from {{ ref('int_conditions') }}

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

),

condition_matches as (

    select * from {{ ref('int_condition_matches') }}

),

-- Which conditions a field value meets; a null value stands for unknown.
matched as (

    select
        condition_matches.condition_key,
        condition_matches.field_value

    from condition_matches

    union all

    select
        conditions.condition_key,
        cast(null as {{ dbt.type_string() }}) as field_value

    from conditions

    where conditions.operator = 'is_unknown'

),

-- Several conditions of one alternative may look at the same field.
counted as (

    select
        conditions.field,
        matched.field_value,
        alternatives.alternative_key,
        alternatives.lead_condition_count,
        alternatives.event_condition_count,
        conditions.is_on_event,
        count(*) as match_count

    from matched

    inner join conditions
        on matched.condition_key = conditions.condition_key

    inner join alternatives
        on
            conditions.owner_type = alternatives.owner_type
            and conditions.owner_id = alternatives.owner_id
            and conditions.alternative = alternatives.alternative

    group by
        conditions.field,
        matched.field_value,
        alternatives.alternative_key,
        alternatives.lead_condition_count,
        alternatives.event_condition_count,
        conditions.is_on_event

)

select * from counted
