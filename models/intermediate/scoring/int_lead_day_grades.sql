with

scores as (

    select * from {{ ref('int_lead_day_scores') }}

),

grade_sets as (

    select * from {{ ref('grade_sets') }}

),

grades as (

    select * from {{ ref('grades') }}

),

graded as (

    select
        fit_scores.lead_key,
        fit_scores.lead_id,
        grade_sets.grade_set,
        fit_scores.band as fit_band,
        engagement_scores.band as engagement_band,
        grades.grade,
        grades.temperature,
        grades.route,
        cast(grades.priority as integer) as priority,
        fit_scores.as_of_date

    from grade_sets

    inner join scores as fit_scores
        on grade_sets.fit_score_id = fit_scores.score_id

    inner join scores as engagement_scores
        on
            grade_sets.engagement_score_id = engagement_scores.score_id
            and fit_scores.lead_key = engagement_scores.lead_key

    left join grades
        on
            grade_sets.grade_set = grades.grade_set
            and fit_scores.band = grades.fit_band
            and engagement_scores.band = grades.engagement_band

)

select * from graded
