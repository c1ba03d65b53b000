{{ config(materialized='view') }}
with

base_attributes as (

    select * from {{ ref('int_lead_base_attributes') }}

),

lead_motions as (

    select * from {{ ref('int_lead_motions') }}

),

-- A motion is decided by conditions on all other attributes, and is an attribute like them after
-- that.
attributes as (

    select
        base_attributes.lead_key,
        base_attributes.lead_id,
        base_attributes.field,
        base_attributes.field_value

    from base_attributes

    where base_attributes.field <> 'motion'

    union all

    select
        lead_motions.lead_key,
        lead_motions.lead_id,
        'motion' as field,
        lead_motions.motion as field_value

    from lead_motions
    {% if 'motion' not in condition_fields('lead', owner='scoring') %}
    where false
    {% endif %}
)

select * from attributes
