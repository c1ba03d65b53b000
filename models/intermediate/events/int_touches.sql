with

touches as (
    {{ union_sources('touches', [
        'touch_id', 'lead_id', 'company_id', 'company_name', 'kind', 'outcome', 'owner_id',
        'occurred_date', 'occurred_at'
    ]) }}
),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

-- What happens after D does not exist yet; touches on records of one person are that person's.
known as (

    select
        touches.touch_id,
        coalesce(record_leads.lead_id, touches.lead_id) as lead_id,
        touches.company_id,
        touches.source_name,
        touches.company_name,
        touches.kind,
        touches.outcome,
        touches.owner_id,
        record_leads.lead_key,
        touches.occurred_date,
        touches.occurred_at

    from touches

    left join record_leads
        on
            touches.source_name = record_leads.source_name
            and touches.lead_id = record_leads.record_id

    where touches.occurred_date <= {{ as_of_date() }}

)

select * from known
