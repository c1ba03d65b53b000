with

source as (
    {{ raw_rows('hubspot', 'owner', [
        'owner_id', 'email', 'first_name', 'last_name', 'archived', 'is_active',
        '_fivetran_deleted', '_fivetran_synced',
    ]) }}
),

renamed as (

    select
        source.owner_id,
        source.email,
        source.first_name,
        source.last_name,
        try_cast(source.is_active as boolean) as is_active,
        coalesce(try_cast(source.archived as boolean), false) as is_archived,
        coalesce(try_cast(source._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('source._fivetran_synced') }} as synced_at

    from source

)

select * from renamed
