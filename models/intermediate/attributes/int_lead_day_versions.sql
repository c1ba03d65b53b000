{{ config(materialized='table' if history_days() else 'view') }}
with

versions as (

    select
        version_key,
        person_key,
        current_lead_key,
        created_date,
        from_date,
        until_date

    from {{ ref('int_lead_versions') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

),
{% if history_days() %}
people as (

    select max(versions.person_key) as person_count

    from versions

),

-- A past day has as many numbers as there are people on any day, so that a key tells the person and
-- the day, and nothing needs to be sorted for it.
numbered as (

    select
        versions.person_key,
        versions.current_lead_key,
        versions.version_key,
        scored_days.day_number * people.person_count + versions.person_key as past_key,
        case
            when
                versions.created_date is null
                or versions.created_date <= scored_days.previous_date
                then (scored_days.day_number - 1) * people.person_count + versions.person_key
        end as previous_key,
        scored_days.is_current,
        scored_days.as_of_date,
        scored_days.previous_date

    from versions

    cross join people

    inner join scored_days
        on
            (versions.from_date is null or scored_days.as_of_date >= versions.from_date)
            and (versions.until_date is null or scored_days.as_of_date < versions.until_date)
            and (
                versions.created_date is null
                or scored_days.as_of_date >= versions.created_date
            )

),

-- The rows of D bear the keys of the leads.
lead_day_versions as (

    select
        cast(
            case when numbered.is_current then numbered.person_key else numbered.past_key end
            as integer
        ) as lead_key,
        numbered.person_key,
        numbered.current_lead_key,
        numbered.version_key,
        cast(
            case when numbered.previous_date is not null then numbered.previous_key end as integer
        ) as previous_lead_key,
        numbered.is_current,
        numbered.as_of_date

    from numbered

)
{% else %}
lead_day_versions as (

    select
        versions.version_key as lead_key,
        versions.person_key,
        versions.current_lead_key,
        versions.version_key,
        cast(null as integer) as previous_lead_key,
        scored_days.is_current,
        scored_days.as_of_date

    from versions

    cross join scored_days

)
{% endif %}
select * from lead_day_versions
