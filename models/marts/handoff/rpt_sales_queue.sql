{%- set templates = [
    'time', 'attempt_due', 'attempt_late', 'verdict_due', 'verdict_late', 'no_due',
] -%}
{%- set order = [
    'placed.is_hand_raise desc',
    'case when placed.is_hand_raise then placed.first_attempt_at is not null end asc',
    'case when placed.is_hand_raise then placed.first_attempt_due_at end asc',
    'placed.is_fill_only asc',
    'placed.policy_order asc nulls last',
    'placed.present_priority asc nulls last',
    'placed.total_points desc',
    'placed.first_attempt_due_at asc',
    'placed.handoff_id asc',
] | join(', ') -%}
-- noqa: disable=LT02
with

handoffs as (

    select * from {{ ref('fct_handoffs') }}

),

handoff_events as (

    select * from {{ ref('fct_handoff_events') }}

),

handoff_stages as (

    select * from {{ ref('handoff_stages') }}

),

policies as (

    select * from {{ ref('handoff_policies') }}

),

next_steps as (

    select * from {{ ref('next_steps') }}

),

capacities as (

    select * from {{ ref('int_sales_capacities') }}

),

owners as (

    select * from {{ ref('int_owners') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

dim_leads as (

    select * from {{ ref('dim_leads') }}

),

exclusions as (

    select distinct lead_key

    from {{ ref('int_lead_exclusions') }}

    where stops_queue

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

ledger as (

    select * from {{ ref('fct_score_ledger') }}

    where rule_id is not null

),

warnings as (

    select * from {{ ref('int_lead_warnings') }}

),

words as (

    {{ template_texts(templates, 'queue_') | indent(4) }}

),

formats as (

    {{ template_texts(['date_format']) | indent(4) }}

),

-- Who holds it now: the last one to whom it was given.
holders as (

    select
        handoff_events.handoff_id,
        {{ last_known('handoff_events.owner_id', 'handoff_events.event_number') }} as owner_id

    from handoff_events

    where handoff_events.event_type = 'reassigned'

    group by handoff_events.handoff_id

),

-- Labels of a policy are those of its newest period.
newest_policies as (

    select
        policies.policy_id,
        policies.label_en,
        policies.label_ja,
        policies.sort_order,
        row_number() over (
            partition by policies.policy_id order by policies.valid_from desc nulls last
        ) as period_rank

    from policies

),

-- Of two stages that are open the later one is where the lead is worked.
open_handoffs as (

    select
        handoffs.*,
        leads.lead_key,
        coalesce(holders.owner_id, handoffs.owner_id) as holder_id,
        row_number() over (
            partition by handoffs.lead_id
            order by handoff_stages.sort_order desc, handoffs.crossed_at desc
        ) as stage_rank

    from handoffs

    inner join leads
        on handoffs.lead_id = leads.lead_id

    left join handoff_stages
        on handoffs.handoff_stage = handoff_stages.handoff_stage

    left join holders
        on handoffs.handoff_id = holders.handoff_id

    left join exclusions
        on leads.lead_key = exclusions.lead_key

    where
        handoffs.is_open
        and handoffs.handoff_kind = 'handoff'
        and exclusions.lead_key is null

),

-- What the lead has done since is newer than what was said when it crossed the line.
placed as (

    select
        open_handoffs.*,
        newest_policies.sort_order as policy_order,
        newest_policies.label_en as policy_en,
        newest_policies.label_ja as policy_ja,
        coalesce(scores.grade, open_handoffs.grade) as present_grade,
        coalesce(scores.priority, open_handoffs.priority) as present_priority,
        coalesce(scores.fit_score + scores.engagement_score, 0) as total_points,
        {%- for language in ['en', 'ja'] %}
        coalesce(scores.reason_2_{{ language }}, open_handoffs.reason_2_{{ language }})
            as why_now_{{ language }},
        coalesce(scores.reason_1_{{ language }}, open_handoffs.reason_1_{{ language }})
            as why_them_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}

    from open_handoffs

    left join newest_policies
        on
            open_handoffs.policy_id = newest_policies.policy_id
            and newest_policies.period_rank = 1

    left join scores
        on open_handoffs.lead_id = scores.lead_id

    where open_handoffs.stage_rank = 1

),

-- Whoever asked comes first, by due time; then the order of the policies, then the grade.
ordered as (

    select
        placed.*,
        capacities.owner_capacity,
        capacities.team_capacity,
        coalesce(capacities.is_absent, false) as is_owner_absent,
        cast(
            row_number() over (
                partition by placed.team_id, placed.holder_id order by {{ order }}
            ) as integer
        ) as queue_rank,
        row_number() over (partition by placed.team_id order by {{ order }}) as team_rank

    from placed

    left join capacities
        on
            {{ is_same_value('placed.holder_id', 'capacities.owner_id') }}
            and placed.team_id = capacities.team_id

),

-- The first proposal that fits a line of the lead's ledger, the cause or the grade.
fitting_steps as (

    select
        ledger.lead_id,
        next_steps.sort_order,
        next_steps.step_id

    from ledger

    inner join next_steps
        on ledger.rule_id = next_steps.rule_id

    group by
        ledger.lead_id,
        next_steps.sort_order,
        next_steps.step_id

    having sum(ledger.points) > 0

    union

    select
        ordered.lead_id,
        next_steps.sort_order,
        next_steps.step_id

    from ordered

    inner join next_steps
        on ordered.cause_rule_id = next_steps.rule_id

    union

    select
        ordered.lead_id,
        next_steps.sort_order,
        next_steps.step_id

    from ordered

    inner join next_steps
        on ordered.present_grade = next_steps.grade

),

ranked_steps as (

    select
        fitting_steps.lead_id,
        fitting_steps.step_id,
        row_number() over (
            partition by fitting_steps.lead_id
            order by fitting_steps.sort_order, fitting_steps.step_id
        ) as step_rank

    from fitting_steps

),

-- The first attempt is due until it was made, then the verdict.
due as (

    select
        ordered.*,
        case
            when ordered.first_attempt_at is null and ordered.first_attempt_due_at is not null
                then 'attempt'
            when ordered.verdict_due_at is not null then 'verdict'
            else 'nothing'
        end as due_kind,
        case
            when ordered.first_attempt_at is null and ordered.first_attempt_due_at is not null
                then ordered.first_attempt_due_at
            else ordered.verdict_due_at
        end as due_at,
        coalesce(
            case
                when ordered.first_attempt_at is null and ordered.first_attempt_due_at is not null
                    then ordered.is_attempt_late
                else ordered.is_verdict_late
            end,
            false
        ) as is_overdue

    from ordered

),

queue as (

    select
        due.lead_id,
        due.handoff_id,
        due.holder_id as owner_id,
        due.team_id,
        due.company_id,
        due.policy_id,
        due.service_level_id,
        due.handoff_stage,
        due.motion,
        due.present_grade as grade,
        owners.owner_name,
        {%- for language in ['en', 'ja'] %}
        {{ filled_text(
            "case due.due_kind when 'attempt' then "
            ~ 'case when due.is_overdue then words.attempt_late_' ~ language
            ~ ' else words.attempt_due_' ~ language ~ " end when 'verdict' then "
            ~ 'case when due.is_overdue then words.verdict_late_' ~ language
            ~ ' else words.verdict_due_' ~ language ~ ' end else words.no_due_' ~ language ~ ' end',
            {
                'policy': 'coalesce(due.policy_' ~ language ~ ', due.policy_id)',
                'time': "coalesce(" ~ filled_text(
                    'words.time_' ~ language,
                    {
                        'date': format_day(
                            business_day('due.due_at'), 'formats.date_format_' ~ language
                        ),
                        'time': wall_time('due.due_at'),
                    }
                ) ~ ", '')",
            }
        ) }} as urgency_{{ language }},
        {%- endfor %}
        dim_leads.company_name,
        leads.department,
        leads.job_title,
        case
            when {{ has_kanji_or_kana('concat(leads.last_name, leads.first_name)') }}
                then nullif(concat_ws(' ', leads.last_name, leads.first_name), '')
            else nullif(concat_ws(' ', leads.first_name, leads.last_name), '')
        end as person_name,
        leads.name_reading,
        leads.phone,
        leads.email,
        due.why_now_en,
        due.why_now_ja,
        due.why_them_en,
        due.why_them_ja,
        warnings.beware_en,
        warnings.beware_ja,
        next_steps.text_en as next_step_en,
        next_steps.text_ja as next_step_ja,
        due.queue_rank,
        due.owner_capacity,
        due.team_capacity,
        due.attempt_count,
        due.present_priority as priority,
        due.is_hand_raise,
        due.is_fill_only,
        due.is_overdue,
        not due.is_hand_raise
        and (
            coalesce(due.queue_rank > due.owner_capacity, false)
            or coalesce(due.team_rank > due.team_capacity, false)
        ) as is_over_capacity,
        due.is_owner_absent,
        due.verdict = 'nurture_requested' as is_support_requested,
        due.is_provisional,
        due.crossed_date,
        due.as_of_date,
        due.crossed_at,
        due.due_at,
        due.first_attempt_due_at,
        due.verdict_due_at,
        due.first_attempt_at,
        due.first_conversation_at

    from due

    cross join words

    cross join formats

    inner join leads
        on due.lead_id = leads.lead_id

    left join dim_leads
        on due.lead_id = dim_leads.lead_id

    left join owners
        on due.holder_id = owners.owner_id

    left join warnings
        on due.lead_key = warnings.lead_key

    left join ranked_steps
        on
            due.lead_id = ranked_steps.lead_id
            and ranked_steps.step_rank = 1

    left join next_steps
        on ranked_steps.step_id = next_steps.step_id

)

select * from queue
