{#- The first item of a list. -#}
{% macro first_item(items) -%}
    {{ return(adapter.dispatch('first_item')(items)) }}
{%- endmacro %}

{% macro default__first_item(items) -%}
    {{ items }}[1]
{%- endmacro %}
