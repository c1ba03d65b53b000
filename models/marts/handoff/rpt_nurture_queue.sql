-- noqa: disable=LT02
with

work_statuses as (

    select * from {{ ref('int_lead_work_statuses') }}

    where program_id is not null

),

gaps as (

    select * from {{ ref('int_nurture_gaps') }}

),

facts as (

    select * from {{ ref('int_nurture_facts') }}

),

programs as (

    select programs.*

    from {{ ref('nurture_programs') }} as programs

    where {{ is_in_force('programs') }}

),

nurture_conditions as (

    select * from {{ ref('nurture_conditions') }}

),

disposition_reasons as (

    select * from {{ ref('disposition_reasons') }}

),

disposition_values as (

    select * from {{ ref('disposition_values') }}

    where source_object <> 'touch'

),

attributes as (

    select * from {{ ref('attributes') }}

),

handoff_fields as (

    select * from {{ ref('handoff_fields') }}

),

rules as (

    select rules.*

    from {{ ref('scoring_rules') }} as rules

    where {{ is_in_force('rules') }}

),

scores as (

    select * from {{ ref('fct_lead_scores') }}

),

sales_queue as (

    select * from {{ ref('rpt_sales_queue') }}

),

handoffs as (

    select * from {{ ref('fct_handoffs') }}

    where status = 'returned'

),

dim_leads as (

    select * from {{ ref('dim_leads') }}

),

words as (

    {{ template_texts(
        ['gap_rule', 'gap_rules', 'gap_points', 'gap_fit', 'gap_unknown', 'gap_none',
         'gap_request', 'program_why', 'returned_why'], 'nurture_'
    ) | indent(4) }}

),

fact_words as (

    {{ template_texts(
        ['operator_equals', 'operator_is_unknown', 'list'], 'agreement_'
    ) | indent(4) }}

),

formats as (

    {{ template_texts(['date_format']) | indent(4) }}

),

field_labels as (

    select
        lower(handoff_fields.field) as field,
        handoff_fields.label_en,
        handoff_fields.label_ja

    from handoff_fields

    union

    select
        lower(attributes.attribute) as field,
        attributes.label_en,
        attributes.label_ja

    from attributes

    where lower(attributes.attribute) not in (
        select lower(handoff_fields.field) from handoff_fields
    )

),

verdict_labels as (

    select
        disposition_values.disposition,
        min(disposition_values.label_en) as label_en,
        min(disposition_values.label_ja) as label_ja

    from disposition_values

    group by disposition_values.disposition

),

program_fields as (

    select distinct
        nurture_conditions.program_id,
        lower(nurture_conditions.field) as field

    from nurture_conditions

),

-- What is so on D in the fields that let a lead into its program.
present_facts as (

    select
        work_statuses.lead_key,
        program_fields.field,
        field_labels.label_en,
        field_labels.label_ja,
        max(
            case
                when facts.is_counted
                    then cast(
                        {{ dbt.datediff('facts.from_date', as_of_date(), 'day') }}
                        as {{ dbt.type_string() }}
                    )
                when facts.field = 'recontact_date'
                    then coalesce(
                        {{ format_day(parse_day('facts.field_value'), 'formats.date_format_en') }},
                        facts.field_value
                    )
                else coalesce(verdict_labels.label_en, facts.field_value)
            end
        ) as value_en,
        max(
            case
                when facts.is_counted
                    then cast(
                        {{ dbt.datediff('facts.from_date', as_of_date(), 'day') }}
                        as {{ dbt.type_string() }}
                    )
                when facts.field = 'recontact_date'
                    then coalesce(
                        {{ format_day(parse_day('facts.field_value'), 'formats.date_format_ja') }},
                        facts.field_value
                    )
                else coalesce(verdict_labels.label_ja, facts.field_value)
            end
        ) as value_ja

    from work_statuses

    inner join program_fields
        on work_statuses.program_id = program_fields.program_id

    inner join field_labels
        on program_fields.field = field_labels.field

    cross join formats

    left join facts
        on
            work_statuses.lead_key = facts.lead_key
            and program_fields.field = facts.field
            and (facts.from_date is null or facts.from_date <= {{ as_of_date() }})
            and (facts.to_date is null or facts.to_date > {{ as_of_date() }})

    left join verdict_labels
        on
            facts.field = 'disposition'
            and facts.field_value = verdict_labels.disposition

    where work_statuses.reason_id is null

    group by
        work_statuses.lead_key,
        program_fields.field,
        field_labels.label_en,
        field_labels.label_ja

),

fact_texts as (

    select
        present_facts.lead_key,
        {%- for language in ['en', 'ja'] %}
        {{ listed_texts(
            filled_text(
                'case when present_facts.value_en is null then fact_words.operator_is_unknown_'
                ~ language ~ ' else fact_words.operator_equals_' ~ language ~ ' end',
                {
                    'field': 'present_facts.label_' ~ language,
                    'value': "coalesce(present_facts.value_" ~ language ~ ", '')",
                }
            ),
            'fact_words.list_' ~ language,
            'present_facts.field'
        ) }} as facts_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}

    from present_facts

    cross join fact_words

    group by present_facts.lead_key

),

last_returns as (

    select
        handoffs.lead_id,
        max(handoffs.ended_date) as returned_date

    from handoffs

    group by handoffs.lead_id

),

rule_labels as (

    select
        rules.rule_id,
        rules.label_en,
        rules.label_ja,
        row_number() over (
            partition by rules.rule_id order by rules.valid_from desc nulls last
        ) as period_rank

    from rules

),

stepped as (

    select
        work_statuses.*,
        programs.channel,
        programs.cadence_days,
        programs.max_steps,
        programs.needs_email_consent,
        programs.label_en,
        programs.label_ja,
        programs.content_en,
        programs.content_ja,
        least(
            cast(floor(
                {{ dbt.datediff('work_statuses.program_started_date', as_of_date(), 'day') }}
                / cast(programs.cadence_days as double)
            ) as integer) + 1,
            programs.max_steps
        ) as step_number

    from work_statuses

    inner join programs
        on work_statuses.program_id = programs.program_id

),

queue as (

    select
        stepped.lead_id,
        stepped.program_id,
        dim_leads.company_id,
        sales_queue.owner_id,
        gaps.rule_id as gap_rule_id,
        stepped.reason_id,
        dim_leads.company_name,
        stepped.work_status,
        dim_leads.motion,
        scores.grade,
        stepped.channel,
        stepped.label_en as program_en,
        stepped.label_ja as program_ja,
        stepped.content_en,
        stepped.content_ja,
        {%- for language in ['en', 'ja'] %}
        case
            when stepped.reason_id is not null
                then {{ filled_text('words.returned_why_' ~ language, {
                    'program': 'stepped.label_' ~ language,
                    'reason': 'coalesce(disposition_reasons.label_' ~ language
                        ~ ', stepped.reason_id)',
                    'date': "coalesce(" ~ format_day(
                        'last_returns.returned_date', 'formats.date_format_' ~ language
                    ) ~ ", '')",
                }) }}
            when fact_texts.lead_key is not null
                then {{ filled_text('words.program_why_' ~ language, {
                    'program': 'stepped.label_' ~ language,
                    'facts': 'fact_texts.facts_' ~ language,
                }) }}
            else stepped.label_{{ language }}
        end as why_{{ language }},
        {%- endfor %}
        {%- for language in ['en', 'ja'] %}
        {{ filled_text(
            "case gaps.gap_kind"
            ~ " when 'rule' then words.gap_rule_" ~ language
            ~ " when 'rules' then words.gap_rules_" ~ language
            ~ " when 'points' then words.gap_points_" ~ language
            ~ " when 'fit' then words.gap_fit_" ~ language
            ~ " when 'unknown' then words.gap_unknown_" ~ language
            ~ " when 'none' then words.gap_none_" ~ language
            ~ " else words.gap_request_" ~ language ~ " end",
            {
                'points': "coalesce(cast(gaps.gap_points as " ~ dbt.type_string() ~ "), '')",
                'gain': "coalesce(cast(gaps.gain_points as " ~ dbt.type_string() ~ "), '')",
                'rule': "coalesce(rule_labels.label_" ~ language ~ ", gaps.rule_id, '')",
                'field': "coalesce(field_labels.label_" ~ language ~ ", gaps.unknown_field, '')",
            }
        ) }} as ready_{{ language }},
        {%- endfor %}
        gaps.gap_kind,
        stepped.step_number,
        stepped.max_steps as step_count,
        stepped.cadence_days,
        gaps.gap_points,
        scores.fit_score,
        scores.engagement_score,
        sales_queue.lead_id is not null as is_with_sales,
        stepped.needs_email_consent,
        stepped.program_started_date as started_date,
        case
            when stepped.step_number < stepped.max_steps
                then cast({{ dbt.dateadd(
                    'day',
                    'stepped.step_number * stepped.cadence_days',
                    'stepped.program_started_date'
                ) }} as date)
        end as next_step_date,
        {{ as_of_date() }} as as_of_date

    from stepped

    cross join words

    cross join formats

    left join gaps
        on stepped.lead_key = gaps.lead_key

    left join fact_texts
        on stepped.lead_key = fact_texts.lead_key

    left join disposition_reasons
        on stepped.reason_id = disposition_reasons.reason_id

    left join last_returns
        on stepped.lead_id = last_returns.lead_id

    left join rule_labels
        on
            gaps.rule_id = rule_labels.rule_id
            and rule_labels.period_rank = 1

    left join field_labels
        on gaps.unknown_field = field_labels.field

    left join scores
        on stepped.lead_id = scores.lead_id

    left join sales_queue
        on stepped.lead_id = sales_queue.lead_id

    left join dim_leads
        on stepped.lead_id = dim_leads.lead_id

)

select * from queue
