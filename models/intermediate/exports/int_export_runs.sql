{%- set text_columns = [
    'export_run_id', 'sync_name', 'destination', 'object_name', 'snapshot_run_id', 'outcome',
    'stop_code',
] -%}
{%- set counts = [
    'row_count', 'created_count', 'updated_count', 'cleared_count', 'deleted_count',
    'unchanged_count', 'invalid_count', 'suppressed_count', 'rejected_count', 'deferred_count',
    'backlog_count',
] -%}
{%- set columns = {} -%}
{%- for column in text_columns %}{% do columns.update({column: dbt.type_string()}) %}{% endfor -%}
{%- for column in counts %}{% do columns.update({column: 'bigint'}) %}{% endfor -%}
{%- do columns.update({'started_at': 'timestamp', 'ended_at': 'timestamp'}) -%}
with

export_runs as (

    {{ state_rows('export_runs', columns) | indent(4) }}

),

runs as (

    select
        {{ column_list(columns, 'export_runs') | indent(8) }}

    from export_runs

)

select * from runs
