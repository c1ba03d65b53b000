{{ config(materialized='view') }}
{%- set columns = relation_columns(ref('stg_hubspot__companies')) -%}
{%- set typed_columns = ['is_deleted', 'created_date', 'created_at', 'synced_at'] -%}
{%- set texts = columns | reject('in', typed_columns) | list -%}
{%- set known_columns = [
    'domain', 'corporate_number', 'prefecture', 'country', 'phone', 'industry', 'employee_count',
    'company_relation', 'owner_id',
] -%}
{%- set fields = {} -%}
{%- for column in columns if column.startswith('property.') -%}
    {%- do fields.update({column: 'property_' ~ column.removeprefix('property.')}) -%}
{%- endfor -%}
with

value_changes as (

    select * from {{ ref('int_hubspot__record_value_changes') }}

),

-- What the companies said at the end of D.
companies as (
    {{ rows_as_of(
        ref('stg_hubspot__companies'), 'value_changes', 'company', 'present.company_id', fields
    ) }}
),

ranked as (

    select
        companies.*,
        row_number() over (
            partition by companies.company_id
            order by
                companies.synced_at desc nulls last,
                companies.is_deleted asc,
                {{ row_text(texts) }} desc
        ) as row_rank

    from companies

    where companies.company_id is not null

),

listed as (

    select
        ranked.company_id as surviving_company_id,
        {{ unnest_items(split_items('ranked.merged_object_ids', ';')) }} as merged_company_id

    from ranked

    where
        ranked.row_rank = 1
        and ranked.merged_object_ids is not null

),

merged_companies as (

    select distinct listed.merged_company_id from listed

    where listed.merged_company_id <> listed.surviving_company_id

),

-- A last survivor also lists what its own merged companies had taken in before: the nearest counts.
company_merges as (

    select
        listed.merged_company_id,
        listed.surviving_company_id,
        row_number() over (
            partition by listed.merged_company_id
            order by
                merged_companies.merged_company_id is null,
                listed.surviving_company_id
        ) as merge_rank

    from listed

    left join merged_companies
        on listed.surviving_company_id = merged_companies.merged_company_id

    where listed.merged_company_id <> listed.surviving_company_id

),

renamed as (

    select
        ranked.company_id,
        {%- for column in ['company_name'] + known_columns %}
        {{ first_known(
            hubspot_field_columns(column, columns, 'company', is_input=true), 'ranked'
        ) }} as {{ column }},
        {%- endfor %}
        company_merges.surviving_company_id as merged_into_company_id,
        {%- for field in condition_fields('lead') if field.startswith('company.') %}
        {{ first_known(
            hubspot_field_columns(field.removeprefix('company.'), columns, 'company'), 'ranked'
        ) }} as {{ quoted(field) }},
        {%- endfor %}
        case
            when ranked.is_deleted then coalesce(
                {{ business_day('ranked.synced_at') }},
                ranked.created_date,
                cast('0001-01-01' as date)
            )
        end as deleted_date,
        ranked.created_date,
        ranked.created_at

    from ranked

    left join company_merges
        on
            ranked.company_id = company_merges.merged_company_id
            and company_merges.merge_rank = 1

    where ranked.row_rank = 1

)

select * from renamed
