with

leads as (

    select * from {{ ref('int_leads') }}

),

exclusions as (

    select distinct lead_key

    from {{ ref('int_lead_exclusions') }}

    where stops_scoring

),

lead_cycles as (

    select * from {{ ref('int_lead_cycles') }}

),

handoffs as (

    select * from {{ ref('int_handoffs') }}

    where handoff_kind = 'handoff'

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

    where is_new_win

),

entries as (

    select * from {{ ref('int_lifecycle_entries') }}

),

-- A deal is lost for the lead if no other one is open at that time.
closed_deals as (

    select
        outcomes.lead_key,
        outcomes.outcome,
        outcomes.closed_date,
        outcomes.closed_at

    from outcomes

    where
        outcomes.lead_key is not null
        and (
            outcomes.outcome = 'won'
            or (
                outcomes.outcome = 'lost'
                and not exists (
                    select 1
                    from {{ ref('int_lead_outcomes') }} as others
                    where
                        outcomes.lead_key = others.lead_key
                        and others.is_new_win
                        and coalesce(others.created_date <= outcomes.closed_date, false)
                        and (others.outcome = 'open' or others.closed_date > outcomes.closed_date)
                )
            )
        )

),

happened as (

    select
        lead_cycles.lead_key,
        'first_record' as entry_kind,
        'first_record' as entry_word,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        lead_cycles.cycle_number,
        lead_cycles.started_date as entered_date,
        lead_cycles.started_at as entered_at

    from lead_cycles

    left join exclusions
        on lead_cycles.lead_key = exclusions.lead_key

    where exclusions.lead_key is null

    union all

    select
        leads.lead_key,
        'handoff_created' as entry_kind,
        handoffs.handoff_stage as entry_word,
        handoffs.handoff_id,
        cast(null as integer) as cycle_number,
        handoffs.crossed_date as entered_date,
        handoffs.crossed_at as entered_at

    from handoffs

    inner join leads
        on handoffs.lead_id = leads.lead_id

    union all

    select
        dispositions.lead_key,
        'disposition' as entry_kind,
        dispositions.disposition as entry_word,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        cast(null as integer) as cycle_number,
        dispositions.occurred_date as entered_date,
        dispositions.occurred_at as entered_at

    from dispositions

    union all

    select
        closed_deals.lead_key,
        case when closed_deals.outcome = 'won' then 'deal_won' else 'deal_lost' end as entry_kind,
        case when closed_deals.outcome = 'won' then 'deal_won' else 'deal_lost' end as entry_word,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        cast(null as integer) as cycle_number,
        closed_deals.closed_date as entered_date,
        closed_deals.closed_at as entered_at

    from closed_deals

),

defined as (

    select
        happened.lead_key,
        entries.stage_id,
        entries.sort_order,
        entries.entry_kind,
        happened.handoff_id,
        happened.cycle_number,
        entries.is_answer,
        entries.is_exit,
        happened.entered_date,
        happened.entered_at

    from happened

    inner join entries
        on
            happened.entry_kind = entries.entry_kind
            and happened.entry_word = entries.entry_word

),

-- The cycle in which something happened is the last one that had begun by its day.
dated as (

    select
        defined.lead_key,
        defined.stage_id,
        defined.sort_order,
        defined.entry_kind,
        defined.handoff_id,
        defined.is_answer,
        defined.is_exit,
        defined.entered_date,
        defined.entered_at,
        coalesce(
            defined.cycle_number,
            max(
                case
                    when
                        lead_cycles.cycle_number = 1
                        or lead_cycles.started_date <= defined.entered_date
                        then lead_cycles.cycle_number
                end
            )
        ) as cycle_number

    from defined

    inner join lead_cycles
        on defined.lead_key = lead_cycles.lead_key

    group by
        defined.lead_key,
        defined.stage_id,
        defined.sort_order,
        defined.entry_kind,
        defined.handoff_id,
        defined.cycle_number,
        defined.is_answer,
        defined.is_exit,
        defined.entered_date,
        defined.entered_at

),

-- Records are often written after the first talk: a lead is one from the first thing that is known.
opened as (

    select
        dated.lead_key,
        dated.stage_id,
        dated.sort_order,
        dated.entry_kind,
        dated.handoff_id,
        dated.cycle_number,
        dated.is_answer,
        dated.is_exit,
        min(case when dated.entry_kind = 'handoff_created' then dated.entered_at end)
            over lead_cycle as handed_over_at,
        case
            when dated.entry_kind = 'first_record' and dated.entered_date is not null
                then min(dated.entered_date) over lead_cycle
            else dated.entered_date
        end as entered_date,
        case
            when dated.entry_kind = 'first_record' and dated.entered_at is not null
                then min(dated.entered_at) over lead_cycle
            else dated.entered_at
        end as entered_at

    from dated

    window lead_cycle as (partition by dated.lead_key, dated.cycle_number)

),

-- Of several things that let a lead enter a stage in a cycle the first one does; a call to somebody
-- who was never handed over takes up nothing.
ranked as (

    select
        opened.*,
        row_number() over (
            partition by opened.lead_key, opened.cycle_number, opened.stage_id
            order by opened.entered_date nulls first, opened.entered_at nulls first
        ) as entry_rank

    from opened

    where
        not opened.is_answer
        or opened.entry_kind = 'handoff_created'
        or opened.handed_over_at <= opened.entered_at

),

first_entries as (

    select
        ranked.*,
        max(case when not ranked.is_exit then ranked.sort_order end) over (
            partition by ranked.lead_key, ranked.cycle_number
            order by
                ranked.entered_date nulls first,
                ranked.entered_at nulls first,
                ranked.sort_order
            rows between unbounded preceding and 1 preceding
        ) as furthest_order,
        max(case when ranked.entry_kind = 'deal_won' then 1 else 0 end) over (
            partition by ranked.lead_key, ranked.cycle_number
            order by
                ranked.entered_date nulls first,
                ranked.entered_at nulls first,
                ranked.sort_order
            rows between unbounded preceding and current row
        ) as won_count

    from ranked

    where ranked.entry_rank = 1

),

-- A lead goes forward only; what is won is neither lost nor returned any more in its cycle.
forward as (

    select first_entries.*

    from first_entries

    where
        (first_entries.is_exit and first_entries.won_count = 0)
        or (
            not first_entries.is_exit
            and coalesce(first_entries.furthest_order < first_entries.sort_order, true)
        )

),

stages as (

    select
        leads.lead_id,
        forward.stage_id,
        forward.handoff_id,
        forward.lead_key,
        forward.cycle_number,
        forward.sort_order,
        forward.is_exit,
        lead(forward.lead_key) over lead_stages is null as is_current,
        forward.entered_date,
        lead(forward.entered_date) over lead_stages as left_date,
        forward.entered_at,
        lead(forward.entered_at) over lead_stages as left_at

    from forward

    inner join leads
        on forward.lead_key = leads.lead_key

    window lead_stages as (
        partition by forward.lead_key
        order by
            forward.cycle_number,
            forward.entered_date nulls first,
            forward.entered_at nulls first,
            forward.sort_order
    )

)

select * from stages
