{#-
    The fields that conditions name: subject 'lead' for attributes of leads, 'event' for properties
    of events (with the prefix `event.`). Only these need be carried through the models; beside them
    a motion that the leads file gives, because a mart shows it. With the owner 'motion' only what
    conditions of motions name.
-#}
{% macro condition_fields(subject, owner=none) -%}
    {%- if owner == 'motion' -%}
        {%- set seeds = [ref('motion_conditions')] -%}
    {%- else -%}
        {%- set seeds = [
            ref('rule_conditions'), ref('exclusion_conditions'), ref('motion_conditions'),
        ] -%}
    {%- endif -%}
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
    {%- if subject == 'lead' and owner is none and 'motion' not in fields
        and 'motion' in fields_given_by_file() -%}
        {%- do fields.append('motion') -%}
    {%- endif -%}
    {{ return(fields | sort) }}
{%- endmacro %}
