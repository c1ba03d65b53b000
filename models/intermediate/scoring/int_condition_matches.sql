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

-- Every operator, once a condition and distinct value. Two numbers compare as numbers; else
-- ordering compares dates and equality compares text.
compared as (

    select
        operands.condition_key,
        field_values.field,
        field_values.field_value,
        operands.is_negated,
        bool_or(
            coalesce(
                case operands.operator
                    when 'equals'
                        then
                            case
                                when
                                    field_values.item_number is not null
                                    and operands.low_number is not null
                                    then field_values.item_number = operands.low_number
                                else field_values.item_folded = operands.operand_folded
                            end
                    when 'contains'
                        then
                            {{ position_of('operands.operand_folded', 'field_values.item_folded') }}
                            > 0
                    when 'starts_with'
                        then
                            {{ position_of('operands.operand_folded', 'field_values.item_folded') }}
                            = 1
                    when 'ends_with'
                        then right(
                            field_values.item_folded, {{ dbt.length('operands.operand_folded') }}
                        ) = operands.operand_folded
                    when 'matches'
                        then {{ matches_pattern('field_values.item', 'operands.operand') }}
                    when 'gt' then {{ compare_ordered('>') }}
                    when 'gte' then {{ compare_ordered('>=') }}
                    when 'lt' then {{ compare_ordered('<') }}
                    when 'lte' then {{ compare_ordered('<=') }}
                    when 'between'
                        then
                            {{ compare_ordered('>=') }}
                            and {{ compare_ordered('<=', bound='high') }}
                    when 'within_days' then
                        {{ dbt.datediff('field_values.item_date', as_of_date(), 'day') }}
                        between 0 and operands.low_number
                end,
                false
            )
        ) as has_match

    from field_values

    inner join operands
        on field_values.field = operands.field

    where field_values.item is not null

    group by
        operands.condition_key,
        field_values.field,
        field_values.field_value,
        operands.is_negated

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
        compared.field_value

    from compared

    where compared.has_match <> compared.is_negated

    union all

    select
        conditions.condition_key,
        known.field,
        known.field_value

    from conditions

    inner join known
        on conditions.field = known.field

    where
        (conditions.operator = 'is_known' and known.is_known)
        or (conditions.operator = 'is_unknown' and not known.is_known)

)

select * from matches
