with

scored_leads as (

    select * from {{ ref('int_scored_leads') }}

    where is_current

),

score_definitions as (

    select * from {{ ref('score_definitions') }}

),

ledger as (

    select * from {{ ref('fct_score_ledger') }}

),

bands as (

    select * from {{ ref('int_score_bands') }}

),

stamp as (

    select * from {{ ref('int_stamp') }}

),

-- The score is the sum of its ledger lines, never computed a second way.
sums as (

    select
        ledger.lead_id,
        ledger.score_id,
        sum(ledger.points) as points

    from ledger

    group by
        ledger.lead_id,
        ledger.score_id

),

valued as (

    select
        scored_leads.lead_id,
        score_definitions.score_id,
        cast(coalesce(sums.points, 0) as decimal(12, 2)) as points

    from scored_leads

    cross join score_definitions

    left join sums
        on
            scored_leads.lead_id = sums.lead_id
            and score_definitions.score_id = sums.score_id

),

score_values as (

    select
        valued.lead_id,
        valued.score_id,
        bands.band,
        stamp.rule_set_id,
        valued.points,
        stamp.is_provisional,
        stamp.as_of_date,
        stamp.data_through

    from valued

    left join bands
        on
            valued.score_id = bands.score_id
            and (bands.min_points is null or valued.points >= bands.min_points)
            and (bands.next_min_points is null or valued.points < bands.next_min_points)

    cross join stamp

)

select * from score_values
