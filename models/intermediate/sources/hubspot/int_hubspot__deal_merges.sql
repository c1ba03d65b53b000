{{ config(materialized='view') }}
with

deals as (

    select * from {{ ref('stg_hubspot__deals') }}

),

merged_deals as (

    select * from {{ ref('stg_hubspot__merged_deals') }}

),

listed as (

    select
        deals.deal_id as surviving_deal_id,
        {{ unnest_items(split_items('deals.merged_object_ids', ';')) }} as merged_deal_id

    from deals

    where deals.merged_object_ids is not null

),

told as (

    select
        merged_deals.merged_deal_id,
        merged_deals.surviving_deal_id

    from merged_deals

    where merged_deals.merged_deal_id <> merged_deals.surviving_deal_id

    union

    select
        listed.merged_deal_id,
        listed.surviving_deal_id

    from listed

    where listed.merged_deal_id <> listed.surviving_deal_id

),

-- A survivor may have been merged itself: every deal that a merged one ended up in, each step
-- doubling how far it sees.
{% for step in range(1, 5) -%}
{%- set seen = 'told' if loop.first else 'reached_' ~ (step - 1) -%}
reached_{{ step }} as (

    select
        {{ seen }}.merged_deal_id,
        {{ seen }}.surviving_deal_id

    from {{ seen }}

    union

    select
        nearer.merged_deal_id,
        further.surviving_deal_id

    from {{ seen }} as nearer

    inner join {{ seen }} as further
        on nearer.surviving_deal_id = further.merged_deal_id

),

{% endfor -%}
-- The last one survives; of deals that name each other, the smallest id.
survivors as (

    select
        reached.merged_deal_id,
        coalesce(
            min(reached.surviving_deal_id) filter (where told.merged_deal_id is null),
            min(reached.surviving_deal_id)
        ) as surviving_deal_id

    from reached_4 as reached

    left join told
        on reached.surviving_deal_id = told.merged_deal_id

    group by reached.merged_deal_id

),

deal_merges as (

    select
        survivors.merged_deal_id,
        survivors.surviving_deal_id

    from survivors

    where survivors.merged_deal_id <> survivors.surviving_deal_id

)

select * from deal_merges
