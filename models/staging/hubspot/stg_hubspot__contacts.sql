{%- set columns = raw_columns('hubspot', 'contact') -%}
with

source as (
    {{ raw_rows('hubspot', 'contact', [
        'id', '_fivetran_deleted', '_fivetran_synced', 'is_deleted', 'property_createdate',
        'property_created_at', 'property_associatedcompanyid',
        'property_hs_calculated_merged_vids', 'property_hs_merged_object_ids',
    ], ['property_']) }}
),

-- Older connectors have another name for the day of creation.
dated as (

    select
        source.*,
        coalesce(source.property_createdate, source.property_created_at) as created_at_text

    from source

),

-- The prefix keeps a property apart from the columns of the same name that every contact has.
renamed as (

    select
        dated.id as contact_id,
        dated.property_associatedcompanyid as associated_company_id,
        dated.property_hs_calculated_merged_vids as calculated_merged_ids,
        dated.property_hs_merged_object_ids as merged_object_ids,
        dated.created_at_text,
        {%- for column in columns if column.startswith('property_') %}
        dated.{{ quoted(column) }} as {{ quoted('property.' ~ column.removeprefix('property_')) }},
        {%- endfor %}
        coalesce(try_cast(dated._fivetran_deleted as boolean), false)
        or coalesce(try_cast(dated.is_deleted as boolean), false) as is_deleted,
        {{ parse_day('dated.created_at_text') }} as created_date,
        {{ parse_timestamp('dated.created_at_text') }} as created_at,
        {{ parse_timestamp('dated._fivetran_synced') }} as synced_at

    from dated

)

select * from renamed
