with

meetings as (
    {{ union_sources('meetings', ['lead_id', 'agreed_at', 'meeting_at']) }}
),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

-- A meeting may lie after the scored day, its agreement may not.
agreed_meetings as (

    select distinct
        record_leads.lead_key,
        {{ business_day('meetings.agreed_at') }} as agreed_date,
        {{ business_day('meetings.meeting_at') }} as meeting_date,
        meetings.agreed_at,
        meetings.meeting_at

    from meetings

    inner join record_leads
        on
            meetings.source_name = record_leads.source_name
            and meetings.lead_id = record_leads.record_id

    where {{ business_day('meetings.agreed_at') }} <= {{ as_of_date() }}

)

select * from agreed_meetings
