{#- A person's name for comparing: last and first name without regard to case, width and blanks. -#}
{% macro person_name(relation) -%}
    nullif(
        replace(
            {{ fold_text("concat(" ~ relation ~ ".last_name, " ~ relation ~ ".first_name)") }},
            ' ', ''
        ),
        ''
    )
{%- endmacro %}
