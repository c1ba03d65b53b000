{#-
    At the start of a run: lists in `meta.relation_versions` what every table and view says of
    itself in its comment. Whatever was dropped, or made anew by something else than this project
    as it stands, says nothing, and so is not taken for up to date.
-#}
{% macro collect_versions() -%}
    {{ adapter.dispatch('collect_versions')() }}
{%- endmacro %}

{% macro default__collect_versions() -%}
{%- endmacro %}

{% macro duckdb__collect_versions() -%}
    {%- if execute -%}
        {%- do run_query('create schema if not exists meta') -%}
        {%- set parts -%}
            create table if not exists meta.loaded_event_parts (
                relation_name varchar,
                source_name varchar,
                event_part varchar,
                first_sum varchar,
                second_sum varchar,
                row_count bigint,
                code_hash varchar,
                table_version varchar
            )
        {%- endset -%}
        {%- do run_query(parts) -%}
        create or replace table meta.relation_versions as
        select
            relations.relation_name,
            split_part(relations.version_text, ' ', 2) as fingerprint,
            split_part(relations.version_text, ' ', 3) as content_version,
            split_part(relations.version_text, ' ', 4) as view_reads
        from (
            select
                lower(concat_ws('.', database_name, schema_name, table_name)) as relation_name,
                comment as version_text
            from duckdb_tables()
            union all
            select
                lower(concat_ws('.', database_name, schema_name, view_name)) as relation_name,
                comment as version_text
            from duckdb_views()
            where not internal
        ) as relations
        where starts_with(relations.version_text, 'leads_version ')
    {%- endif -%}
{%- endmacro %}
