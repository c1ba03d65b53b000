{#-
    CTE `consented`: the CTE `leads` with what each lead says in the columns of an opt-out,
    `is_<name>` for each name of `opt_outs`, and with `is_<name>_unclear`. It reads the CTE
    `boolean_words` of the model.
-#}
{% macro consented_leads(opt_outs) -%}
-- Of several columns any that says yes is heard, and a word that is no known "no" counts as yes:
-- rather one call or mail too few.
consented as (

    select
        leads.*
        {%- for name, columns in opt_outs.items() %},
        {% if columns -%}
        case
            when
                {%- for column in columns %}
                {{ 'or ' if not loop.first }}coalesce(
                    {{ name }}_words_{{ loop.index }}.boolean_value,
                    leads.{{ quoted(column) }} is not null
                )
                {%- endfor %}
                then true
            when
                {%- for column in columns %}
                {{ 'or ' if not loop.first }}leads.{{ quoted(column) }} is not null
                {%- endfor %}
                then false
        end
        {%- else -%}
        cast(null as boolean)
        {%- endif %} as is_{{ name }},
        {%- for column in columns %}
        {{ 'or ' if not loop.first -}}
        (
            leads.{{ quoted(column) }} is not null
            and {{ name }}_words_{{ loop.index }}.boolean_value is null
        )
        {%- else %}
        false
        {%- endfor %} as is_{{ name }}_unclear
        {%- endfor %}

    from leads
    {%- for name, columns in opt_outs.items() %}
    {%- for column in columns %}

    left join boolean_words as {{ name }}_words_{{ loop.index }}
        on
            {{ fold_text('leads.' ~ quoted(column)) }}
            = {{ name }}_words_{{ loop.index }}.word
    {%- endfor %}
    {%- endfor %}

)
{%- endmacro %}
