{#- The attributes of leads that attributes.csv lists, in lower case. -#}
{% macro listed_attributes() -%}
    {%- set query -%}
        select distinct lower(attribute) as attribute from {{ ref('attributes') }}
        where lower(attribute) not like 'event.%'
        order by attribute
    {%- endset -%}
    {%- set names = [] -%}
    {%- for row in seed_rows([ref('attributes')], query) -%}
        {%- do names.append(row[0]) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
