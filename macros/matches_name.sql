{#-
    Whether a text is what a row of a seed with the columns `match` and `pattern` looks for, without
    regard to case and width. `default` takes everything, an unknown text too.
-#}
{% macro matches_name(text, patterns) -%}
    case {{ patterns }}.match
        when 'default' then true
        when 'equals' then {{ fold_text(text) }} = {{ fold_text(patterns ~ '.pattern') }}
        when 'contains'
            then {{ position_of(fold_text(patterns ~ '.pattern'), fold_text(text)) }} > 0
        when 'starts_with'
            then {{ position_of(fold_text(patterns ~ '.pattern'), fold_text(text)) }} = 1
        when 'ends_with'
            then right({{ fold_text(text) }}, length({{ patterns }}.pattern))
                = {{ fold_text(patterns ~ '.pattern') }}
        else false
    end
{%- endmacro %}
