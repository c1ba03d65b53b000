{%- set long_ago = "cast('1900-01-01' as timestamp)" -%}
with

recursive crossings as (

    select * from {{ ref('int_handoff_crossings') }}

),

issued as (

    select * from {{ ref('int_issued_handoffs') }}

),

ends as (

    select * from {{ ref('int_handoff_ends') }}

),

ended_crossings as (

    select
        crossings.*,
        ends.ended_date,
        ends.ended_at

    from crossings

    inner join ends
        on 'c/' || crossings.crossing_key = ends.start_key

),

-- The last that was worked or joined says what a further crossing meets.
ranked_issued as (

    select
        issued.*,
        row_number() over (
            partition by issued.lead_key, issued.handoff_stage
            order by
                case when issued.handoff_kind = 'information' then 1 else 0 end,
                issued.crossed_at desc,
                issued.crossing_number desc
        ) as lane_rank

    from issued

),

-- What was issued comes first and never moves.
issued_states as (

    select
        ranked_issued.lead_key,
        ranked_issued.handoff_stage,
        max(ranked_issued.issued_date) as issued_date,
        max(ranked_issued.crossed_date) as crossed_date,
        max(
            greatest(
                ranked_issued.crossed_date,
                coalesce(ends.ended_date, ranked_issued.crossed_date)
            )
        ) as last_date,
        max(ranked_issued.crossed_at) as crossed_at,
        case when count(*) = count(ends.ended_at) then max(ends.ended_at) end as ended_at,
        bool_or(ranked_issued.is_hand_raise and ranked_issued.lane_rank = 1) as is_hand_raise,
        bool_or(ranked_issued.is_fill_only and ranked_issued.lane_rank = 1) as is_fill_only,
        max(case when ranked_issued.lane_rank = 1 then ends.start_key end) as start_key

    from ranked_issued

    inner join ends
        on 'i/' || ranked_issued.handoff_id = ends.start_key

    group by
        ranked_issued.lead_key,
        ranked_issued.handoff_stage

),

lanes as (

    select distinct
        crossings.lead_key,
        crossings.handoff_stage,
        crossings.is_fill_only

    from crossings

),

-- The n-th hand-off of a lead at a stage follows from the one before it. A request outranks an open
-- hand-off that is none; a line that needs no free capacity outranks one that does.
chain as (

    select
        lanes.lead_key,
        lanes.handoff_stage,
        lanes.is_fill_only as is_fill_lane,
        cast(null as integer) as crossing_key,
        issued_states.start_key,
        cast(null as {{ dbt.type_string() }}) as previous_start_key,
        coalesce(issued_states.is_hand_raise, false) as is_hand_raise,
        coalesce(issued_states.is_fill_only, false) as is_fill_only,
        coalesce(issued_states.issued_date, cast('1900-01-01' as date)) as issued_date,
        coalesce(issued_states.crossed_date, cast('1900-01-01' as date)) as crossed_date,
        coalesce(issued_states.last_date, cast('1900-01-01' as date)) as last_date,
        coalesce(issued_states.crossed_at, {{ long_ago }}) as crossed_at,
        case
            when issued_states.lead_key is null then {{ long_ago }}
            else issued_states.ended_at
        end as ended_at

    from lanes

    left join issued_states
        on
            lanes.lead_key = issued_states.lead_key
            and lanes.handoff_stage = issued_states.handoff_stage

    union all

    select
        nexts.lead_key,
        nexts.handoff_stage,
        nexts.is_fill_lane,
        nexts.crossing_key,
        nexts.start_key,
        nexts.previous_start_key,
        nexts.is_hand_raise,
        nexts.is_fill_only,
        nexts.issued_date,
        nexts.crossed_date,
        nexts.last_date,
        nexts.crossed_at,
        nexts.ended_at

    from (
        select
            chain.lead_key,
            chain.handoff_stage,
            chain.is_fill_lane,
            ended_crossings.crossing_key,
            'c/' || ended_crossings.crossing_key as start_key,
            case
                when coalesce(chain.ended_at > ended_crossings.crossed_at, true)
                    then chain.start_key
            end as previous_start_key,
            ended_crossings.is_hand_raise,
            ended_crossings.is_fill_only,
            ended_crossings.issued_date,
            ended_crossings.crossed_date,
            greatest(
                ended_crossings.crossed_date,
                coalesce(ended_crossings.ended_date, ended_crossings.crossed_date)
            ) as last_date,
            ended_crossings.crossed_at,
            ended_crossings.ended_at,
            row_number() over (
                partition by chain.lead_key, chain.handoff_stage, chain.is_fill_lane
                order by
                    ended_crossings.issued_date,
                    ended_crossings.sort_order,
                    ended_crossings.crossed_at,
                    ended_crossings.crossing_key
            ) as next_rank

        from chain

        inner join ended_crossings
            on
                chain.lead_key = ended_crossings.lead_key
                and chain.handoff_stage = ended_crossings.handoff_stage
                and chain.is_fill_lane = ended_crossings.is_fill_only
                and chain.crossed_at < ended_crossings.crossed_at
                and chain.issued_date <= ended_crossings.issued_date

        where
            case
                -- Open when the lead crosses again.
                when coalesce(chain.ended_at >= ended_crossings.crossed_at, true)
                    then
                        (ended_crossings.is_hand_raise and not chain.is_hand_raise)
                        or (chain.is_fill_only and not ended_crossings.is_fill_only)
                when ended_crossings.is_by_score
                    then
                        ended_crossings.since_date > chain.last_date
                        or coalesce(ended_crossings.returned_at >= chain.crossed_at, false)
                when ended_crossings.cause_type = 'recontact_date'
                    then ended_crossings.since_date > chain.crossed_date
                else true
            end
    ) as nexts

    where nexts.next_rank = 1

),

chains as (

    select
        chain.handoff_stage,
        chain.start_key,
        chain.previous_start_key,
        chain.crossing_key,
        chain.lead_key,
        chain.is_fill_lane

    from chain

    where chain.crossing_key is not null

)

select * from chains
