with

source as (
    {{ recorded_value_changes('hubspot') }}
),

value_changes as (

    select
        source.entity,
        source.record_id,
        source.field,
        source.value_before,
        source.changed_date

    from source

)

select * from value_changes
