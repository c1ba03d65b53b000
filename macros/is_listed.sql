{#- Whether a word stands in a list that a separator divides; an unknown list has none. -#}
{% macro is_listed(word, items, separator='|') -%}
    coalesce(
        {{ position_of(
            "'" ~ separator ~ "' || " ~ word ~ " || '" ~ separator ~ "'",
            "'" ~ separator ~ "' || " ~ items ~ " || '" ~ separator ~ "'"
        ) }} > 0,
        false
    )
{%- endmacro %}
