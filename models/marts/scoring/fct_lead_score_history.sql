{%- set values = [
    'fit_band', 'engagement_band', 'grade', 'temperature', 'route', 'other_scores', 'fit_score',
    'engagement_score', 'priority', 'is_scored',
] -%}
{%- set columns = ['lead_id', 'rule_set_id', 'origin', 'valid_from'] + values -%}
with

published_scores as (

    select * from {{ ref('int_published_scores') }}

),

score_periods as (

    select * from {{ ref('int_score_periods') }}

),

stamp as (

    select * from {{ ref('int_stamp') }}

),

known_rows as (

    select
        {{ column_list(columns, 'published_scores') }}

    from published_scores

    union all

    select
        {{ column_list(columns, 'score_periods') }}

    from score_periods

),

ordered as (

    select
        {{ column_list(columns, 'known_rows') }},
        {%- for value in values %}
        lag(known_rows.{{ value }}) over lead_rows as previous_{{ value }},
        {%- endfor %}
        lag(known_rows.valid_from) over lead_rows as previous_from

    from known_rows

    window lead_rows as (partition by known_rows.lead_id order by known_rows.valid_from)

),

-- Days that were filled in before the first recorded one may show that nothing changed on it.
changed as (

    select
        {{ column_list(columns, 'ordered') }}

    from ordered

    where
        ordered.previous_from is null
        {%- for value in values %}
        or not ({{ is_same_value('ordered.' ~ value, 'ordered.previous_' ~ value) }})
        {%- endfor %}

),

periods as (

    select
        {{ column_list(columns, 'changed') }},
        lead(changed.valid_from) over (
            partition by changed.lead_id order by changed.valid_from
        ) as valid_to

    from changed

),

history as (

    select
        periods.lead_id,
        periods.fit_band,
        periods.engagement_band,
        periods.grade,
        periods.temperature,
        periods.route,
        periods.rule_set_id,
        periods.origin,
        periods.fit_score,
        periods.engagement_score,
        periods.priority,
        stamp.is_provisional and periods.valid_from = stamp.as_of_date as is_provisional,
        periods.valid_from,
        periods.valid_to

    from periods

    cross join stamp

    where periods.is_scored

)

select * from history
