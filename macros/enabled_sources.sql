{#-
    The sources in force, in their order: those that the var `sources` names. Without it those of
    the last `leads build` of this warehouse, whatever an earlier one left behind beside them; where
    none built it, those whose raw schema holds a table. Where nothing stands yet (while dbt parses
    or lints) all of them are. A new source is added here, too.
-#}
{% macro enabled_sources() -%}
    {%- set named = var('sources', []) -%}
    {%- set known = ['hubspot', 'segment', 'file'] -%}
    {%- if named or not execute -%}
        {{ return(named or known) }}
    {%- endif -%}
    {%- set found = [] -%}
    {%- set record = adapter.get_relation(target.database, 'meta', 'built_sources') -%}
    {%- if record is not none -%}
        {%- set query -%}
            select source_name from {{ record }} order by source_position
        {%- endset -%}
        {%- for row in run_query(query).rows if row[0] in known -%}
            {%- do found.append(row[0]) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set query -%}
            select distinct
                lower(table_catalog),
                lower(table_schema)
            from information_schema.tables
        {%- endset -%}
        {%- set schemas = [] -%}
        {%- for row in run_query(query).rows -%}
            {%- do schemas.append([row[0], row[1]]) -%}
        {%- endfor -%}
        {%- for source_name in known -%}
            {%- set place = [
                var(source_name ~ '_database', target.database) | lower,
                var(source_name ~ '_schema', 'raw_' ~ source_name) | lower,
            ] -%}
            {%- if place in schemas -%}
                {%- do found.append(source_name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found or known) }}
{%- endmacro %}
