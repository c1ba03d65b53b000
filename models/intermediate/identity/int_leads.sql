{%- set field_columns = [] -%}
{%- for field in condition_fields('lead') -%}
    {%- do field_columns.append(quoted('lead.' ~ field)) -%}
{%- endfor -%}
{%- set columns = [
    'lead_id', 'owner_id', 'company_name', 'email', 'source_row_text',
] + lead_source_columns() + field_columns + ['amount', 'do_not_contact', 'created_date', 'created_at'] -%}
with

leads as (
    {{ union_sources('leads', columns) }}
),

-- What was created after D does not exist yet; a lead without a date always has.
existing as (

    select
        leads.*,
        row_number() over (
            partition by leads.source_name, leads.lead_id
            order by leads.created_at desc nulls last, leads.source_row_text desc
        ) as row_rank

    from leads

    where
        leads.lead_id is not null
        and (leads.created_date is null or leads.created_date <= {{ as_of_date() }})
        and {{ in_sample('leads.lead_id') }}

),

-- The key is a dense number for joins inside the build; lead_id is the name that people know.
keyed as (

    select
        existing.lead_id,
        existing.source_name,
        {%- for column in columns if column not in ('lead_id', 'source_row_text') %}
        existing.{{ column }},
        {%- endfor %}
        cast(row_number() over (order by existing.lead_id, existing.source_name) as integer)
            as lead_key

    from existing

    where existing.row_rank = 1

)

select * from keyed
