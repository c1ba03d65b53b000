{%- set texts = [
    'pipeline_id', 'pipeline_name', 'stage_id', 'stage_name', 'owner_id', 'company_id',
    'company_name', 'outcome', 'reason',
] -%}
{%- set columns = texts + [
    'amount', 'deleted_date', 'created_date', 'created_at', 'closed_date', 'closed_at'
] -%}
{%- set bearers = source_models('deals') | map('first') | list -%}
with

deals as (
    {{ union_sources('deals', ['deal_id'] + columns) }}
),

deal_pipelines as (

    select * from {{ ref('deal_pipelines') }}

),

-- A deal is open on D unless it was closed by then; a closing without a day has always been known.
known as (

    select
        deals.*,
        coalesce(
            deals.outcome in ('won', 'lost')
            and (deals.closed_date is null or deals.closed_date <= {{ as_of_date() }}),
            false
        ) as is_closed

    from deals

    where
        deals.deal_id is not null
        and (deals.created_date is null or deals.created_date <= {{ as_of_date() }})
        and (deals.deleted_date is null or deals.deleted_date > {{ as_of_date() }})

),

-- A file has one row per person of the deal: the one that tells most and latest speaks for it.
ranked as (

    select
        known.*,
        row_number() over (
            partition by known.source_name, known.deal_id
            order by
                known.is_closed desc,
                known.closed_at desc nulls last,
                known.created_at desc nulls last,
                known.amount desc nulls last,
                {{ column_list(texts, 'known', 'nulls last') }}
        ) as row_rank

    from known

),

pipelines as (

    select distinct
        ranked.pipeline_id,
        ranked.pipeline_name,
        {{ fold_text('ranked.pipeline_id') }} as folded_id,
        {{ fold_text('ranked.pipeline_name') }} as folded_name

    from ranked

    where ranked.row_rank = 1

),

-- The first row that matches the id or the name of the pipeline says what its deals are.
pipeline_kinds as (

    select
        pipelines.pipeline_id,
        pipelines.pipeline_name,
        deal_pipelines.deal_kind,
        deal_pipelines.is_new_win,
        row_number() over (
            partition by pipelines.pipeline_id, pipelines.pipeline_name
            order by deal_pipelines.priority
        ) as match_rank

    from pipelines

    inner join deal_pipelines
        on
            deal_pipelines.match = 'default'
            or (
                deal_pipelines.match = 'equals'
                and (
                    pipelines.folded_id = {{ fold_text('deal_pipelines.pattern') }}
                    or pipelines.folded_name = {{ fold_text('deal_pipelines.pattern') }}
                )
            )
            or (
                deal_pipelines.match = 'contains'
                and (
                    {{ position_of(
                        fold_text('deal_pipelines.pattern'), 'pipelines.folded_id'
                    ) }} > 0
                    or {{ position_of(
                        fold_text('deal_pipelines.pattern'), 'pipelines.folded_name'
                    ) }} > 0
                )
            )

),

-- The first source that bears deals gives ids as they stand, another one's tell their source.
named as (

    select
        ranked.*,
        {% if bearers | length > 1 -%}
        case
            when ranked.source_name = '{{ bearers[0] }}' then ranked.deal_id
            else concat(ranked.source_name, ':', ranked.deal_id)
        end
        {%- else -%}
        ranked.deal_id
        {%- endif %} as qualified_deal_id

    from ranked

    where ranked.row_rank = 1

),

keyed as (

    select
        named.qualified_deal_id as deal_id,
        named.source_name,
        named.deal_id as source_deal_id,
        named.pipeline_id,
        named.pipeline_name,
        named.stage_id,
        named.stage_name,
        named.owner_id,
        named.company_id,
        named.company_name,
        case when named.is_closed then named.outcome else 'open' end as outcome,
        case when named.is_closed then named.reason end as reason,
        pipeline_kinds.deal_kind,
        cast(
            row_number() over (order by named.qualified_deal_id, named.source_name) as integer
        ) as deal_key,
        named.amount,
        coalesce(pipeline_kinds.is_new_win, false) as is_new_win,
        named.created_date,
        case when named.is_closed then named.closed_date end as closed_date,
        named.created_at,
        case when named.is_closed then named.closed_at end as closed_at

    from named

    left join pipeline_kinds
        on
            {{ is_same_value('named.pipeline_id', 'pipeline_kinds.pipeline_id') }}
            and {{ is_same_value('named.pipeline_name', 'pipeline_kinds.pipeline_name') }}
            and pipeline_kinds.match_rank = 1

)

select * from keyed
