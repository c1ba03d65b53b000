with

recursive stated as (
    {{ union_sources('lead_merges', [
        'merged_lead_id', 'surviving_lead_id', 'merged_date', 'merged_at'
    ]) }}
),

records as (

    select * from {{ ref('int_lead_source_records') }}

),

-- A list of merged ids bears no dates: it says nothing where the log of merges gives the day.
dated as (

    select
        stated.*,
        max(stated.merged_date) over (
            partition by stated.source_name, stated.merged_lead_id
        ) as last_merged_date

    from stated

    where stated.merged_lead_id <> stated.surviving_lead_id

),

ranked as (

    select
        dated.*,
        row_number() over (
            partition by dated.source_name, dated.merged_lead_id
            order by
                dated.merged_date desc nulls last,
                dated.merged_at desc nulls last,
                dated.surviving_lead_id asc
        ) as merge_rank

    from dated

    where
        dated.merged_date <= {{ as_of_date() }}
        or dated.last_merged_date is null

),

-- Each merged record goes on to one other; the newest merge on D tells which.
steps as (

    select
        ranked.source_name,
        ranked.merged_lead_id,
        ranked.surviving_lead_id,
        ranked.merged_date,
        ranked.merged_at

    from ranked

    where ranked.merge_rank = 1

),

-- Doubled rows are dropped on the way, so that a loop of merges comes to an end. A record belongs
-- to the end of a chain from the newest merge on the way on.
reached as (

    select
        steps.source_name,
        steps.merged_lead_id,
        steps.surviving_lead_id as reached_lead_id,
        steps.merged_date as joined_date

    from steps

    union

    select
        reached.source_name,
        reached.merged_lead_id,
        steps.surviving_lead_id as reached_lead_id,
        greatest(reached.joined_date, steps.merged_date) as joined_date

    from reached

    inner join steps
        on
            reached.source_name = steps.source_name
            and reached.reached_lead_id = steps.merged_lead_id

),

known as (

    select
        records.source_name,
        records.lead_id,
        records.deleted_date is null or records.deleted_date > {{ as_of_date() }} as is_living

    from records

    where exists (
        select 1
        from reached
        where
            records.source_name = reached.source_name
            and records.lead_id = reached.reached_lead_id
    )

),

loops as (

    select
        reached.source_name,
        reached.merged_lead_id as lead_id,
        min(reached.reached_lead_id) as loop_lead_id

    from reached

    group by
        reached.source_name,
        reached.merged_lead_id

    having
        sum(case when reached.reached_lead_id = reached.merged_lead_id then 1 else 0 end) > 0

),

-- Of records that were merged into one another in turn the last survivor is left.
loop_members as (

    select
        loops.source_name,
        loops.lead_id,
        row_number() over (
            partition by loops.source_name, loops.loop_lead_id
            order by
                case
                    when known.is_living then 1
                    when known.lead_id is not null then 2
                    else 3
                end asc,
                steps.merged_date desc nulls last,
                steps.merged_at desc nulls last,
                loops.lead_id asc
        ) as member_rank

    from loops

    inner join steps
        on
            loops.source_name = steps.source_name
            and loops.lead_id = steps.surviving_lead_id

    inner join loops as merged_members
        on
            steps.source_name = merged_members.source_name
            and steps.merged_lead_id = merged_members.lead_id

    left join known
        on
            loops.source_name = known.source_name
            and loops.lead_id = known.lead_id

),

-- A survivor that no source knows on D cannot stand for anybody.
candidates as (

    select
        reached.source_name,
        reached.merged_lead_id,
        reached.reached_lead_id,
        min(reached.joined_date) as joined_date

    from reached

    inner join known
        on
            reached.source_name = known.source_name
            and reached.reached_lead_id = known.lead_id

    left join loop_members as merged_members
        on
            reached.source_name = merged_members.source_name
            and reached.merged_lead_id = merged_members.lead_id

    left join loop_members as reached_members
        on
            reached.source_name = reached_members.source_name
            and reached.reached_lead_id = reached_members.lead_id

    where
        coalesce(merged_members.member_rank, 2) > 1
        and coalesce(reached_members.member_rank, 1) = 1

    group by
        reached.source_name,
        reached.merged_lead_id,
        reached.reached_lead_id

),

resolved as (

    select
        candidates.source_name,
        candidates.merged_lead_id,
        candidates.reached_lead_id as surviving_lead_id,
        steps.surviving_lead_id as next_lead_id,
        steps.merged_date,
        candidates.joined_date,
        steps.merged_at

    from candidates

    inner join steps
        on
            candidates.source_name = steps.source_name
            and candidates.merged_lead_id = steps.merged_lead_id

    -- The end of the chain is what goes on to nothing else.
    where not exists (
        select 1
        from candidates as later_candidates
        where
            candidates.source_name = later_candidates.source_name
            and candidates.reached_lead_id = later_candidates.merged_lead_id
    )

)

select * from resolved
