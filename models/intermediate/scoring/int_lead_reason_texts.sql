with

reasons as (

    select * from {{ ref('int_lead_reasons') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

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

templated as (

    select
        reasons.lead_key,
        reasons.reason_number,
        rules.label_en,
        rules.label_ja,
        texts.text_en,
        texts.text_ja,
        cast(rule_points.occurrences as {{ dbt.type_string() }}) as occurrences_text,
        coalesce({{ format_day('rule_points.last_event_date', 'date_formats.text_en') }}, '')
            as date_en,
        coalesce({{ format_day('rule_points.last_event_date', 'date_formats.text_ja') }}, '')
            as date_ja

    from reasons

    inner join rules
        on reasons.rule_key = rules.rule_key

    inner join rule_points
        on
            reasons.lead_key = rule_points.lead_key
            and reasons.rule_key = rule_points.rule_key

    inner join texts
        on
            texts.text_id = case
                when rule_points.last_event_date is null then 'reason_plain'
                when rule_points.occurrences > 1 then 'reason_repeated'
                else 'reason_once'
            end

    cross join date_formats

),

worded as (

    select
        templated.lead_key,
        templated.reason_number,
        replace(replace(replace(
            templated.text_en, '{count}', templated.occurrences_text
        ), '{date}', templated.date_en), '{label}', templated.label_en) as reason_en,
        replace(replace(replace(
            templated.text_ja, '{count}', templated.occurrences_text
        ), '{date}', templated.date_ja), '{label}', templated.label_ja) as reason_ja

    from templated

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
