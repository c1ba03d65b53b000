with

leads as (

    select * from {{ ref('int_leads') }}

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

lead_motions as (

    select * from {{ ref('int_lead_motions') }}

),

lead_exclusions as (

    select * from {{ ref('int_lead_exclusions') }}

),

work_statuses as (

    select * from {{ ref('int_lead_work_statuses') }}

),

-- The first reason in the order of the seed is the one that people read.
ranked_exclusions as (

    select
        lead_exclusions.lead_key,
        lead_exclusions.reason,
        row_number() over (
            partition by lead_exclusions.lead_key
            order by lead_exclusions.sort_order, lead_exclusions.exclusion_id
        ) as reason_rank

    from lead_exclusions

    where lead_exclusions.stops_scoring

),

-- Others keep a lead from mailings too, without a word of the person. What the record says counts
-- even where the exclusions in force know no such reason.
email_opt_outs as (

    select distinct lead_exclusions.lead_key

    from lead_exclusions

    where lead_exclusions.reason = 'email_opt_out'

),

dimension as (

    select
        leads.lead_id,
        leads.owner_id,
        companies.company_id,
        leads.source_name,
        coalesce(leads.company_name, companies.company_name) as company_name,
        leads.email,
        case
            when {{ position_of("'@'", 'leads.email') }} > 0
                then lower({{ dbt.split_part('leads.email', "'@'", -1) }})
        end as email_domain,
        lead_motions.motion,
        ranked_exclusions.reason as exclusion_reason,
        work_statuses.lifecycle_stage,
        work_statuses.work_status,
        leads.amount,
        ranked_exclusions.reason is null as is_scored,
        leads.do_not_contact,
        email_opt_outs.lead_key is not null
        or coalesce(leads.{{ quoted('lead.email_opt_out') }} = 'true', false) as email_opt_out,
        leads.created_date,
        leads.created_at

    from leads

    left join lead_companies
        on leads.lead_key = lead_companies.lead_key

    left join companies
        on lead_companies.company_key = companies.company_key

    left join lead_motions
        on leads.lead_key = lead_motions.lead_key

    left join ranked_exclusions
        on
            leads.lead_key = ranked_exclusions.lead_key
            and ranked_exclusions.reason_rank = 1

    left join work_statuses
        on leads.lead_key = work_statuses.lead_key

    left join email_opt_outs
        on leads.lead_key = email_opt_outs.lead_key

)

select * from dimension
