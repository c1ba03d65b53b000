{%- set has_recontact_date = 'recontact_date' in condition_fields('lead') -%}
with

policies as (

    select * from {{ ref('int_handoff_policies') }}

),

requests as (

    select * from {{ ref('int_handoff_requests') }}

),

line_periods as (

    select * from {{ ref('int_line_periods') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

versions as (  -- noqa: ST03

    select * from {{ ref('int_lead_versions') }}

),

deals as (

    select * from {{ ref('int_deals') }}

),

deal_leads as (

    select * from {{ ref('int_deal_leads') }}

),

lead_alternatives as (

    select * from {{ ref('int_lead_alternatives') }}

),

lead_motions as (

    select * from {{ ref('int_lead_motions') }}

),

lead_exclusions as (

    select * from {{ ref('int_lead_exclusions') }}

    where stops_queue

),

-- What was not handed over on a recorded day is handed over today; a replay of one adds nothing.
open_days as (

    select as_of_date

    from {{ ref('int_history_days') }}

    where
        not is_over
        and (is_current or not is_recorded)

),

-- Leads that were merged away are handed over under the name they bear now.
days as (

    select
        day_versions.lead_key as day_lead_key,
        day_versions.person_key as lead_key,
        day_versions.version_key,
        day_versions.as_of_date

    from {{ ref('int_lead_day_versions') }} as day_versions

    inner join open_days
        on day_versions.as_of_date = open_days.as_of_date

    where day_versions.person_key = day_versions.current_lead_key

),

-- What a lead asked for, on each day on which it is known and waits.
asked as (

    select
        days.lead_key,
        days.day_lead_key,
        policies.policy_key,
        'event' as cause_type,
        requests.rule_id as cause_rule_id,
        requests.event_id as cause_event_id,
        requests.event_type as cause_event_type,
        requests.lead_condition_count,
        requests.alternative_key,
        requests.event_date as since_date,
        days.as_of_date as issued_date,
        requests.occurred_at as caused_at

    from requests

    inner join policies
        on
            {{ is_listed('requests.rule_id', 'policies.enter_rules') }}
            and {{ is_in_force('policies', 'requests.event_date') }}

    inner join days
        on
            requests.lead_key = days.lead_key
            and requests.known_date <= days.as_of_date
            and coalesce(requests.accepted_date = days.as_of_date, true)
            and {{ is_in_force('requests', 'days.as_of_date') }}
            and {{ dbt.datediff('requests.event_date', 'days.as_of_date', 'day') }}
            <= policies.look_back_days
            and coalesce(
                {{ dbt.datediff('requests.event_date', 'days.as_of_date', 'day') }}
                < requests.window_days,
                true
            )

),

asked_rightly as (

    select asked.*

    from asked

    where asked.lead_condition_count = 0

    union all

    select asked.*

    from asked

    inner join lead_alternatives
        on
            asked.day_lead_key = lead_alternatives.lead_key
            and asked.alternative_key = lead_alternatives.alternative_key

    where asked.lead_condition_count > 0

),

-- Two alternatives of a rule, or two rules, may count one event: the policy hears it once.
heard as (

    select
        asked_rightly.*,
        row_number() over (
            partition by
                asked_rightly.day_lead_key,
                asked_rightly.policy_key,
                asked_rightly.cause_event_id,
                asked_rightly.caused_at
            order by asked_rightly.cause_rule_id, asked_rightly.alternative_key
        ) as cause_rank

    from asked_rightly

),

scored as (

    select
        days.lead_key,
        days.day_lead_key,
        line_periods.policy_key,
        line_periods.cause_type,
        line_periods.from_date as since_date,
        days.as_of_date as issued_date

    from line_periods

    inner join policies
        on line_periods.policy_key = policies.policy_key

    inner join leads
        on line_periods.lead_id = leads.lead_id

    inner join days
        on
            leads.lead_key = days.lead_key
            and line_periods.from_date <= days.as_of_date
            and coalesce(line_periods.until_date > days.as_of_date, true)
            and {{ dbt.datediff('line_periods.from_date', 'days.as_of_date', 'day') }}
            >= policies.min_days_above
            and {{ is_in_force('policies', 'days.as_of_date') }}

),

-- The last answer that names a day to call again counts until another one does.
promised as (

    select
        dispositions.lead_key,
        dispositions.recontact_date,
        dispositions.occurred_date as from_date,
        lead(dispositions.occurred_date) over (
            partition by dispositions.lead_key
            order by dispositions.disposition_number
        ) as until_date

    from dispositions

    where dispositions.recontact_date is not null

),

remembered as (

    select
        days.lead_key,
        days.day_lead_key,
        promised.recontact_date,
        days.as_of_date

    from promised

    inner join days
        on
            promised.lead_key = days.lead_key
            and promised.from_date <= days.as_of_date
            and coalesce(promised.until_date > days.as_of_date, true)
            and promised.recontact_date <= days.as_of_date
    {%- if has_recontact_date %}

    union all

    select
        days.lead_key,
        days.day_lead_key,
        {{ parse_day('versions.' ~ quoted('lead.recontact_date')) }} as recontact_date,
        days.as_of_date

    from versions

    inner join days
        on versions.version_key = days.version_key

    where
        versions.{{ quoted('lead.recontact_date') }} is not null
        and {{ parse_day('versions.' ~ quoted('lead.recontact_date')) }} <= days.as_of_date
        and not exists (
            select 1
            from promised
            where
                days.lead_key = promised.lead_key
                and promised.from_date <= days.as_of_date
        )
    {%- endif %}

),

-- Whoever was spoken with since then needs no reminder of the day.
due_again as (

    select
        remembered.lead_key,
        remembered.day_lead_key,
        policies.policy_key,
        remembered.recontact_date as since_date,
        remembered.as_of_date as issued_date

    from remembered

    inner join policies
        on
            policies.enter_on_recontact_date
            and {{ is_in_force('policies', 'remembered.as_of_date') }}
            and remembered.recontact_date >= policies.first_crossing_date
            and {{ dbt.datediff('remembered.recontact_date', 'remembered.as_of_date', 'day') }}
            <= policies.look_back_days

    where not exists (
        select 1
        from dispositions
        where
            remembered.lead_key = dispositions.lead_key
            and dispositions.occurred_date >= remembered.recontact_date
            and dispositions.occurred_date < remembered.as_of_date
    )

),

-- What sales answered at the stage before; a further meeting about an open deal is no crossing.
answered as (

    select
        days.lead_key,
        days.day_lead_key,
        policies.policy_key,
        dispositions.occurred_date as since_date,
        days.as_of_date as issued_date,
        dispositions.occurred_at as caused_at

    from dispositions

    inner join policies
        on
            {{ is_listed('dispositions.disposition', 'policies.enter_dispositions') }}
            and coalesce(dispositions.handoff_stage, policies.previous_stage)
            = policies.previous_stage
            and {{ is_in_force('policies', 'dispositions.occurred_date') }}
            and dispositions.occurred_date >= policies.first_crossing_date

    inner join days
        on
            dispositions.lead_key = days.lead_key
            and dispositions.occurred_date <= days.as_of_date
            and {{ dbt.datediff('dispositions.occurred_date', 'days.as_of_date', 'day') }}
            <= policies.look_back_days

    where not exists (
        select 1
        from deal_leads
        inner join deals
            on deal_leads.deal_key = deals.deal_key
        where
            dispositions.lead_key = deal_leads.lead_key
            and coalesce(deals.created_date < dispositions.occurred_date, true)
            and (
                deals.outcome = 'open'
                or coalesce(deals.closed_date >= dispositions.occurred_date, false)
            )
    )

),

all_causes as (

    select
        heard.lead_key,
        heard.day_lead_key,
        heard.policy_key,
        heard.cause_type,
        heard.cause_rule_id,
        heard.cause_event_id,
        heard.cause_event_type,
        heard.since_date,
        heard.issued_date,
        heard.caused_at

    from heard

    where heard.cause_rank = 1

    union all

    select
        scored.lead_key,
        scored.day_lead_key,
        scored.policy_key,
        scored.cause_type,
        cast(null as {{ dbt.type_string() }}) as cause_rule_id,
        cast(null as {{ dbt.type_string() }}) as cause_event_id,
        cast(null as {{ dbt.type_string() }}) as cause_event_type,
        scored.since_date,
        scored.issued_date,
        cast(null as timestamp) as caused_at

    from scored

    union all

    select
        due_again.lead_key,
        due_again.day_lead_key,
        due_again.policy_key,
        'recontact_date' as cause_type,
        cast(null as {{ dbt.type_string() }}) as cause_rule_id,
        cast(null as {{ dbt.type_string() }}) as cause_event_id,
        cast(null as {{ dbt.type_string() }}) as cause_event_type,
        due_again.since_date,
        due_again.issued_date,
        cast(null as timestamp) as caused_at

    from due_again

    union all

    select distinct
        answered.lead_key,
        answered.day_lead_key,
        answered.policy_key,
        'disposition' as cause_type,
        cast(null as {{ dbt.type_string() }}) as cause_rule_id,
        cast(null as {{ dbt.type_string() }}) as cause_event_id,
        cast(null as {{ dbt.type_string() }}) as cause_event_type,
        answered.since_date,
        answered.issued_date,
        answered.caused_at

    from answered

),

-- Whoever is not to be approached stands in no queue; the motion says whose policy it is.
candidates as (

    select
        all_causes.cause_type,
        all_causes.cause_rule_id,
        all_causes.cause_event_id,
        all_causes.cause_event_type,
        lead_motions.motion,
        all_causes.lead_key,
        all_causes.day_lead_key,
        all_causes.policy_key,
        all_causes.since_date,
        all_causes.issued_date,
        all_causes.caused_at

    from all_causes

    inner join policies
        on all_causes.policy_key = policies.policy_key

    left join lead_motions
        on all_causes.day_lead_key = lead_motions.lead_key

    where
        coalesce(policies.motion = lead_motions.motion, policies.motion is null)
        and not exists (
            select 1
            from lead_exclusions
            where all_causes.day_lead_key = lead_exclusions.lead_key
        )

)

select * from candidates
