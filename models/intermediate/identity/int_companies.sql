{%- set bearers = source_models('companies') -%}
{%- set first_source = bearers[0][0] if bearers else '' -%}
{%- set described = [
    'company_name', 'domain', 'prefecture', 'prefecture_code', 'country', 'phone', 'industry',
    'employee_count', 'owner_id',
] -%}
{%- for field in company_fields() -%}
    {%- do described.append(quoted(field)) -%}
{%- endfor -%}
{#- What leads say of their company, too. -#}
{%- set said = ['company_name', 'prefecture', 'country', 'industry', 'employee_count'] -%}
with

records as (

    select * from {{ ref('int_company_records') }}

),

groups as (

    select * from {{ ref('int_company_groups') }}

),

identities as (

    select * from {{ ref('int_company_identities') }}

),

relations as (

    select * from {{ ref('company_relations') }}

),

ranked_identities as (

    select
        identities.*,
        row_number() over (
            partition by identities.group_key
            order by identities.identity_rank, identities.record_key
        ) as group_rank

    from identities

),

named as (

    select
        case
            when
                ranked_identities.is_implied
                or ranked_identities.source_name = {{ text_literal(first_source) }}
                then ranked_identities.identity_id
            else ranked_identities.source_name || ':' || ranked_identities.identity_id
        end as company_id,
        ranked_identities.source_name,
        ranked_identities.group_key

    from ranked_identities

    where ranked_identities.group_rank = 1

),

-- A merged record that is gone from the source gives its id and its evidence, no values.
living as (

    select
        records.*,
        groups.group_key,
        groups.corporate_number as group_corporate_number

    from records

    inner join groups
        on records.record_key = groups.record_key

    where not records.is_deleted

),

ranked_relations as (

    select
        living.group_key,
        living.company_relation,
        row_number() over (
            partition by living.group_key
            order by relations.sort_order nulls last, living.record_key
        ) as relation_rank

    from living

    left join relations
        on living.company_relation = relations.company_relation

    where living.company_relation is not null

),

described as (

    select
        living.group_key,
        {%- for column in described %}
        {{ first_known_by('living.' ~ column, 'living.record_key') }} as {{ column }},
        {%- endfor %}
        {%- for column in said %}
        {{ first_known_by(
            'case when not living.is_said_by_leads then living.' ~ column ~ ' end',
            'living.record_key'
        ) }} as recorded_{{ column }},
        {%- endfor %}
        min(living.group_corporate_number) as corporate_number,
        min(living.created_date) as created_date

    from living

    group by living.group_key

),

companies as (

    select
        named.company_id,
        named.source_name,
        described.corporate_number,
        {%- for column in described %}
        described.{{ column }},
        {%- endfor %}
        {%- for column in said %}
        described.recorded_{{ column }},
        {%- endfor %}
        ranked_relations.company_relation,
        named.group_key,
        cast(row_number() over (order by named.company_id, named.group_key) as integer)
            as company_key,
        described.created_date

    from named

    left join described
        on named.group_key = described.group_key

    left join ranked_relations
        on
            named.group_key = ranked_relations.group_key
            and ranked_relations.relation_rank = 1

)

select * from companies
