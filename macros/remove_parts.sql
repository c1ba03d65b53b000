{#- A text without the parts of a list, taken out one after the other in the order of the list. -#}
{% macro remove_parts(text, parts) -%}
    {{ return(adapter.dispatch('remove_parts')(text, parts)) }}
{%- endmacro %}

{% macro default__remove_parts(text, parts) -%}
    list_reduce(
        list_concat([{{ text }}], {{ parts }}), lambda remaining, part: replace(remaining, part, '')
    )
{%- endmacro %}
