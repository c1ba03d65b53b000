{{ config(materialized='view') }}
{%- set fields = {
    'pipeline_id': 'property_pipeline',
    'stage_id': 'property_dealstage',
    'owner_id': 'property_hubspot_owner_id',
    'associated_company_id': 'property_hs_primary_associated_company',
    'closed_lost_reason': 'property_closed_lost_reason',
    'closed_won_reason': 'property_closed_won_reason',
    'amount': 'property_amount',
    'is_closed': 'property_hs_is_closed',
    'is_closed_won': 'property_hs_is_closed_won',
    'close_date': 'property_closedate',
    'close_at': 'property_closedate',
} -%}
{%- set kinds = {
    'amount': 'amount',
    'is_closed': 'boolean',
    'is_closed_won': 'boolean',
    'close_date': 'day',
    'close_at': 'timestamp',
} -%}
with

value_changes as (

    select * from {{ ref('int_hubspot__record_value_changes') }}

),

-- Stage, amount and the rest as they stood at the end of D.
deals as (
    {{ rows_as_of(
        ref('stg_hubspot__deals'), 'value_changes', 'deal', 'present.deal_id', fields, kinds
    ) }}
),

deal_merges as (

    select * from {{ ref('int_hubspot__deal_merges') }}

),

deal_companies as (

    select * from {{ ref('stg_hubspot__deal_companies') }}

),

companies as (

    select * from {{ ref('int_hubspot__companies') }}

),

pipelines as (

    select * from {{ ref('stg_hubspot__deal_pipelines') }}

),

stages as (

    select * from {{ ref('stg_hubspot__deal_pipeline_stages') }}

),

ranked_deals as (

    select
        deals.*,
        row_number() over (
            partition by deals.deal_id
            order by
                deals.synced_at desc nulls last,
                deals.is_deleted asc,
                deals.created_at desc nulls last,
                deals.stage_id asc nulls last,
                deals.amount desc nulls last
        ) as row_rank

    from deals

    left join deal_merges
        on deals.deal_id = deal_merges.merged_deal_id

    where
        deals.deal_id is not null
        and deal_merges.merged_deal_id is null

),

pipeline_names as (

    select
        pipelines.pipeline_id,
        pipelines.pipeline_name,
        row_number() over (
            partition by pipelines.pipeline_id
            order by pipelines.is_deleted, pipelines.pipeline_name
        ) as row_rank

    from pipelines

),

-- A stage belongs to the pipeline of the deal; a deal that lacks one is told by its stage alone.
deal_stages as (

    select
        ranked_deals.deal_id,
        stages.pipeline_id,
        stages.stage_name,
        stages.win_probability,
        stages.is_closed,
        stages.is_closed_won,
        row_number() over (
            partition by ranked_deals.deal_id
            order by
                stages.is_deleted asc,
                stages.pipeline_id asc nulls last,
                stages.synced_at desc nulls last,
                stages.stage_name asc
        ) as stage_rank

    from ranked_deals

    inner join stages
        on
            ranked_deals.stage_id = stages.stage_id
            and coalesce(ranked_deals.pipeline_id = stages.pipeline_id, true)

    where ranked_deals.row_rank = 1

),

primary_companies as (

    select distinct
        deals.deal_id,
        deals.associated_company_id

    from deals

    where deals.associated_company_id is not null

),

-- HubSpot's own types of the association: 5 or 6 is the primary one, 341 or 342 a plain one.
associations as (

    select
        coalesce(deal_merges.surviving_deal_id, deal_companies.deal_id) as deal_id,
        deal_companies.company_id,
        row_number() over (
            partition by coalesce(deal_merges.surviving_deal_id, deal_companies.deal_id)
            order by
                deal_merges.surviving_deal_id is not null asc,
                coalesce(
                    coalesce(deal_companies.association_category, 'HUBSPOT_DEFINED')
                    = 'HUBSPOT_DEFINED'
                    and deal_companies.association_type_id in ('5', '6'),
                    false
                ) desc,
                primary_companies.associated_company_id is null asc,
                deal_companies.company_id asc
        ) as association_rank

    from deal_companies

    left join deal_merges
        on deal_companies.deal_id = deal_merges.merged_deal_id

    left join primary_companies
        on
            deal_companies.deal_id = primary_companies.deal_id
            and deal_companies.company_id = primary_companies.associated_company_id

    where
        not deal_companies.is_deleted
        and deal_companies.company_id is not null

),

-- The stage says what became of the deal, else the deal itself, else HubSpot's default stage ids.
judged as (

    select
        ranked_deals.*,
        deal_stages.stage_name,
        coalesce(ranked_deals.pipeline_id, deal_stages.pipeline_id) as known_pipeline_id,
        coalesce(associations.company_id, ranked_deals.associated_company_id) as company_id,
        coalesce(
            deal_stages.is_closed or deal_stages.is_closed_won,
            deal_stages.is_closed,
            ranked_deals.is_closed or ranked_deals.is_closed_won,
            ranked_deals.is_closed,
            deal_stages.win_probability in (0, 1),
            ranked_deals.stage_id in ('closedwon', 'closedlost'),
            false
        ) as is_over,
        coalesce(
            deal_stages.is_closed_won or deal_stages.win_probability = 1,
            deal_stages.is_closed_won,
            ranked_deals.is_closed_won,
            ranked_deals.stage_id = 'closedwon',
            false
        ) as is_won

    from ranked_deals

    left join deal_stages
        on
            ranked_deals.deal_id = deal_stages.deal_id
            and deal_stages.stage_rank = 1

    left join associations
        on
            ranked_deals.deal_id = associations.deal_id
            and associations.association_rank = 1

    where ranked_deals.row_rank = 1

),

renamed as (

    select
        judged.deal_id,
        judged.known_pipeline_id as pipeline_id,
        pipeline_names.pipeline_name,
        judged.stage_id,
        judged.stage_name,
        judged.owner_id,
        judged.company_id,
        companies.company_name,
        case
            when judged.is_over and judged.is_won then 'won'
            when judged.is_over then 'lost'
        end as outcome,
        case
            when judged.is_over and judged.is_won then judged.closed_won_reason
            when judged.is_over then judged.closed_lost_reason
        end as reason,
        judged.amount,
        case
            when judged.is_deleted then coalesce(
                {{ business_day('judged.synced_at') }},
                judged.created_date,
                cast('0001-01-01' as date)
            )
        end as deleted_date,
        judged.created_date,
        judged.created_at,
        case when judged.is_over then judged.close_date end as closed_date,
        case when judged.is_over then judged.close_at end as closed_at

    from judged

    left join pipeline_names
        on
            judged.known_pipeline_id = pipeline_names.pipeline_id
            and pipeline_names.row_rank = 1

    left join companies
        on judged.company_id = companies.company_id

)

select * from renamed
