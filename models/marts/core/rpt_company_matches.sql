with

matches as (

    select * from {{ ref('int_company_matches') }}

),

records as (

    select * from {{ ref('int_company_records') }}

),

groups as (

    select * from {{ ref('int_company_groups') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

placed as (

    select
        records.record_id,
        records.source_name,
        records.company_name,
        records.prefecture,
        companies.company_id,
        records.record_key

    from records

    inner join groups
        on records.record_key = groups.record_key

    left join companies
        on groups.group_key = companies.group_key

),

described as (

    select
        left_records.source_name as left_source_name,
        left_records.record_id as left_record_id,
        right_records.source_name as right_source_name,
        right_records.record_id as right_record_id,
        left_records.company_id as left_company_id,
        right_records.company_id as right_company_id,
        left_records.company_name as left_company_name,
        right_records.company_name as right_company_name,
        left_records.prefecture as left_prefecture,
        right_records.prefecture as right_prefecture,
        matches.verdict,
        matches.match_kind,
        matches.label_en,
        matches.label_ja

    from matches

    inner join placed as left_records
        on matches.left_record_key = left_records.record_key

    inner join placed as right_records
        on matches.right_record_key = right_records.record_key

)

select * from described
