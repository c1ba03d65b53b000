{{ config(materialized='view') }}
with

value_changes as (
    {{ union_sources('record_value_changes', [
        'entity', 'record_id', 'field', 'value_before', 'changed_date'
    ]) }}
),

record_value_changes as (

    select
        value_changes.source_name,
        value_changes.entity,
        value_changes.record_id,
        value_changes.field,
        value_changes.value_before,
        value_changes.changed_date

    from value_changes

)

select * from record_value_changes
