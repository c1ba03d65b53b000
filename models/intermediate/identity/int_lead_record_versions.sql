{%- set columns = lead_value_columns() -%}
with

leads as (
    {{ union_sources(
        'leads', ['lead_id', 'source_row_text'] + columns + [
            'version_from_date', 'version_until_date'
        ]
    ) }}
),

source_records as (

    select * from {{ ref('int_lead_source_records') }}

),

-- What a record said in the past, of doubled rows the one that speaks for it.
ranked as (

    select
        leads.*,
        source_records.record_key,
        row_number() over (
            partition by source_records.record_key, leads.version_until_date
            order by leads.created_at desc nulls last, leads.source_row_text desc
        ) as row_rank

    from leads

    inner join source_records
        on
            leads.source_name = source_records.source_name
            and leads.lead_id = source_records.lead_id

    where
        leads.version_until_date is not null
        {%- if not history_days() %}
        and false
        {%- endif %}

),

record_versions as (

    select
        {{ column_list(columns, 'ranked') }},
        ranked.record_key,
        ranked.version_from_date as from_date,
        ranked.version_until_date as until_date

    from ranked

    where ranked.row_rank = 1

)

select * from record_versions
