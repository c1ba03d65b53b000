with

conditions as (

    select * from {{ ref('int_conditions') }}

),

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

itemised as (

    select
        positive.condition_key,
        positive.field,
        positive.operator,
        {{ unnest_items('positive.operands') }} as operand,
        positive.is_negated

    from positive

),

bounded as (

    select
        itemised.*,
        case
            when itemised.operator = 'between'
                then {{ trim_text(dbt.split_part('itemised.operand', "'|'", 1)) }}
            else itemised.operand
        end as low,
        case
            when itemised.operator = 'between'
                then {{ trim_text(dbt.split_part('itemised.operand', "'|'", 2)) }}
        end as high

    from itemised

),

typed as (

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

select * from typed
