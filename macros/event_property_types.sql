{#- For each event property that rules name, the event types of those rules: `{name: [types]}`. -#}
{% macro event_property_types() -%}
    {%- set seeds = [ref('rule_conditions'), ref('scoring_rules')] -%}
    {%- set query -%}
        select distinct
            lower(rule_conditions.field) as field,
            scoring_rules.event_type
        from {{ ref('rule_conditions') }} as rule_conditions
        inner join {{ ref('scoring_rules') }} as scoring_rules
            on rule_conditions.rule_id = scoring_rules.rule_id
        where
            lower(rule_conditions.field) like 'event.%'
            and scoring_rules.event_type is not null
        order by field, event_type
    {%- endset -%}
    {%- set types = {} -%}
    {%- for row in seed_rows(seeds, query) -%}
        {%- do types.setdefault(row[0], []).append(row[1]) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}
