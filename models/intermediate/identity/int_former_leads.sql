{%- set days = history_days() -%}
with

record_merges as (

    select * from {{ ref('int_record_merges') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

source_records as (

    select * from {{ ref('int_lead_source_records') }}

),

current_leads as (

    select coalesce(max(record_leads.lead_key), 0) as lead_count

    from record_leads

),

-- Who was a lead at the end of a past day that is scored, and is a part of another lead on D.
merged as (

    select
        source_records.qualified_lead_id as lead_id,
        record_leads.source_name,
        record_leads.record_id,
        source_records.record_key,
        record_leads.lead_key as surviving_person_key,
        source_records.created_date,
        least(record_merges.merged_date, source_records.deleted_date) as until_date

    from record_merges

    inner join record_leads
        on
            record_merges.source_name = record_leads.source_name
            and record_merges.merged_lead_id = record_leads.record_id

    inner join source_records
        on
            record_merges.source_name = source_records.source_name
            and record_merges.merged_lead_id = source_records.lead_id

    -- A record that shared its address with an older one of the person was no lead of its own.
    where
        record_leads.joined_date >= record_merges.merged_date
        {%- if days %}
        and record_merges.merged_date > cast('{{ days[0] }}' as date)
        {%- else %}
        and false
        {%- endif %}

),

former_leads as (

    select
        merged.lead_id,
        merged.source_name,
        merged.record_id,
        merged.record_key,
        cast(
            current_leads.lead_count
            + row_number() over (order by merged.source_name, merged.record_id) as integer
        ) as person_key,
        merged.surviving_person_key,
        merged.created_date,
        merged.until_date

    from merged

    cross join current_leads

    where
        merged.created_date is null
        or merged.created_date < merged.until_date

)

select * from former_leads
