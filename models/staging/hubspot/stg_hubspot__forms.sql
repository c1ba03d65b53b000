with

raw_forms as (

    {{ raw_rows('hubspot', 'form', ['guid', 'name']) }}

),

renamed as (

    select
        raw_forms.guid as form_id,
        raw_forms.name as form_name

    from raw_forms

)

select * from renamed
