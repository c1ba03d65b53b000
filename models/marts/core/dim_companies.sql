with

companies as (

    select * from {{ ref('int_companies') }}

),

prefectures as (

    select * from {{ ref('prefectures') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

lead_scores as (

    select * from {{ ref('fct_lead_scores') }}

),

company_leads as (

    select
        lead_companies.company_key,
        leads.lead_id

    from lead_companies

    inner join leads
        on lead_companies.lead_key = leads.lead_key

),

-- The best grade of a company is the one that sales works first.
rolled_up as (

    select
        company_leads.company_key,
        {{ first_known_by(
            'lead_scores.grade', '(lead_scores.priority, lead_scores.grade)'
        ) }} as best_grade,
        max(lead_scores.fit_score) as highest_fit_score,
        max(lead_scores.engagement_score) as highest_engagement_score,
        cast(sum(lead_scores.engagement_score) as decimal(18, 2)) as total_engagement_score,
        cast(count(*) as integer) as lead_count,
        cast(count(lead_scores.lead_id) as integer) as scored_lead_count,
        cast(count(case when lead_scores.temperature = 'hot' then 1 end) as integer)
            as hot_lead_count

    from company_leads

    left join lead_scores
        on company_leads.lead_id = lead_scores.lead_id

    group by company_leads.company_key

),

dimension as (

    select
        companies.company_id,
        companies.owner_id,
        companies.source_name,
        companies.company_name,
        companies.domain,
        companies.corporate_number,
        companies.prefecture_code,
        coalesce(prefectures.name_ja, companies.prefecture) as prefecture,
        companies.country,
        companies.phone,
        companies.industry,
        companies.company_relation,
        rolled_up.best_grade,
        try_cast({{ lower_end('companies.employee_count') }} as integer) as employee_count,
        coalesce(rolled_up.lead_count, 0) as lead_count,
        coalesce(rolled_up.scored_lead_count, 0) as scored_lead_count,
        coalesce(rolled_up.hot_lead_count, 0) as hot_lead_count,
        rolled_up.highest_fit_score,
        rolled_up.highest_engagement_score,
        rolled_up.total_engagement_score,
        companies.created_date

    from companies

    left join prefectures
        on companies.prefecture_code = prefectures.prefecture_code

    left join rolled_up
        on companies.company_key = rolled_up.company_key

)

select * from dimension
