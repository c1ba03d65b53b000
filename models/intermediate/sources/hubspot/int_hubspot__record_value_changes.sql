with

recorded_changes as (

    select * from {{ ref('stg_hubspot__recorded_value_changes') }}

),

property_changes as (

    select * from {{ ref('int_hubspot__property_changes') }}

),

histories as (

    select * from {{ ref('int_hubspot__property_histories') }}

),

-- Two columns of a deal that say the same go by the name of the property.
named_changes as (

    select
        recorded_changes.entity,
        recorded_changes.record_id,
        case
            when recorded_changes.entity <> 'deal' then recorded_changes.field
            when recorded_changes.field = 'deal_pipeline_id' then 'property_pipeline'
            when recorded_changes.field = 'deal_pipeline_stage_id' then 'property_dealstage'
            when recorded_changes.field = 'owner_id' then 'property_hubspot_owner_id'
            else recorded_changes.field
        end as field,
        recorded_changes.field as recorded_field,
        recorded_changes.value_before,
        recorded_changes.changed_date

    from recorded_changes

),

single_changes as (

    select
        named_changes.*,
        row_number() over (
            partition by
                named_changes.entity,
                named_changes.record_id,
                named_changes.field,
                named_changes.changed_date
            order by
                named_changes.recorded_field = named_changes.field,
                named_changes.recorded_field
        ) as name_rank

    from named_changes

),

record_value_changes as (

    select
        property_changes.entity,
        property_changes.record_id,
        property_changes.field,
        property_changes.value_before,
        property_changes.changed_date

    from property_changes

    union all

    select
        single_changes.entity,
        single_changes.record_id,
        single_changes.field,
        single_changes.value_before,
        single_changes.changed_date

    from single_changes

    where
        single_changes.name_rank = 1
        and not exists (
            select 1
            from histories
            where
                single_changes.entity = histories.entity
                and single_changes.record_id = histories.record_id
                and single_changes.field = concat('property_', histories.property_name)
        )

)

select * from record_value_changes
