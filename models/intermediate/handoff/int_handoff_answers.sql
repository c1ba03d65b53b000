with

policies as (

    select * from {{ ref('int_handoff_policies') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

disposition_reasons as (

    select * from {{ ref('disposition_reasons') }}

),

deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

told_outcomes as (

    select * from {{ ref('int_told_outcomes') }}

),

-- What lets a lead into a stage ends the one before it.
advances as (

    select distinct
        policies.previous_stage as handoff_stage,
        {{ unnest_items(split_items('policies.enter_dispositions', '|')) }} as disposition

    from policies

    where
        policies.enter_dispositions is not null
        and policies.previous_stage is not null

),

said as (

    select
        dispositions.lead_key,
        dispositions.handoff_stage,
        dispositions.handoff_id,
        case
            when dispositions.disposition = 'opportunity' then 'advanced'
            else dispositions.disposition
        end as answer,
        dispositions.reason_id,
        cast(null as {{ dbt.type_string() }}) as deal_kind,
        true as is_new_win,
        dispositions.occurred_date,
        dispositions.occurred_at

    from dispositions

    where dispositions.disposition in ('returned', 'disqualified', 'opportunity')

    union all

    select
        dispositions.lead_key,
        advances.handoff_stage,
        dispositions.handoff_id,
        'advanced' as answer,
        dispositions.reason_id,
        cast(null as {{ dbt.type_string() }}) as deal_kind,
        true as is_new_win,
        dispositions.occurred_date,
        dispositions.occurred_at

    from dispositions

    inner join advances
        on
            dispositions.disposition = advances.disposition
            and coalesce(dispositions.handoff_stage, advances.handoff_stage)
            = advances.handoff_stage

),

-- A deal that is opened is what all this was for; one that is closed ends the talk.
sold as (

    select
        deal_leads.lead_key,
        cast(null as {{ dbt.type_string() }}) as handoff_stage,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        'advanced' as answer,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        deals.deal_kind,
        deals.is_new_win,
        deals.created_date as occurred_date,
        coalesce(deals.created_at, {{ start_of_day('deals.created_date') }}) as occurred_at

    from deals

    inner join deal_leads
        on deals.deal_key = deal_leads.deal_key

    where deals.created_date is not null

    union all

    select
        deal_leads.lead_key,
        cast(null as {{ dbt.type_string() }}) as handoff_stage,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        deals.outcome as answer,
        disposition_reasons.reason_id,
        deals.deal_kind,
        deals.is_new_win,
        deals.closed_date as occurred_date,
        coalesce(deals.closed_at, {{ start_of_day('deals.closed_date') }}) as occurred_at

    from deals

    inner join deal_leads
        on deals.deal_key = deal_leads.deal_key

    left join disposition_reasons
        on {{ fold_text('deals.reason') }} = {{ fold_text('disposition_reasons.reason_id') }}

    where
        deals.outcome in ('won', 'lost')
        and deals.closed_date is not null

    union all

    select
        told_outcomes.lead_key,
        cast(null as {{ dbt.type_string() }}) as handoff_stage,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        told_outcomes.outcome as answer,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        cast(null as {{ dbt.type_string() }}) as deal_kind,
        true as is_new_win,
        told_outcomes.closed_date as occurred_date,
        coalesce(told_outcomes.closed_at, {{ start_of_day('told_outcomes.closed_date') }})
            as occurred_at

    from told_outcomes

    where told_outcomes.closed_date is not null

),

all_answers as (

    select * from said

    union

    select * from sold

),

answers as (

    select
        all_answers.handoff_stage,
        all_answers.handoff_id,
        all_answers.answer,
        all_answers.reason_id,
        all_answers.deal_kind,
        all_answers.lead_key,
        coalesce(disposition_reasons.cool_down_days, 0) as cool_down_days,
        all_answers.is_new_win,
        all_answers.occurred_date,
        all_answers.occurred_at

    from all_answers

    left join disposition_reasons
        on all_answers.reason_id = disposition_reasons.reason_id

    where all_answers.occurred_date <= {{ as_of_date() }}

)

select * from answers
