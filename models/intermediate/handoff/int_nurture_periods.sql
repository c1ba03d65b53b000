with

facts as (

    select * from {{ ref('int_nurture_facts') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

exclusions as (

    select * from {{ ref('int_lead_exclusions') }}

),

handoffs as (

    select * from {{ ref('int_handoffs') }}

),

disposition_reasons as (

    select * from {{ ref('disposition_reasons') }}

),

programs as (

    select * from {{ ref('nurture_programs') }}

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

    {{ agreement_conditions(ref('nurture_conditions'), 'program_id') | indent(4) }}

),

{{ typed_operands() }},

alternatives as (

    select
        conditions.owner_id,
        conditions.alternative,
        count(*) as condition_count

    from conditions

    group by
        conditions.owner_id,
        conditions.alternative

),

{{ compared_values('facts') }},

-- From how many days after the last time until how many a condition on a count of days holds.
ranges as (

    select
        operands.condition_key,
        operands.field,
        cast(
            case operands.operator
                when 'gt' then floor(operands.low_number) + 1
                when 'gte' then ceil(operands.low_number)
                when 'equals' then ceil(operands.low_number)
                when 'between' then ceil(operands.low_number)
                else 0
            end as integer
        ) as first_day,
        cast(
            case operands.operator
                when 'lt' then ceil(operands.low_number) - 1
                when 'lte' then floor(operands.low_number)
                when 'equals' then floor(operands.low_number)
                when 'between' then floor(operands.high_number)
            end as integer
        ) as last_day

    from operands

    where
        operands.operator in ('gt', 'gte', 'lt', 'lte', 'equals', 'between')
        and not operands.is_negated

),

spans as (

    select
        leads.lead_key,
        coalesce(leads.created_date, {{ as_of_date() }}) as first_date

    from leads

),

-- The days on which each condition holds; where it asks for nothing, all days but those of a value.
condition_days as (

    select
        facts.lead_key,
        compared.condition_key,
        1 as weight,
        facts.from_date,
        facts.to_date

    from facts

    inner join compared
        on
            facts.field = compared.field
            and facts.field_value = compared.field_value

    where compared.is_met

    union all

    select
        facts.lead_key,
        operands.condition_key,
        1 as weight,
        greatest(field_values.item_date, coalesce(facts.from_date, field_values.item_date))
            as from_date,
        least(
            cast({{ dbt.dateadd(
                'day', 'cast(floor(operands.low_number) as integer) + 1', 'field_values.item_date'
            ) }} as date),
            coalesce(
                facts.to_date,
                cast({{ dbt.dateadd(
                    'day',
                    'cast(floor(operands.low_number) as integer) + 1',
                    'field_values.item_date'
                ) }} as date)
            )
        ) as to_date

    from facts

    inner join field_values
        on
            facts.field = field_values.field
            and facts.field_value = field_values.field_value

    inner join operands
        on field_values.field = operands.field

    where
        operands.operator = 'within_days'
        and operands.low_number between 0 and 100000
        and field_values.item_date is not null

    union all

    select
        facts.lead_key,
        ranges.condition_key,
        1 as weight,
        cast({{ dbt.dateadd('day', 'ranges.first_day', 'facts.from_date') }} as date) as from_date,
        case
            when ranges.last_day is null then facts.to_date
            else least(
                cast({{ dbt.dateadd('day', 'ranges.last_day + 1', 'facts.from_date') }} as date),
                coalesce(
                    facts.to_date,
                    cast({{ dbt.dateadd('day', 'ranges.last_day + 1', 'facts.from_date') }} as date)
                )
            )
        end as to_date

    from facts

    inner join ranges
        on facts.field = ranges.field

    where facts.is_counted

    union all

    select
        facts.lead_key,
        conditions.condition_key,
        case when conditions.operator = 'is_known' then 1 else -1 end as weight,
        facts.from_date,
        facts.to_date

    from facts

    inner join conditions
        on facts.field = conditions.field

    where
        conditions.operator in ('is_known', 'is_unknown')
        and (facts.is_counted or facts.field_value is not null)

    union all

    select
        spans.lead_key,
        conditions.condition_key,
        1 as weight,
        cast(null as date) as from_date,
        cast(null as date) as to_date

    from spans

    cross join conditions

    where conditions.operator = 'is_unknown'

),

bounded_days as (

    select
        condition_days.lead_key,
        conditions.owner_id,
        conditions.alternative,
        condition_days.weight,
        greatest(coalesce(condition_days.from_date, spans.first_date), spans.first_date)
            as from_date,
        condition_days.to_date

    from condition_days

    inner join conditions
        on condition_days.condition_key = conditions.condition_key

    inner join spans
        on condition_days.lead_key = spans.lead_key

),

-- A day on which something begins or ends, and by how many conditions more or fewer hold from then.
turns as (

    select
        edges.lead_key,
        edges.owner_id,
        edges.alternative,
        edges.turn_date,
        sum(edges.weight) as weight

    from (
        select
            bounded_days.lead_key,
            bounded_days.owner_id,
            bounded_days.alternative,
            bounded_days.weight,
            bounded_days.from_date as turn_date

        from bounded_days

        where
            bounded_days.from_date <= {{ as_of_date() }}
            and (bounded_days.to_date is null or bounded_days.from_date < bounded_days.to_date)

        union all

        select
            bounded_days.lead_key,
            bounded_days.owner_id,
            bounded_days.alternative,
            -bounded_days.weight as weight,
            bounded_days.to_date as turn_date

        from bounded_days

        where
            bounded_days.from_date < bounded_days.to_date
            and bounded_days.to_date <= {{ as_of_date() }}
    ) as edges

    group by
        edges.lead_key,
        edges.owner_id,
        edges.alternative,
        edges.turn_date

),

summed as (

    select
        turns.lead_key,
        turns.owner_id,
        turns.alternative,
        turns.turn_date as from_date,
        lead(turns.turn_date) over lead_turns as to_date,
        sum(turns.weight) over lead_turns as met_count

    from turns

    window lead_turns as (
        partition by turns.lead_key, turns.owner_id, turns.alternative
        order by turns.turn_date
        rows between unbounded preceding and current row
    )

),

held as (

    select
        summed.lead_key,
        summed.owner_id as program_id,
        summed.from_date,
        summed.to_date

    from summed

    inner join alternatives
        on
            summed.owner_id = alternatives.owner_id
            and summed.alternative = alternatives.alternative
            and summed.met_count = alternatives.condition_count

    union all

    select
        spans.lead_key,
        programs.program_id,
        spans.first_date as from_date,
        cast(null as date) as to_date

    from spans

    cross join (
        select distinct programs.program_id

        from programs

        where programs.program_id not in (select alternatives.owner_id from alternatives)
    ) as programs

),

-- Days in a row are one stay, so that its beginning is known.
started as (

    select
        held.*,
        coalesce(
            held.from_date > max(coalesce(held.to_date, cast('9999-12-31' as date))) over (
                partition by held.lead_key, held.program_id
                order by held.from_date, held.to_date nulls last
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_start

    from held

),

islanded as (

    select
        started.*,
        sum(case when started.is_start then 1 else 0 end) over (
            partition by started.lead_key, started.program_id
            order by started.from_date, started.to_date nulls last
            rows between unbounded preceding and current row
        ) as stay_number

    from started

),

stays as (

    select
        islanded.lead_key,
        islanded.program_id,
        min(islanded.from_date) as from_date,
        nullif(
            max(coalesce(islanded.to_date, cast('9999-12-31' as date))),
            cast('9999-12-31' as date)
        ) as to_date

    from islanded

    group by
        islanded.lead_key,
        islanded.program_id,
        islanded.stay_number

),

unmailed as (

    select distinct exclusions.lead_key

    from exclusions

    where exclusions.stops_nurture

    union

    select leads.lead_key

    from leads

    where
        leads.email is null
        or leads.{{ quoted('lead.email_opt_out') }} = 'true'

),

-- What sales keeps comes first, then what it works, then what a return asks for, then the rest.
offers as (

    select
        stays.lead_key,
        stays.program_id,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        case when coalesce(programs.owner_keeps_lead, false) then 0 else 30000 end
        + programs.sort_order as offer_rank,
        programs.needs_email_consent,
        programs.cadence_days * programs.max_steps as most_days,
        greatest(stays.from_date, coalesce(programs.valid_from, stays.from_date)) as from_date,
        least(
            coalesce(stays.to_date, programs.valid_to),
            coalesce(programs.valid_to, stays.to_date)
        ) as to_date

    from stays

    inner join programs
        on stays.program_id = programs.program_id

    union all

    select
        leads.lead_key,
        programs.program_id,
        disposition_reasons.reason_id,
        20000 as offer_rank,
        programs.needs_email_consent,
        least(disposition_reasons.cool_down_days, programs.cadence_days * programs.max_steps)
            as most_days,
        handoffs.ended_date as from_date,
        lead(handoffs.ended_date) over (
            partition by handoffs.lead_id order by handoffs.ended_date, handoffs.handoff_id
        ) as to_date

    from handoffs

    inner join leads
        on handoffs.lead_id = leads.lead_id

    inner join disposition_reasons
        on handoffs.verdict_reason_id = disposition_reasons.reason_id

    inner join programs
        on
            disposition_reasons.program_id = programs.program_id
            and {{ is_in_force('programs', 'handoffs.ended_date') }}

    where
        handoffs.status in ('returned', 'lost')
        and handoffs.ended_date is not null

    union all

    select
        leads.lead_key,
        cast(null as {{ dbt.type_string() }}) as program_id,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        10000 as offer_rank,
        false as needs_email_consent,
        cast(null as integer) as most_days,
        handoffs.crossed_date as from_date,
        case
            when handoffs.handoff_kind = 'joined' then hosts.ended_date
            else handoffs.ended_date
        end as to_date

    from handoffs

    inner join leads
        on handoffs.lead_id = leads.lead_id

    left join {{ ref('int_handoffs') }} as hosts
        on handoffs.joined_handoff_id = hosts.handoff_id

    where handoffs.handoff_kind in ('handoff', 'joined')

),

-- A program ends with its last step.
windows as (

    select
        offers.lead_key,
        offers.program_id,
        offers.reason_id,
        offers.offer_rank,
        offers.from_date,
        case
            when offers.most_days is null then offers.to_date
            else least(
                cast({{ dbt.dateadd('day', 'offers.most_days', 'offers.from_date') }} as date),
                coalesce(
                    offers.to_date,
                    cast({{ dbt.dateadd('day', 'offers.most_days', 'offers.from_date') }} as date)
                )
            )
        end as to_date

    from offers

    left join unmailed
        on offers.lead_key = unmailed.lead_key

    where
        offers.from_date <= {{ as_of_date() }}
        and not (offers.needs_email_consent and unmailed.lead_key is not null)

),

boundaries as (

    select
        windows.lead_key,
        windows.from_date as day

    from windows

    union

    select
        windows.lead_key,
        windows.to_date as day

    from windows

    where windows.to_date <= {{ as_of_date() }}

),

-- At each turn the first offer that holds; nothing holds in a gap.
chosen as (

    select
        boundaries.lead_key,
        boundaries.day,
        {{ value_of_first(
            "coalesce(windows.program_id, '')", 'windows.offer_rank'
        ) }} as program_id,
        {{ first_known_by(
            "coalesce(windows.reason_id, '')", 'windows.offer_rank'
        ) }} as reason_id

    from boundaries

    left join windows
        on
            boundaries.lead_key = windows.lead_key
            and boundaries.day >= windows.from_date
            and (windows.to_date is null or boundaries.day < windows.to_date)

    group by
        boundaries.lead_key,
        boundaries.day

),

changed as (

    select
        chosen.*,
        lag(chosen.day) over lead_days as previous_day,
        lag(chosen.program_id) over lead_days as previous_program_id,
        lag(chosen.reason_id) over lead_days as previous_reason_id

    from chosen

    window lead_days as (partition by chosen.lead_key order by chosen.day)

),

periods as (

    select
        changed.lead_key,
        nullif(changed.program_id, '') as program_id,
        nullif(changed.reason_id, '') as reason_id,
        changed.day as started_date,
        lead(changed.day) over (partition by changed.lead_key order by changed.day) as ended_date

    from changed

    where
        changed.previous_day is null
        or not ({{ is_same_value('changed.program_id', 'changed.previous_program_id') }})
        or not ({{ is_same_value('changed.reason_id', 'changed.previous_reason_id') }})

),

nurture_periods as (

    select
        leads.lead_id,
        periods.program_id,
        periods.reason_id,
        periods.lead_key,
        periods.started_date,
        periods.ended_date

    from periods

    inner join leads
        on periods.lead_key = leads.lead_key

    where periods.program_id is not null

)

select * from nurture_periods
