{%- set first_source = (source_models('leads') | map('first') | list or ['file'])[0] -%}
{%- set columns = issued_handoff_columns() -%}
with

rows_of_the_state as (

    {{ state_rows('issued_handoffs', columns) | indent(4) }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

-- The first source gives bare ids, another one's tell their source.
record_names as (

    select
        case
            when record_leads.source_name = '{{ first_source }}' then record_leads.record_id
            else record_leads.source_name || ':' || record_leads.record_id
        end as former_lead_id,
        record_leads.lead_id,
        record_leads.lead_key

    from record_leads

),

lead_names as (

    select
        record_names.former_lead_id,
        max(record_names.lead_id) as lead_id,
        max(record_names.lead_key) as lead_key

    from record_names

    group by record_names.former_lead_id

),

-- What was handed over belongs to the lead that the record is part of now. A replay of a past day
-- reads nothing that came later.
issued as (

    select
        {{ column_list(columns | reject('eq', 'lead_id') | list, 'rows_of_the_state') }},
        lead_names.lead_id,
        lead_names.lead_key

    from rows_of_the_state

    inner join lead_names
        on rows_of_the_state.lead_id = lead_names.former_lead_id

    where rows_of_the_state.issued_date <= {{ as_of_date() }}

)

select * from issued
