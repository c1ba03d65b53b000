{#-
    Points of an event rule for so many events in its window: undecayed, or with the sum of their
    decay factors (unknown without decay), rounded once. Reads the relation `rules`.
-#}
{% macro event_points(event_count, factor_sum=none) -%}
    {%- set undecayed -%}
        cast(
            rules.points
            * least({{ event_count }}, coalesce(rules.counted_limit, {{ event_count }}))
            as decimal(12, 2)
        )
    {%- endset -%}
    {%- if factor_sum is none -%}
        {{ undecayed }}
    {%- else -%}
        case
            when {{ factor_sum }} is null then {{ undecayed }}
            else
                cast(
                    round(rules.points * cast({{ factor_sum }} as decimal(24, 12)), 2)
                    as decimal(12, 2)
                )
        end
    {%- endif -%}
{%- endmacro %}
