{#- Lists and maps that decide what an attribute, an event or an exclusion is. -#}
{%- set lists = {
    'attributes': ref('attributes'),
    'automation_patterns': ref('automation_patterns'),
    'boolean_words': ref('boolean_words'),
    'branch_places': ref('branch_places'),
    'company_match_kinds': ref('company_match_kinds'),
    'company_name_affixes': ref('company_name_affixes'),
    'company_relations': ref('company_relations'),
    'countries': ref('countries'),
    'deal_pipelines': ref('deal_pipelines'),
    'email_domains': ref('email_domains'),
    'event_names': ref('event_names'),
    'event_settings': ref('event_settings'),
    'event_types': ref('event_types'),
    'exclusion_conditions': ref('exclusion_conditions'),
    'exclusions': ref('exclusions'),
    'forms': ref('forms'),
    'industries': ref('industries'),
    'job_functions': ref('job_functions'),
    'job_levels': ref('job_levels'),
    'measure_event_types': ref('measure_event_types'),
    'measure_settings': ref('measure_settings'),
    'motion_conditions': ref('motion_conditions'),
    'motions': ref('motions'),
    'outcome_settings': ref('outcome_settings'),
    'prefectures': ref('prefectures'),
    'shared_mailboxes': ref('shared_mailboxes'),
} -%}
{%- set words = [
    'label_en', 'label_ja', 'note', 'rationale', 'reason', 'definition_en', 'definition_ja'
] -%}
with

scoring_rules as (

    select * from {{ ref('scoring_rules') }}

),

rule_conditions as (

    select * from {{ ref('rule_conditions') }}

),

score_definitions as (

    select * from {{ ref('score_definitions') }}

),

score_groups as (

    select * from {{ ref('score_groups') }}

),

condition_texts as (

    select
        rule_conditions.rule_id,
        {{ joined_texts('rule_conditions', ['alternative', 'field', 'operator', 'value']) }}
            as row_text

    from rule_conditions

),

conditions as (

    select
        condition_texts.rule_id,
        {{ dbt.listagg('condition_texts.row_text', "'\n'", 'order by condition_texts.row_text') }}
            as conditions_text

    from condition_texts

    group by condition_texts.rule_id

),

-- What a period of a rule gives: neither its days nor the words for people.
rules as (

    select
        'rule' as kind,
        scoring_rules.rule_id,
        {{ dbt.hash(
            joined_texts('scoring_rules', [
                'score_id', 'group_id', 'applies_to', 'event_type', 'points', 'repeat',
                'min_count', 'max_count', 'window_days', 'decay', 'decay_days', 'decay_percent',
            ]) ~ " || coalesce('\n' || conditions.conditions_text, '')"
        ) }} as definition_hash,
        scoring_rules.valid_from,
        scoring_rules.valid_to

    from scoring_rules

    left join conditions
        on scoring_rules.rule_id = conditions.rule_id

),

limit_texts as (

    select
        {{ joined_texts('score_definitions', ['score_id', 'min_points', 'max_points']) }}
            as row_text

    from score_definitions

    union all

    select
        {{ joined_texts('score_groups', ['score_id', 'group_id', 'min_points', 'max_points']) }}
            as row_text

    from score_groups

),

list_texts as (
    {% for name, relation in lists.items() %}
    select
        {{ text_literal(name) }} || '|'
        || {{ joined_texts(name, relation_columns(relation) | reject('in', words) | sort) }}
            as row_text

    from {{ relation }} as {{ name }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

definitions as (

    select
        rules.kind,
        rules.rule_id,
        rules.definition_hash,
        rules.valid_from,
        rules.valid_to

    from rules

    union all

    select
        'limits' as kind,
        '' as rule_id,
        {{ dbt.hash(dbt.listagg('limit_texts.row_text', "'\n'", 'order by limit_texts.row_text')) }}
            as definition_hash,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to

    from limit_texts

    union all

    select
        'lists' as kind,
        '' as rule_id,
        {{ dbt.hash(dbt.listagg('list_texts.row_text', "'\n'", 'order by list_texts.row_text')) }}
            as definition_hash,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to

    from list_texts

)

select * from definitions
