with

leads as (

    select * from {{ ref('int_leads') }}

),

cycle_ends as (

    select * from {{ ref('int_lead_cycle_ends') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

handoffs as (

    select * from {{ ref('int_handoffs') }}

    where handoff_kind = 'handoff'

),

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

    where is_new_win

),

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types as (

    select * from {{ ref('event_types') }}

    where is_activity

),

-- A return ends a cycle as a closed deal does. An end of an unknown day lies before all others.
ends as (

    select
        cycle_ends.lead_key,
        coalesce(cycle_ends.ended_date, cast('0001-01-01' as date)) as moment_date

    from cycle_ends

    union

    select
        dispositions.lead_key,
        dispositions.occurred_date as moment_date

    from dispositions

    where dispositions.disposition = 'returned'

),

ended_leads as (

    select distinct ends.lead_key

    from ends

),

activities as (

    select
        events.lead_key,
        event_types.channel,
        events.event_date,
        events.occurred_at

    from events

    inner join event_types
        on events.event_type = event_types.event_type

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}

),

-- What can begin a cycle: the lead does something, it is handed over, or a deal is opened.
signs as (

    select
        activities.lead_key,
        activities.channel,
        activities.event_date as moment_date,
        activities.occurred_at

    from activities

    inner join ended_leads
        on activities.lead_key = ended_leads.lead_key

    union all

    select
        leads.lead_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        handoffs.crossed_date as moment_date,
        handoffs.crossed_at as occurred_at

    from handoffs

    inner join leads
        on handoffs.lead_id = leads.lead_id

    union all

    select
        outcomes.lead_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        outcomes.created_date as moment_date,
        outcomes.created_at as occurred_at

    from outcomes

    where
        outcomes.created_date is not null
        and outcomes.lead_key is not null

    union all

    -- An outcome that is told without a deal says that there was something to win.
    select
        outcomes.lead_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        outcomes.closed_date as moment_date,
        outcomes.closed_at as occurred_at

    from outcomes

    where
        outcomes.deal_key is null
        and outcomes.closed_date is not null

),

-- While a deal of the lead is open, nothing begins anew.
free_signs as (

    select signs.*

    from signs

    where not exists (
        select 1
        from outcomes
        where
            signs.lead_key = outcomes.lead_key
            and outcomes.created_date < signs.moment_date
            and (outcomes.closed_date is null or signs.moment_date <= outcomes.closed_date)
    )

),

moments as (

    select
        ends.lead_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        1 as is_end,
        ends.moment_date,
        cast(null as timestamp) as occurred_at

    from ends

    union all

    select
        free_signs.lead_key,
        free_signs.channel,
        0 as is_end,
        free_signs.moment_date,
        free_signs.occurred_at

    from free_signs

),

-- What happens on the day of an end still belongs to the cycle that it ends.
numbered as (

    select
        moments.*,
        sum(moments.is_end) over (
            partition by moments.lead_key
            order by moments.moment_date, moments.is_end
            rows between unbounded preceding and current row
        ) as end_count

    from moments

),

begun as (

    select
        numbered.lead_key,
        numbered.end_count,
        min(numbered.moment_date) as started_date,
        min(numbered.occurred_at) as started_at,
        {{ value_of_first('numbered.channel', 'numbered.occurred_at') }} as entry_channel

    from numbered

    where
        numbered.is_end = 0
        and numbered.end_count > 0

    group by
        numbered.lead_key,
        numbered.end_count

),

first_channels as (

    select
        activities.lead_key,
        {{ value_of_first('activities.channel', 'activities.occurred_at') }} as entry_channel

    from activities

    group by activities.lead_key

),

-- Ends between which nothing happened are one.
cycles as (

    select
        leads.lead_key,
        1 as cycle_number,
        leads.created_date as started_date,
        cast(null as date) as valid_from_date,
        leads.created_at as started_at,
        first_channels.entry_channel

    from leads

    left join first_channels
        on leads.lead_key = first_channels.lead_key

    union all

    select
        begun.lead_key,
        1 + row_number() over (partition by begun.lead_key order by begun.end_count)
            as cycle_number,
        begun.started_date,
        begun.started_date as valid_from_date,
        begun.started_at,
        begun.entry_channel

    from begun

),

lead_cycles as (

    select
        leads.lead_id,
        cycles.entry_channel,
        cycles.lead_key,
        cast(cycles.cycle_number as integer) as cycle_number,
        cycles.started_date,
        cycles.valid_from_date,
        lead(cycles.valid_from_date) over (
            partition by cycles.lead_key order by cycles.cycle_number
        ) as valid_to_date,
        cycles.started_at

    from cycles

    inner join leads
        on cycles.lead_key = leads.lead_key

)

select * from lead_cycles
