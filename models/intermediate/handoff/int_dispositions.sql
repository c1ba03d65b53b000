with

read_dispositions as (

    select * from {{ ref('int_read_dispositions') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

owners as (
    {{ union_sources('owners', ['owner_id', 'owner_name']) }}
),

-- A file may name a person where the source has ids; a name of two people is nobody's.
owner_names as (

    select
        owners.source_name,
        owners.owner_name,
        min(owners.owner_id) as owner_id

    from owners

    group by
        owners.source_name,
        owners.owner_name

    having count(distinct owners.owner_id) = 1

),

-- What two records of a person say of one moment was said once; a call has one row already.
ranked as (

    select
        read_dispositions.*,
        row_number() over (
            partition by
                read_dispositions.source_name,
                read_dispositions.source_object,
                read_dispositions.source_field,
                read_dispositions.lead_key,
                read_dispositions.disposition,
                read_dispositions.handoff_id,
                read_dispositions.occurred_at,
                case
                    when read_dispositions.source_object = 'touch'
                        then read_dispositions.disposition_key
                end
            order by
                read_dispositions.reason_id asc nulls last,
                read_dispositions.recontact_date desc nulls last,
                read_dispositions.owner_id asc nulls last,
                read_dispositions.disposition_key asc
        ) as answer_rank

    from read_dispositions

    where
        read_dispositions.rejection is null
        or read_dispositions.rejection in ('reason_unknown', 'recontact_date_unreadable')

),

-- In one moment what was done comes first, then the verdict on it.
dispositions as (

    select
        ranked.source_name,
        ranked.lead_id,
        ranked.disposition_key,
        ranked.handoff_stage,
        ranked.disposition,
        coalesce(
            owner_names.owner_id,
            ranked.owner_id,
            case when ranked.source_object <> 'touch' then leads.owner_id end
        ) as owner_id,
        ranked.reason_id,
        ranked.handoff_id,
        ranked.lead_key,
        cast(
            row_number() over (
                partition by ranked.lead_key
                order by
                    ranked.occurred_at,
                    case when ranked.source_object = 'touch' then 0 else 1 end,
                    ranked.source_name,
                    ranked.disposition_key
            ) as integer
        ) as disposition_number,
        ranked.is_touch,
        ranked.is_reached,
        ranked.occurred_date,
        ranked.recontact_date,
        ranked.occurred_at

    from ranked

    left join leads
        on ranked.lead_key = leads.lead_key

    left join owner_names
        on
            ranked.source_name = owner_names.source_name
            and ranked.owner_id = owner_names.owner_name

    where ranked.answer_rank = 1

)

select * from dispositions
