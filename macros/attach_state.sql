{#-
    Attaches the state file beside the build file, only to be read, where nobody has attached a
    state and there is such a file: a plain `dbt build` then sees what `leads build` recorded.
-#}
{% macro attach_state() -%}
    {{ return(adapter.dispatch('attach_state')()) }}
{%- endmacro %}

{% macro default__attach_state() -%}
    {%- if execute and target.path != ':memory:' -%}
        {%- set folder, slash, file_name = target.path.rpartition('/') -%}
        {%- set path = text_literal(folder ~ slash ~ 'state.duckdb') -%}
        {%- set query -%}
            select file from glob({{ path }})
            where not exists (
                select 1 from duckdb_databases() where database_name = 'state'
            )
        {%- endset -%}
        {%- if run_query(query).rows -%}
            {%- do run_query('attach ' ~ path ~ ' as state (read_only)') -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
