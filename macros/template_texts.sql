{#-
    One-row relation out of texts.csv: of each id the two templates, as columns `<id>_en` and
    `<id>_ja`, without the prefix that the ids share.
-#}
{% macro template_texts(text_ids, prefix='') -%}
    select
        {%- for text_id in text_ids %}
        {%- for language in ['en', 'ja'] %}
        max(case when texts.text_id = '{{ prefix ~ text_id }}' then texts.text_{{ language }} end)
            as {{ text_id }}_{{ language }}{{ ',' if not (loop.last and text_ids[-1] == text_id) }}
        {%- endfor %}
        {%- endfor %}

    from {{ ref('texts') }} as texts
{%- endmacro %}
