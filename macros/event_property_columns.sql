{#-
    A column `event.<property>` for each event property that conditions name, with a comma behind
    it. `expressions` maps properties to what gives their value; `relations` are rows of
    event_names.csv that were matched, each of which may fill one property; the first that is known
    counts, what the source itself says before what the seed does.
-#}
{% macro event_property_columns(expressions={}, relations=[]) -%}
    {%- for property in event_property_types() -%}
        {%- set candidates = [] -%}
        {%- if property in expressions -%}
            {%- do candidates.append(expressions[property]) -%}
        {%- elif '*' in expressions -%}
            {%- do candidates.append(expressions['*'] ~ '.' ~ quoted(property)) -%}
        {%- endif -%}
        {%- for relation in relations -%}
            {%- do candidates.append(
                'case when ' ~ relation ~ '.property = '
                ~ text_literal(property.removeprefix('event.'))
                ~ ' then ' ~ relation ~ '.property_value end'
            ) -%}
        {%- endfor -%}
        {%- if candidates | length == 0 -%}
            cast(null as {{ dbt.type_string() }})
        {%- elif candidates | length == 1 -%}
            {{ candidates[0] }}
        {%- else -%}
            coalesce({{ candidates | join(', ') }})
        {%- endif %} as {{ quoted(property) }},
        {% endfor -%}
{%- endmacro %}
