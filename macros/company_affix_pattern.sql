{#-
    A pattern that finds any of several folded affixes. Points, commas and blanks between letters
    may vary, and an affix that begins or ends with a letter is no part of a longer word. With
    `stands_alone` nothing but blanks, points, commas and brackets may touch it.
-#}
{% macro company_affix_pattern(affixes, stands_alone=false) -%}
    {%- set patterns = [] -%}
    {%- for affix in affixes -%}
        {%- set words = [] -%}
        {%- for word in modules.re.split('[ .,]+', affix) if word -%}
            {%- do words.append(modules.re.escape(word)) -%}
        {%- endfor -%}
        {%- if words -%}
        {%- set begins = '\\b' if modules.re.match('[a-z0-9]', words[0]) else '' -%}
        {%- set ends = '\\b[.,]*' if modules.re.search('[a-z0-9]$', words[-1]) else '' -%}
        {%- do patterns.append(begins ~ words | join('[\\s.,]+') ~ ends) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set pattern = '(?:' ~ patterns | join('|') ~ ')' -%}
    {%- if stands_alone -%}
        {%- set edge = '[\\s.,()]' -%}
        {{ return('(?:^|' ~ edge ~ ')' ~ pattern ~ '(?:' ~ edge ~ '+' ~ pattern ~ ')*(?:$|' ~ edge
            ~ ')') }}
    {%- endif -%}
    {{ return(pattern) }}
{%- endmacro %}
