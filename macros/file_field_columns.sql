{#-
    The columns of the leads file that can give a field, best first: its own name, then the column
    names that attributes.csv gives for it.
-#}
{% macro file_field_columns(field, columns) -%}
    {%- set query -%}
        select source_file from {{ ref('attributes') }}
        where lower(attribute) = '{{ field | replace("'", "''") }}' and source_file is not null
    {%- endset -%}
    {%- set candidates = [field] -%}
    {%- for row in seed_rows([ref('attributes')], query) -%}
        {%- for name in row[0].split('|') -%}
            {%- do candidates.append(name | trim | lower) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for name in candidates -%}
        {%- if name in columns and name not in found -%}
            {%- do found.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
