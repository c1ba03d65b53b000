with

recursive former_leads as (

    select * from {{ ref('int_former_leads') }}

),

record_merges as (

    select * from {{ ref('int_record_merges') }}

),

source_records as (

    select * from {{ ref('int_lead_source_records') }}

),

-- A record that was merged into a former lead while that was there belonged to it until its end.
reached as (

    select
        former_leads.source_name,
        former_leads.record_id,
        former_leads.person_key,
        former_leads.until_date,
        cast(null as date) as joined_date

    from former_leads

    union

    select
        reached.source_name,
        record_merges.merged_lead_id as record_id,
        reached.person_key,
        reached.until_date,
        greatest(reached.joined_date, record_merges.merged_date) as joined_date

    from reached

    inner join record_merges
        on
            reached.source_name = record_merges.source_name
            and reached.record_id = record_merges.next_lead_id

    where
        record_merges.merged_date is null
        or record_merges.merged_date < reached.until_date

),

former_lead_records as (

    select
        reached.source_name,
        reached.record_id,
        source_records.record_key,
        reached.person_key,
        reached.joined_date

    from reached

    inner join source_records
        on
            reached.source_name = source_records.source_name
            and reached.record_id = source_records.lead_id

)

select * from former_lead_records
