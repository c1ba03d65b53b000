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

multi_valued_fields as (

    select lower(attribute) as field

    from {{ ref('attributes') }}

    where is_multi_valued

),

-- Which conditions a value meets, which ones any known value meets, which ones no value at all.
matched as (

    select
        condition_matches.condition_key,
        'value' as met_by,
        condition_matches.field_value,
        condition_matches.valid_from_date,
        condition_matches.valid_to_date

    from condition_matches

    union all

    select
        conditions.condition_key,
        'any_value' as met_by,
        cast(null as {{ dbt.type_string() }}) as field_value,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date

    from conditions

    where
        conditions.operator = 'is_known'
        and conditions.field not in (select multi_valued_fields.field from multi_valued_fields)

    union all

    select
        conditions.condition_key,
        'no_value' as met_by,
        cast(null as {{ dbt.type_string() }}) as field_value,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date

    from conditions

    where conditions.operator = 'is_unknown'

),

-- Several conditions of one alternative may look at the same field; those that hold on the same
-- days count together.
counted as (

    select
        conditions.field,
        matched.met_by,
        matched.field_value,
        alternatives.alternative_key,
        alternatives.lead_condition_count,
        alternatives.event_condition_count,
        conditions.is_on_event,
        count(*) as match_count,
        matched.valid_from_date,
        matched.valid_to_date

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
        matched.met_by,
        matched.field_value,
        alternatives.alternative_key,
        alternatives.lead_condition_count,
        alternatives.event_condition_count,
        conditions.is_on_event,
        matched.valid_from_date,
        matched.valid_to_date

)

select * from counted
