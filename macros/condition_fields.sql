{#-
    The fields that conditions name: subject 'lead' for attributes of leads, 'event' for properties
    of events (with the prefix `event.`). Only these need be carried through the models.
-#}
{% macro condition_fields(subject) -%}
    {%- set seeds = [
        ref('rule_conditions'), ref('exclusion_conditions'), ref('motion_conditions'),
    ] -%}
    {%- set query -%}
        select distinct lower(field) as field
        from (
            {%- for seed in seeds %}
            select field from {{ seed }}
            {%- if not loop.last %} union all {% endif -%}
            {%- endfor %}
        ) as fields
        where lower(field) {{ 'like' if subject == 'event' else 'not like' }} 'event.%'
        order by field
    {%- endset -%}
    {%- set fields = [] -%}
    {%- for row in seed_rows(seeds, query) -%}
        {%- do fields.append(row[0]) -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}
