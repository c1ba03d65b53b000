{%- set fields = condition_fields('lead', owner='handoff') -%}
{%- set on_record = fields | reject('in', handoff_fields() + ['motion']) | list -%}
with

subjects as (

    select distinct
        day_lead_key,
        lead_key,
        issued_date

    from {{ ref('int_handoff_candidates') }}

),

lead_day_versions as (

    select * from {{ ref('int_lead_day_versions') }}

),

versions as (

    select * from {{ ref('int_lead_versions') }}

),

derivations as (

    select * from {{ ref('int_lead_derivations') }}

),

measures as (

    select * from {{ ref('int_lead_measures') }}

),

lead_motions as (

    select * from {{ ref('int_lead_motions') }}

),

main_grades as (

    select * from {{ ref('int_lead_day_grades') }}

    where grade_set = 'main'

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

meetings as (

    select * from {{ ref('int_agreed_meetings') }}

),

verdicts as (

    select
        subjects.day_lead_key,
        dispositions.disposition,
        dispositions.reason_id,
        row_number() over (
            partition by subjects.day_lead_key
            order by dispositions.disposition_number desc
        ) as verdict_rank

    from subjects

    inner join dispositions
        on
            subjects.lead_key = dispositions.lead_key
            and subjects.issued_date >= dispositions.occurred_date

    where dispositions.disposition in {{ verdict_words() }}

),

promises as (

    select
        subjects.day_lead_key,
        dispositions.recontact_date,
        row_number() over (
            partition by subjects.day_lead_key
            order by dispositions.disposition_number desc
        ) as promise_rank

    from subjects

    inner join dispositions
        on
            subjects.lead_key = dispositions.lead_key
            and subjects.issued_date >= dispositions.occurred_date

    where dispositions.recontact_date is not null

),

arranged as (

    select
        subjects.day_lead_key,
        max(meetings.meeting_date) as meeting_date

    from subjects

    inner join meetings
        on
            subjects.lead_key = meetings.lead_key
            and subjects.issued_date >= meetings.agreed_date

    group by subjects.day_lead_key

),

wide as (

    select
        subjects.day_lead_key,
        subjects.issued_date,
        {%- for field in on_record %}
        {{ lead_field_value(field) }} as {{ quoted('value.' ~ field) }},
        {%- endfor %}
        versions.email,
        lead_motions.motion,
        main_grades.grade,
        verdicts.disposition,
        verdicts.reason_id as disposition_reason,
        cast(promises.recontact_date as {{ dbt.type_string() }}) as promised_date,
        cast(arranged.meeting_date as {{ dbt.type_string() }}) as arranged_date

    from subjects

    inner join lead_day_versions
        on subjects.day_lead_key = lead_day_versions.lead_key

    inner join versions
        on lead_day_versions.version_key = versions.version_key

    left join derivations
        on lead_day_versions.version_key = derivations.version_key

    left join measures
        on subjects.day_lead_key = measures.lead_key

    left join lead_motions
        on subjects.day_lead_key = lead_motions.lead_key

    left join main_grades
        on subjects.day_lead_key = main_grades.lead_key

    left join verdicts
        on
            subjects.day_lead_key = verdicts.day_lead_key
            and verdicts.verdict_rank = 1

    left join promises
        on
            subjects.day_lead_key = promises.day_lead_key
            and promises.promise_rank = 1

    left join arranged
        on subjects.day_lead_key = arranged.day_lead_key

),

field_rows as (
    {% for field in fields %}
    select
        wide.day_lead_key,
        {{ text_literal(field) }} as field,
        {% if field == 'recontact_date' -%}
        coalesce(wide.promised_date, wide.{{ quoted('value.' ~ field) }})
        {%- elif field == 'meeting_at' -%}
        coalesce(wide.arranged_date, wide.{{ quoted('value.' ~ field) }})
        {%- elif field in on_record -%}
        wide.{{ quoted('value.' ~ field) }}
        {%- else -%}
        wide.{{ field }}
        {%- endif %} as field_value,
        wide.issued_date as as_of_date

    from wide
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select * from field_rows
