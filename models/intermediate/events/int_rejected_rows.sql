{%- set others = source_models('events') | map('first') | reject('equalto', 'file') | list -%}
with

rejected_events as (

    select * from {{ ref('int_rejected_events') }}

),

events as (

    select * from {{ ref('int_lead_events') }}

),

event_types as (

    select * from {{ ref('event_types') }}

),

lead_versions as (
    {{ union_sources('leads', [
        'lead_id', 'is_opt_out_unclear', 'is_created_at_unreadable', 'version_until_date'
    ]) }}
),

-- What a record said on past days is no second record.
leads as (

    select
        lead_versions.source_name,
        lead_versions.lead_id,
        lead_versions.is_opt_out_unclear,
        lead_versions.is_created_at_unreadable

    from lead_versions

    where lead_versions.version_until_date is null

),

all_outcomes as (
    {{ union_sources('outcomes', ['lead_id', 'outcome', 'closed_at_text', 'closed_date']) }}
),

rejected_deals as (

    select * from {{ ref('int_rejected_deals') }}

),

read_dispositions as (

    select * from {{ ref('int_read_dispositions') }}

    where rejection is not null

),

known_leads as (

    select distinct
        leads.source_name,
        leads.lead_id

    from leads

    where leads.lead_id is not null

),

event_counts as (

    select
        events.source_name,
        events.event_type,
        case
            {% if others -%}
            when events.lead_key is null and events.lead_id is null then 'person_unknown'
            {% endif -%}
            when events.lead_key is null then 'lead_unknown'
        end as reason,
        count(*) as row_count

    from events

    group by
        events.source_name,
        events.event_type,
        reason

),

-- Rows that could not be used, or only in part, and why.
counted as (

    select
        rejected_events.source_name,
        rejected_events.table_name,
        rejected_events.reason,
        count(*) as row_count

    from rejected_events

    group by
        rejected_events.source_name,
        rejected_events.table_name,
        rejected_events.reason

    union all

    select
        event_counts.source_name,
        'events' as table_name,
        event_counts.reason,
        sum(event_counts.row_count) as row_count

    from event_counts

    where event_counts.reason is not null

    group by
        event_counts.source_name,
        event_counts.reason

    union all

    select
        event_counts.source_name,
        'events' as table_name,
        'event_type_unknown' as reason,
        sum(event_counts.row_count) as row_count

    from event_counts

    left join event_types
        on event_counts.event_type = event_types.event_type

    where event_types.event_type is null

    group by event_counts.source_name

    union all

    select
        leads.source_name,
        'leads' as table_name,
        'lead_id_missing' as reason,
        count(*) as row_count

    from leads

    where leads.lead_id is null

    group by leads.source_name

    union all

    select
        leads.source_name,
        'leads' as table_name,
        'lead_id_repeated' as reason,
        count(*) - count(distinct leads.lead_id) as row_count

    from leads

    where leads.lead_id is not null

    group by leads.source_name

    having count(*) > count(distinct leads.lead_id)

    union all

    select
        leads.source_name,
        'leads' as table_name,
        'created_at_unreadable' as reason,
        count(*) as row_count

    from leads

    where leads.is_created_at_unreadable

    group by leads.source_name

    union all

    select
        leads.source_name,
        'leads' as table_name,
        'opt_out_unclear' as reason,
        count(*) as row_count

    from leads

    where leads.is_opt_out_unclear

    group by leads.source_name

    union all

    select
        all_outcomes.source_name,
        'outcomes' as table_name,
        case
            when all_outcomes.lead_id is null then 'lead_id_missing'
            when coalesce(all_outcomes.outcome, '') not in ('won', 'lost') then 'outcome_unknown'
            when known_leads.lead_id is null then 'lead_unknown'
            else 'closed_at_unreadable'
        end as reason,
        count(*) as row_count

    from all_outcomes

    left join known_leads
        on
            all_outcomes.source_name = known_leads.source_name
            and all_outcomes.lead_id = known_leads.lead_id

    where
        known_leads.lead_id is null
        or coalesce(all_outcomes.outcome, '') not in ('won', 'lost')
        or (all_outcomes.closed_at_text is not null and all_outcomes.closed_date is null)

    group by
        all_outcomes.source_name,
        reason

    union all

    select
        rejected_deals.source_name,
        rejected_deals.table_name,
        rejected_deals.reason,
        rejected_deals.row_count

    from rejected_deals

    union all

    select
        read_dispositions.source_name,
        read_dispositions.table_name,
        read_dispositions.rejection as reason,
        count(*) as row_count

    from read_dispositions

    group by
        read_dispositions.source_name,
        read_dispositions.table_name,
        read_dispositions.rejection

),

rejected_rows as (

    select
        counted.source_name,
        counted.table_name,
        counted.reason,
        cast(counted.row_count as bigint) as row_count

    from counted

)

select * from rejected_rows
