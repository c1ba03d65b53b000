with

engagement_contacts as (

    select * from {{ ref('stg_hubspot__engagement_contacts') }}

),

engagement_companies as (

    select * from {{ ref('stg_hubspot__engagement_companies') }}

),

engagement_actions as (

    select * from {{ ref('int_hubspot__engagement_actions') }}

),

event_types as (

    select * from {{ ref('event_types') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

    where source_name = 'hubspot'

),

-- Several records of one person were touched once, the one that has belonged to it longest.
participants as (

    select
        engagement_contacts.engagement_id,
        engagement_contacts.contact_id,
        row_number() over (
            partition by
                engagement_contacts.engagement_id,
                record_leads.lead_key,
                case when record_leads.lead_key is null then engagement_contacts.contact_id end
            order by record_leads.joined_date nulls first, engagement_contacts.contact_id
        ) as record_rank

    from engagement_contacts

    left join record_leads
        on engagement_contacts.contact_id = record_leads.record_id

    where not engagement_contacts.is_deleted

),

-- What the person did, such as answering a mail, is no touch; nor is what a machine sent.
done_by_sales as (

    select engagement_actions.*

    from engagement_actions

    left join event_types
        on engagement_actions.event_type = event_types.event_type

    where
        not engagement_actions.is_automated
        and (
            coalesce(event_types.is_sales_touch, false)
            or not coalesce(event_types.is_activity, false)
        )

),

on_people as (

    select
        done_by_sales.action_id || ':' || participants.contact_id as touch_id,
        participants.contact_id as lead_id,
        cast(null as {{ dbt.type_string() }}) as company_id,
        done_by_sales.event_type as kind,
        done_by_sales.outcome,
        done_by_sales.owner_id,
        done_by_sales.occurred_at

    from done_by_sales

    inner join participants
        on done_by_sales.engagement_id = participants.engagement_id

    where participants.record_rank = 1

),

-- A call to the switchboard is tied to the company and to nobody in it.
on_companies as (

    select
        done_by_sales.action_id || ':company:' || engagement_companies.company_id as touch_id,
        cast(null as {{ dbt.type_string() }}) as lead_id,
        engagement_companies.company_id,
        done_by_sales.event_type as kind,
        done_by_sales.outcome,
        done_by_sales.owner_id,
        done_by_sales.occurred_at

    from done_by_sales

    inner join engagement_companies
        on done_by_sales.engagement_id = engagement_companies.engagement_id

    where
        not engagement_companies.is_deleted
        and not exists (
            select 1
            from engagement_contacts
            where
                engagement_contacts.engagement_id = done_by_sales.engagement_id
                and not engagement_contacts.is_deleted
        )

),

all_touches as (

    select * from on_people

    union all

    select * from on_companies

),

touches as (

    select distinct
        all_touches.touch_id,
        all_touches.lead_id,
        all_touches.company_id,
        cast(null as {{ dbt.type_string() }}) as company_name,
        all_touches.kind,
        all_touches.outcome,
        all_touches.owner_id,
        {{ business_day('all_touches.occurred_at') }} as occurred_date,
        all_touches.occurred_at

    from all_touches

)

select * from touches
