{%- set columns = [
    'company_id', 'company_name', 'domain', 'corporate_number', 'prefecture', 'country', 'phone',
    'industry', 'employee_count', 'company_relation', 'owner_id', 'merged_into_company_id',
] -%}
{%- for field in company_fields() -%}
    {%- do columns.append(quoted(field)) -%}
{%- endfor -%}
with

companies as (
    {{ union_sources('companies', columns + ['deleted_date', 'created_date', 'created_at']) }}
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

    select distinct companies.prefecture

    from companies

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

-- What was created after D does not exist yet, what was deleted no longer; a merged company whose
-- record is gone still leads to the one that took it over.
existing as (

    select
        companies.*,
        {{ corporate_number('companies.corporate_number') }} as known_corporate_number,
        {{ phone_digits('companies.phone') }} as phone_digits,
        {{ web_domain('companies.domain') }} as known_domain

    from companies

    where
        coalesce(companies.company_id, companies.company_name) is not null
        and (companies.created_date is null or companies.created_date <= {{ as_of_date() }})
        and (
            companies.deleted_date is null
            or companies.deleted_date > {{ as_of_date() }}
            or companies.merged_into_company_id is not null
        )

),

compared as (

    select
        existing.*,
        company_names.normal_name,
        company_names.legal_form,
        prefectures.prefecture_code,
        case when email_domains.may_identify_company then existing.known_domain end
            as identifying_domain

    from existing

    left join company_names
        on existing.company_name = company_names.company_name

    left join prefectures
        on existing.prefecture = prefectures.prefecture

    left join email_domains
        on existing.known_domain = email_domains.email_domain

),

-- A row without an id is known by the evidence that it bears.
identified as (

    select
        compared.*,
        coalesce(
            compared.company_id,
            'number:' || compared.known_corporate_number,
            'domain:' || compared.identifying_domain,
            concat_ws(
                ':',
                'name:' || compared.normal_name,
                case when compared.normal_name is not null then compared.prefecture_code end,
                case when compared.normal_name is not null then compared.legal_form end
            )
        ) as record_id

    from compared

),

ranked as (

    select
        identified.*,
        row_number() over (
            partition by identified.source_name, identified.record_id
            order by
                identified.created_at desc nulls last,
                {{ column_list(columns, 'identified', 'nulls last') | indent(16) }}
        ) as row_rank

    from identified

    where identified.record_id <> ''

),

single as (

    select
        ranked.*,
        coalesce(ranked.deleted_date <= {{ as_of_date() }}, false) as is_deleted

    from ranked

    where ranked.row_rank = 1

),

records as (

    select
        single.record_id,
        single.source_name,
        {%- for column in columns %}
        single.{{ column }},
        {%- endfor %}
        survivors.record_id as surviving_record_id,
        single.normal_name,
        single.legal_form,
        single.prefecture_code,
        single.known_domain,
        single.identifying_domain,
        single.known_corporate_number,
        single.phone_digits,
        single.is_deleted,
        single.created_date,
        single.created_at

    from single

    left join single as survivors
        on
            single.source_name = survivors.source_name
            and single.merged_into_company_id = survivors.record_id
            and single.record_id <> survivors.record_id

    where not single.is_deleted or survivors.record_id is not null

)

select * from records
