{#- The seeds that say what a score is; order of rows, BOM and line ends play no part. -#}
{%- set rule_seeds = {
    'score_definitions': ref('score_definitions'),
    'score_groups': ref('score_groups'),
    'scoring_rules': ref('scoring_rules'),
    'rule_conditions': ref('rule_conditions'),
    'score_bands': ref('score_bands'),
    'grade_sets': ref('grade_sets'),
    'grades': ref('grades'),
    'event_types': ref('event_types'),
} -%}
with

seed_rows as (

    {{ texts_of_rows(rule_seeds) }}

),

hashed as (

    select
        {{ dbt.hash(dbt.listagg('seed_rows.row_text', "'\n'", 'order by seed_rows.row_text')) }}
            as rule_set_id

    from seed_rows

)

select * from hashed
