with

crossings as (  -- noqa: ST03

    select distinct day_lead_key

    from {{ ref('int_handoff_crossings') }}

),

-- Of the day of the build for everybody, of past days for who crossed a line on them.
rule_points as (

    select rule_points_of_days.*

    from {{ ref('int_rule_points') }} as rule_points_of_days

    where rule_points_of_days.is_current
    {%- if history_days() %}

    union all

    select rule_points_of_days.*

    from {{ ref('int_rule_points') }} as rule_points_of_days

    inner join crossings
        on rule_points_of_days.lead_key = crossings.day_lead_key

    where not rule_points_of_days.is_current
    {%- endif %}

),

rules as (

    select * from {{ ref('int_rules') }}

),

grade_sets as (

    select * from {{ ref('grade_sets') }}

    where grade_set = 'main'

),

conditions as (

    select * from {{ ref('int_conditions') }}

),

reason_settings as (

    select * from {{ ref('reason_settings') }}

    where setting_id = 'strong_share'

),

-- What is not known yet gives neutral points; it is no reason to call.
neutral_rules as (

    select distinct conditions.owner_id as rule_id

    from conditions

    where
        conditions.owner_type = 'rule'
        and conditions.operator = 'is_unknown'

),

valued as (

    select
        rule_points.lead_key,
        rule_points.rule_key,
        rules.score_id = grade_sets.fit_score_id and neutral_rules.rule_id is null as is_fit,
        rules.score_id = grade_sets.engagement_score_id as is_engagement,
        rule_points.decayed_points,
        rule_points.last_event_date

    from rule_points

    inner join rules
        on rule_points.rule_key = rules.rule_key

    cross join grade_sets

    left join neutral_rules
        on rules.rule_id = neutral_rules.rule_id

    where
        rules.score_id in (grade_sets.fit_score_id, grade_sets.engagement_score_id)
        and rule_points.decayed_points <> 0

),

-- Points in cents and the rule in one number each: the greatest number is the strongest rule, the
-- first rule key deciding ties, without sorting the whole table.
strongest as (

    select
        valued.lead_key,
        max(
            case
                when valued.is_fit and valued.decayed_points > 0
                    then {{ pack_points('valued.decayed_points', 'valued.rule_key') }}
            end
        ) as fit_pack,
        max(
            case
                when valued.is_engagement and valued.decayed_points > 0
                    then valued.decayed_points
            end
        ) as best_engagement_points,
        max(
            case
                when valued.decayed_points < 0
                    then {{ pack_points('-valued.decayed_points', 'valued.rule_key') }}
            end
        ) as warning_pack

    from valued

    group by valued.lead_key

),

-- Newest of the strong ones; a reason without a day comes last.
engaged as (

    select
        valued.lead_key,
        valued.rule_key,
        row_number() over (
            partition by valued.lead_key
            order by
                valued.last_event_date desc nulls last,
                valued.decayed_points desc,
                valued.rule_key asc
        ) as reason_rank

    from valued

    inner join strongest
        on valued.lead_key = strongest.lead_key

    cross join reason_settings

    where
        valued.is_engagement
        and valued.decayed_points > 0
        and valued.decayed_points
        >= strongest.best_engagement_points * cast(reason_settings.setting_value as decimal(9, 4))

),

chosen as (

    select
        strongest.lead_key,
        1 as reason_number,
        {{ unpack_rule_key('strongest.fit_pack') }} as rule_key

    from strongest

    where strongest.fit_pack is not null

    union all

    select
        engaged.lead_key,
        2 as reason_number,
        engaged.rule_key

    from engaged

    where engaged.reason_rank = 1

    union all

    select
        strongest.lead_key,
        3 as reason_number,
        {{ unpack_rule_key('strongest.warning_pack') }} as rule_key

    from strongest

    where strongest.warning_pack is not null

)

select * from chosen
