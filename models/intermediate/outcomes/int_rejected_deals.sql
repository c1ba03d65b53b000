{%- set has_files = 'file' in (source_models('deals') | map('first') | list) -%}
with

deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

leads as (
    {{ union_sources('leads', ['lead_id']) }}
),

-- A record that was merged away may have no row any more.
known_leads as (

    select
        leads.source_name,
        leads.lead_id

    from leads

    union

    select
        record_leads.source_name,
        record_leads.record_id as lead_id

    from record_leads

),

linked_leads as (
    {{ union_sources('deal_leads', ['deal_id', 'lead_id']) }}
),
{%- if has_files %}

-- Only people write what nobody can read; the other sources give what a system wrote.
file_deals as (

    select * from {{ ref('stg_file__deals') }}

),
{%- endif %}

rejected as (

    select
        deals.source_name,
        'lead_not_found' as reason

    from deals

    left join deal_leads
        on deals.deal_key = deal_leads.deal_key

    where deal_leads.deal_key is null

    union all

    select
        linked_leads.source_name,
        'lead_unknown' as reason

    from linked_leads

    left join known_leads
        on
            linked_leads.source_name = known_leads.source_name
            and linked_leads.lead_id = known_leads.lead_id

    where known_leads.lead_id is null
    {%- if has_files %}
    {%- for reason, condition in [
        ('deal_id_missing', 'file_deals.deal_id is null'),
        (
            'outcome_unknown',
            "file_deals.outcome is null and lower(file_deals.outcome_text) <> 'open'"
        ),
        ('created_at_unreadable', 'file_deals.is_created_at_unreadable'),
        ('closed_at_unreadable', 'file_deals.is_closed_at_unreadable'),
        ('amount_unreadable', 'file_deals.is_amount_unreadable'),
    ] %}

    union all

    select
        'file' as source_name,
        '{{ reason }}' as reason

    from file_deals

    where {{ condition }}
    {%- endfor %}
    {%- endif %}

),

counted as (

    select
        rejected.source_name,
        'deals' as table_name,
        rejected.reason,
        count(*) as row_count

    from rejected

    group by
        rejected.source_name,
        rejected.reason

)

select * from counted
