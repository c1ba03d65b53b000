{#-
    What past builds recorded of the changed values of a source, as far as a scored day lies before
    the change unless all are asked for: the rows of the state, without their source and run.
-#}
{% macro recorded_value_changes(source_name, has_all=false) -%}
    select
        recorded.entity,
        recorded.record_id,
        recorded.field,
        recorded.value_before,
        recorded.changed_date
    from (
        {{ state_rows('value_changes', {
            'source_name': dbt.type_string(),
            'entity': dbt.type_string(),
            'record_id': dbt.type_string(),
            'field': dbt.type_string(),
            'value_before': dbt.type_string(),
            'changed_date': 'date',
        }) | indent(8) }}
    ) as recorded
    where
        recorded.source_name = '{{ source_name }}'
        {%- if not has_all %}
        and recorded.changed_date > {{ first_scored_date() }}
        {%- endif %}
{%- endmacro %}
