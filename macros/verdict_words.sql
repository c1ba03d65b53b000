{#- What sales says of a lead, as a list for `in`; the other words are what sales does. -#}
{% macro verdict_words() -%}
    ('accepted', 'meeting_set', 'nurture_requested', 'returned', 'disqualified', 'opportunity')
{%- endmacro %}
