{#-
    The derived and measured attributes and the motion whose name a column of the leads file bears:
    for leads of that source the column takes the place of what would be computed. Asks the
    warehouse while a model compiles.
-#}
{% macro fields_given_by_file() -%}
    {%- set given = [] -%}
    {%- if 'file' in enabled_sources() -%}
        {%- set leads = api.Relation.create(
            database=var('file_database', target.database),
            schema=var('file_schema', 'raw_file'),
            identifier='leads',
        ) -%}
        {%- set columns = relation_columns(leads) -%}
        {%- for field in derived_fields() + measured_fields() + ['motion'] -%}
            {%- if field in columns -%}
                {%- do given.append(field) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}
