{#-
    An official number of a company as its 13 digits, the letter of an invoice number cut; null
    where it has another length or one digit only.
-#}
{% macro corporate_number(text) -%}
    {{ return(adapter.dispatch('corporate_number')(text)) }}
{%- endmacro %}

{% macro default__corporate_number(text) -%}
    {%- set alike = [] -%}
    {%- for digit in range(10) -%}
        {%- do alike.append(digit ~ '{13}') -%}
    {%- endfor -%}
    nullif(
        regexp_replace(
            regexp_extract(
                regexp_replace({{ fold_text(text) }}, '[\s-]', '', 'g'), '^t?([0-9]{13})$', 1
            ),
            '^({{ alike | join("|") }})$', ''
        ),
        ''
    )
{%- endmacro %}
