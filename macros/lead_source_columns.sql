{#-
    What a source knows of a lead beyond its id, under the names of the project. Derived attributes
    and the identity of people and companies read these, whatever rules name.
-#}
{% macro lead_source_columns() -%}
    {{ return([
        'company_id',
        'corporate_number',
        'country',
        'crm_stage',
        'department',
        'employee_count',
        'first_name',
        'industry',
        'job_title',
        'last_name',
        'name_reading',
        'phone',
        'prefecture',
    ]) }}
{%- endmacro %}
