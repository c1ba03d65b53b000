with

leads as (

    select * from {{ ref('int_leads') }}

),

exclusions as (

    select distinct lead_key

    from {{ ref('int_lead_exclusions') }}

    where
        stops_scoring
        or stops_queue

),

lead_motions as (

    select * from {{ ref('int_lead_motions') }}

),

handoffs as (

    select * from {{ ref('int_handoffs') }}

),

stages as (

    select * from {{ ref('int_lead_stages') }}

    where is_current

),

won_stages as (

    select distinct stage_id

    from {{ ref('int_lifecycle_entries') }}

    where entry_kind = 'deal_won'

),

open_deals as (

    select distinct lead_key

    from {{ ref('int_lead_outcomes') }}

    where
        outcome = 'open'
        and is_new_win

),

facts as (

    select * from {{ ref('int_nurture_facts') }}

    where field in ('disposition', 'recontact_date')

),

nurture_periods as (

    select * from {{ ref('int_nurture_periods') }}

    where ended_date is null

),

programs as (

    select distinct
        program_id,
        owner_keeps_lead

    from {{ ref('nurture_programs') }}

    where owner_keeps_lead

),

-- Whoever joined a colleague's hand-off is worked with it.
worked as (

    select distinct handoffs.lead_id

    from handoffs

    left join {{ ref('int_handoffs') }} as hosts
        on handoffs.joined_handoff_id = hosts.handoff_id

    where
        (handoffs.handoff_kind = 'handoff' and handoffs.is_open)
        or (handoffs.handoff_kind = 'joined' and hosts.is_open)

),

disqualified as (

    select facts.lead_key

    from facts

    where
        facts.field = 'disposition'
        and facts.field_value = 'disqualified'
        and facts.to_date is null

),

promised as (

    select distinct facts.lead_key

    from facts

    where
        facts.field = 'recontact_date'
        and facts.to_date > {{ as_of_date() }}

),

-- One after the other, so that every lead is in exactly one state.
decided as (

    select
        leads.lead_id,
        case
            when exclusions.lead_key is not null then 'excluded'
            when worked.lead_id is not null and programs.program_id is not null
                then 'sales_supported'
            when worked.lead_id is not null then 'with_sales'
            when open_deals.lead_key is not null then 'in_deal'
            when disqualified.lead_key is not null then 'disqualified'
            when lead_motions.motion = 'expansion' or won_stages.stage_id is not null
                then 'customer'
            when lead_motions.motion = 'partner' then 'partner'
            when promised.lead_key is not null then 'waiting_recontact'
            when nurture_periods.program_id is not null then 'nurture'
            else 'resting'
        end as work_status,
        stages.stage_id as lifecycle_stage,
        nurture_periods.program_id,
        nurture_periods.reason_id,
        leads.lead_key,
        nurture_periods.started_date

    from leads

    left join exclusions
        on leads.lead_key = exclusions.lead_key

    left join lead_motions
        on leads.lead_key = lead_motions.lead_key

    left join worked
        on leads.lead_id = worked.lead_id

    left join nurture_periods
        on leads.lead_key = nurture_periods.lead_key

    left join programs
        on nurture_periods.program_id = programs.program_id

    left join open_deals
        on leads.lead_key = open_deals.lead_key

    left join disqualified
        on leads.lead_key = disqualified.lead_key

    left join stages
        on leads.lead_key = stages.lead_key

    left join won_stages
        on stages.stage_id = won_stages.stage_id

    left join promised
        on leads.lead_key = promised.lead_key

),

-- Programs run for those only whom marketing may approach.
work_statuses as (

    select
        decided.lead_id,
        decided.work_status,
        decided.lifecycle_stage,
        case
            when decided.work_status in ('sales_supported', 'waiting_recontact', 'nurture')
                then decided.program_id
        end as program_id,
        case
            when decided.work_status in ('sales_supported', 'waiting_recontact', 'nurture')
                then decided.reason_id
        end as reason_id,
        decided.lead_key,
        case
            when decided.work_status in ('sales_supported', 'waiting_recontact', 'nurture')
                then decided.started_date
        end as program_started_date

    from decided

)

select * from work_statuses
