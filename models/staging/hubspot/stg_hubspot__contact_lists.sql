with

raw_contact_lists as (

    {{ raw_rows('hubspot', 'contact_list', ['id', 'name', '_fivetran_deleted']) }}

),

renamed as (

    select
        raw_contact_lists.id as contact_list_id,
        raw_contact_lists.name as list_name,
        coalesce(try_cast(raw_contact_lists._fivetran_deleted as boolean), false) as is_deleted

    from raw_contact_lists

)

select * from renamed
