with

ledger_lines as (

    select * from {{ ref('int_ledger_lines') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

stamp as (

    select * from {{ ref('int_stamp') }}

),

ledger as (

    select
        leads.lead_id,
        ledger_lines.score_id,
        ledger_lines.group_id,
        ledger_lines.rule_id,
        ledger_lines.entry_type,
        stamp.rule_set_id,
        cast(ledger_lines.points as decimal(12, 2)) as points,
        cast(ledger_lines.occurrences as bigint) as occurrences,
        stamp.is_provisional,
        ledger_lines.last_event_date,
        stamp.as_of_date,
        stamp.data_through

    from ledger_lines

    inner join leads
        on ledger_lines.lead_key = leads.lead_key

    cross join stamp

)

select * from ledger
