with

raw_tasks as (

    {{ raw_rows('hubspot', 'engagement_task', [
        'engagement_id', 'property_hubspot_owner_id', 'property_hs_task_status',
        'property_hs_task_subject', 'property_hs_task_completion_date',
        'property_hs_timestamp', 'property_hs_createdate', '_fivetran_deleted',
    ]) }}

),

dated_tasks as (

    select
        raw_tasks.*,
        coalesce(
            raw_tasks.property_hs_task_completion_date,
            raw_tasks.property_hs_timestamp,
            raw_tasks.property_hs_createdate
        ) as occurred_at_text

    from raw_tasks

),

renamed as (

    select
        dated_tasks.engagement_id,
        dated_tasks.property_hubspot_owner_id as owner_id,
        dated_tasks.property_hs_task_status as status,
        dated_tasks.property_hs_task_subject as subject,
        dated_tasks.occurred_at_text,
        coalesce(try_cast(dated_tasks._fivetran_deleted as boolean), false) as is_deleted,
        {{ parse_timestamp('dated_tasks.property_hs_createdate') }} as created_at,
        {{ parse_timestamp('dated_tasks.occurred_at_text') }} as occurred_at

    from dated_tasks

)

select * from renamed
