with

records as (

    select * from {{ ref('int_company_records') }}

),

groups as (

    select * from {{ ref('int_company_groups') }}

),

evidence as (

    select * from {{ ref('int_company_evidence') }}

),

match_kinds as (

    select * from {{ ref('company_match_kinds') }}

),

grouped as (

    select
        evidence.evidence,
        evidence.evidence_value,
        evidence.bucket,
        evidence.record_key,
        groups.group_key,
        groups.corporate_number

    from evidence

    inner join groups
        on evidence.record_key = groups.record_key

    -- A merged record may have a number of its own, which its company does not bear.
    where
        evidence.evidence <> 'corporate_number'
        or evidence.evidence_value = groups.corporate_number

),

-- A bucket whose records are all of one company is what joined them.
joining_buckets as (

    select
        grouped.evidence,
        grouped.bucket,
        min(grouped.record_key) as first_record_key

    from grouped

    where grouped.bucket is not null

    group by
        grouped.evidence,
        grouped.bucket

    having count(distinct grouped.group_key) = 1

),

split_values as (

    select
        grouped.evidence,
        grouped.evidence_value,
        min(grouped.record_key) as first_record_key,
        count(distinct grouped.corporate_number) as number_count,
        count(distinct records.legal_form) as form_count

    from grouped

    inner join records
        on grouped.record_key = records.record_key

    where grouped.evidence <> 'corporate_number'

    group by
        grouped.evidence,
        grouped.evidence_value

    having count(distinct grouped.group_key) > 1

),

split_groups as (

    select
        grouped.evidence,
        grouped.evidence_value,
        grouped.group_key,
        min(grouped.record_key) as record_key

    from grouped

    group by
        grouped.evidence,
        grouped.evidence_value,
        grouped.group_key

),

named_groups as (

    select
        records.normal_name,
        groups.group_key,
        min(records.record_key) as record_key

    from records

    inner join groups
        on records.record_key = groups.record_key

    where records.normal_name is not null and records.is_name_trusted

    group by
        records.normal_name,
        groups.group_key

),

first_named as (

    select
        named_groups.normal_name,
        min(named_groups.record_key) as first_record_key

    from named_groups

    group by named_groups.normal_name

    having count(*) > 1

),

-- Every record is set against the first of its kind, never against all: the pairs grow with the
-- records.
pairs as (

    select
        survivors.record_key as left_record_key,
        records.record_key as right_record_key,
        'crm_merge' as match_kind

    from records

    inner join records as survivors
        on
            records.source_name = survivors.source_name
            and records.surviving_record_id = survivors.record_id

    where not survivors.is_implied

    union all

    select
        joining_buckets.first_record_key as left_record_key,
        grouped.record_key as right_record_key,
        grouped.evidence as match_kind

    from grouped

    inner join joining_buckets
        on
            grouped.evidence = joining_buckets.evidence
            and grouped.bucket = joining_buckets.bucket

    where grouped.record_key <> joining_buckets.first_record_key

    union all

    select
        split_values.first_record_key as left_record_key,
        split_groups.record_key as right_record_key,
        case
            when split_values.evidence = 'email_domain' then 'domain_of_several_numbers'
            when split_values.number_count <= 1 and split_values.form_count > 1
                then 'name_with_different_legal_forms'
            else 'name_with_different_numbers'
        end as match_kind

    from split_groups

    inner join split_values
        on
            split_groups.evidence = split_values.evidence
            and split_groups.evidence_value = split_values.evidence_value

    where split_groups.record_key <> split_values.first_record_key

    union all

    select
        first_named.first_record_key as left_record_key,
        named_groups.record_key as right_record_key,
        case
            when left_records.prefecture_code <> right_records.prefecture_code
                then 'name_in_other_prefecture'
            else 'name_alone'
        end as match_kind

    from named_groups

    inner join first_named
        on named_groups.normal_name = first_named.normal_name

    inner join records as left_records
        on first_named.first_record_key = left_records.record_key

    inner join records as right_records
        on named_groups.record_key = right_records.record_key

    where named_groups.record_key <> first_named.first_record_key

),

-- The order of a chain of merges is the CRM's; a pair is written smaller key first.
ordered as (

    select
        least(pairs.left_record_key, pairs.right_record_key) as left_record_key,
        greatest(pairs.left_record_key, pairs.right_record_key) as right_record_key,
        pairs.match_kind

    from pairs

),

ranked as (

    select
        ordered.left_record_key,
        ordered.right_record_key,
        ordered.match_kind,
        match_kinds.verdict,
        match_kinds.label_en,
        match_kinds.label_ja,
        row_number() over (
            partition by ordered.left_record_key, ordered.right_record_key
            order by match_kinds.sort_order, ordered.match_kind
        ) as match_rank

    from ordered

    inner join match_kinds
        on ordered.match_kind = match_kinds.match_kind

),

matches as (

    select
        ranked.match_kind,
        ranked.verdict,
        ranked.label_en,
        ranked.label_ja,
        ranked.left_record_key,
        ranked.right_record_key

    from ranked

    where ranked.match_rank = 1

)

select * from matches
