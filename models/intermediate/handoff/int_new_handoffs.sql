{%- set clocks = {
    'first_attempt_due_at': 'first_attempt_hours',
    'remind_at': 'remind_after_hours',
    'escalate_at': 'escalate_after_hours',
    'reassign_at': 'reassign_after_hours',
} -%}
with

recursive crossings as (

    select * from {{ ref('int_handoff_crossings') }}

),

chains as (

    select * from {{ ref('int_handoff_chains') }}

),

filled as (

    select * from {{ ref('int_filled_handoffs') }}

),

mains as (

    select * from {{ ref('int_handoff_mains') }}

),

routes as (

    select * from {{ ref('int_handoff_routes') }}

),

issued as (

    select * from {{ ref('int_issued_handoffs') }}

),

answers as (

    select * from {{ ref('int_handoff_answers') }}

),

members as (

    select * from {{ ref('sales_members') }}

),

absences as (

    select * from {{ ref('sales_absences') }}

),

teams as (

    select * from {{ ref('sales_teams') }}

),

service_levels as (

    select * from {{ ref('service_levels') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

day_scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

grade_sets as (

    select * from {{ ref('grade_sets') }}

    where grade_set = 'main'

),

main_grades as (

    select * from {{ ref('int_lead_day_grades') }}

    where grade_set = 'main'

),

reason_texts as (

    select * from {{ ref('int_lead_reason_texts') }}

),

agreement as (

    select * from {{ ref('int_agreement') }}

),

rule_set as (

    select * from {{ ref('int_rule_set') }}

),

issued_counts as (

    select
        issued.lead_key,
        issued.handoff_stage,
        count(*) as issued_count

    from issued

    group by
        issued.lead_key,
        issued.handoff_stage

),

issued_turns as (

    select
        issued.team_id,
        max(issued.turn_number) as turn_number

    from issued

    group by issued.team_id

),

away as (

    select
        members.crm_owner_id,
        members.member_id,
        absences.absent_from,
        absences.absent_to

    from members

    inner join absences
        on members.member_id = absences.member_id

),

begun as (

    select
        chains.start_key,
        chains.previous_start_key,
        chains.crossing_key,
        chains.crossing_key as route_key

    from chains

    where not chains.is_fill_lane

    union all

    select
        'c/' || filled.crossing_key as start_key,
        chains.previous_start_key,
        filled.crossing_key,
        filled.episode_key as route_key

    from filled

    inner join chains
        on filled.episode_key = chains.crossing_key

),

-- A hand-off that joins another one has its owner; so has a request about what somebody works
-- already, unless that one is away.
linked as (

    select
        begun.start_key,
        crossings.*,
        routes.route_id,
        routes.team_id,
        routes.owner_id,
        routes.is_team_turn,
        coalesce(mains.is_joined, false) as is_joined,
        case
            when crossings.is_information then null
            when mains.is_joined then mains.main_start_key
            else coalesce(begun.previous_start_key, mains.main_start_key)
        end as linked_start_key,
        'h/' || crossings.handoff_stage || '/' || crossings.lead_key as lane_key

    from begun

    inner join crossings
        on begun.crossing_key = crossings.crossing_key

    left join routes
        on begun.route_key = routes.crossing_key

    left join mains
        on begun.start_key = mains.start_key

),

followed as (

    select
        linked.start_key,
        case
            when linked.is_joined then linked.linked_start_key
            when issued.owner_id is null and issued.handoff_id is not null then null
            when exists (
                select 1
                from away
                where
                    issued.owner_id = away.crm_owner_id
                    and linked.issued_date between away.absent_from and away.absent_to
            ) then null
            when
                issued.handoff_id is not null
                and not exists (
                    select 1
                    from members
                    where
                        issued.owner_id = members.crm_owner_id
                        and {{ is_in_force('members', 'linked.issued_date') }}
                )
                then null
            else linked.linked_start_key
        end as followed_start_key

    from linked

    left join issued
        on linked.linked_start_key = 'i/' || issued.handoff_id

),

numbered as (

    select
        linked.*,
        followed.followed_start_key,
        leads.lead_id,
        cast(
            coalesce(issued_counts.issued_count, 0) + row_number() over (
                partition by
                    linked.lead_key,
                    linked.handoff_stage
                order by
                    linked.issued_date,
                    linked.crossed_at,
                    linked.crossing_key
            ) as integer
        ) as crossing_number

    from linked

    inner join followed
        on linked.start_key = followed.start_key

    inner join leads
        on linked.lead_key = leads.lead_key

    left join issued_counts
        on
            linked.lead_key = issued_counts.lead_key
            and linked.handoff_stage = issued_counts.handoff_stage

),

named as (

    select
        numbered.*,
        numbered.lead_id || '/' || numbered.handoff_stage || '/' || numbered.crossing_number
            as handoff_id

    from numbered

),

-- The n-th hand-off of a team, over all its time.
turns as (

    select
        named.start_key,
        named.team_id,
        named.issued_date,
        cast(
            coalesce(issued_turns.turn_number, 0) + row_number() over (
                partition by named.team_id
                order by
                    named.issued_date,
                    named.crossed_at,
                    named.handoff_id
            ) as integer
        ) as turn_number

    from named

    left join issued_turns
        on named.team_id = issued_turns.team_id

    where
        named.is_team_turn
        and named.followed_start_key is null

),

turn_days as (

    select distinct
        turns.team_id,
        turns.issued_date

    from turns

),

rosters as (

    select
        turn_days.team_id,
        turn_days.issued_date,
        members.member_id,
        members.crm_owner_id,
        members.turn_weight,
        case
            when exists (
                select 1
                from absences
                where
                    members.member_id = absences.member_id
                    and turn_days.issued_date between absences.absent_from and absences.absent_to
            ) then true
            else false
        end as is_away

    from turn_days

    inner join members
        on
            turn_days.team_id = members.team_id
            and {{ is_in_force('members', 'turn_days.issued_date') }}

    where members.turn_weight > 0

),

-- Where everybody is away the lead waits with whose turn it would be.
present as (

    select
        rosters.*,
        bool_and(rosters.is_away) over (
            partition by rosters.team_id, rosters.issued_date
        ) as is_nobody_there

    from rosters

),

-- Members of one weight take turns among themselves, and the places of each weight are evenly
-- spread: with one or two weights in a team, any turns in a row are even to within one.
peers as (

    select
        present.*,
        row_number() over (
            partition by present.team_id, present.issued_date, present.turn_weight
            order by present.member_id
        ) as peer_rank,
        count(*) over (
            partition by present.team_id, present.issued_date, present.turn_weight
        ) as peer_count

    from present

    where
        not present.is_away
        or present.is_nobody_there

),

-- A member with weight 2 has two places.
places as (

    select
        peers.team_id,
        peers.issued_date,
        peers.crm_owner_id,
        row_number() over (
            partition by peers.team_id, peers.issued_date
            order by
                ((numbers.place - 1) * peers.peer_count + peers.peer_rank - 0.5)
                / (peers.peer_count * peers.turn_weight),
                peers.turn_weight desc,
                peers.member_id asc
        ) as place,
        count(*) over (partition by peers.team_id, peers.issued_date) as place_count

    from peers

    inner join generate_series(1, 100) as numbers (place)
        on peers.turn_weight >= numbers.place

),

taken_turns as (

    select
        turns.start_key,
        turns.turn_number,
        places.crm_owner_id

    from turns

    inner join places
        on
            turns.team_id = places.team_id
            and turns.issued_date = places.issued_date
            and (turns.turn_number - 1) % places.place_count + 1 = places.place

),

owned as (

    select
        'i/' || issued.handoff_id as start_key,
        issued.handoff_id,
        issued.owner_id,
        issued.team_id,
        issued.route_id

    from issued

    union all

    select
        named.start_key,
        named.handoff_id,
        case
            when named.is_team_turn then taken_turns.crm_owner_id
            else named.owner_id
        end as owner_id,
        named.team_id,
        named.route_id

    from named

    left join taken_turns
        on named.start_key = taken_turns.start_key

    where named.followed_start_key is null

    union all

    select
        named.start_key,
        named.handoff_id,
        owned.owner_id,
        owned.team_id,
        owned.route_id

    from owned

    inner join named
        on owned.start_key = named.followed_start_key

),

-- Who works the company already may be away by now: the next of the team takes it.
substitutes as (

    select
        named.start_key,
        members.crm_owner_id,
        row_number() over (
            partition by named.start_key
            order by
                case when members.member_id > away.member_id then 0 else 1 end,
                members.member_id
        ) as substitute_rank

    from named

    inner join owned
        on named.start_key = owned.start_key

    inner join away
        on
            owned.owner_id = away.crm_owner_id
            and named.issued_date between away.absent_from and away.absent_to

    inner join members
        on
            owned.team_id = members.team_id
            and {{ is_in_force('members', 'named.issued_date') }}
            and members.turn_weight > 0

    where
        named.followed_start_key is not null
        and not named.is_joined
        and not exists (
            select 1
            from absences
            where
                members.member_id = absences.member_id
                and named.issued_date between absences.absent_from and absences.absent_to
        )

),

requests as (
    {% for clock, hours in clocks.items() %}
    select
        owned.start_key || '|{{ clock }}' as request_key,
        coalesce(teams.calendar_id, '{{ var("business_calendar") }}') as calendar_id,
        named.crossed_at as from_at,
        cast(service_levels.{{ hours }} * 60 as bigint) as business_minutes

    from owned

    inner join named
        on owned.start_key = named.start_key

    inner join service_levels
        on named.service_level_id = service_levels.service_level_id

    left join teams
        on owned.team_id = teams.team_id

    where
        not named.is_information
        and not named.is_joined
        and service_levels.{{ hours }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

due as (

    {{ due_times('requests') | indent(4) }}

),

cycles as (

    select
        named.start_key,
        cast(count(distinct answers.occurred_date) + 1 as integer) as cycle_number

    from named

    left join answers
        on
            named.lead_key = answers.lead_key
            and answers.answer in ('returned', 'won', 'lost')
            and answers.is_new_win
            and named.crossed_date > answers.occurred_date

    group by named.start_key

),

new_handoffs as (

    select
        named.handoff_id,
        named.lead_id,
        named.company_id,
        coalesce(substitutes.crm_owner_id, owned.owner_id) as owner_id,
        owned.team_id,
        agreement.agreement_id,
        rule_set.rule_set_id,
        named.policy_id,
        named.service_level_id,
        owned.route_id,
        case when named.is_joined then main_owned.handoff_id end as joined_handoff_id,
        named.cause_rule_id,
        named.cause_event_id,
        named.handoff_stage,
        named.motion,
        case
            when named.is_information then 'information'
            when named.is_joined then 'joined'
            else 'handoff'
        end as handoff_kind,
        named.cause_type,
        named.cause_event_type,
        main_grades.grade,
        main_grades.route,
        reason_texts.reason_1_en,
        reason_texts.reason_1_ja,
        reason_texts.reason_2_en,
        reason_texts.reason_2_ja,
        reason_texts.reason_3_en,
        reason_texts.reason_3_ja,
        named.lead_key,
        cycles.cycle_number,
        named.crossing_number,
        taken_turns.turn_number,
        fit_scores.points as fit_score,
        engagement_scores.points as engagement_score,
        main_grades.priority,
        named.is_hand_raise,
        named.is_fill_only,
        named.crossed_date,
        named.issued_date,
        named.crossed_at,
        {%- for clock in clocks %}
        due_{{ clock }}.due_at as {{ clock }},
        {%- endfor %}
        named.start_key

    from named

    inner join owned
        on named.start_key = owned.start_key

    inner join cycles
        on named.start_key = cycles.start_key

    cross join agreement

    cross join rule_set

    cross join grade_sets

    left join substitutes
        on
            named.start_key = substitutes.start_key
            and substitutes.substitute_rank = 1

    left join owned as main_owned
        on named.followed_start_key = main_owned.start_key

    left join taken_turns
        on named.start_key = taken_turns.start_key

    left join main_grades
        on named.day_lead_key = main_grades.lead_key

    left join reason_texts
        on named.day_lead_key = reason_texts.lead_key

    left join day_scores as fit_scores
        on
            named.day_lead_key = fit_scores.lead_key
            and grade_sets.fit_score_id = fit_scores.score_id

    left join day_scores as engagement_scores
        on
            named.day_lead_key = engagement_scores.lead_key
            and grade_sets.engagement_score_id = engagement_scores.score_id
    {% for clock in clocks %}
    left join due as due_{{ clock }}
        on named.start_key || '|{{ clock }}' = due_{{ clock }}.request_key
    {% endfor %}
)

select * from new_handoffs
