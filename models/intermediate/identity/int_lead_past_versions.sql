{%- set columns = lead_value_columns() -%}
{%- set days = history_days() -%}
with

record_leads as (

    select * from {{ ref('int_record_leads') }}

    where record_key is not null

),

former_leads as (

    select * from {{ ref('int_former_leads') }}

),

source_records as (

    select * from {{ ref('int_lead_source_records') }}

),

record_versions as (

    select * from {{ ref('int_lead_record_versions') }}

),

boolean_words as (  -- noqa: ST03

    select * from {{ ref('boolean_words') }}

),

scored_days as (

    select * from {{ ref('int_scored_days') }}

    where not is_current

),

people as (

    select coalesce(max(record_leads.lead_key), 0) as person_count

    from record_leads

),

-- Whose values differ on some past day: a record of theirs was changed since, or has joined since.
changed_people as (

    select record_leads.lead_key as person_key

    from record_leads

    where {{ "record_leads.joined_date > cast('" ~ days[0] ~ "' as date)" if days else 'false' }}

    union

    select record_leads.lead_key as person_key

    from record_leads

    inner join record_versions
        on record_leads.record_key = record_versions.record_key

),

person_records as (

    select
        record_leads.lead_key as person_key,
        record_leads.record_key,
        record_leads.is_lead_record,
        record_leads.joined_date,
        cast(null as date) as until_date

    from record_leads

    inner join changed_people
        on record_leads.lead_key = changed_people.person_key

    union all

    select
        former_leads.person_key,
        former_leads.record_key,
        true as is_lead_record,
        cast(null as date) as joined_date,
        former_leads.until_date

    from former_leads

),

-- Each record is what its versions say of past days, and after them what it is.
states as (

    select
        person_records.person_key,
        person_records.record_key,
        record_versions.from_date,
        record_versions.until_date

    from person_records

    inner join record_versions
        on person_records.record_key = record_versions.record_key

    union all

    select
        person_records.person_key,
        person_records.record_key,
        max(record_versions.until_date) as from_date,
        cast(null as date) as until_date

    from person_records

    left join record_versions
        on person_records.record_key = record_versions.record_key

    group by
        person_records.person_key,
        person_records.record_key

),

turns as (

    select
        states.person_key,
        states.from_date

    from states

    union

    select
        person_records.person_key,
        person_records.joined_date as from_date

    from person_records

    union

    select
        person_records.person_key,
        cast(null as date) as from_date

    from person_records

),

periods as (

    select
        turns.person_key,
        turns.from_date,
        lead(turns.from_date) over (
            partition by turns.person_key order by turns.from_date nulls first
        ) as next_date

    from turns

),

ends as (

    select
        person_records.person_key,
        min(person_records.until_date) as until_date

    from person_records

    group by person_records.person_key

),

-- The last period of a lead that is still there is the lead itself.
past_periods as (

    select
        periods.person_key,
        periods.from_date,
        least(periods.next_date, ends.until_date) as until_date

    from periods

    inner join ends
        on periods.person_key = ends.person_key

    where
        exists (
            select 1
            from scored_days
            where
                (periods.from_date is null or scored_days.as_of_date >= periods.from_date)
                and scored_days.as_of_date < least(periods.next_date, ends.until_date)
        )

),

spoken as (

    select
        past_periods.person_key,
        past_periods.from_date as version_from_date,
        past_periods.until_date as version_until_date,
        person_records.record_key,
        person_records.is_lead_record,
        states.from_date,
        states.until_date

    from past_periods

    inner join person_records
        on
            past_periods.person_key = person_records.person_key
            and (
                person_records.joined_date is null
                or past_periods.from_date >= person_records.joined_date
            )

    inner join states
        on
            person_records.person_key = states.person_key
            and person_records.record_key = states.record_key
            and (states.from_date is null or past_periods.from_date >= states.from_date)
            and (
                states.until_date is null
                or past_periods.from_date is null
                or past_periods.from_date < states.until_date
            )

),

valued as (

    select
        spoken.person_key,
        spoken.version_from_date,
        spoken.version_until_date,
        spoken.record_key,
        spoken.is_lead_record,
        {{ column_list(columns, 'source_records') }}

    from spoken

    inner join source_records
        on spoken.record_key = source_records.record_key

    where spoken.until_date is null

    union all

    select
        spoken.person_key,
        spoken.version_from_date,
        spoken.version_until_date,
        spoken.record_key,
        spoken.is_lead_record,
        {{ column_list(columns, 'record_versions') }}

    from spoken

    inner join record_versions
        on
            spoken.record_key = record_versions.record_key
            and spoken.until_date = record_versions.until_date

),

members as (

    select
        valued.*,
        row_number() over (
            partition by valued.person_key, valued.version_from_date
            order by
                case when valued.is_lead_record then 0 else 1 end,
                valued.created_at nulls last,
                valued.record_key
        ) as member_rank

    from valued

),

{{ gathered_values(['person_key', 'version_from_date', 'version_until_date'], columns) }},

past_versions as (

    select
        gathered.person_key,
        cast(
            people.person_count + row_number() over (
                order by gathered.person_key, gathered.version_until_date
            ) as integer
        ) as version_key,
        {{ column_list(columns, 'gathered') }},
        gathered.version_from_date as from_date,
        gathered.version_until_date as until_date

    from gathered

    cross join people

)

select * from past_versions
