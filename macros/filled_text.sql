{#- A template with the names in braces filled in; `parts` maps names to text expressions. -#}
{% macro filled_text(template, parts) -%}
    {%- set filled = namespace(text=template) -%}
    {%- for name, value in parts.items() -%}
        {%- set filled.text = "replace(" ~ filled.text ~ ", '{" ~ name ~ "}', " ~ value ~ ")" -%}
    {%- endfor -%}
    {{ filled.text }}
{%- endmacro %}
