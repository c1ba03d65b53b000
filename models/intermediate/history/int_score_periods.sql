with

steps as (

    select * from {{ ref('int_score_steps') }}

),

scored_days as (

    select * from {{ ref('int_history_days') }}

),

scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

main_grades as (

    select * from {{ ref('int_lead_day_grades') }}

    where grade_set = 'main'

),

published_scores as (

    select * from {{ ref('int_published_scores') }}

),

published_lead_days as (

    select * from {{ ref('int_published_lead_days') }}

),

rule_set as (

    select * from {{ ref('int_rule_set') }}

),

-- Other bands or grades change rows although no point moves.
regraded as (

    select
        fit_scores.lead_id,
        fit_scores.lead_key,
        fit_scores.as_of_date

    from scored_days

    inner join published_lead_days
        on scored_days.previous_date = published_lead_days.as_of_date

    inner join scores as fit_scores
        on
            scored_days.as_of_date = fit_scores.as_of_date
            and published_lead_days.lead_id = fit_scores.lead_id
            and fit_scores.score_id = 'fit'

    inner join {{ ref('int_lead_day_scores') }} as engagement_scores
        on
            fit_scores.lead_key = engagement_scores.lead_key
            and engagement_scores.score_id = 'engagement'

    left join main_grades
        on fit_scores.lead_key = main_grades.lead_key

    where
        not scored_days.is_recorded
        and not (
            {{ is_same_value('published_lead_days.fit_band', 'fit_scores.band') }}
            and {{ is_same_value('published_lead_days.engagement_band', 'engagement_scores.band') }}
            and {{ is_same_value('published_lead_days.grade', 'main_grades.grade') }}
            and {{ is_same_value('published_lead_days.temperature', 'main_grades.temperature') }}
            and {{ is_same_value('published_lead_days.route', 'main_grades.route') }}
            and {{ is_same_value('published_lead_days.priority', 'main_grades.priority') }}
        )

),

stepped as (

    select
        steps.lead_id,
        max(steps.lead_key) as lead_key,
        sum(case when steps.score_id = 'fit' and steps.points_after is null then 1 else 0 end) = 0
            as is_scored,
        scored_days.is_recorded,
        steps.as_of_date

    from steps

    inner join scored_days
        on steps.as_of_date = scored_days.as_of_date

    group by
        steps.lead_id,
        scored_days.is_recorded,
        steps.as_of_date

),

changed as (

    select
        stepped.lead_id,
        stepped.lead_key,
        stepped.as_of_date

    from stepped

    where
        stepped.is_scored
        and not stepped.is_recorded

    union

    select
        regraded.lead_id,
        regraded.lead_key,
        regraded.as_of_date

    from regraded

),

other_scores as (

    select
        scores.lead_key,
        '{' || {{ dbt.listagg(
            json_member('scores.score_id', 'scores.points'), "','", 'order by scores.score_id'
        ) }} || '}' as other_scores

    from changed

    inner join scores
        on changed.lead_key = scores.lead_key

    where scores.score_id not in ('fit', 'engagement')

    group by scores.lead_key

),

begun as (

    select
        changed.lead_id,
        fit_scores.band as fit_band,
        engagement_scores.band as engagement_band,
        main_grades.grade,
        main_grades.temperature,
        main_grades.route,
        other_scores.other_scores,
        fit_scores.points as fit_score,
        engagement_scores.points as engagement_score,
        main_grades.priority,
        true as is_scored,
        changed.as_of_date

    from changed

    inner join scores as fit_scores
        on
            changed.lead_key = fit_scores.lead_key
            and fit_scores.score_id = 'fit'

    inner join {{ ref('int_lead_day_scores') }} as engagement_scores
        on
            changed.lead_key = engagement_scores.lead_key
            and engagement_scores.score_id = 'engagement'

    left join main_grades
        on changed.lead_key = main_grades.lead_key

    left join other_scores
        on changed.lead_key = other_scores.lead_key

),

-- Excluded, merged away or gone: no scores from that day on.
ended as (

    select
        stepped.lead_id,
        cast(null as {{ dbt.type_string() }}) as fit_band,
        cast(null as {{ dbt.type_string() }}) as engagement_band,
        cast(null as {{ dbt.type_string() }}) as grade,
        cast(null as {{ dbt.type_string() }}) as temperature,
        cast(null as {{ dbt.type_string() }}) as route,
        cast(null as {{ dbt.type_string() }}) as other_scores,
        cast(null as decimal(12, 2)) as fit_score,
        cast(null as decimal(12, 2)) as engagement_score,
        cast(null as integer) as priority,
        false as is_scored,
        stepped.as_of_date

    from stepped

    where not stepped.is_scored

),

-- What was published on a day that follows one filled in later is said again there.
confirmed as (

    select
        published_lead_days.lead_id,
        published_lead_days.fit_band,
        published_lead_days.engagement_band,
        published_lead_days.grade,
        published_lead_days.temperature,
        published_lead_days.route,
        published_lead_days.other_scores,
        published_lead_days.fit_score,
        published_lead_days.engagement_score,
        published_lead_days.priority,
        true as is_scored,
        published_lead_days.as_of_date

    from stepped

    inner join published_lead_days
        on
            stepped.lead_id = published_lead_days.lead_id
            and stepped.as_of_date = published_lead_days.as_of_date

    where
        stepped.is_scored
        and stepped.is_recorded

),

rows_of_the_build as (

    select * from begun

    union all

    select * from ended

    union all

    select * from confirmed

),

score_periods as (

    select
        rows_of_the_build.lead_id,
        rows_of_the_build.fit_band,
        rows_of_the_build.engagement_band,
        rows_of_the_build.grade,
        rows_of_the_build.temperature,
        rows_of_the_build.route,
        rule_set.rule_set_id,
        case when scored_days.is_current then 'published' else 'back_filled' end as origin,
        rows_of_the_build.other_scores,
        rows_of_the_build.fit_score,
        rows_of_the_build.engagement_score,
        rows_of_the_build.priority,
        rows_of_the_build.is_scored,
        rows_of_the_build.as_of_date as valid_from

    from rows_of_the_build

    inner join scored_days
        on rows_of_the_build.as_of_date = scored_days.as_of_date

    cross join rule_set

    where not exists (
        select 1
        from published_scores
        where
            rows_of_the_build.lead_id = published_scores.lead_id
            and rows_of_the_build.as_of_date = published_scores.valid_from
    )

)

select * from score_periods
