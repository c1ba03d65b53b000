{#-
    CTEs that bring what conditions compare with into the types they are compared in, one row an
    operand, the last one being `operands`. They read the CTEs `conditions`, `prefecture_names` and
    `prefectures` of the model.
-#}
{% macro typed_operands() -%}
-- A negated operator holds where its positive twin does not.
positive as (

    select
        conditions.condition_key,
        conditions.field,
        case conditions.operator
            when 'not_equals' then 'equals'
            when 'in' then 'equals'
            when 'not_in' then 'equals'
            when 'not_contains' then 'contains'
            else conditions.operator
        end as operator,
        conditions.operator in ('not_equals', 'not_in', 'not_contains') as is_negated,
        case
            when conditions.operator in ('in', 'not_in')
                then {{ split_items('conditions.operand', '|') }}
            else {{ list_of('conditions.operand') }}
        end as operands

    from conditions

    where conditions.operator not in ('is_known', 'is_unknown')

),

operand_items as (

    select
        positive.condition_key,
        positive.field,
        positive.operator,
        {{ unnest_items('positive.operands') }} as operand,
        positive.is_negated

    from positive

),

-- A prefecture that a condition names in other words is brought to the one that leads have.
named as (

    select
        operand_items.condition_key,
        operand_items.field,
        operand_items.operator,
        coalesce(prefectures.name_ja, operand_items.operand) as operand,
        operand_items.is_negated

    from operand_items

    left join prefecture_names
        on
            operand_items.field = 'prefecture'
            and operand_items.operator = 'equals'
            and {{ prefecture_key('operand_items.operand') }} = prefecture_names.prefecture_key

    left join prefectures
        on prefecture_names.prefecture_code = prefectures.prefecture_code

),

bounded as (

    select
        named.*,
        case
            when named.operator = 'between'
                then {{ trim_text(dbt.split_part('named.operand', "'|'", 1)) }}
            else named.operand
        end as low,
        case
            when named.operator = 'between'
                then {{ trim_text(dbt.split_part('named.operand', "'|'", 2)) }}
        end as high

    from named

),

operands as (

    select
        bounded.condition_key,
        bounded.field,
        bounded.operator,
        bounded.operand,
        {{ fold_text('bounded.operand') }} as operand_folded,
        {{ parse_number('bounded.low') }} as low_number,
        {{ parse_number('bounded.high') }} as high_number,
        bounded.is_negated,
        {{ parse_day('bounded.low') }} as low_date,
        {{ parse_day('bounded.high') }} as high_date

    from bounded

)
{%- endmacro %}
