{#- A 64-bit hash of a text: narrows a search for equal texts, never decides it. -#}
{% macro bucket_hash(text) -%}
    {{ return(adapter.dispatch('bucket_hash')(text)) }}
{%- endmacro %}

{% macro default__bucket_hash(text) -%}
    hash({{ text }})
{%- endmacro %}
