with

raw_ties as (

    {{ raw_rows('hubspot', 'engagement_company', [
        'engagement_id', 'company_id', 'engagement_type', '_fivetran_deleted',
    ]) }}

),

renamed as (

    select
        raw_ties.engagement_id,
        raw_ties.company_id,
        raw_ties.engagement_type,
        coalesce(try_cast(raw_ties._fivetran_deleted as boolean), false) as is_deleted

    from raw_ties

)

select * from renamed
