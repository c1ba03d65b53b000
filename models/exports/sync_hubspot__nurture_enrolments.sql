with

nurture_queue as (

    select * from {{ ref('rpt_nurture_queue') }}

),

lead_records as (

    select * from {{ ref('dim_lead_records') }}

    where is_lead_record

),

hubspot_records as (

    select * from {{ ref('dim_lead_records') }}

    where
        source_name = 'hubspot'
        and not is_merged

),

dim_leads as (

    select * from {{ ref('dim_leads') }}

),

enrolments as (

    select
        coalesce(hubspot_records.own_lead_id, nurture_queue.lead_id) as sync_key,
        hubspot_records.record_id,
        nurture_queue.lead_id,
        nurture_queue.program_id,
        dim_leads.email,
        nurture_queue.channel,
        nurture_queue.program_en,
        nurture_queue.program_ja,
        nurture_queue.why_en,
        nurture_queue.why_ja,
        nurture_queue.step_number,
        nurture_queue.step_count,
        nurture_queue.needs_email_consent,
        nurture_queue.is_with_sales,
        nurture_queue.started_date,
        nurture_queue.next_step_date,
        nurture_queue.as_of_date

    from nurture_queue

    inner join lead_records
        on nurture_queue.lead_id = lead_records.lead_id

    inner join dim_leads
        on nurture_queue.lead_id = dim_leads.lead_id

    left join hubspot_records
        on nurture_queue.lead_id = hubspot_records.lead_id

    where not lead_records.stops_export

)

select * from enrolments
