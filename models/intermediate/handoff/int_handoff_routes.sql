with

chains as (

    select * from {{ ref('int_handoff_chains') }}

),

crossings as (

    select * from {{ ref('int_handoff_crossings') }}

),

handoff_values as (

    select * from {{ ref('int_handoff_values') }}

),

routing_rules as (

    select * from {{ ref('routing_rules') }}

),

teams as (

    select * from {{ ref('sales_teams') }}

),

members as (

    select * from {{ ref('sales_members') }}

),

absences as (

    select * from {{ ref('sales_absences') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

companies as (

    select * from {{ ref('int_companies') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

multi_valued_fields as (

    select lower(attribute) as field

    from {{ ref('attributes') }}

    where is_multi_valued

),

prefecture_names as (

    select * from {{ ref('int_prefecture_names') }}

),

prefectures as (

    select * from {{ ref('prefectures') }}

),

conditions as (

    {{ agreement_conditions(ref('routing_conditions'), 'route_id') | indent(4) }}

),

routed as (

    select crossings.*

    from crossings

    inner join chains
        on crossings.crossing_key = chains.crossing_key

),

subject_values as (

    select
        handoff_values.day_lead_key as subject_key,
        handoff_values.field,
        handoff_values.field_value,
        handoff_values.as_of_date

    from handoff_values

    where
        handoff_values.field in (select conditions.field from conditions)
        and handoff_values.day_lead_key in (select routed.day_lead_key from routed)

),

{{ met_owners() }},

tried as (

    select
        routed.crossing_key,
        routed.lead_key,
        routed.company_key,
        routed.deal_owner_id,
        routed.issued_date,
        routed.crossed_at,
        routing_rules.route_id,
        routing_rules.sort_order,
        routing_rules.method,
        routing_rules.target

    from routed

    inner join routing_rules
        on
            routed.handoff_stage = routing_rules.handoff_stage
            and {{ is_in_force('routing_rules', 'routed.issued_date') }}

    left join met_owners
        on
            routed.day_lead_key = met_owners.subject_key
            and routing_rules.route_id = met_owners.owner_id

    where
        met_owners.owner_id is not null
        or routing_rules.route_id not in (select conditions.owner_id from conditions)

),

-- Whoever spoke last with the lead or somebody of its company.
conversations as (

    select
        tried.crossing_key,
        tried.route_id,
        dispositions.owner_id,
        row_number() over (
            partition by
                tried.crossing_key,
                tried.route_id
            order by
                dispositions.occurred_at desc,
                dispositions.disposition_number desc,
                dispositions.owner_id asc
        ) as talk_rank

    from tried

    inner join dispositions
        on
            tried.lead_key = dispositions.lead_key
            and tried.crossed_at > dispositions.occurred_at

    where
        tried.method = 'last_touch_owner'
        and tried.company_key is null
        and dispositions.is_reached
        and dispositions.owner_id is not null
        and {{ dbt.datediff('dispositions.occurred_date', 'tried.issued_date', 'day') }}
        <= {{ parse_number('tried.target') }}

    union all

    select
        tried.crossing_key,
        tried.route_id,
        dispositions.owner_id,
        row_number() over (
            partition by
                tried.crossing_key,
                tried.route_id
            order by
                dispositions.occurred_at desc,
                dispositions.disposition_number desc,
                dispositions.owner_id asc
        ) as talk_rank

    from tried

    inner join lead_companies
        on tried.company_key = lead_companies.company_key

    inner join dispositions
        on
            lead_companies.lead_key = dispositions.lead_key
            and tried.crossed_at > dispositions.occurred_at

    where
        tried.method = 'last_touch_owner'
        and dispositions.is_reached
        and dispositions.owner_id is not null
        and {{ dbt.datediff('dispositions.occurred_date', 'tried.issued_date', 'day') }}
        <= {{ parse_number('tried.target') }}

),

with_owners as (

    select
        tried.*,
        case tried.method
            when 'open_deal_owner' then tried.deal_owner_id
            when 'company_owner' then coalesce(companies.owner_id, leads.owner_id)
            when 'last_touch_owner' then conversations.owner_id
        end as named_owner_id

    from tried

    inner join leads
        on tried.lead_key = leads.lead_key

    left join companies
        on tried.company_key = companies.company_key

    left join conversations
        on
            tried.crossing_key = conversations.crossing_key
            and tried.route_id = conversations.route_id
            and conversations.talk_rank = 1

),

-- Only who is a member on the day and not away gets a lead.
present as (

    select
        with_owners.crossing_key,
        with_owners.route_id,
        min(members.team_id) as team_id

    from with_owners

    inner join members
        on
            with_owners.named_owner_id = members.crm_owner_id
            and {{ is_in_force('members', 'with_owners.issued_date') }}

    inner join teams
        on members.team_id = teams.team_id

    where
        coalesce(teams.role = with_owners.target, true)
        or with_owners.method <> 'company_owner'

    group by
        with_owners.crossing_key,
        with_owners.route_id

    having not bool_or(
        exists (
            select 1
            from absences
            where
                members.member_id = absences.member_id
                and with_owners.issued_date between absences.absent_from and absences.absent_to
        )
    )

),

found as (

    select
        with_owners.crossing_key,
        with_owners.route_id,
        with_owners.method,
        case
            when with_owners.method = 'team_turn' then with_owners.target
            else present.team_id
        end as team_id,
        case when with_owners.method <> 'team_turn' then with_owners.named_owner_id end as owner_id,
        row_number() over (
            partition by with_owners.crossing_key
            order by
                with_owners.sort_order,
                with_owners.route_id
        ) as route_rank

    from with_owners

    left join present
        on
            with_owners.crossing_key = present.crossing_key
            and with_owners.route_id = present.route_id

    where
        with_owners.method = 'team_turn'
        or present.route_id is not null

),

routes as (

    select
        found.route_id,
        found.team_id,
        found.owner_id,
        found.crossing_key,
        found.method = 'team_turn' as is_team_turn

    from found

    where found.route_rank = 1

)

select * from routes
