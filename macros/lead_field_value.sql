{#-
    The value of an attribute of a lead on a day, as text, from the relations `versions`,
    `derivations` and `measures` of that day (see `int_lead_base_attributes`).
-#}
{% macro lead_field_value(field) -%}
    {%- set listed = listed_attributes() -%}
    {%- set given = field in fields_given_by_file() -%}
    {%- set others = enabled_sources() | reject('eq', 'file') | list | length > 0 -%}
    {%- set of_record = 'versions.' ~ quoted('lead.' ~ field) -%}
    {%- set computed = none -%}
    {%- if field in listed and field in measured_fields() -%}
        {%- set computed = 'measures.' ~ field -%}
    {%- elif field in listed and field in derived_fields() -%}
        {%- set computed = 'derivations.' ~ field -%}
    {%- elif field in refined_fields() or field.startswith('company.') -%}
        {%- set computed = 'derivations.' ~ quoted(field) -%}
        {%- set given = false -%}
    {%- endif -%}
    {%- if computed is none or (given and not others) -%}
        {{ of_record }}
    {%- elif given -%}
        case
            when versions.source_name = 'file' then {{ of_record }}
            else cast({{ computed }} as {{ dbt.type_string() }})
        end
    {%- else -%}
        cast({{ computed }} as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
