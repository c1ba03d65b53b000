with

records as (

    select * from {{ ref('int_company_records') }}

),

groups as (

    select * from {{ ref('int_company_groups') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

record_companies as (

    select
        records.record_id as company_id,
        records.source_name,
        companies.company_key

    from records

    inner join groups
        on records.record_key = groups.record_key

    inner join companies
        on groups.group_key = companies.group_key

    where not records.is_implied

)

select * from record_companies
