{#- Where a part begins in a text, the first place being 1; 0 where it does not stand there. -#}
{% macro position_of(part, text) -%}
    {{ return(adapter.dispatch('position_of')(part, text)) }}
{%- endmacro %}

{% macro default__position_of(part, text) -%}
    strpos({{ text }}, {{ part }})
{%- endmacro %}
