with

source as (

    select * from {{ raw_table('file', 'deals') }}

),

renamed as (

    select
        source.deal_id,
        source.lead_id

    from source

    where source.lead_id is not null

)

select * from renamed
