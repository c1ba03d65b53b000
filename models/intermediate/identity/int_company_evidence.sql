with

records as (

    select * from {{ ref('int_company_records') }}

),

lead_evidence as (

    select * from {{ ref('int_company_lead_evidence') }}

),

named as (

    select * from records

    where normal_name is not null and is_name_trusted

),

phones as (

    select
        named.record_key,
        named.phone_digits

    from named

    where named.phone_digits is not null

    union

    select
        named.record_key,
        lead_evidence.phone_digits

    from lead_evidence

    inner join named
        on lead_evidence.implied_record_id = named.record_id

    where
        lead_evidence.phone_digits is not null
        and lead_evidence.unlisted_company_id is null
        and named.is_implied

),

shared as (

    select
        records.record_key,
        'corporate_number' as evidence,
        records.corporate_number as evidence_value,
        null as legal_form

    from records

    where records.corporate_number is not null

    union all

    select
        records.record_key,
        'email_domain' as evidence,
        records.identifying_domain as evidence_value,
        null as legal_form

    from records

    where records.identifying_domain is not null

    union all

    select
        named.record_key,
        'name_and_prefecture' as evidence,
        named.normal_name || ':' || named.prefecture_code as evidence_value,
        named.legal_form

    from named

    where named.prefecture_code is not null

    union all

    select
        named.record_key,
        'name_and_phone' as evidence,
        named.normal_name || ':' || phones.phone_digits as evidence_value,
        named.legal_form

    from phones

    inner join named
        on phones.record_key = named.record_key

),

form_counts as (

    select
        shared.evidence,
        shared.evidence_value,
        count(distinct shared.legal_form) as form_count

    from shared

    where shared.legal_form is not null

    group by
        shared.evidence,
        shared.evidence_value

),

-- Two legal forms of one name in one place are two companies; a record without a form may be of
-- either, and so is joined to none.
evidence as (

    select
        shared.record_key,
        shared.evidence,
        shared.evidence_value,
        case
            when coalesce(form_counts.form_count, 0) <= 1 then shared.evidence_value
            else shared.evidence_value || ':' || shared.legal_form
        end as bucket

    from shared

    left join form_counts
        on
            shared.evidence = form_counts.evidence
            and shared.evidence_value = form_counts.evidence_value

)

select * from evidence
