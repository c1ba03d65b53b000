with

raw_list_members as (

    {{ raw_rows('hubspot', 'contact_list_member', [
        'contact_list_id', 'contact_id', 'added_at', '_fivetran_deleted',
    ]) }}

),

renamed as (

    select
        raw_list_members.contact_list_id,
        raw_list_members.contact_id,
        raw_list_members.added_at as added_at_text,
        coalesce(try_cast(raw_list_members._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('raw_list_members.added_at') }} as added_at

    from raw_list_members

)

select * from renamed
