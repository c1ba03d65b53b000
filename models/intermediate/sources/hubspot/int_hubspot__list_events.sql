{{ config(materialized='view') }}
with

list_members as (

    select * from {{ ref('stg_hubspot__contact_list_members') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

    where source_name = 'hubspot'

),

lists as (

    select * from {{ ref('stg_hubspot__contact_lists') }}

),

list_names as (

    select *
    from {{ ref('int_hubspot__event_names') }}
    where source_table = 'contact_list'

),

-- Several records of one person are on a list once, from the day of the first.
members as (

    select
        list_members.*,
        row_number() over (
            partition by
                list_members.contact_list_id,
                record_leads.lead_key,
                case when record_leads.lead_key is null then list_members.contact_id end
            order by
                list_members.added_at nulls last,
                record_leads.joined_date nulls first,
                list_members.contact_id
        ) as record_rank

    from list_members

    left join record_leads
        on list_members.contact_id = record_leads.record_id

    where not list_members.is_deleted

),

-- Cards of an exhibition are imported weeks later: the visit was on the day in the list's name.
dated_lists as (

    select
        lists.contact_list_id,
        list_names.event_type,
        list_names.property,
        list_names.property_value,
        case
            when list_names.is_day_in_name then {{ day_in_name('lists.list_name') }}
        end as event_date

    from lists

    inner join list_names
        on coalesce(lists.list_name, '') = list_names.name

    where
        not lists.is_deleted
        and list_names.event_type is not null

),

named as (

    select
        members.contact_id as lead_id,
        cast(null as {{ dbt.type_string() }}) as visitor_id,
        cast(null as {{ dbt.type_string() }}) as email,
        'list:' || members.contact_list_id || ':' || members.contact_id as event_id,
        dated_lists.event_type,
        coalesce(
            cast(dated_lists.event_date as {{ dbt.type_string() }}), members.added_at_text
        ) as occurred_at_text,
        {{ event_property_columns(relations=['dated_lists']) -}}
        false as is_automated,
        cast(null as bigint) as source_row_number,
        coalesce(dated_lists.event_date, {{ business_day('members.added_at') }}) as event_date,
        case
            when dated_lists.event_date is null then members.added_at
            else {{ parse_timestamp(
                'cast(dated_lists.event_date as ' ~ dbt.type_string() ~ ')'
            ) }}
        end as occurred_at

    from members

    inner join dated_lists
        on members.contact_list_id = dated_lists.contact_list_id

    where members.record_rank = 1

),

happened as (

    select {{ column_list(event_columns(), 'named') }}

    from named

)

select * from happened
