with

score_bands as (

    select * from {{ ref('score_bands') }}

),

-- A band runs from its start up to the start of the next one; the lowest has no start.
bands as (

    select
        score_bands.score_id,
        score_bands.band,
        score_bands.min_points,
        lead(score_bands.min_points) over (
            partition by score_bands.score_id order by score_bands.min_points nulls first
        ) as next_min_points

    from score_bands

)

select * from bands
