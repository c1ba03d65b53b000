with

score_values as (

    select * from {{ ref('fct_lead_score_values') }}

),

grade_sets as (

    select * from {{ ref('grade_sets') }}

),

grades as (

    select * from {{ ref('grades') }}

),

graded as (

    select
        fit_values.lead_id,
        grade_sets.grade_set,
        grades.grade,
        grades.temperature,
        grades.route,
        fit_values.rule_set_id,
        cast(grades.priority as integer) as priority,
        fit_values.is_provisional,
        fit_values.as_of_date,
        fit_values.data_through

    from grade_sets

    inner join score_values as fit_values
        on grade_sets.fit_score_id = fit_values.score_id

    inner join score_values as engagement_values
        on
            grade_sets.engagement_score_id = engagement_values.score_id
            and fit_values.lead_id = engagement_values.lead_id

    left join grades
        on
            grade_sets.grade_set = grades.grade_set
            and fit_values.band = grades.fit_band
            and engagement_values.band = grades.engagement_band

)

select * from graded
