{#-
    The days of a sorted list of codes that are known on a day, in order; a code is
    `day * 65536 + days until it became known`, days counted by `day_code`.
-#}
{% macro known_days(codes, day) -%}
    {{ return(adapter.dispatch('known_days')(codes, day)) }}
{%- endmacro %}

{% macro default__known_days(codes, day) -%}
    list_transform(
        list_filter({{ codes }}, lambda code: code // 65536 + code % 65536 <= {{ day }}),
        lambda code: code // 65536
    )
{%- endmacro %}
