with

leads as (

    select * from {{ ref('int_lead_versions') }}

),

companies as (
    {{ union_sources('companies', ['domain']) }}
),

email_domains as (

    select * from {{ ref('email_domains') }}

),

known as (

    select {{ email_domain('leads.email') }} as email_domain

    from leads

    union all

    select {{ web_domain('companies.domain') }} as email_domain

    from companies

),

domains as (

    select distinct known.email_domain

    from known

    where known.email_domain is not null

),

-- Every domain with its ends of up to five words, so that the list is joined by equality.
endings as (

    select
        domains.email_domain,
        'equals' as match,
        domains.email_domain as ending

    from domains
    {% for words_before in range(5) %}
    union all

    select
        domains.email_domain,
        'suffix' as match,
        regexp_extract(
            domains.email_domain, '([^.]+(?:\.[^.]+){{ '{' ~ words_before ~ '}' }})$', 1
        ) as ending

    from domains
    {% endfor %}
),

-- A row for the whole domain goes before one for its end, a longer end before a shorter one.
ranked as (

    select
        endings.email_domain,
        email_domains.email_domain_type,
        email_domains.may_identify_company,
        row_number() over (
            partition by endings.email_domain
            order by
                case
                    when email_domains.domain is null then 2
                    when endings.match = 'equals' then 0
                    else 1
                end,
                length(endings.ending) desc
        ) as match_rank

    from endings

    left join email_domains
        on
            endings.ending = lower(email_domains.domain)
            and endings.match = email_domains.match

),

classified as (

    select
        ranked.email_domain,
        coalesce(ranked.email_domain_type, 'business') as email_domain_type,
        coalesce(ranked.may_identify_company, ranked.email_domain_type is null)
            as may_identify_company

    from ranked

    where ranked.match_rank = 1

)

select * from classified
