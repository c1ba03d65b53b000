{#- The path of a web address, without host, query and fragment; `/` for the bare host. -#}
{% macro url_path(url) -%}
    {{ return(adapter.dispatch('url_path')(url)) }}
{%- endmacro %}

{% macro default__url_path(url) -%}
    case
        when regexp_matches({{ url }}, '^[A-Za-z][A-Za-z0-9+.-]*://')
            then coalesce(
                nullif(
                    regexp_extract({{ url }}, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*([^?#]*)', 1), ''
                ),
                '/'
            )
        else nullif(regexp_extract({{ url }}, '^([^?#]*)', 1), '')
    end
{%- endmacro %}
