{#-
    CTEs that bring together what the records of each group say, the last one being `gathered`. They
    read the CTEs `members` (records with `member_rank`, the leading one first) and `boolean_words`
    of the model; `group_by` are the columns that make a group, `columns` what is brought together.
-#}
{% macro gathered_values(group_by, columns) -%}
{%- set consents = [] -%}
{%- for consent in ['do_not_contact', 'email_opt_out'] -%}
    {%- if quoted('lead.' ~ consent) in columns -%}
        {%- do consents.append(consent) -%}
    {%- endif -%}
{%- endfor -%}
-- A person who said no in one of the records said no.
heard as (

    select
        members.*,
        {%- for consent in consents %}
        case
            when
                coalesce(
                    {{ consent }}_words.boolean_value,
                    members.{{ quoted('lead.' ~ consent) }} = 'true',
                    false
                )
                {%- if consent == 'do_not_contact' %} or members.do_not_contact {%- endif %}
                then -1
            else members.member_rank
        end as {{ consent }}_rank,
        {%- endfor %}
        members.member_rank as known_rank

    from members
    {%- for consent in consents %}

    left join boolean_words as {{ consent }}_words
        on {{ fold_text('members.' ~ quoted('lead.' ~ consent)) }} = {{ consent }}_words.word
    {%- endfor %}

),

-- What the record that gives the id does not know, the person's other records may.
gathered as (

    select
        {%- for column in group_by %}
        heard.{{ column }},
        {%- endfor %}
        {%- for column in columns %}
        {% if column == 'do_not_contact' -%}
        sum(case when heard.do_not_contact then 1 else 0 end) > 0
        {%- else -%}
        {%- set consent = column | replace('"', '') | replace('lead.', '') -%}
        {{ value_of_first(
            'heard.' ~ column,
            'heard.' ~ (consent ~ '_rank' if consent in consents else 'known_rank')
        ) }}
        {%- endif %} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from heard

    group by {{ column_list(group_by, 'heard') }}

)
{%- endmacro %}
