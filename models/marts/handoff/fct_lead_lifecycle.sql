with

stages as (

    select * from {{ ref('int_lead_stages') }}

),

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}

),

grade_periods as (

    select * from {{ ref('int_lead_grade_periods') }}

),

handoffs as (

    select * from {{ ref('int_handoffs') }}

),

lead_motions as (

    select * from {{ ref('int_lead_motions') }}

),

motions as (

    select * from {{ ref('motions') }}

),

outcomes as (

    select * from {{ ref('int_cycle_outcomes') }}

    where is_new_win

),

leads as (

    select * from {{ ref('int_leads') }}

),

lifecycle_stages as (

    select * from {{ ref('lifecycle_stages') }}

),

-- The grade at the end of the day on which the stage was entered.
graded as (

    select
        stages.lead_key,
        stages.cycle_number,
        stages.stage_id,
        grade_periods.grade

    from stages

    inner join grade_periods
        on
            stages.lead_key = grade_periods.lead_key
            and stages.entered_date >= grade_periods.valid_from
            and (grade_periods.valid_to is null or stages.entered_date < grade_periods.valid_to)

),

-- Whoever was won is a customer now; the way to the win was another kind of business.
cycle_motions as (

    select
        stages.lead_key,
        stages.cycle_number,
        {{ value_of_first('handoffs.motion', 'handoffs.crossed_at') }} as handoff_motion

    from stages

    inner join handoffs
        on stages.handoff_id = handoffs.handoff_id

    group by
        stages.lead_key,
        stages.cycle_number

),

deal_motions as (

    select
        outcomes.lead_key,
        outcomes.cycle_number,
        min(motions.motion) as deal_motion

    from outcomes

    inner join motions
        on outcomes.deal_kind = motions.motion

    group by
        outcomes.lead_key,
        outcomes.cycle_number

),

lifecycle as (

    select
        stages.lead_id,
        stages.stage_id,
        stages.handoff_id,
        lifecycle_stages.owner_role,
        coalesce(
            handoffs.motion,
            cycle_motions.handoff_motion,
            deal_motions.deal_motion,
            lead_motions.motion
        ) as motion,
        lead_cycles.entry_channel,
        coalesce(handoffs.grade, graded.grade) as grade,
        case when stages.is_current then leads.crm_stage end as crm_stage,
        lifecycle_stages.crm_stage_hubspot as expected_crm_stage,
        stages.cycle_number,
        stages.sort_order,
        stages.is_exit,
        stages.is_current,
        case
            when stages.is_current
                then
                    {{ fold_text('leads.crm_stage') }}
                    <> {{ fold_text('lifecycle_stages.crm_stage_hubspot') }}
        end as is_crm_stage_different,
        stages.entered_date as valid_from,
        stages.left_date as valid_to,
        {{ as_of_date() }} as as_of_date,
        stages.entered_at,
        stages.left_at

    from stages

    inner join lifecycle_stages
        on stages.stage_id = lifecycle_stages.stage_id

    inner join leads
        on stages.lead_key = leads.lead_key

    left join lead_motions
        on stages.lead_key = lead_motions.lead_key

    left join lead_cycles
        on
            stages.lead_key = lead_cycles.lead_key
            and stages.cycle_number = lead_cycles.cycle_number

    left join handoffs
        on stages.handoff_id = handoffs.handoff_id

    left join cycle_motions
        on
            stages.lead_key = cycle_motions.lead_key
            and stages.cycle_number = cycle_motions.cycle_number

    left join deal_motions
        on
            stages.lead_key = deal_motions.lead_key
            and stages.cycle_number = deal_motions.cycle_number

    left join graded
        on
            stages.lead_key = graded.lead_key
            and stages.cycle_number = graded.cycle_number
            and stages.stage_id = graded.stage_id

)

select * from lifecycle
