{#-
    The columns of the leads file that can give a field, best first: its own name, then the column
    names that attributes.csv gives for it, then the column that always means it, so that a list of
    attributes that leaves a field out brings nobody who opted out back into scoring. The place of a
    derived or measured attribute is taken by a column of its own name alone.
-#}
{% macro file_field_columns(field, columns) -%}
    {%- set query -%}
        select source_file from {{ ref('attributes') }}
        where lower(attribute) = '{{ field | replace("'", "''") }}' and source_file is not null
    {%- endset -%}
    {%- set candidates = [field] -%}
    {%- set is_computed = field in derived_fields() + measured_fields() + ['motion'] -%}
    {%- for row in seed_rows([ref('attributes')], query) if not is_computed -%}
        {%- for name in row[0].split('|') -%}
            {%- do candidates.append(name | trim | lower) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set standard_columns = {'company_name': 'company', 'do_not_contact': 'opted_out'} -%}
    {%- if field in standard_columns -%}
        {%- do candidates.append(standard_columns[field]) -%}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for name in candidates -%}
        {%- if name in columns and name not in found -%}
            {%- do found.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
