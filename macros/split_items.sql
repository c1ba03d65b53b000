{#- The trimmed, non-empty items of a separated text as a list. -#}
{% macro split_items(text, separator) -%}
    {{ return(adapter.dispatch('split_items')(text, separator)) }}
{%- endmacro %}

{% macro default__split_items(text, separator) -%}
    list_filter(
        list_transform(
            string_split({{ text }}, '{{ separator }}'), lambda item: {{ trim_text('item') }}
        ),
        lambda item: item <> ''
    )
{%- endmacro %}
