{#-
    CTEs that tell for which subjects the conditions of which owners hold, the last one being
    `met_owners`: where one alternative holds as a whole. They read the CTEs `conditions`
    (condition_key, owner_id, alternative, field, operator, operand), `subject_values` (subject_key,
    as_of_date, field, field_value; one row a subject and field that conditions name),
    `multi_valued_fields`, `prefecture_names` and `prefectures` of the model. Made for few subjects:
    what is known of all leads is matched once a value instead (`int_condition_matches`).
-#}
{% macro met_owners() -%}
{{ typed_operands() }},

value_items as (

    select distinct
        subject_values.field,
        subject_values.field_value,
        case
            when multi_valued_fields.field is not null
                then {{ split_items('subject_values.field_value', ';') }}
            else {{ list_of('subject_values.field_value') }}
        end as items

    from subject_values

    left join multi_valued_fields
        on subject_values.field = multi_valued_fields.field

    where subject_values.field_value is not null

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

),

met_conditions as (

    select
        subject_values.subject_key,
        compared.condition_key

    from subject_values

    inner join compared
        on
            subject_values.field = compared.field
            and subject_values.field_value = compared.field_value

    where compared.is_met

    union all

    select
        subject_values.subject_key,
        operands.condition_key

    from subject_values

    inner join field_values
        on
            subject_values.field = field_values.field
            and subject_values.field_value = field_values.field_value

    inner join operands
        on field_values.field = operands.field

    where
        operands.operator = 'within_days'
        and {{ dbt.datediff('field_values.item_date', 'subject_values.as_of_date', 'day') }}
        between 0 and operands.low_number

    union all

    select
        subject_values.subject_key,
        conditions.condition_key

    from subject_values

    inner join conditions
        on subject_values.field = conditions.field

    left join field_values
        on
            subject_values.field = field_values.field
            and subject_values.field_value = field_values.field_value

    where
        (conditions.operator = 'is_known' and field_values.item is not null)
        or (conditions.operator = 'is_unknown' and field_values.item is null)

),

condition_counts as (

    select
        conditions.owner_id,
        conditions.alternative,
        count(*) as condition_count

    from conditions

    group by
        conditions.owner_id,
        conditions.alternative

),

met_alternatives as (

    select
        met_conditions.subject_key,
        conditions.owner_id,
        conditions.alternative,
        count(distinct met_conditions.condition_key) as met_count

    from met_conditions

    inner join conditions
        on met_conditions.condition_key = conditions.condition_key

    group by
        met_conditions.subject_key,
        conditions.owner_id,
        conditions.alternative

),

met_owners as (

    select distinct
        met_alternatives.subject_key,
        met_alternatives.owner_id

    from met_alternatives

    inner join condition_counts
        on
            met_alternatives.owner_id = condition_counts.owner_id
            and met_alternatives.alternative = condition_counts.alternative
            and met_alternatives.met_count = condition_counts.condition_count

)
{%- endmacro %}
