with

histories as (

    select * from {{ ref('int_hubspot__property_histories') }}

),

-- Only what changed after a scored day can be undone: most histories end before it.
late_properties as (

    select distinct
        entity,
        record_id,
        property_name

    from {{ ref('int_hubspot__property_histories') }}

    where changed_date > {{ first_scored_date() }}

),

-- The last change of a day is what held at its end.
ranked as (

    select
        histories.*,
        row_number() over (
            partition by
                histories.entity,
                histories.record_id,
                histories.property_name,
                histories.changed_date
            order by histories.changed_at desc, histories.property_value desc nulls last
        ) as change_rank

    from histories

    inner join late_properties
        on
            histories.entity = late_properties.entity
            and histories.record_id = late_properties.record_id
            and histories.property_name = late_properties.property_name

),

-- Before its first row a property is unknown.
changes as (

    select
        ranked.entity,
        ranked.record_id,
        concat('property_', ranked.property_name) as field,
        lag(ranked.property_value) over (
            partition by ranked.entity, ranked.record_id, ranked.property_name
            order by ranked.changed_date
        ) as value_before,
        ranked.changed_date

    from ranked

    where ranked.change_rank = 1

),

late_changes as (

    select
        changes.entity,
        changes.record_id,
        changes.field,
        changes.value_before,
        changes.changed_date

    from changes

    where changes.changed_date > {{ first_scored_date() }}

)

select * from late_changes
