with

sales_members as (

    select sales_members.*

    from {{ ref('sales_members') }} as sales_members

    where {{ is_in_force('sales_members') }}

),

sales_absences as (

    select * from {{ ref('sales_absences') }}

),

sales_teams as (

    select * from {{ ref('sales_teams') }}

),

sales_capacity as (

    select sales_capacity.*

    from {{ ref('sales_capacity') }} as sales_capacity

    where {{ is_in_force('sales_capacity') }}

),

business_periods as (

    select * from {{ ref('int_business_periods') }}

),

-- The business days of the week of D, by the calendar of each team.
week_days as (

    select distinct
        business_periods.calendar_id,
        business_periods.period_date

    from business_periods

    where
        business_periods.period_date
        >= cast({{ dbt.date_trunc('week', as_of_date()) }} as date)
        and business_periods.period_date
        < cast({{ dbt.dateadd('day', 7, dbt.date_trunc('week', as_of_date())) }} as date)

),

-- A week without business has no days to share; its leads wait.
shares as (

    select
        sales_members.crm_owner_id as owner_id,
        sales_members.team_id,
        sales_members.turn_weight,
        sales_members.weekly_capacity,
        coalesce(
            cast(
                count(
                    distinct case
                        when sales_absences.member_id is null then week_days.period_date
                    end
                ) as decimal(9, 4)
            ) / nullif(count(distinct week_days.period_date), 0),
            0
        ) as present_share

    from sales_members

    left join sales_teams
        on sales_members.team_id = sales_teams.team_id

    left join week_days
        on sales_teams.calendar_id = week_days.calendar_id

    left join sales_absences
        on
            sales_members.member_id = sales_absences.member_id
            and week_days.period_date >= sales_absences.absent_from
            and week_days.period_date <= sales_absences.absent_to

    group by
        sales_members.crm_owner_id,
        sales_members.team_id,
        sales_members.turn_weight,
        sales_members.weekly_capacity

),

team_shares as (

    select
        shares.team_id,
        sum(shares.turn_weight) as weight,
        sum(shares.turn_weight * shares.present_share) as present_weight

    from shares

    group by shares.team_id

),

teams as (

    select
        sales_capacity.team_id,
        sales_capacity.leads_per_week
        * coalesce(team_shares.present_weight / nullif(team_shares.weight, 0), 1) as capacity

    from sales_capacity

    left join team_shares
        on sales_capacity.team_id = team_shares.team_id

),

capacities as (

    select
        shares.owner_id,
        shares.team_id,
        cast(floor(shares.weekly_capacity * shares.present_share + 0.5) as integer)
            as owner_capacity,
        cast(floor(teams.capacity + 0.5) as integer) as team_capacity,
        shares.present_share = 0 as is_absent

    from shares

    left join teams
        on shares.team_id = teams.team_id

    union all

    -- Hand-offs of a team for which nobody was found.
    select
        cast(null as {{ dbt.type_string() }}) as owner_id,
        teams.team_id,
        cast(null as integer) as owner_capacity,
        cast(floor(teams.capacity + 0.5) as integer) as team_capacity,
        false as is_absent

    from teams

)

select * from capacities
