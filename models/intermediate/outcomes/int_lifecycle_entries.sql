with

lifecycle_stages as (

    select * from {{ ref('lifecycle_stages') }}

),

listed as (

    select
        lifecycle_stages.stage_id,
        lifecycle_stages.sort_order,
        {{ split_items('lifecycle_stages.entered_by', '|') }} as items

    from lifecycle_stages

),

placed as (

    select
        listed.stage_id,
        listed.sort_order,
        listed.items,
        {{ unnest_positions('listed.items') }} as item_position

    from listed

),

worded as (

    select
        placed.stage_id,
        placed.sort_order,
        placed.item_position,
        {{ item_at('placed.items', 'placed.item_position') }} as item

    from placed

),

-- `kind:a|b` names the kind once for all that follows; a word of its own needs none.
kinded as (

    select
        worded.*,
        case
            when worded.item in ('first_record', 'deal_won', 'deal_lost') then worded.item
            when {{ position_of("':'", 'worded.item') }} > 0
                then {{ dbt.split_part('worded.item', "':'", 1) }}
        end as told_kind,
        max(
            case when {{ position_of("':'", 'worded.item') }} > 0 then worded.item_position end
        ) over (
            partition by worded.stage_id
            order by worded.item_position
            rows between unbounded preceding and current row
        ) as kind_position

    from worded

),

entries as (

    select
        kinded.stage_id,
        kinded.sort_order,
        coalesce(
            kinded.told_kind, {{ dbt.split_part('headed.item', "':'", 1) }}
        ) as entry_kind,
        case
            when kinded.told_kind in ('first_record', 'deal_won', 'deal_lost') then kinded.item
            else {{ dbt.split_part('kinded.item', "':'", -1) }}
        end as entry_word

    from kinded

    left join worded as headed
        on
            kinded.stage_id = headed.stage_id
            and kinded.kind_position = headed.item_position

),

-- The stages that end a cycle without a win lie on no way to one.
exits as (

    select distinct entries.stage_id

    from entries

    where
        entries.entry_kind = 'deal_lost'
        or (entries.entry_kind = 'disposition' and entries.entry_word = 'returned')

),

-- The stage after a hand-off is the answer to it.
stages as (

    select
        entries.stage_id,
        coalesce(
            lag(max(case when entries.entry_kind = 'handoff_created' then 1 else 0 end)) over (
                order by entries.sort_order, entries.stage_id
            ) = 1,
            false
        ) as is_answer

    from entries

    group by
        entries.stage_id,
        entries.sort_order

),

lifecycle_entries as (

    select
        entries.stage_id,
        entries.entry_kind,
        entries.entry_word,
        entries.sort_order,
        stages.is_answer,
        exits.stage_id is not null as is_exit

    from entries

    inner join stages
        on entries.stage_id = stages.stage_id

    left join exits
        on entries.stage_id = exits.stage_id

)

select * from lifecycle_entries
