with

candidates as (

    select * from {{ ref('int_handoff_candidates') }}

),

policies as (

    select * from {{ ref('int_handoff_policies') }}

),

candidate_values as (

    select * from {{ ref('int_handoff_values') }}

),

requests as (

    select * from {{ ref('int_handoff_requests') }}

),

answers as (

    select * from {{ ref('int_handoff_answers') }}

),

handoff_stages as (

    select * from {{ ref('handoff_stages') }}

),

lead_alternatives as (

    select * from {{ ref('int_lead_alternatives') }}

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

    where owner_type = 'rule'

),

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

grade_sets as (

    select * from {{ ref('grade_sets') }}

    where grade_set = 'main'

),

person_filter_days as (

    select * from {{ ref('int_person_filter_days') }}

),

event_tallies as (

    select * from {{ ref('int_event_tallies') }}

),

lead_rule_variants as (

    select * from {{ ref('int_lead_rule_variants') }}

),

multi_valued_fields as (

    select lower(attribute) as field

    from {{ ref('attributes') }}

    where is_multi_valued

),

prefecture_names as (

    select * from {{ ref('int_prefecture_names') }}

),

prefectures as (

    select * from {{ ref('prefectures') }}

),

conditions as (

    {{ agreement_conditions(ref('policy_conditions'), 'policy_id') | indent(4) }}

),

subject_values as (

    select
        candidate_values.day_lead_key as subject_key,
        candidate_values.field,
        candidate_values.field_value,
        candidate_values.as_of_date

    from candidate_values

    where candidate_values.field in (select conditions.field from conditions)

),

{{ met_owners() }},

-- `company_name,email|phone`: of each part one field is enough.
required_parts as (

    select
        policies.policy_key,
        {{ unnest_items(split_items('lower(policies.required_fields)', ',')) }} as part

    from policies

    where policies.required_fields is not null

),

required_fields as (

    select
        required_parts.policy_key,
        required_parts.part,
        {{ unnest_items(split_items('required_parts.part', '|')) }} as field

    from required_parts

),

needed_counts as (

    select
        required_parts.policy_key,
        count(distinct required_parts.part) as part_count

    from required_parts

    group by required_parts.policy_key

),

known_counts as (

    select
        candidate_values.day_lead_key,
        required_fields.policy_key,
        count(distinct required_fields.part) as part_count

    from candidate_values

    inner join required_fields
        on candidate_values.field = required_fields.field

    where candidate_values.field_value is not null

    group by
        candidate_values.day_lead_key,
        required_fields.policy_key

),

blocking_rules as (

    select distinct
        policies.policy_key,
        rules.rule_key,
        alternatives.alternative_key,
        rules.valid_from,
        rules.valid_to

    from policies

    inner join rules
        on {{ is_listed('rules.rule_id', 'policies.blocked_by_rules') }}

    left join alternatives
        on
            rules.rule_id = alternatives.owner_id
            and rules.applies_to = 'lead'

),

blocked as (

    select
        candidates.day_lead_key,
        candidates.policy_key

    from candidates

    inner join blocking_rules
        on
            candidates.policy_key = blocking_rules.policy_key
            and {{ is_in_force('blocking_rules', 'candidates.issued_date') }}

    inner join lead_alternatives
        on
            candidates.day_lead_key = lead_alternatives.lead_key
            and blocking_rules.alternative_key = lead_alternatives.alternative_key

    union

    select
        candidates.day_lead_key,
        candidates.policy_key

    from candidates

    inner join blocking_rules
        on
            candidates.policy_key = blocking_rules.policy_key
            and blocking_rules.alternative_key is null

    inner join rule_points
        on
            candidates.day_lead_key = rule_points.lead_key
            and blocking_rules.rule_key = rule_points.rule_key

),

-- What ended a talk at the stage without a meeting or deal, and how many times the lead came back.
returns as (

    select
        answers.lead_key,
        handoff_stages.handoff_stage,
        answers.occurred_at as returned_at,
        min(answers.occurred_date) as returned_date,
        max(answers.cool_down_days) as reason_cool_down_days,
        bool_or(answers.answer = 'disqualified') as is_disqualified,
        sum(max(case when answers.answer = 'returned' then 1 else 0 end)) over (
            partition by answers.lead_key, handoff_stages.handoff_stage
            order by answers.occurred_at
        ) as return_count

    from answers

    inner join handoff_stages
        on
            coalesce(answers.handoff_stage, handoff_stages.handoff_stage)
            = handoff_stages.handoff_stage

    where
        answers.answer in ('returned', 'disqualified', 'lost', 'won')
        and answers.is_new_win

    group by
        answers.lead_key,
        handoff_stages.handoff_stage,
        answers.occurred_at

),

-- Scores are those of the end of the day.
dated_candidates as (

    select
        candidates.*,
        policies.policy_id,
        policies.handoff_stage,
        coalesce(
            candidates.caused_at,
            {{ start_of_day(dbt.dateadd('day', 1, 'candidates.issued_date')) }}
        ) as judged_at

    from candidates

    inner join policies
        on candidates.policy_key = policies.policy_key

),

with_returns as (

    select
        dated_candidates.*,
        returns.returned_at,
        returns.returned_date,
        coalesce(returns.reason_cool_down_days, 0) as reason_cool_down_days,
        coalesce(returns.is_disqualified, false) as is_disqualified,
        coalesce(returns.return_count, 0) as return_count

    from dated_candidates

    asof left join returns
        on
            dated_candidates.lead_key = returns.lead_key
            and dated_candidates.handoff_stage = returns.handoff_stage
            and dated_candidates.judged_at > returns.returned_at

),

bypassed as (

    select distinct
        with_returns.day_lead_key,
        with_returns.policy_key,
        with_returns.judged_at

    from with_returns

    inner join policies
        on with_returns.policy_key = policies.policy_key

    inner join requests
        on
            with_returns.lead_key = requests.lead_key
            and with_returns.returned_at < requests.occurred_at
            and with_returns.judged_at > requests.occurred_at
            and {{ is_listed('requests.rule_id', 'policies.bypass_rules') }}

),

-- Points that events after the return earned, undecayed; what was there before counts for nothing.
waiting as (

    select distinct
        with_returns.lead_key,
        with_returns.day_lead_key,
        with_returns.returned_date,
        with_returns.issued_date,
        {{ day_count('with_returns.returned_date') }} as returned_day,
        {{ day_count('with_returns.issued_date') }} as issued_day

    from with_returns

    inner join policies
        on with_returns.policy_key = policies.policy_key

    where
        with_returns.returned_date is not null
        and policies.min_new_points > 0

),

filter_days as (

    select
        waiting.*,
        person_filter_days.filter_key,
        person_filter_days.event_days

    from waiting

    inner join person_filter_days
        on waiting.lead_key = person_filter_days.person_key

    where person_filter_days.event_days is not null

),

tallies as (

    select
        filter_days.*,
        event_tallies.rule_key,
        event_tallies.alternative_keys

    from filter_days

    inner join event_tallies
        on
            filter_days.filter_key = event_tallies.filter_key
            and {{ is_in_force('event_tallies', 'filter_days.issued_date') }}

    where event_tallies.alternative_keys is null

    union all

    select
        filter_days.*,
        event_tallies.rule_key,
        event_tallies.alternative_keys

    from filter_days

    inner join event_tallies
        on
            filter_days.filter_key = event_tallies.filter_key
            and {{ is_in_force('event_tallies', 'filter_days.issued_date') }}

    inner join lead_rule_variants
        on
            filter_days.day_lead_key = lead_rule_variants.lead_key
            and event_tallies.rule_key = lead_rule_variants.rule_key
            and event_tallies.alternative_keys = lead_rule_variants.alternative_keys

),

earned as (

    select
        tallies.day_lead_key,
        tallies.returned_date,
        rules.points,
        rules.counted_limit,
        {{ count_after('tallies.event_days', 'tallies.returned_day') }}
        - {{ count_after('tallies.event_days', 'tallies.issued_day') }} as new_count,
        rules.min_count

    from tallies

    inner join rules
        on tallies.rule_key = rules.rule_key

    cross join grade_sets

    where
        rules.score_id = grade_sets.engagement_score_id
        and rules.points > 0

),

new_points as (

    select
        earned.day_lead_key,
        earned.returned_date,
        sum(
            earned.points
            * least(earned.new_count, coalesce(earned.counted_limit, earned.new_count))
        ) as points

    from earned

    where earned.new_count >= greatest(earned.min_count, 1)

    group by
        earned.day_lead_key,
        earned.returned_date

),

judged as (

    select
        with_returns.*,
        policies.cool_down_days,
        policies.min_new_points,
        bypassed.policy_key is not null
        or coalesce({{ is_listed('with_returns.cause_rule_id', 'policies.bypass_rules') }}, false)
            as is_bypassed,
        coalesce(new_points.points, 0) as new_points,
        with_returns.cause_type in ('grade', 'points') as is_by_score

    from with_returns

    inner join policies
        on with_returns.policy_key = policies.policy_key

    left join needed_counts
        on with_returns.policy_key = needed_counts.policy_key

    left join known_counts
        on
            with_returns.policy_key = known_counts.policy_key
            and with_returns.day_lead_key = known_counts.day_lead_key

    left join blocked
        on
            with_returns.policy_key = blocked.policy_key
            and with_returns.day_lead_key = blocked.day_lead_key

    left join met_owners
        on
            with_returns.policy_id = met_owners.owner_id
            and with_returns.day_lead_key = met_owners.subject_key

    left join bypassed
        on
            with_returns.policy_key = bypassed.policy_key
            and with_returns.day_lead_key = bypassed.day_lead_key
            and with_returns.judged_at = bypassed.judged_at

    left join new_points
        on
            with_returns.day_lead_key = new_points.day_lead_key
            and with_returns.returned_date = new_points.returned_date

    where
        coalesce(known_counts.part_count, 0) >= coalesce(needed_counts.part_count, 0)
        and blocked.policy_key is null
        and (
            met_owners.owner_id is not null
            or with_returns.policy_id not in (select conditions.owner_id from conditions)
        )

),

ready as (

    select
        judged.cause_type,
        judged.cause_rule_id,
        judged.cause_event_id,
        judged.cause_event_type,
        judged.motion,
        judged.lead_key,
        judged.day_lead_key,
        judged.policy_key,
        judged.since_date,
        judged.issued_date,
        judged.returned_date,
        judged.caused_at,
        judged.returned_at

    from judged

    where
        judged.returned_at is null
        or (
            (
                judged.cause_type = 'event'
                or (
                    not judged.is_disqualified
                    and (
                        {{ handoff_setting('returns_until_request_only') }} = 0
                        or judged.return_count
                        < {{ handoff_setting('returns_until_request_only') }}
                    )
                )
            )
            and (
                judged.is_bypassed
                or (
                    {{ dbt.datediff(
                        'judged.returned_date',
                        'case when judged.is_by_score then judged.issued_date '
                        ~ 'else judged.since_date end',
                        'day'
                    ) }} >= greatest(
                        judged.cool_down_days,
                        case when judged.is_by_score then judged.reason_cool_down_days else 0 end
                    )
                    and judged.new_points >= judged.min_new_points
                )
            )
        )

)

select * from ready
