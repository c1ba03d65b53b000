with

profiles as (

    select * from {{ ref('int_lead_profiles') }}

),

job_levels as (

    select * from {{ ref('int_text_classes') }}

    where attribute = 'job_level'

),

department_functions as (

    select * from {{ ref('int_text_classes') }}

    where attribute = 'job_function'

),

title_functions as (

    select * from {{ ref('int_text_classes') }}

    where attribute = 'job_function'

),

industry_groups as (

    select * from {{ ref('int_text_classes') }}

    where attribute = 'industry_group'

),

country_territories as (

    select * from {{ ref('int_text_classes') }}

    where attribute = 'sales_territory'

),

prefecture_codes as (

    select * from {{ ref('int_text_classes') }}

    where attribute = 'prefecture'

),

prefectures as (

    select * from {{ ref('prefectures') }}

),

email_domains as (

    select * from {{ ref('int_email_domains') }}

),

shared_mailboxes as (

    select * from {{ ref('shared_mailboxes') }}

),

addressed as (

    select
        profiles.*,
        {{ email_domain('profiles.email') }} as email_domain,
        case
            when {{ position_of("'@'", 'profiles.email') }} > 0
                then {{ fold_text(dbt.split_part('profiles.email', "'@'", 1)) }}
        end as local_part

    from profiles

),

-- Whoever has no address has no known kind of address. A prefecture that is none stays as written.
derivations as (

    select
        addressed.version_key,
        addressed.lead_id,
        addressed.company_name,
        addressed.company_relation,
        addressed.email_domain,
        email_domains.email_domain_type,
        {{ lower_end('addressed.employee_count') }} as employee_count,
        industry_groups.class_value as industry_group,
        coalesce(department_functions.class_value, title_functions.class_value) as job_function,
        job_levels.class_value as job_level,
        coalesce(prefectures.name_ja, addressed.prefecture) as prefecture,
        prefectures.region,
        coalesce(prefectures.sales_territory, country_territories.class_value) as sales_territory,
        {%- for field in company_fields() %}
        addressed.{{ quoted(field) }},
        {%- endfor %}
        -- Nobody can be erased yet.
        false as is_erased,
        case
            when addressed.local_part is not null then shared_mailboxes.local_part is not null
        end as is_shared_mailbox

    from addressed

    left join job_levels
        on addressed.job_title = job_levels.text_value

    left join department_functions
        on addressed.department = department_functions.text_value

    left join title_functions
        on addressed.job_title = title_functions.text_value

    left join industry_groups
        on addressed.industry = industry_groups.text_value

    left join country_territories
        on addressed.country = country_territories.text_value

    left join prefecture_codes
        on addressed.prefecture = prefecture_codes.text_value

    left join prefectures
        on prefecture_codes.class_value = prefectures.prefecture_code

    left join email_domains
        on addressed.email_domain = email_domains.email_domain

    left join shared_mailboxes
        on addressed.local_part = {{ fold_text('shared_mailboxes.local_part') }}

)

select * from derivations
