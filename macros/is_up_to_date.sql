{#-
    Whether the relation of the running node is what building it would give, so that it need not be
    built. With `--full-refresh` nothing is.
-#}
{% macro is_up_to_date() -%}
    {%- set is_refreshed = flags.FULL_REFRESH if model.resource_type == 'seed'
        else should_full_refresh() -%}
    {%- if is_refreshed or load_cached_relation(this) is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set fingerprint = node_fingerprint() -%}
    {{ return(fingerprint.now is not none and fingerprint.now == fingerprint.before) }}
{%- endmacro %}
