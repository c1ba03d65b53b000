{#-
    A folded company name without legal form, its last tail of a branch, a department or a form of
    address cut. With a tail goes the word before it, or without a blank the place before it.
-#}
{% macro without_branch(text) -%}
    {{ return(adapter.dispatch('without_branch')(text)) }}
{%- endmacro %}

{% macro default__without_branch(text) -%}
    {%- set ends = [] -%}
    {%- set words = [] -%}
    {%- set latin_words = [] -%}
    {%- for affix, action, _ in company_name_affixes() -%}
        {%- if action == 'cut_tail' -%}
            {%- do ends.append(affix) -%}
        {%- elif action == 'cut_tail_word' -%}
            {%- do (latin_words if modules.re.match('[a-z]', affix) else words).append(affix) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set place_patterns = [] -%}
    {%- for place in branch_place_names() -%}
        {%- do place_patterns.append(modules.re.escape(place)) -%}
    {%- endfor -%}
    {%- set place = '(?:' ~ place_patterns | join('|') ~ ')' -%}
    {%- set patterns = [] -%}
    {%- if words -%}
        {%- set word = company_affix_pattern(words) -%}
        {%- if place_patterns -%}
            {%- do patterns.append('\\s+' ~ place ~ '\\s+' ~ word) -%}
        {%- endif -%}
        {%- do patterns.append('\\s+\\S*' ~ word) -%}
        {%- if place_patterns -%}
            {%- do patterns.append(place ~ '\\s*' ~ word) -%}
        {%- endif -%}
        {%- do patterns.append(word) -%}
    {%- endif -%}
    {%- if latin_words and place_patterns -%}
        {%- do patterns.append('\\s+' ~ place ~ '\\s+' ~ company_affix_pattern(latin_words)) -%}
    {%- endif -%}
    {%- if ends -%}
        {%- do patterns.append(company_affix_pattern(ends)) -%}
    {%- endif -%}
    {%- if patterns -%}
        {{ return('trim(regexp_replace(' ~ text ~ ', '
            ~ text_literal('(?:' ~ patterns | join('|') ~ ')\\s*$') ~ ", ''))") }}
    {%- endif -%}
    {{ return(text) }}
{%- endmacro %}
