{%- set columns = {
    'sync_name': dbt.type_string(),
    'destination': dbt.type_string(),
    'object_name': dbt.type_string(),
    'status': dbt.type_string(),
    'error_code': dbt.type_string(),
    'row_count': 'bigint',
    'attempt_count': 'bigint',
    'first_due_at': 'timestamp',
} -%}
with

export_backlog as (

    {{ state_rows('export_backlog', columns) | indent(4) }}

),

backlog as (

    select
        {{ column_list(columns, 'export_backlog') | indent(8) }}

    from export_backlog

)

select * from backlog
