with

leads as (

    select * from {{ ref('int_leads') }}

),

companies as (
    {{ union_sources('companies', ['company_id']) }}
),

source_records as (

    select * from {{ ref('int_company_source_records') }}

),

company_names as (

    select * from {{ ref('int_company_names') }}

),

prefecture_names as (

    select * from {{ ref('int_prefecture_names') }}

),

email_domains as (

    select * from {{ ref('int_email_domains') }}

),

-- Few texts stand for the prefectures of many rows.
written_prefectures as (

    select distinct leads.prefecture

    from leads

),

prefectures as (

    select
        written_prefectures.prefecture,
        prefecture_names.prefecture_code

    from written_prefectures

    inner join prefecture_names
        on
            {{ prefecture_key('written_prefectures.prefecture') }}
            = prefecture_names.prefecture_key

),

-- Ids that any record bears, also one that no longer or does not yet exist.
listed as (

    select distinct
        companies.source_name,
        companies.company_id

    from companies

    where companies.company_id is not null

),

keyed as (

    select
        leads.lead_key,
        leads.lead_id,
        leads.source_name,
        leads.company_id,
        leads.company_name,
        leads.prefecture,
        leads.country,
        leads.industry,
        leads.employee_count,
        {{ email_domain('leads.email') }} as email_domain,
        {{ corporate_number('leads.corporate_number') }} as corporate_number,
        {{ phone_digits('leads.phone') }} as phone_digits,
        leads.created_date,
        leads.created_at

    from leads

),

-- An id that no record bears is an association all the same; one of a company that was deleted is
-- none any more.
compared as (

    select
        keyed.*,
        company_names.normal_name,
        company_names.legal_form,
        prefectures.prefecture_code,
        case when email_domains.may_identify_company then keyed.email_domain end
            as identifying_domain,
        source_records.record_id as associated_record_id,
        case when listed.company_id is null then keyed.company_id end as unlisted_company_id

    from keyed

    left join company_names
        on keyed.company_name = company_names.company_name

    left join prefectures
        on keyed.prefecture = prefectures.prefecture

    left join email_domains
        on keyed.email_domain = email_domains.email_domain

    left join source_records
        on
            keyed.source_name = source_records.source_name
            and keyed.company_id = source_records.company_id

    left join listed
        on
            keyed.source_name = listed.source_name
            and keyed.company_id = listed.company_id

),

-- Leads that say the same of their company stand for one record. The telephone belongs to it only
-- where there is nothing else than a name.
evidence as (

    select
        compared.lead_key,
        compared.lead_id,
        compared.source_name,
        compared.associated_record_id,
        compared.unlisted_company_id,
        case
            when compared.associated_record_id is not null then null
            when compared.unlisted_company_id is not null then compared.unlisted_company_id
            else
                nullif(
                    concat_ws(
                        ' ',
                        'number:' || compared.corporate_number,
                        'domain:' || compared.identifying_domain,
                        'name:' || compared.normal_name || coalesce(':' || compared.legal_form, ''),
                        case
                            when compared.normal_name is not null
                                then 'prefecture:' || compared.prefecture_code
                        end,
                        case
                            when
                                compared.normal_name is not null
                                and coalesce(
                                    compared.corporate_number,
                                    compared.identifying_domain,
                                    compared.prefecture_code
                                ) is null
                                then 'phone:' || left(md5(compared.phone_digits), 12)
                        end
                    ),
                    ''
                )
        end as implied_record_id,
        compared.company_name,
        compared.normal_name,
        compared.legal_form,
        compared.prefecture,
        compared.prefecture_code,
        compared.country,
        compared.industry,
        compared.employee_count,
        compared.identifying_domain,
        compared.corporate_number,
        compared.phone_digits,
        compared.created_date,
        compared.created_at

    from compared

)

select * from evidence
