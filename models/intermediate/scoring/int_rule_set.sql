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
    {% for seed_name, relation in rule_seeds.items() %}
    select
        concat_ws(
            '|',
            {{ text_literal(seed_name) }}
            {%- for column in relation_columns(relation) | sort %},
            coalesce(
                replace(cast({{ quoted(column) }} as {{ dbt.type_string() }}), '|', '||'), ''
            )
            {%- endfor %}
        ) as row_text

    from {{ relation }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

hashed as (

    select
        {{ dbt.hash(dbt.listagg('seed_rows.row_text', "'\n'", 'order by seed_rows.row_text')) }}
            as rule_set_id

    from seed_rows

)

select * from hashed
