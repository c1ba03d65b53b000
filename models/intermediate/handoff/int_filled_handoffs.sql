with

recursive crossings as (

    select * from {{ ref('int_handoff_crossings') }}

),

chains as (

    select * from {{ ref('int_handoff_chains') }}

),

ends as (

    select * from {{ ref('int_handoff_ends') }}

),

routes as (

    select * from {{ ref('int_handoff_routes') }}

),

issued as (

    select * from {{ ref('int_issued_handoffs') }}

),

main_grades as (

    select * from {{ ref('int_lead_day_grades') }}

    where grade_set = 'main'

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),

members as (

    select * from {{ ref('sales_members') }}

),

absences as (

    select * from {{ ref('sales_absences') }}

),

capacity as (

    select * from {{ ref('sales_capacity') }}

),

-- The first day on which a lead could take free capacity; it waits from then on.
first_days as (

    select
        crossings.*,
        routes.team_id,
        routes.owner_id

    from crossings

    inner join chains
        on crossings.crossing_key = chains.crossing_key

    inner join routes
        on crossings.crossing_key = routes.crossing_key

    where chains.is_fill_lane

),

-- What is handed over without waiting.
worked as (

    select
        crossings.lead_key,
        crossings.handoff_stage,
        routes.team_id,
        crossings.is_information,
        crossings.issued_date,
        crossings.crossed_at,
        ends.ended_date,
        ends.ended_at

    from crossings

    inner join chains
        on crossings.crossing_key = chains.crossing_key

    inner join ends
        on chains.start_key = ends.start_key

    left join routes
        on crossings.crossing_key = routes.crossing_key

    where not chains.is_fill_lane

),

waiting as (

    select
        first_days.crossing_key as episode_key,
        first_days.team_id,
        crossings.crossing_key,
        crossings.lead_key,
        crossings.is_information,
        crossings.issued_date,
        crossings.since_date,
        main_grades.priority

    from first_days

    inner join crossings
        on
            first_days.lead_key = crossings.lead_key
            and first_days.handoff_stage = crossings.handoff_stage
            and first_days.policy_id = crossings.policy_id
            and first_days.since_date = crossings.since_date
            and first_days.cause_type = crossings.cause_type
            and coalesce(first_days.cause_event_id, '') = coalesce(crossings.cause_event_id, '')
            and {{ is_same_value('first_days.returned_at', 'crossings.returned_at') }}
            and first_days.issued_date <= crossings.issued_date

    left join main_grades
        on crossings.day_lead_key = main_grades.lead_key

    where
        crossings.is_fill_only
        -- Whose owner is named is given to that one alone, on a day on which that one is there.
        and (
            first_days.owner_id is null
            or not exists (
                select 1
                from members
                inner join absences
                    on members.member_id = absences.member_id
                where
                    members.crm_owner_id = first_days.owner_id
                    and crossings.issued_date between absences.absent_from and absences.absent_to
            )
        )
        and not exists (
            select 1
            from worked
            where
                first_days.lead_key = worked.lead_key
                and first_days.handoff_stage = worked.handoff_stage
                and worked.crossed_at <= crossings.crossed_at
                and (
                    coalesce(worked.ended_at >= crossings.crossed_at, true)
                    or worked.ended_date >= first_days.since_date
                )
                and not coalesce(crossings.returned_at >= worked.crossed_at, false)
        )

),

weekly as (

    select
        capacity.team_id,
        scored_days.as_of_date,
        min(capacity.leads_per_week) as leads_per_week

    from capacity

    inner join scored_days
        on {{ is_in_force('capacity', 'scored_days.as_of_date') }}

    group by
        capacity.team_id,
        scored_days.as_of_date

),

taken as (

    select
        issued.team_id,
        issued.issued_date

    from issued

    where issued.handoff_kind = 'handoff'

    union all

    select
        worked.team_id,
        worked.issued_date

    from worked

    where not worked.is_information

),

waiting_teams as (

    select distinct waiting.team_id

    from waiting

),

-- Free of the week of a day, before what itself waited is let in. No row is no limit.
team_days as (

    select
        waiting_teams.team_id,
        scored_days.day_number,
        scored_days.as_of_date,
        cast({{ dbt.date_trunc('week', 'scored_days.as_of_date') }} as date) as week_start_date,
        weekly.leads_per_week,
        count(taken.issued_date) as taken_count

    from waiting_teams

    cross join scored_days

    left join weekly
        on
            waiting_teams.team_id = weekly.team_id
            and scored_days.as_of_date = weekly.as_of_date

    left join taken
        on
            waiting_teams.team_id = taken.team_id
            and scored_days.as_of_date >= taken.issued_date
            and cast({{ dbt.date_trunc('week', 'scored_days.as_of_date') }} as date)
            <= taken.issued_date

    group by
        waiting_teams.team_id,
        scored_days.day_number,
        scored_days.as_of_date,
        weekly.leads_per_week

),

-- Day by day: who is let in leaves the row of those who wait.
admissions as (

    select
        waiting_teams.team_id,
        cast(0 as integer) as day_number,
        cast(null as date) as week_start_date,
        cast(0 as bigint) as week_count,
        cast([] as integer[]) as episode_keys,
        cast([] as integer[]) as crossing_keys

    from waiting_teams

    union all

    select
        admissions.team_id,
        team_days.day_number,
        team_days.week_start_date,
        case
            when admissions.week_start_date = team_days.week_start_date
                then admissions.week_count
            else 0
        end + coalesce(len(admitted.crossing_keys), 0) as week_count,
        list_concat(
            admissions.episode_keys, coalesce(admitted.episode_keys, cast([] as integer[]))
        ) as episode_keys,
        coalesce(admitted.crossing_keys, cast([] as integer[])) as crossing_keys

    from admissions

    inner join team_days
        on
            admissions.team_id = team_days.team_id
            and admissions.day_number + 1 = team_days.day_number

    left join (  -- noqa: ST05
        select
            ranked.team_id,
            list(ranked.episode_key) as episode_keys,
            list(ranked.crossing_key) as crossing_keys

        from (
            select
                waiting.team_id,
                waiting.episode_key,
                waiting.crossing_key,
                team_days.leads_per_week,
                team_days.taken_count
                + case
                    when admissions.week_start_date = team_days.week_start_date
                        then admissions.week_count
                    else 0
                end as used_count,
                row_number() over (
                    partition by waiting.team_id
                    order by
                        waiting.priority nulls last,
                        waiting.since_date,
                        waiting.lead_key
                ) as place

            from admissions

            inner join team_days
                on
                    admissions.team_id = team_days.team_id
                    and admissions.day_number + 1 = team_days.day_number

            inner join waiting
                on
                    team_days.team_id = waiting.team_id
                    and team_days.as_of_date = waiting.issued_date

            where not list_contains(admissions.episode_keys, waiting.episode_key)
        ) as ranked

        where coalesce(ranked.used_count + ranked.place <= ranked.leads_per_week, true)

        group by ranked.team_id
    ) as admitted
        on admissions.team_id = admitted.team_id

),

admitted_keys as (

    select
        {{ unnest_items('admissions.crossing_keys') }} as crossing_key

    from admissions

    where len(admissions.crossing_keys) > 0

),

filled_handoffs as (

    select
        admitted_keys.crossing_key,
        waiting.episode_key

    from admitted_keys

    inner join waiting
        on admitted_keys.crossing_key = waiting.crossing_key

)

select * from filled_handoffs
