with

conditions as (

    select * from {{ ref('int_conditions') }}

),

operands as (

    select * from {{ ref('int_condition_operands') }}

),

field_values as (

    select * from {{ ref('int_field_values') }}

),

multi_valued_fields as (

    select lower(attribute) as field

    from {{ ref('attributes') }}

    where is_multi_valued

),

-- Every operator but within_days, once a condition and distinct value.
compared as (

    select
        operands.condition_key,
        field_values.field,
        field_values.field_value,
        operands.is_negated,
        bool_or(
            coalesce(
                {{ item_meets_operand() }},
                false
            )
        ) as has_match

    from field_values

    inner join operands
        on field_values.field = operands.field

    where
        field_values.item is not null
        and operands.operator <> 'within_days'

    group by
        operands.condition_key,
        field_values.field,
        field_values.field_value,
        operands.is_negated

),

-- A date lies within so many days from its own day on until as many days later; what no calendar
-- holds is no end.
within_days as (

    select
        operands.condition_key,
        field_values.field,
        field_values.field_value,
        field_values.item_date as valid_from_date,
        case
            when operands.low_number < 1000000
                then cast(
                    {{ dbt.dateadd(
                        'day',
                        'cast(floor(operands.low_number) as integer) + 1',
                        'field_values.item_date'
                    ) }} as date
                )
        end as valid_to_date

    from field_values

    inner join operands
        on field_values.field = operands.field

    where
        operands.operator = 'within_days'
        and operands.low_number >= 0
        and field_values.item_date is not null

),

followed as (

    select
        within_days.*,
        lead(within_days.valid_from_date) over (
            partition by
                within_days.condition_key, within_days.field, within_days.field_value
            order by within_days.valid_from_date
        ) as next_from_date

    from within_days

),

-- Of several dates in one value the later one takes over, so that no day counts twice.
within_periods as (

    select distinct
        followed.condition_key,
        followed.field,
        followed.field_value,
        followed.valid_from_date,
        case
            when followed.next_from_date < coalesce(followed.valid_to_date, followed.next_from_date)
                then followed.next_from_date
            when followed.valid_to_date is null then followed.next_from_date
            else followed.valid_to_date
        end as valid_to_date

    from followed

    where
        followed.next_from_date is null
        or followed.valid_from_date < followed.next_from_date

),

-- Values that may hold several items are known if one of them is.
known as (

    select
        field_values.field,
        field_values.field_value,
        bool_or(field_values.item is not null) as is_known

    from field_values

    inner join multi_valued_fields
        on field_values.field = multi_valued_fields.field

    group by
        field_values.field,
        field_values.field_value

),

matches as (

    select
        compared.condition_key,
        compared.field,
        compared.field_value,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date

    from compared

    where compared.has_match <> compared.is_negated

    union all

    select
        conditions.condition_key,
        known.field,
        known.field_value,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date

    from conditions

    inner join known
        on conditions.field = known.field

    where
        (conditions.operator = 'is_known' and known.is_known)
        or (conditions.operator = 'is_unknown' and not known.is_known)

    union all

    select
        within_periods.condition_key,
        within_periods.field,
        within_periods.field_value,
        within_periods.valid_from_date,
        within_periods.valid_to_date

    from within_periods

)

select * from matches
