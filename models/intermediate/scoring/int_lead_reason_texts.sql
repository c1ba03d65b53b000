with

reasons as (

    select * from {{ ref('int_lead_reasons') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

    where is_current

),

rules as (

    select * from {{ ref('int_rules') }}

),

texts as (

    select * from {{ ref('texts') }}

),

date_formats as (

    select * from {{ ref('texts') }}

    where text_id = 'date_format'

),

counted as (

    select
        reasons.lead_key,
        reasons.reason_number,
        reasons.rule_key,
        rule_points.occurrences,
        rule_points.last_event_date

    from reasons

    inner join rule_points
        on
            reasons.lead_key = rule_points.lead_key
            and reasons.rule_key = rule_points.rule_key

),

-- Worded once per rule, count and day, not once per lead.
distinct_reasons as (

    select distinct
        counted.rule_key,
        counted.occurrences,
        counted.last_event_date

    from counted

),

templated as (

    select
        distinct_reasons.rule_key,
        distinct_reasons.occurrences,
        distinct_reasons.last_event_date,
        rules.label_en,
        rules.label_ja,
        texts.text_en,
        texts.text_ja,
        cast(distinct_reasons.occurrences as {{ dbt.type_string() }}) as occurrences_text,
        coalesce({{ format_day('distinct_reasons.last_event_date', 'date_formats.text_en') }}, '')
            as date_en,
        coalesce({{ format_day('distinct_reasons.last_event_date', 'date_formats.text_ja') }}, '')
            as date_ja

    from distinct_reasons

    inner join rules
        on distinct_reasons.rule_key = rules.rule_key

    inner join texts
        on
            texts.text_id = case
                when distinct_reasons.last_event_date is null then 'reason_plain'
                when distinct_reasons.occurrences > 1 then 'reason_repeated'
                else 'reason_once'
            end

    cross join date_formats

),

phrases as (

    select
        templated.rule_key,
        templated.occurrences,
        templated.last_event_date,
        replace(replace(replace(
            templated.text_en, '{count}', templated.occurrences_text
        ), '{date}', templated.date_en), '{label}', templated.label_en) as reason_en,
        replace(replace(replace(
            templated.text_ja, '{count}', templated.occurrences_text
        ), '{date}', templated.date_ja), '{label}', templated.label_ja) as reason_ja

    from templated

),

worded as (

    select
        counted.lead_key,
        counted.reason_number,
        phrases.reason_en,
        phrases.reason_ja

    from counted

    inner join phrases
        on
            counted.rule_key = phrases.rule_key
            and counted.occurrences = phrases.occurrences
            and {{ is_same_value('counted.last_event_date', 'phrases.last_event_date') }}

),

pivoted as (

    select
        worded.lead_key,
        max(case when worded.reason_number = 1 then worded.reason_en end) as reason_1_en,
        max(case when worded.reason_number = 1 then worded.reason_ja end) as reason_1_ja,
        max(case when worded.reason_number = 2 then worded.reason_en end) as reason_2_en,
        max(case when worded.reason_number = 2 then worded.reason_ja end) as reason_2_ja,
        max(case when worded.reason_number = 3 then worded.reason_en end) as reason_3_en,
        max(case when worded.reason_number = 3 then worded.reason_ja end) as reason_3_ja

    from worded

    group by worded.lead_key

)

select * from pivoted
