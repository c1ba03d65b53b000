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

-- Evidence that leads to several companies identifies none of them.
sound_buckets as (

    select
        evidence.evidence,
        evidence.bucket

    from evidence

    inner join groups
        on evidence.record_key = groups.record_key

    where evidence.bucket is not null

    group by
        evidence.evidence,
        evidence.bucket

    having count(distinct groups.group_key) = 1

),

ranked as (

    select
        evidence.record_key,
        evidence.evidence,
        evidence.bucket,
        match_kinds.sort_order,
        row_number() over (
            partition by evidence.record_key
            order by match_kinds.sort_order, evidence.bucket
        ) as evidence_rank

    from evidence

    inner join sound_buckets
        on
            evidence.evidence = sound_buckets.evidence
            and evidence.bucket = sound_buckets.bucket

    inner join match_kinds
        on evidence.evidence = match_kinds.match_kind

),

-- A record of a source is a company by itself; one that leads imply needs evidence. A telephone
-- number stands in an id as a hash only.
identities as (

    select
        case
            when not records.is_implied then records.record_id
            when ranked.evidence = 'corporate_number' then 'number:' || ranked.bucket
            when ranked.evidence = 'email_domain' then 'domain:' || ranked.bucket
            when ranked.evidence = 'name_and_prefecture' then 'name:' || ranked.bucket
            else 'name:' || records.normal_name || ':' || left(md5(ranked.bucket), 12)
        end as identity_id,
        records.source_name,
        case when records.is_implied then ranked.evidence else 'crm_association' end as evidence,
        records.record_key,
        groups.group_key,
        case when records.is_implied then ranked.sort_order else 0 end as identity_rank,
        records.is_implied

    from records

    inner join groups
        on records.record_key = groups.record_key

    left join ranked
        on
            records.record_key = ranked.record_key
            and ranked.evidence_rank = 1

    where not records.is_implied or ranked.record_key is not null

)

select * from identities
