{%- set columns = raw_columns('hubspot', 'company') -%}
with

source as (
    {{ raw_rows('hubspot', 'company', [
        'id', '_fivetran_deleted', '_fivetran_synced', 'is_deleted', 'property_createdate',
        'property_hs_merged_object_ids',
    ], ['property_']) }}
),

-- The prefix keeps a property apart from the columns of the same name that every company has.
renamed as (

    select
        source.id as company_id,
        source.property_hs_merged_object_ids as merged_object_ids,
        {%- for column in columns if column.startswith('property_') %}
        source.{{ quoted(column) }} as {{ quoted('property.' ~ column.removeprefix('property_')) }},
        {%- endfor %}
        coalesce(try_cast(source._fivetran_deleted as boolean), false)
        or coalesce(try_cast(source.is_deleted as boolean), false) as is_deleted,
        {{ parse_day('source.property_createdate') }} as created_date,
        {{ parse_timestamp('source.property_createdate') }} as created_at,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
