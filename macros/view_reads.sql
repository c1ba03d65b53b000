{#- What each view that says its version reads, as `{relation: [relation]}`. -#}
{% macro view_reads() -%}
    {%- set query -%}
        select relation_name, view_reads from meta.relation_versions where view_reads <> ''
    {%- endset -%}
    {%- set reads = {} -%}
    {%- for row in run_query(query).rows -%}
        {%- do reads.update({row[0]: row[1].split(',')}) -%}
    {%- endfor -%}
    {{ return(reads) }}
{%- endmacro %}
