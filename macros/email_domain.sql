{#- The domain of an e-mail address: what follows the last at sign, folded; null without one. -#}
{% macro email_domain(email) -%}
    {{ return(adapter.dispatch('email_domain')(email)) }}
{%- endmacro %}

{% macro default__email_domain(email) -%}
    nullif(
        regexp_extract({{ fold_text(email) }}, '@\s*([^@\s<>,;]+?)[.\s<>,;]*$', 1),
        ''
    )
{%- endmacro %}
