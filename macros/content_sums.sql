{#-
    Two sums of hashes of some columns over the rows of a group, whatever their order: equal content
    gives equal sums. Hashes are hashed again, so that values which change places do not cancel out.
-#}
{% macro content_sums(columns) -%}
    {{ return(adapter.dispatch('content_sums')(columns)) }}
{%- endmacro %}

{% macro default__content_sums(columns) -%}
    {%- set row_hash = 'hash(' ~ columns | join(', ') ~ ')' -%}
    cast(sum(hash({{ row_hash }})) as {{ dbt.type_string() }}) as first_sum,
    cast(sum(hash({{ row_hash }}, 1)) as {{ dbt.type_string() }}) as second_sum
{%- endmacro %}
