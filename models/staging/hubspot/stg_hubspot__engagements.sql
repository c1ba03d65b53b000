with

raw_engagements as (

    {{ raw_rows('hubspot', 'engagement', [
        'id', 'owner_id', 'type', 'timestamp', 'created_at', '_fivetran_deleted',
    ]) }}

),

renamed as (

    select
        raw_engagements.id as engagement_id,
        raw_engagements.owner_id,
        raw_engagements.type,
        raw_engagements.timestamp as occurred_at_text,
        coalesce(try_cast(raw_engagements._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('raw_engagements.created_at') }} as created_at,
        {{ parse_timestamp('raw_engagements.timestamp') }} as occurred_at

    from raw_engagements

)

select * from renamed
