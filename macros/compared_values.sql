{#-
    CTEs that compare each value of a relation (field, field_value) with the operands of
    `typed_operands`, once a value and not once a subject: `field_values` holds the single items as
    text, number and day, the last one, `compared`, whether the condition is met. They read the CTEs
    `operands` and `multi_valued_fields` of the model. Days are left to the model.
-#}
{% macro compared_values(relation) -%}
value_items as (

    select distinct
        {{ relation }}.field,
        {{ relation }}.field_value,
        case
            when multi_valued_fields.field is not null
                then {{ split_items(relation ~ '.field_value', ';') }}
            else {{ list_of(relation ~ '.field_value') }}
        end as items

    from {{ relation }}

    left join multi_valued_fields
        on {{ relation }}.field = multi_valued_fields.field

    where {{ relation }}.field_value is not null

),

single_items as (

    select
        value_items.field,
        value_items.field_value,
        {{ unnest_items('value_items.items') }} as item

    from value_items

),

field_values as (

    select
        single_items.field,
        single_items.field_value,
        single_items.item,
        {{ fold_text('single_items.item') }} as item_folded,
        {{ parse_number('single_items.item') }} as item_number,
        {{ parse_day('single_items.item') }} as item_date

    from single_items

    where single_items.item is not null

),

compared as (

    select
        operands.condition_key,
        field_values.field,
        field_values.field_value,
        bool_or(coalesce({{ item_meets_operand() }}, false)) <> operands.is_negated as is_met

    from field_values

    inner join operands
        on field_values.field = operands.field

    where operands.operator <> 'within_days'

    group by
        operands.condition_key,
        field_values.field,
        field_values.field_value,
        operands.is_negated

)
{%- endmacro %}
