with

leads as (

    select * from {{ ref('int_lead_days') }}

),

motion_alternatives as (

    select * from {{ ref('int_motion_alternatives') }}

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
        motion_alternatives.lead_key,
        alternatives.owner_id as motion

    from motion_alternatives

    inner join alternatives
        on motion_alternatives.alternative_key = alternatives.alternative_key

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
        met.motion as decided_motion,
        row_number() over (partition by met.lead_key order by motions.sort_order, met.motion)
            as motion_rank

    from met

    inner join motions
        on met.motion = motions.motion

),

lead_motions as (

    select
        leads.lead_key,
        leads.lead_id,
        {% if 'motion' in fields_given_by_file() -%}
        case
            when leads.source_name = 'file' then leads."lead.motion"
            else ranked.decided_motion
        end
        {%- else -%}
        ranked.decided_motion
        {%- endif %} as motion

    from leads

    left join ranked
        on
            leads.lead_key = ranked.lead_key
            and ranked.motion_rank = 1

)

select * from lead_motions
