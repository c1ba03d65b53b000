with

lead_attributes as (

    select * from {{ ref('int_lead_base_attributes') }}

),

motions as (

    select * from {{ ref('motions') }}

),

event_signature_values as (

    select * from {{ ref('int_event_signature_values') }}

),

attributes as (

    select * from {{ ref('attributes') }}

),

conditions as (

    select * from {{ ref('int_conditions') }}

),

-- Whether a value is known at all needs no look at the value, unless it may hold several.
compared_fields as (

    select distinct conditions.field

    from conditions

    left join attributes
        on conditions.field = lower(attributes.attribute)

    where
        conditions.operator not in ('is_known', 'is_unknown')
        or coalesce(attributes.is_multi_valued, false)

),

distinct_values as (

    select
        lead_attributes.field,
        lead_attributes.field_value

    from lead_attributes

    inner join compared_fields
        on lead_attributes.field = compared_fields.field

    where lead_attributes.field_value is not null

    union

    -- A motion follows from conditions, so that its values are known before any lead has one.
    select
        compared_fields.field,
        motions.motion as field_value

    from motions

    inner join compared_fields
        on compared_fields.field = 'motion'

    union

    select
        event_signature_values.field,
        event_signature_values.field_value

    from event_signature_values

    inner join compared_fields
        on event_signature_values.field = compared_fields.field

    where event_signature_values.field_value is not null

),

with_items as (

    select
        distinct_values.field,
        distinct_values.field_value,
        case
            when attributes.is_multi_valued
                then {{ split_items('distinct_values.field_value', ';') }}
            else {{ list_of('distinct_values.field_value') }}
        end as items

    from distinct_values

    left join attributes
        on distinct_values.field = lower(attributes.attribute)

),

itemised as (

    select
        with_items.field,
        with_items.field_value,
        {{ unnest_items('with_items.items') }} as item

    from with_items

),

typed as (

    select
        itemised.field,
        itemised.field_value,
        itemised.item,
        {{ fold_text('itemised.item') }} as item_folded,
        {{ parse_number('itemised.item') }} as item_number,
        {{ parse_day('itemised.item') }} as item_date

    from itemised

)

select * from typed
