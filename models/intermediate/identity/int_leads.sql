{#- Fields of companies are no part of a record: whoever reads attributes asks the companies. -#}
{%- set fields = [] -%}
{%- for field in condition_fields('lead') if not field.startswith('company.') -%}
    {%- do fields.append(field) -%}
{%- endfor -%}
{%- set consents = ['do_not_contact', 'email_opt_out'] | select('in', fields) | list -%}
{%- set columns = ['owner_id', 'company_name', 'email'] + lead_source_columns() -%}
{%- for field in fields if field not in consents -%}
    {%- do columns.append(quoted('lead.' ~ field)) -%}
{%- endfor -%}
{%- do columns.extend(['amount', 'created_date', 'created_at']) -%}
with

records as (

    select * from {{ ref('int_lead_records') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

    where record_key is not null

),

{%- if consents or not execute %}

boolean_words as (

    select * from {{ ref('boolean_words') }}

),
{%- endif %}

several_records as (

    select record_leads.lead_key

    from record_leads

    group by record_leads.lead_key

    having count(*) > 1

),

members as (

    select
        record_leads.lead_key,
        records.*,
        row_number() over (
            partition by record_leads.lead_key
            order by
                case when record_leads.is_lead_record then 0 else 1 end,
                records.created_at nulls last,
                records.record_key
        ) as member_rank

    from several_records

    inner join record_leads
        on several_records.lead_key = record_leads.lead_key

    inner join {{ ref('int_lead_records') }} as records
        on record_leads.record_key = records.record_key

),

-- A person who said no in one of the records said no.
heard as (

    select
        members.*,
        {%- for consent in consents %}
        case
            when
                coalesce({{ consent }}_words.boolean_value, false)
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
        heard.lead_key,
        {%- for column in columns %}
        {{ value_of_first('heard.' ~ column, 'heard.known_rank') }} as {{ column }},
        {%- endfor %}
        {%- for consent in consents %}
        {{ value_of_first(
            'heard.' ~ quoted('lead.' ~ consent), 'heard.' ~ consent ~ '_rank'
        ) }} as {{ quoted('lead.' ~ consent) }},
        {%- endfor %}
        sum(case when heard.do_not_contact then 1 else 0 end) > 0 as do_not_contact

    from heard

    group by heard.lead_key

),

leads as (

    select
        record_leads.lead_id,
        records.source_name,
        {%- for column in ['owner_id', 'company_name', 'email'] + lead_source_columns() %}
        coalesce(gathered.{{ column }}, records.{{ column }}) as {{ column }},
        {%- endfor %}
        {%- for field in fields %}
        {%- set column = quoted('lead.' ~ field) %}
        coalesce(gathered.{{ column }}, records.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(gathered.amount, records.amount) as amount,
        coalesce(gathered.do_not_contact, records.do_not_contact) as do_not_contact,
        coalesce(gathered.created_date, records.created_date) as created_date,
        coalesce(gathered.created_at, records.created_at) as created_at,
        record_leads.lead_key

    from records

    inner join record_leads
        on records.record_key = record_leads.record_key

    left join gathered
        on record_leads.lead_key = gathered.lead_key

    where record_leads.is_lead_record

)

select * from leads
