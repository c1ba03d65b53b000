{#-
    The properties of HubSpot contacts in which sales answers, as a dictionary of names to parts:
    `answer` for those that disposition_values.csv names, then what is said beside an answer, each
    by the first property of the contact that gives it: `reason`, `recontact_date` and `owner`.
-#}
{% macro hubspot_answer_fields(columns) -%}
    {%- set query -%}
        select distinct lower(source_field) from {{ ref('disposition_values') }}
        where source = 'hubspot' and source_object = 'contact'
        order by 1
    {%- endset -%}
    {%- set fields = {} -%}
    {%- for row in seed_rows([ref('disposition_values')], query) -%}
        {%- do fields.update({row[0]: 'answer'}) -%}
    {%- endfor -%}
    {%- for part, field in [
        ('reason', 'return_reason'), ('recontact_date', 'recontact_date'), ('owner', 'owner_id'),
    ] -%}
        {%- for column in hubspot_field_columns(field, columns, is_input=true)[:1] -%}
            {%- set name = column.removeprefix('property.') -%}
            {%- if name not in fields -%}{% do fields.update({name: part}) %}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}
