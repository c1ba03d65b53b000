{{ config(materialized='view') }}
with

contacts as (

    select
        contact_id,
        calculated_merged_ids,
        merged_object_ids

    from {{ ref('stg_hubspot__contacts') }}

),

audits as (

    select * from {{ ref('stg_hubspot__contact_merge_audits') }}

),

listed as (

    select
        contacts.contact_id as surviving_lead_id,
        {{ unnest_items(split_items('contacts.merged_object_ids', ';')) }} as merged_lead_id

    from contacts

    where contacts.merged_object_ids is not null

),

-- HubSpot's calculated list says when: `<id>:<milliseconds since 1970>`, separated by `;`.
dated as (

    select
        contacts.contact_id as surviving_lead_id,
        {{ unnest_items(split_items('contacts.calculated_merged_ids', ';')) }} as merge_text

    from contacts

    where contacts.calculated_merged_ids is not null

),

-- One merge is told in up to three places; the audit knows best, a bare list knows no day.
told as (

    select
        audits.merged_contact_id as merged_lead_id,
        audits.surviving_contact_id as surviving_lead_id,
        1 as place_rank,
        audits.merged_date,
        audits.merged_at

    from audits

    union all

    select
        split_part(dated.merge_text, ':', 1) as merged_lead_id,
        dated.surviving_lead_id,
        2 as place_rank,
        {{ business_day(epoch_to_utc("split_part(dated.merge_text, ':', 2)")) }} as merged_date,
        {{ epoch_to_utc("split_part(dated.merge_text, ':', 2)") }} as merged_at

    from dated

    union all

    select
        listed.merged_lead_id,
        listed.surviving_lead_id,
        3 as place_rank,
        cast(null as date) as merged_date,
        cast(null as timestamp) as merged_at

    from listed

),

real_merges as (

    select
        told.merged_lead_id,
        told.surviving_lead_id,
        told.place_rank,
        told.merged_date,
        told.merged_at

    from told

    where
        told.merged_lead_id <> ''
        and told.surviving_lead_id is not null
        and told.merged_lead_id <> told.surviving_lead_id

),

merged_records as (

    select distinct real_merges.merged_lead_id from real_merges

),

-- A last survivor also lists what its own merged records had taken in before: a record was merged
-- once, into the survivor that was itself merged later.
ranked as (

    select
        real_merges.*,
        row_number() over (
            partition by real_merges.merged_lead_id
            order by
                real_merges.merged_at is null,
                real_merges.place_rank,
                real_merges.merged_at,
                merged_records.merged_lead_id is null,
                real_merges.surviving_lead_id
        ) as merge_rank

    from real_merges

    left join merged_records
        on real_merges.surviving_lead_id = merged_records.merged_lead_id

),

lead_merges as (

    select
        ranked.merged_lead_id,
        ranked.surviving_lead_id,
        ranked.merged_date,
        ranked.merged_at

    from ranked

    where ranked.merge_rank = 1

)

select * from lead_merges
