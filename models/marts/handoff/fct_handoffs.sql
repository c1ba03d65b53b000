with

int_handoffs as (

    select * from {{ ref('int_handoffs') }}

),

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}

),

-- Ends that came late to the warehouse count too: the cycle is that of all other marts, not the one
-- that was told when the hand-off was issued.
handoffs as (

    select
        int_handoffs.handoff_id,
        int_handoffs.lead_id,
        int_handoffs.company_id,
        int_handoffs.owner_id,
        int_handoffs.first_owner_id,
        int_handoffs.team_id,
        int_handoffs.agreement_id,
        int_handoffs.rule_set_id,
        int_handoffs.policy_id,
        int_handoffs.service_level_id,
        int_handoffs.route_id,
        int_handoffs.joined_handoff_id,
        int_handoffs.cause_rule_id,
        int_handoffs.cause_event_id,
        int_handoffs.verdict_reason_id,
        int_handoffs.verdict_owner_id,
        int_handoffs.handoff_stage,
        int_handoffs.motion,
        int_handoffs.handoff_kind,
        int_handoffs.cause_type,
        int_handoffs.cause_event_type,
        int_handoffs.grade,
        int_handoffs.route,
        int_handoffs.reason_1_en,
        int_handoffs.reason_1_ja,
        int_handoffs.reason_2_en,
        int_handoffs.reason_2_ja,
        int_handoffs.reason_3_en,
        int_handoffs.reason_3_ja,
        int_handoffs.status,
        int_handoffs.verdict,
        coalesce(lead_cycles.cycle_number, 1) as cycle_number,
        int_handoffs.crossing_number,
        int_handoffs.fit_score,
        int_handoffs.engagement_score,
        int_handoffs.priority,
        int_handoffs.attempt_count,
        int_handoffs.is_hand_raise,
        int_handoffs.is_fill_only,
        int_handoffs.is_open,
        int_handoffs.is_attempt_late,
        int_handoffs.is_verdict_late,
        int_handoffs.is_provisional,
        int_handoffs.crossed_date,
        int_handoffs.issued_date,
        int_handoffs.recontact_date,
        int_handoffs.meeting_date,
        int_handoffs.ended_date,
        int_handoffs.as_of_date,
        int_handoffs.crossed_at,
        int_handoffs.first_attempt_due_at,
        int_handoffs.remind_at,
        int_handoffs.escalate_at,
        int_handoffs.reassign_at,
        int_handoffs.verdict_due_at,
        int_handoffs.expires_at,
        int_handoffs.reassigned_at,
        int_handoffs.first_attempt_at,
        int_handoffs.first_conversation_at,
        int_handoffs.verdict_at,
        int_handoffs.ended_at

    from int_handoffs

    left join lead_cycles
        on
            int_handoffs.lead_key = lead_cycles.lead_key
            and {{ in_cycle('lead_cycles', 'int_handoffs.crossed_date') | indent(12) }}

)

select * from handoffs
