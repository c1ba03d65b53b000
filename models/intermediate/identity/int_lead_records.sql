{%- set columns = [
    'source_name', 'lead_id', 'owner_id', 'company_name', 'email',
] + lead_source_columns() + ['source_row_text'] + lead_field_columns() -%}
{%- do columns.extend([
    'amount', 'do_not_contact', 'is_opt_out_unclear', 'is_created_at_unreadable',
    'qualified_lead_id', 'record_key', 'source_rank', 'deleted_date', 'created_date', 'created_at',
]) -%}
{{ config(materialized='view') }}
with

records as (

    select * from {{ ref('int_lead_source_records') }}

),

living as (

    select {{ column_list(columns, 'records') }}

    from records

    where not records.is_deleted

)

select * from living
