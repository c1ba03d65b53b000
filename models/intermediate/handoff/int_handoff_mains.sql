with

recursive crossings as (

    select * from {{ ref('int_handoff_crossings') }}

),

chains as (

    select * from {{ ref('int_handoff_chains') }}

    where not is_fill_lane

),

filled as (

    select * from {{ ref('int_filled_handoffs') }}

),

issued as (

    select * from {{ ref('int_issued_handoffs') }}

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

ends as (

    select * from {{ ref('int_handoff_ends') }}

),

begun as (

    select chains.crossing_key

    from chains

    union all

    select filled.crossing_key

    from filled

),

-- All that is worked at a company and stage, in order.
worked as (

    select
        'i/' || issued.handoff_id as start_key,
        issued.handoff_stage,
        lead_companies.company_key,
        issued.lead_key,
        issued.is_hand_raise,
        true as is_issued,
        issued.crossed_date,
        issued.crossed_at,
        ends.ended_at

    from issued

    inner join lead_companies
        on issued.lead_key = lead_companies.lead_key

    inner join ends
        on 'i/' || issued.handoff_id = ends.start_key

    where issued.handoff_kind = 'handoff'

    union all

    select
        ends.start_key,
        crossings.handoff_stage,
        crossings.company_key,
        crossings.lead_key,
        crossings.is_hand_raise,
        false as is_issued,
        crossings.crossed_date,
        crossings.crossed_at,
        ends.ended_at

    from crossings

    inner join begun
        on crossings.crossing_key = begun.crossing_key

    inner join ends
        on 'c/' || crossings.crossing_key = ends.start_key

    where
        not crossings.is_information
        and crossings.company_key is not null

),

ordered as (

    select
        worked.*,
        row_number() over (
            partition by worked.company_key, worked.handoff_stage
            order by
                worked.crossed_at,
                worked.start_key
        ) as place

    from worked

),

-- The first is worked; who crosses within the agreed days while it is open joins it, until one does
-- not. A request joins a request alone: what nobody asked for may wait longer.
mains as (

    select
        ordered.start_key,
        ordered.handoff_stage,
        ordered.company_key,
        ordered.lead_key,
        ordered.is_hand_raise,
        ordered.place,
        ordered.crossed_date,
        ordered.ended_at

    from ordered

    where ordered.place = 1

    union all

    select
        nexts.start_key,
        nexts.handoff_stage,
        nexts.company_key,
        nexts.lead_key,
        nexts.is_hand_raise,
        nexts.place,
        nexts.crossed_date,
        nexts.ended_at

    from (
        select
            ordered.*,
            row_number() over (
                partition by
                    mains.company_key,
                    mains.handoff_stage
                order by ordered.place
            ) as next_rank

        from mains

        inner join ordered
            on
                mains.company_key = ordered.company_key
                and mains.handoff_stage = ordered.handoff_stage
                and mains.place < ordered.place

        where
            ordered.is_issued
            or mains.lead_key = ordered.lead_key
            or coalesce(mains.ended_at <= ordered.crossed_at, false)
            or (ordered.is_hand_raise and not mains.is_hand_raise)
            or {{ dbt.datediff('mains.crossed_date', 'ordered.crossed_date', 'day') }}
            > {{ handoff_setting('colleague_join_days') }}
    ) as nexts

    where nexts.next_rank = 1

),

-- What is no main one joined the last of them; a request goes to whoever works the company.
joins as (

    select
        ordered.start_key,
        mains.start_key as main_start_key,
        mains.place <> ordered.place
        and not exists (
            select 1
            from mains as own
            where own.start_key = ordered.start_key
        ) as is_joined

    from ordered

    inner join mains
        on
            ordered.company_key = mains.company_key
            and ordered.handoff_stage = mains.handoff_stage
            and ordered.place > mains.place

    where
        not ordered.is_issued
        and coalesce(mains.ended_at > ordered.crossed_at, true)

),

ranked as (

    select
        joins.start_key,
        joins.main_start_key,
        joins.is_joined,
        row_number() over (
            partition by joins.start_key
            order by ordered.place desc
        ) as main_rank

    from joins

    inner join ordered
        on joins.main_start_key = ordered.start_key

),

handoff_mains as (

    select
        ranked.start_key,
        ranked.main_start_key,
        ranked.is_joined

    from ranked

    where ranked.main_rank = 1

)

select * from handoff_mains
