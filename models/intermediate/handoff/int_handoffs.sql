{%- set kept = issued_handoff_columns() | list -%}
with

issued as (

    select * from {{ ref('int_issued_handoffs') }}

),

new_handoffs as (

    select * from {{ ref('int_new_handoffs') }}

),

ends as (

    select * from {{ ref('int_handoff_ends') }}

),

policies as (

    select distinct
        policy_id,
        required_fields

    from {{ ref('handoff_policies') }}

),

service_levels as (

    select * from {{ ref('service_levels') }}

),

teams as (

    select * from {{ ref('sales_teams') }}

),

members as (

    select * from {{ ref('sales_members') }}

),

absences as (

    select * from {{ ref('sales_absences') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

meetings as (

    select * from {{ ref('int_agreed_meetings') }}

),

business_periods as (

    select * from {{ ref('int_business_periods') }}

),

events as (

    select * from {{ ref('int_lead_events') }}

),

stamp as (

    select * from {{ ref('int_stamp') }}

),

recorded_changes as (

    {{ state_rows('handoff_changes', {
        'handoff_id': dbt.type_string(),
        'change': dbt.type_string(),
        'owner_id': dbt.type_string(),
        'occurred_date': 'date',
        'occurred_at': 'timestamp',
    }) | indent(4) }}

),

-- Today is known as far as the newest thing that happened; a day that is over, to its end.
newest as (

    select max(events.occurred_at) as newest_at

    from events

    where events.event_date = {{ as_of_date() }}

    union all

    select max(dispositions.occurred_at) as newest_at

    from dispositions

    where dispositions.occurred_date = {{ as_of_date() }}

),

horizon as (

    select
        case
            when not max(case when stamp.is_provisional then 1 else 0 end) = 1
                then {{ start_of_day(dbt.dateadd('day', 1, as_of_date())) }}
            else coalesce(max(newest.newest_at), {{ start_of_day(as_of_date()) }})
        end as known_until_at

    from stamp

    cross join newest

),

handed_over as (

    select
        {{ column_list(kept, 'issued') }},
        issued.lead_key,
        'i/' || issued.handoff_id as start_key

    from issued

    union all

    select
        {{ column_list(kept, 'new_handoffs') }},
        new_handoffs.lead_key,
        new_handoffs.start_key

    from new_handoffs

),

-- The next hand-off of the lead at the stage ends what is still open.
with_next as (

    select
        handed_over.*,
        case
            when handed_over.handoff_kind <> 'information'
                then min(
                    case
                        when handed_over.handoff_kind <> 'information' then handed_over.crossed_at
                    end
                ) over (
                    partition by handed_over.lead_key, handed_over.handoff_stage
                    order by handed_over.crossed_at, handed_over.crossing_number
                    rows between 1 following and unbounded following
                )
        end as next_crossed_at

    from handed_over

),

ended as (

    select
        with_next.*,
        case
            when with_next.handoff_kind <> 'handoff' then with_next.handoff_kind
            when
                ends.status = 'expired'
                and ends.answered_at is not null
                and coalesce(ends.answered_at <= with_next.next_crossed_at, true)
                then ends.answer
            when
                with_next.next_crossed_at is not null
                and coalesce(ends.ended_at > with_next.next_crossed_at, true)
                then 'superseded'
            else coalesce(ends.status, 'open')
        end as status,
        case
            when
                ends.status = 'expired'
                and ends.answered_at is not null
                and coalesce(ends.answered_at <= with_next.next_crossed_at, true)
                then ends.answered_at
            when
                with_next.next_crossed_at is not null
                and coalesce(ends.ended_at > with_next.next_crossed_at, true)
                then with_next.next_crossed_at
            else ends.ended_at
        end as ended_at,
        ends.expires_at as next_expiry_at

    from with_next

    left join ends
        on with_next.start_key = ends.start_key

),

-- What sales did and said inside it. The answer that caused it belongs to the stage before.
inside as (

    select
        ended.handoff_id,
        dispositions.disposition,
        dispositions.reason_id,
        dispositions.owner_id,
        dispositions.disposition_number,
        dispositions.is_touch,
        dispositions.is_reached,
        dispositions.recontact_date,
        ended.crossed_at,
        dispositions.occurred_at

    from ended

    inner join dispositions
        on
            ended.lead_key = dispositions.lead_key
            and coalesce(dispositions.handoff_stage, ended.handoff_stage) = ended.handoff_stage
            and coalesce(dispositions.handoff_id, ended.handoff_id) = ended.handoff_id
            and ended.crossed_at <= dispositions.occurred_at
            and coalesce(ended.ended_at >= dispositions.occurred_at, true)

    where
        ended.handoff_kind <> 'information'
        and (ended.cause_type <> 'disposition' or ended.crossed_at < dispositions.occurred_at)

),

worked as (

    select
        inside.handoff_id,
        cast(
            count(distinct case when inside.is_touch then inside.occurred_at end) as integer
        ) as attempt_count,
        min(case when inside.is_touch then inside.occurred_at end) as first_attempt_at,
        min(
            case
                when inside.is_reached and inside.occurred_at > inside.crossed_at
                    then inside.occurred_at
            end
        ) as first_conversation_at,
        min(
            case
                when
                    inside.disposition in {{ verdict_words() }}
                    and inside.disposition <> 'accepted'
                    then inside.occurred_at
            end
        ) as decided_at

    from inside

    group by inside.handoff_id

),

verdicts as (

    select
        inside.*,
        row_number() over (
            partition by inside.handoff_id order by inside.disposition_number desc
        ) as verdict_rank

    from inside

    where inside.disposition in {{ verdict_words() }}

),

promises as (

    select
        inside.handoff_id,
        inside.recontact_date,
        row_number() over (
            partition by inside.handoff_id order by inside.disposition_number desc
        ) as promise_rank

    from inside

    where inside.recontact_date is not null

),

-- Where the meeting is what the policy waits for, the verdict is due after it.
next_meetings as (

    select
        ended.handoff_id,
        min(meetings.meeting_date) as meeting_date

    from ended

    inner join policies
        on
            ended.policy_id = policies.policy_id
            and {{ is_listed("'meeting_at'", "replace(policies.required_fields, ',', '|')") }}

    inner join meetings
        on
            ended.lead_key = meetings.lead_key
            and ended.crossed_date <= meetings.meeting_date

    group by ended.handoff_id

),

days as (

    select
        business_periods.calendar_id,
        business_periods.period_date,
        max(business_periods.closes_at) as closes_at,
        row_number() over (
            partition by business_periods.calendar_id order by business_periods.period_date
        ) as day_number

    from business_periods

    group by
        business_periods.calendar_id,
        business_periods.period_date

),

verdict_bases as (

    select
        ended.handoff_id,
        next_meetings.meeting_date,
        coalesce(next_meetings.meeting_date, ended.crossed_date) as base_date,
        coalesce(teams.calendar_id, '{{ var("business_calendar") }}') as calendar_id,
        service_levels.decide_within_days

    from ended

    inner join service_levels
        on ended.service_level_id = service_levels.service_level_id

    left join teams
        on ended.team_id = teams.team_id

    left join next_meetings
        on ended.handoff_id = next_meetings.handoff_id

    where ended.handoff_kind = 'handoff'

),

verdict_numbers as (

    select
        verdict_bases.*,
        days.day_number + verdict_bases.decide_within_days as due_number

    from verdict_bases

    asof left join days
        on
            verdict_bases.calendar_id = days.calendar_id
            and verdict_bases.base_date >= days.period_date

),

verdict_limits as (

    select
        verdict_numbers.handoff_id,
        verdict_numbers.meeting_date,
        days.closes_at as verdict_due_at

    from verdict_numbers

    left join days
        on
            verdict_numbers.calendar_id = days.calendar_id
            and verdict_numbers.due_number = days.day_number

),

-- Nobody tried until the agreed moment: the next of the team after the owner takes over.
forgotten as (

    select
        ended.handoff_id,
        ended.team_id,
        ended.owner_id,
        {{ business_day('ended.reassign_at') }} as reassigned_date,
        ended.reassign_at

    from ended

    cross join horizon

    left join worked
        on ended.handoff_id = worked.handoff_id

    where
        ended.handoff_kind = 'handoff'
        and ended.reassign_at <= horizon.known_until_at
        and coalesce(worked.first_attempt_at > ended.reassign_at, true)
        and coalesce(ended.ended_at > ended.reassign_at, true)

),

takers as (

    select
        forgotten.handoff_id,
        members.crm_owner_id,
        row_number() over (
            partition by forgotten.handoff_id
            order by
                case when members.member_id > coalesce(owners.member_id, '') then 0 else 1 end,
                members.member_id
        ) as taker_rank

    from forgotten

    inner join members
        on
            forgotten.team_id = members.team_id
            and {{ is_in_force('members', 'forgotten.reassigned_date') }}
            and members.turn_weight > 0

    left join members as owners
        on
            forgotten.owner_id = owners.crm_owner_id
            and forgotten.team_id = owners.team_id
            and {{ is_in_force('owners', 'forgotten.reassigned_date') }}

    where
        coalesce(members.crm_owner_id <> forgotten.owner_id, true)
        and not exists (
            select 1
            from absences
            where
                members.member_id = absences.member_id
                and forgotten.reassigned_date between absences.absent_from and absences.absent_to
        )

),

reassigned as (

    select
        recorded_changes.handoff_id,
        recorded_changes.owner_id,
        recorded_changes.occurred_at as reassigned_at

    from recorded_changes

    where
        recorded_changes.change = 'reassigned'
        and recorded_changes.occurred_date <= {{ as_of_date() }}

    union all

    select
        forgotten.handoff_id,
        takers.crm_owner_id as owner_id,
        forgotten.reassign_at as reassigned_at

    from forgotten

    inner join takers
        on
            forgotten.handoff_id = takers.handoff_id
            and takers.taker_rank = 1

    where not exists (
        select 1
        from recorded_changes
        where
            forgotten.handoff_id = recorded_changes.handoff_id
            and recorded_changes.change = 'reassigned'
            and recorded_changes.occurred_date <= {{ as_of_date() }}
    )

),

handoffs as (

    select
        ended.handoff_id,
        ended.lead_id,
        ended.company_id,
        coalesce(reassigned.owner_id, ended.owner_id) as owner_id,
        ended.owner_id as first_owner_id,
        ended.team_id,
        ended.agreement_id,
        ended.rule_set_id,
        ended.policy_id,
        ended.service_level_id,
        ended.route_id,
        ended.joined_handoff_id,
        ended.cause_rule_id,
        ended.cause_event_id,
        verdicts.reason_id as verdict_reason_id,
        verdicts.owner_id as verdict_owner_id,
        ended.handoff_stage,
        ended.motion,
        ended.handoff_kind,
        ended.cause_type,
        ended.cause_event_type,
        ended.grade,
        ended.route,
        ended.reason_1_en,
        ended.reason_1_ja,
        ended.reason_2_en,
        ended.reason_2_ja,
        ended.reason_3_en,
        ended.reason_3_ja,
        ended.status,
        verdicts.disposition as verdict,
        ended.lead_key,
        ended.cycle_number,
        ended.crossing_number,
        ended.turn_number,
        ended.fit_score,
        ended.engagement_score,
        ended.priority,
        coalesce(worked.attempt_count, 0) as attempt_count,
        ended.is_hand_raise,
        ended.is_fill_only,
        ended.status = 'open' as is_open,
        case
            when ended.first_attempt_due_at is null then null
            when worked.first_attempt_at is not null
                then worked.first_attempt_at > ended.first_attempt_due_at
            when
                least(coalesce(ended.ended_at, horizon.known_until_at), horizon.known_until_at)
                > ended.first_attempt_due_at
                then true
        end as is_attempt_late,
        case
            when verdict_limits.verdict_due_at is null then null
            when coalesce(worked.decided_at, ended.ended_at) is not null
                then
                    coalesce(worked.decided_at, ended.ended_at) > verdict_limits.verdict_due_at
            when horizon.known_until_at > verdict_limits.verdict_due_at then true
        end as is_verdict_late,
        stamp.is_provisional,
        ended.crossed_date,
        ended.issued_date,
        promises.recontact_date,
        verdict_limits.meeting_date,
        {{ business_day('reassigned.reassigned_at') }} as reassigned_date,
        {{ business_day('ended.ended_at') }} as ended_date,
        stamp.as_of_date,
        ended.crossed_at,
        ended.first_attempt_due_at,
        ended.remind_at,
        ended.escalate_at,
        ended.reassign_at,
        verdict_limits.verdict_due_at,
        case when ended.status = 'open' then ended.next_expiry_at end as expires_at,
        reassigned.reassigned_at,
        worked.first_attempt_at,
        worked.first_conversation_at,
        verdicts.occurred_at as verdict_at,
        ended.ended_at,
        horizon.known_until_at

    from ended

    cross join stamp

    cross join horizon

    left join worked
        on ended.handoff_id = worked.handoff_id

    left join verdicts
        on
            ended.handoff_id = verdicts.handoff_id
            and verdicts.verdict_rank = 1

    left join promises
        on
            ended.handoff_id = promises.handoff_id
            and promises.promise_rank = 1

    left join verdict_limits
        on ended.handoff_id = verdict_limits.handoff_id

    left join reassigned
        on ended.handoff_id = reassigned.handoff_id

)

select * from handoffs
