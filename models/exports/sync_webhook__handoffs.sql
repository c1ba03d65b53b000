with

sales_queue as (

    select * from {{ ref('rpt_sales_queue') }}

),

lead_records as (

    select * from {{ ref('dim_lead_records') }}

    where
        is_lead_record
        and not stops_export

),

-- What a chat room may read: the company and the reasons, no name or address of the person.
handoffs as (

    select
        sales_queue.handoff_id,
        sales_queue.lead_id,
        lead_records.record_id,
        sales_queue.company_id,
        sales_queue.owner_id,
        sales_queue.team_id,
        sales_queue.policy_id,
        sales_queue.handoff_stage,
        sales_queue.motion,
        sales_queue.grade,
        sales_queue.owner_name,
        sales_queue.company_name,
        sales_queue.urgency_en,
        sales_queue.urgency_ja,
        sales_queue.why_now_en,
        sales_queue.why_now_ja,
        sales_queue.why_them_en,
        sales_queue.why_them_ja,
        sales_queue.beware_en,
        sales_queue.beware_ja,
        sales_queue.next_step_en,
        sales_queue.next_step_ja,
        sales_queue.priority,
        sales_queue.is_hand_raise,
        sales_queue.is_fill_only,
        sales_queue.crossed_date,
        sales_queue.as_of_date,
        sales_queue.crossed_at,
        sales_queue.due_at

    from sales_queue

    inner join lead_records
        on sales_queue.lead_id = lead_records.lead_id

)

select * from handoffs
