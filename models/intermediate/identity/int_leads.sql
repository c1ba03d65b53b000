{%- set columns = lead_value_columns() -%}
with

records as (

    select * from {{ ref('int_lead_records') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

    where record_key is not null

),

boolean_words as (  -- noqa: ST03

    select * from {{ ref('boolean_words') }}

),

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

{{ gathered_values(['lead_key'], columns) }},

leads as (

    select
        record_leads.lead_id,
        records.source_name,
        {%- for column in columns %}
        coalesce(gathered.{{ column }}, records.{{ column }}) as {{ column }},
        {%- endfor %}
        record_leads.lead_key

    from records

    inner join record_leads
        on records.record_key = record_leads.record_key

    left join gathered
        on record_leads.lead_key = gathered.lead_key

    where record_leads.is_lead_record

)

select * from leads
