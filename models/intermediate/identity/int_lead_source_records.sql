{#- A day on which no record changed leaves what reads this alone, however many there are. -#}
{{ config(meta={'is_compared_by_content': true}) }}
{%- set columns = [
    'lead_id', 'owner_id', 'company_name', 'email',
] + lead_source_columns() + ['source_row_text'] + lead_field_columns() -%}
{%- do columns.extend([
    'amount', 'do_not_contact', 'is_opt_out_unclear', 'is_created_at_unreadable', 'deleted_date',
    'created_date', 'created_at',
]) -%}
{%- set bearers = source_models('leads') | map('first') | list -%}
with

leads as (
    {{ union_sources('leads', columns + ['version_until_date']) }}
),

-- What was created after D does not exist yet; a record without a date always has.
existing as (

    select
        leads.*,
        row_number() over (
            partition by leads.source_name, leads.lead_id
            order by leads.created_at desc nulls last, leads.source_row_text desc
        ) as row_rank

    from leads

    where
        leads.lead_id is not null
        and leads.version_until_date is null
        and (leads.created_date is null or leads.created_date <= {{ as_of_date() }})

),

-- The first source that bears leads gives ids as they stand, another one's tell their source.
named as (

    select
        existing.*,
        {% if bearers | length > 1 -%}
        case
            when existing.source_name = '{{ bearers[0] }}' then existing.lead_id
            else concat(existing.source_name, ':', existing.lead_id)
        end
        {%- else -%}
        existing.lead_id
        {%- endif %} as qualified_lead_id,
        cast(
            {%- if bearers | length > 1 %}
            case existing.source_name
                {%- for source_name in bearers %}
                when '{{ source_name }}' then {{ loop.index }}
                {%- endfor %}
            end
            {%- else %} 1 {%- endif %} as integer
        ) as source_rank

    from existing

    where existing.row_rank = 1

),

keyed as (

    select
        named.source_name,
        {{ column_list(columns[:-3], 'named') }},
        coalesce(named.deleted_date <= {{ as_of_date() }}, false) as is_deleted,
        named.qualified_lead_id,
        cast(
            row_number() over (order by named.qualified_lead_id, named.source_name) as integer
        ) as record_key,
        named.source_rank,
        {{ column_list(columns[-3:], 'named') }}

    from named

)

select * from keyed
