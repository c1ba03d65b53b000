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

{{ compared_values('subject_values') }},

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
