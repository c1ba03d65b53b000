with

outcomes as (
    {{ union_sources('outcomes', [
        'lead_id', 'outcome', 'reason', 'amount', 'closed_date', 'closed_at'
    ]) }}
),

leads as (

    select * from {{ ref('int_leads') }}

),

-- Nothing after the end of D is read; an outcome without a day has always been known.
known as (

    select
        leads.lead_id,
        outcomes.outcome,
        outcomes.reason,
        outcomes.amount,
        outcomes.closed_date,
        outcomes.closed_at

    from outcomes

    inner join leads
        on
            outcomes.lead_id = leads.lead_id
            and outcomes.source_name = leads.source_name

    where
        outcomes.outcome in ('won', 'lost')
        and (outcomes.closed_date is null or outcomes.closed_date <= {{ as_of_date() }})

),

-- A cycle of a lead ends with won or lost; the next begins with its next activity.
numbered as (

    select
        known.lead_id,
        known.outcome,
        known.reason,
        cast(
            row_number() over (
                partition by known.lead_id
                order by
                    known.closed_at nulls first,
                    known.outcome,
                    known.amount nulls first,
                    known.reason nulls first
            ) as integer
        ) as cycle_number,
        known.amount,
        known.closed_date,
        known.closed_at

    from known

)

select * from numbered
