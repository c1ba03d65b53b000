{#-
    The domain that a web address names: folded, without scheme, `www.`, port and path; null where
    there is none.
-#}
{% macro web_domain(text) -%}
    {{ return(adapter.dispatch('web_domain')(text)) }}
{%- endmacro %}

{% macro default__web_domain(text) -%}
    nullif(
        regexp_extract(
            {{ fold_text(text) }},
            '^\s*(?:[a-z]+://)?(?:[^@/\s]*@)?(?:www\d?\.)?([^@/:?#\s]+\.[^@/:?#\s.]+)', 1
        ),
        ''
    )
{%- endmacro %}
