{#-
    The attributes of a source that are brought into one form, or that the company's record knows
    better: a column of the source is what they are read from and does not take their place.
-#}
{% macro refined_fields() -%}
    {{ return(['company_name', 'company_relation', 'employee_count', 'prefecture']) }}
{%- endmacro %}
