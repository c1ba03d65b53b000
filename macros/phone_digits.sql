{#-
    A telephone number as its digits, the country code of Japan as a leading 0, an extension cut;
    null where there are fewer than nine digits or the last eight are all alike.
-#}
{% macro phone_digits(text) -%}
    {{ return(adapter.dispatch('phone_digits')(text)) }}
{%- endmacro %}

{% macro default__phone_digits(text) -%}
    {%- set alike = [] -%}
    {%- for digit in range(10) -%}
        {%- do alike.append(digit ~ '{8}') -%}
    {%- endfor -%}
    nullif(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            {{ fold_text(text) }}, '(内線|代表|ext\.?|x|#).*$', ''
                        ),
                        '\(0\)|[^0-9+]', '', 'g'
                    ),
                    '^(\+|00)810?', '0'
                ),
                '[^0-9]', '', 'g'
            ),
            '^([0-9]{0,8}|[0-9]*({{ alike | join("|") }}))$', ''
        ),
        ''
    )
{%- endmacro %}
