with

leads as (

    select * from {{ ref('int_leads') }}

),

lead_alternatives as (

    select * from {{ ref('int_lead_alternatives') }}

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

    where owner_type = 'motion'

),

motions as (

    select * from {{ ref('motions') }}

),

met as (

    select
        lead_alternatives.lead_key,
        alternatives.owner_id as motion

    from lead_alternatives

    inner join alternatives
        on lead_alternatives.alternative_key = alternatives.alternative_key

    union all

    select
        leads.lead_key,
        alternatives.owner_id as motion

    from leads

    cross join alternatives

    where alternatives.lead_condition_count = 0

),

-- The first motion in the order of the seed wins.
ranked as (

    select
        met.lead_key,
        met.motion,
        row_number() over (partition by met.lead_key order by motions.sort_order, met.motion)
            as motion_rank

    from met

    inner join motions
        on met.motion = motions.motion

),

lead_motions as (

    select
        ranked.lead_key,
        ranked.motion

    from ranked

    where ranked.motion_rank = 1

)

select * from lead_motions
