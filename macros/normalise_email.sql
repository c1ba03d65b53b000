{#-
    An e-mail address as people are told apart by: without regard to case, width and white space
    around it; null where the text is no address, so that a word such as "none" joins nobody.
-#}
{% macro normalise_email(text) -%}
    case
        when {{ trim_text(fold_text(text)) }} like '%_@_%'
            then {{ trim_text(fold_text(text)) }}
    end
{%- endmacro %}
