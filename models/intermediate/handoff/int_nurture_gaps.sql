with

work_statuses as (

    select * from {{ ref('int_lead_work_statuses') }}

    where program_id is not null

),

lead_motions as (

    select * from {{ ref('int_lead_motions') }}

),

lead_scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

policies as (

    select policies.*

    from {{ ref('handoff_policies') }} as policies

    where {{ is_in_force('policies') }}

),

handoff_stages as (

    select * from {{ ref('handoff_stages') }}

),

handoffs as (

    select * from {{ ref('int_handoffs') }}

),

grade_sets as (

    select * from {{ ref('grade_sets') }}

    where grade_set = 'main'

),

grades as (

    select * from {{ ref('grades') }}

    where grade_set = 'main'

),

score_bands as (

    select * from {{ ref('score_bands') }}

),

score_groups as (

    select * from {{ ref('score_groups') }}

),

rules as (

    select * from {{ ref('int_rules') }}

    where is_current

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

    where is_current

),

event_types as (

    select * from {{ ref('event_types') }}

),

conditions as (

    select * from {{ ref('int_conditions') }}

    where
        owner_type = 'rule'
        and operator = 'is_unknown'

),

first_stages as (

    select min(handoff_stages.sort_order) as sort_order

    from handoff_stages

),

first_policies as (

    select policies.*

    from policies

    inner join handoff_stages
        on policies.handoff_stage = handoff_stages.handoff_stage

    inner join first_stages
        on handoff_stages.sort_order = first_stages.sort_order

),

entry_grades as (

    select
        first_policies.policy_id,
        first_policies.motion,
        {{ unnest_items(split_items('first_policies.enter_grades', '|')) }} as grade

    from first_policies

    where first_policies.enter_grades is not null

),

entry_points as (

    select
        first_policies.policy_id,
        first_policies.motion,
        {{ unnest_items(split_items('first_policies.enter_points', ',')) }} as item

    from first_policies

    where first_policies.enter_points is not null

),

-- What a line asks for, score by score; of several lines the nearest counts.
lines as (

    select
        entry_grades.policy_id || '/' || grades.fit_band || '/' || grades.engagement_band
            as line_id,
        entry_grades.motion,
        score_bands.score_id,
        coalesce(score_bands.min_points, 0) as min_points

    from entry_grades

    inner join grades
        on entry_grades.grade = grades.grade

    cross join grade_sets

    inner join score_bands
        on
            (
                grade_sets.fit_score_id = score_bands.score_id
                and grades.fit_band = score_bands.band
            )
            or (
                grade_sets.engagement_score_id = score_bands.score_id
                and grades.engagement_band = score_bands.band
            )

    union all

    select
        entry_points.policy_id as line_id,
        entry_points.motion,
        {{ trim_text(dbt.split_part('entry_points.item', "':'", 1)) }} as score_id,
        {{ parse_number(dbt.split_part('entry_points.item', "':'", 2)) }} as min_points

    from entry_points

),

request_rules as (

    select distinct
        {{ unnest_items(split_items('policies.enter_rules', '|')) }} as rule_id

    from policies

    where policies.enter_rules is not null

),

return_counts as (

    select
        handoffs.lead_id,
        count(*) as return_count

    from handoffs

    where handoffs.status = 'returned'

    group by handoffs.lead_id

),

-- Whoever was returned so many times comes back only by asking.
subjects as (

    select
        work_statuses.lead_key,
        work_statuses.lead_id,
        lead_motions.motion

    from work_statuses

    left join lead_motions
        on work_statuses.lead_key = lead_motions.lead_key

    left join return_counts
        on work_statuses.lead_id = return_counts.lead_id

    where
        {{ handoff_setting('returns_until_request_only') }} = 0
        or coalesce(return_counts.return_count, 0)
        < {{ handoff_setting('returns_until_request_only') }}

),

missing as (

    select
        subjects.lead_key,
        lines.line_id,
        sum(
            case
                when lines.score_id = grade_sets.engagement_score_id
                    then greatest(lines.min_points - coalesce(lead_scores.points, 0), 0)
                else 0
            end
        ) as engagement_gap,
        sum(
            case
                when lines.score_id <> grade_sets.engagement_score_id
                    then greatest(lines.min_points - coalesce(lead_scores.points, 0), 0)
                else 0
            end
        ) as fit_gap

    from subjects

    inner join lines
        on
            lines.motion is null
            or subjects.motion = lines.motion

    cross join grade_sets

    left join lead_scores
        on
            subjects.lead_key = lead_scores.lead_key
            and lines.score_id = lead_scores.score_id

    group by
        subjects.lead_key,
        lines.line_id

),

-- What events can supply is nearer than what the company is.
nearest as (

    select
        missing.lead_key,
        cast(ceil(missing.engagement_gap) as integer) as engagement_gap,
        cast(ceil(missing.fit_gap) as integer) as fit_gap,
        row_number() over (
            partition by missing.lead_key
            order by missing.fit_gap, missing.engagement_gap, missing.line_id
        ) as line_rank

    from missing

),

-- What marketing can invite to: no request, and nothing that sales does.
inviting_rules as (

    select
        rules.rule_key,
        rules.rule_id,
        rules.score_id,
        rules.group_id,
        rules.points,
        rules.counted_limit

    from rules

    cross join grade_sets

    inner join event_types
        on rules.event_type = event_types.event_type

    where
        rules.score_id = grade_sets.engagement_score_id
        and rules.applies_to = 'event'
        and rules.points > 0
        and rules.min_count = 1
        and event_types.is_activity
        and not coalesce(event_types.is_hand_raise, false)
        and not coalesce(event_types.is_sales_touch, false)
        and rules.rule_id not in (select request_rules.rule_id from request_rules)

),

group_sums as (

    select
        rule_points.lead_key,
        rules.score_id,
        rules.group_id,
        sum(rule_points.decayed_points) as points

    from rule_points

    inner join rules
        on rule_points.rule_key = rules.rule_key

    inner join nearest
        on
            rule_points.lead_key = nearest.lead_key
            and nearest.line_rank = 1

    group by
        rule_points.lead_key,
        rules.score_id,
        rules.group_id

),

-- One more event counts in full while the rule has room; else it renews what has faded.
gains as (

    select
        nearest.lead_key,
        nearest.engagement_gap,
        inviting_rules.rule_id,
        inviting_rules.points,
        least(
            case
                when
                    rule_points.rule_key is null
                    or inviting_rules.counted_limit is null
                    or rule_points.occurrences < inviting_rules.counted_limit
                    then inviting_rules.points
                else
                    inviting_rules.points
                    - rule_points.decayed_points / greatest(rule_points.occurrences, 1)
            end,
            case
                when score_groups.max_points is null then inviting_rules.points
                else greatest(score_groups.max_points - coalesce(group_sums.points, 0), 0)
            end
        ) as gain

    from nearest

    cross join inviting_rules

    left join rule_points
        on
            nearest.lead_key = rule_points.lead_key
            and inviting_rules.rule_key = rule_points.rule_key

    left join group_sums
        on
            nearest.lead_key = group_sums.lead_key
            and inviting_rules.score_id = group_sums.score_id
            and inviting_rules.group_id = group_sums.group_id

    left join score_groups
        on
            inviting_rules.score_id = score_groups.score_id
            and inviting_rules.group_id = score_groups.group_id

    where
        nearest.line_rank = 1
        and nearest.fit_gap = 0
        and nearest.engagement_gap > 0

),

-- The least that is enough, else the most that there is.
ranked_gains as (

    select
        gains.*,
        row_number() over (
            partition by gains.lead_key
            order by
                gains.gain >= gains.engagement_gap desc,
                case when gains.gain >= gains.engagement_gap then gains.gain end asc,
                gains.gain desc,
                gains.rule_id asc
        ) as gain_rank

    from gains

    where gains.gain > 0

),

-- A score that is low because something is not known.
unknown_fields as (

    select
        rule_points.lead_key,
        min(conditions.field) as field

    from rule_points

    inner join rules
        on rule_points.rule_key = rules.rule_key

    inner join conditions
        on rules.rule_id = conditions.owner_id

    inner join nearest
        on
            rule_points.lead_key = nearest.lead_key
            and nearest.line_rank = 1
            and nearest.fit_gap > 0

    group by rule_points.lead_key

),

nurture_gaps as (

    select
        work_statuses.lead_id,
        case
            when nearest.lead_key is null then 'request'
            when nearest.fit_gap > 0 and unknown_fields.field is not null then 'unknown'
            when nearest.fit_gap > 0 then 'fit'
            when nearest.engagement_gap = 0 then 'none'
            when ranked_gains.gain >= nearest.engagement_gap then 'rule'
            when ranked_gains.rule_id is not null then 'rules'
            else 'points'
        end as gap_kind,
        ranked_gains.rule_id,
        unknown_fields.field as unknown_field,
        work_statuses.lead_key,
        case when nearest.fit_gap > 0 then nearest.fit_gap else nearest.engagement_gap end
            as gap_points,
        cast(floor(ranked_gains.gain) as integer) as gain_points

    from work_statuses

    left join nearest
        on
            work_statuses.lead_key = nearest.lead_key
            and nearest.line_rank = 1

    left join ranked_gains
        on
            work_statuses.lead_key = ranked_gains.lead_key
            and ranked_gains.gain_rank = 1

    left join unknown_fields
        on work_statuses.lead_key = unknown_fields.lead_key

)

select * from nurture_gaps
