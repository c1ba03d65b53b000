{%- set bearers = source_models('leads') | map('first') | list -%}
with

visitors as (
    {{ union_sources('visitors', [
        'visitor_id', 'lead_id', 'email', 'identified_date', 'identified_at'
    ]) }}
),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

addresses as (

    select * from {{ ref('int_lead_addresses') }}

),

-- A web source names the record of a CRM, not which one: the first source that knows the id.
named_records as (

    select
        record_leads.record_id,
        record_leads.lead_key,
        record_leads.joined_record_key,
        record_leads.joined_date,
        row_number() over (
            partition by record_leads.record_id
            order by
                case record_leads.source_name
                    {%- for source_name in bearers %}
                    when '{{ source_name }}' then {{ loop.index }}
                    {%- endfor %}
                    when '' then 0
                end
        ) as source_rank

    from record_leads

    where exists (
        select 1
        from visitors
        where record_leads.record_id = visitors.lead_id
    )

),

-- Who the visitor said to be; nobody where that is no lead on D or the address of several people.
identified as (

    select
        visitors.source_name,
        visitors.visitor_id,
        coalesce(named_records.lead_key, addresses.lead_key) as lead_key,
        case
            when named_records.lead_key is not null then named_records.joined_record_key
            else addresses.joined_record_key
        end as joined_record_key,
        visitors.identified_date,
        case
            when named_records.lead_key is not null then named_records.joined_date
            else addresses.joined_date
        end as joined_date,
        visitors.identified_at

    from visitors

    left join named_records
        on
            visitors.lead_id = named_records.record_id
            and named_records.source_rank = 1

    left join addresses
        on {{ normalise_email('visitors.email') }} = addresses.email

    where
        visitors.visitor_id is not null
        and (
            visitors.identified_date is null
            or visitors.identified_date <= {{ as_of_date() }}
        )

),

-- One answer a moment, and only where it differs from the one before.
moments as (

    select
        identified.source_name,
        identified.visitor_id,
        min(identified.lead_key) as lead_key,
        {{ first_known_by('identified.joined_record_key', 'identified.lead_key') }}
            as joined_record_key,
        min(identified.identified_date) as identified_date,
        {{ first_known_by('identified.joined_date', 'identified.lead_key') }} as joined_date,
        identified.identified_at

    from identified

    group by
        identified.source_name,
        identified.visitor_id,
        identified.identified_at

),

compared as (

    select
        moments.*,
        lag(moments.lead_key) over (
            partition by moments.source_name, moments.visitor_id
            order by moments.identified_at nulls first
        ) as last_lead_key

    from moments

),

periods as (

    select
        compared.source_name,
        compared.visitor_id,
        compared.lead_key,
        row_number() over (
            partition by compared.source_name, compared.visitor_id, compared.lead_key is null
            order by compared.identified_at nulls first
        ) as period_number,
        compared.joined_record_key,
        compared.identified_date,
        compared.joined_date,
        compared.identified_at,
        lead(compared.identified_at) over (
            partition by compared.source_name, compared.visitor_id
            order by compared.identified_at nulls first
        ) as until_at

    from compared

    where not {{ is_same_value('compared.lead_key', 'compared.last_lead_key') }}

),

-- The history before the first identification belongs to the lead that it named.
visitor_leads as (

    select
        periods.source_name,
        periods.visitor_id,
        periods.lead_key,
        periods.joined_record_key,
        periods.identified_date,
        periods.joined_date,
        case when periods.period_number > 1 then periods.identified_at end as from_at,
        periods.until_at

    from periods

    where periods.lead_key is not null

)

select * from visitor_leads
