{%- set fields = condition_fields('lead', owner='nurture') -%}
{#- Asked here too, so that dbt knows what the values below are read from. -#}
{%- do listed_attributes() -%}
{%- do fields_given_by_file() -%}
{%- set given = fields_given_by_file() if enabled_sources() == ['file'] else [] -%}
{%- set counted = counted_days() -%}
{%- set agreed = ['disposition', 'disposition_reason', 'grade', 'recontact_date'] -%}
with

leads as (  -- noqa: ST03

    select * from {{ ref('int_leads') }}

),

lead_day_versions as (  -- noqa: ST03

    select * from {{ ref('int_lead_day_versions') }}

    where is_current

),

versions as (  -- noqa: ST03

    select * from {{ ref('int_lead_versions') }}

),

derivations as (  -- noqa: ST03

    select * from {{ ref('int_lead_derivations') }}

),

measures as (  -- noqa: ST03

    select * from {{ ref('int_lead_measures') }}

),

lead_motions as (  -- noqa: ST03

    select * from {{ ref('int_lead_motions') }}

),

grade_periods as (

    select * from {{ ref('int_lead_grade_periods') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

events as (  -- noqa: ST03

    select * from {{ ref('int_lead_events') }}

),

roles as (  -- noqa: ST03

    select * from {{ ref('int_activity_roles') }}

),

outcomes as (  -- noqa: ST03

    select * from {{ ref('int_lead_outcomes') }}

),

verdicts as (

    select
        dispositions.lead_key,
        dispositions.disposition,
        dispositions.reason_id,
        dispositions.occurred_date as from_date,
        lead(dispositions.occurred_date) over (
            partition by dispositions.lead_key order by dispositions.disposition_number
        ) as to_date

    from dispositions

    where dispositions.disposition in {{ verdict_words() }}

),

-- A promise holds until its day has come, or until the next one.
promises as (

    select
        dispositions.lead_key,
        dispositions.recontact_date,
        dispositions.occurred_date as from_date,
        lead(dispositions.occurred_date) over (
            partition by dispositions.lead_key order by dispositions.disposition_number
        ) as next_date

    from dispositions

    where dispositions.recontact_date is not null

),

counted_days as (
    {% for field in counted if field in fields and field not in given %}
    {%- if counted[field] is none %}
    select distinct
        outcomes.lead_key,
        '{{ field }}' as field,
        outcomes.closed_date as from_date

    from outcomes

    where
        outcomes.outcome = 'lost'
        and outcomes.lead_key is not null
        and outcomes.closed_date is not null
    {%- else %}
    select distinct
        events.lead_key,
        '{{ field }}' as field,
        events.event_date as from_date

    from events

    inner join roles
        on events.event_type = roles.event_type

    where
        events.lead_key is not null
        and not events.is_automated
        and events.event_date <= {{ as_of_date() }}
        and {{ counted[field] }}
    {%- endif %}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- else %}
    select
        leads.lead_key,
        cast(null as {{ dbt.type_string() }}) as field,
        cast(null as date) as from_date

    from leads

    where false
    {%- endfor %}

),

-- What an attribute was in the past is not asked: programs run on what is known now.
facts as (

    select
        grade_periods.lead_key,
        'grade' as field,
        grade_periods.grade as field_value,
        false as is_counted,
        grade_periods.valid_from as from_date,
        grade_periods.valid_to as to_date

    from grade_periods

    union all

    select
        verdicts.lead_key,
        'disposition' as field,
        verdicts.disposition as field_value,
        false as is_counted,
        verdicts.from_date,
        verdicts.to_date

    from verdicts

    union all

    select
        verdicts.lead_key,
        'disposition_reason' as field,
        verdicts.reason_id as field_value,
        false as is_counted,
        verdicts.from_date,
        verdicts.to_date

    from verdicts

    union all

    select
        promises.lead_key,
        'recontact_date' as field,
        cast(promises.recontact_date as {{ dbt.type_string() }}) as field_value,
        false as is_counted,
        promises.from_date,
        least(promises.recontact_date, coalesce(promises.next_date, promises.recontact_date))
            as to_date

    from promises

    union all

    select
        counted_days.lead_key,
        counted_days.field,
        cast(null as {{ dbt.type_string() }}) as field_value,
        true as is_counted,
        counted_days.from_date,
        lead(counted_days.from_date) over (
            partition by counted_days.lead_key, counted_days.field order by counted_days.from_date
        ) as to_date

    from counted_days
    {%- for field in fields if field not in agreed and (field not in counted or field in given) %}

    union all

    select
        leads.lead_key,
        {{ text_literal(field) }} as field,
        {{ 'leads.email' if field == 'email' else 'lead_motions.motion' if field == 'motion' else
            lead_field_value(field) }} as field_value,
        false as is_counted,
        cast(null as date) as from_date,
        cast(null as date) as to_date

    from leads

    inner join lead_day_versions
        on leads.lead_key = lead_day_versions.lead_key

    inner join versions
        on lead_day_versions.version_key = versions.version_key

    left join derivations
        on lead_day_versions.version_key = derivations.version_key

    left join measures
        on leads.lead_key = measures.lead_key

    left join lead_motions
        on leads.lead_key = lead_motions.lead_key
    {%- endfor %}

),

-- An answer that was taken back on the same day held on no day.
lasting as (

    select
        facts.lead_key,
        facts.field,
        facts.field_value,
        facts.is_counted,
        facts.from_date,
        facts.to_date

    from facts

    where
        facts.from_date is null
        or facts.to_date is null
        or facts.from_date < facts.to_date

)

select * from lasting
