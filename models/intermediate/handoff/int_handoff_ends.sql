with

issued as (

    select * from {{ ref('int_issued_handoffs') }}

),

crossings as (

    select * from {{ ref('int_handoff_crossings') }}

),

answers as (

    select * from {{ ref('int_handoff_answers') }}

),

service_levels as (

    select * from {{ ref('service_levels') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

meetings as (

    select * from {{ ref('int_agreed_meetings') }}

),

business_periods as (

    select * from {{ ref('int_business_periods') }}

    where calendar_id = '{{ var("business_calendar") }}'

),

lead_exclusions as (

    select distinct lead_key

    from {{ ref('int_lead_exclusions') }}

    where stops_queue

),

lead_days as (

    select * from {{ ref('int_lead_day_versions') }}

    where person_key = current_lead_key

),

recorded_changes as (

    {{ state_rows('handoff_changes', {
        'handoff_id': dbt.type_string(),
        'change': dbt.type_string(),
        'occurred_date': 'date',
        'occurred_at': 'timestamp',
    }) | indent(4) }}

),

starts as (

    select
        'i/' || issued.handoff_id as start_key,
        issued.handoff_id,
        issued.handoff_stage,
        issued.motion,
        issued.handoff_kind,
        issued.joined_handoff_id,
        service_levels.expire_after_days,
        issued.lead_key,
        issued.issued_date,
        issued.crossed_date,
        issued.crossed_at

    from issued

    left join service_levels
        on issued.service_level_id = service_levels.service_level_id

    union all

    select
        'c/' || crossings.crossing_key as start_key,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        crossings.handoff_stage,
        crossings.motion,
        case when crossings.is_information then 'information' else 'handoff' end as handoff_kind,
        cast(null as {{ dbt.type_string() }}) as joined_handoff_id,
        service_levels.expire_after_days,
        crossings.lead_key,
        crossings.issued_date,
        crossings.crossed_date,
        crossings.crossed_at

    from crossings

    left join service_levels
        on crossings.service_level_id = service_levels.service_level_id

),

ranked_answers as (

    select
        starts.start_key,
        answers.answer,
        answers.occurred_date,
        answers.occurred_at,
        row_number() over (
            partition by starts.start_key
            order by
                answers.occurred_at,
                case answers.answer
                    when 'won' then 1
                    when 'lost' then 2
                    when 'advanced' then 3
                    when 'returned' then 4
                    else 5
                end
        ) as answer_rank

    from starts

    inner join answers
        on
            starts.lead_key = answers.lead_key
            and coalesce(answers.handoff_stage, starts.handoff_stage) = starts.handoff_stage
            and coalesce(answers.handoff_id, starts.handoff_id, '')
            = coalesce(starts.handoff_id, answers.handoff_id, '')
            and (answers.is_new_win or starts.motion = answers.deal_kind)
            and starts.crossed_at < answers.occurred_at

),

days as (

    select
        business_periods.period_date,
        max(business_periods.closes_at) as closes_at,
        row_number() over (order by business_periods.period_date) as day_number

    from business_periods

    group by business_periods.period_date

),

limits as (

    select distinct expire_after_days

    from service_levels

    where expire_after_days is not null

),

-- What keeps a hand-off alive: anything done or said, a meeting that is agreed, a promised day.
moments as (

    select
        dispositions.lead_key,
        dispositions.occurred_date as moment_date,
        dispositions.occurred_at as moment_at,
        dispositions.disposition = 'nurture_requested' as is_kept

    from dispositions

    union all

    select
        meetings.lead_key,
        meetings.meeting_date as moment_date,
        meetings.meeting_at as moment_at,
        false as is_kept

    from meetings

    union all

    select
        dispositions.lead_key,
        dispositions.recontact_date as moment_date,
        {{ start_of_day('dispositions.recontact_date') }} as moment_at,
        false as is_kept

    from dispositions

    where dispositions.recontact_date is not null

),

merged_moments as (

    select
        moments.lead_key,
        moments.moment_at,
        min(moments.moment_date) as moment_date,
        bool_or(moments.is_kept) as is_kept

    from moments

    group by
        moments.lead_key,
        moments.moment_at

),

followed as (

    select
        merged_moments.*,
        lead(merged_moments.moment_at) over (
            partition by merged_moments.lead_key order by merged_moments.moment_at
        ) as next_at

    from merged_moments

),

numbered_moments as (

    select
        followed.*,
        limits.expire_after_days,
        days.day_number + limits.expire_after_days as due_number

    from followed

    cross join limits

    asof left join days
        on followed.moment_date >= days.period_date

),

-- A moment after which nothing happens for too long.
silences as (

    select
        numbered_moments.lead_key,
        numbered_moments.expire_after_days,
        numbered_moments.moment_at,
        days.closes_at as expires_at

    from numbered_moments

    inner join days
        on numbered_moments.due_number = days.day_number

    where
        not numbered_moments.is_kept
        and coalesce(numbered_moments.next_at > days.closes_at, true)

),

begun as (

    select
        starts.start_key,
        starts.lead_key,
        starts.expire_after_days,
        starts.crossed_at,
        days.day_number + starts.expire_after_days as due_number

    from starts

    asof left join days
        on starts.crossed_date >= days.period_date

),

first_limits as (

    select
        begun.start_key,
        begun.lead_key,
        begun.expire_after_days,
        begun.crossed_at,
        days.closes_at as expires_at

    from begun

    inner join days
        on begun.due_number = days.day_number

),

with_next as (

    select
        first_limits.*,
        merged_moments.moment_at as next_at

    from first_limits

    asof left join merged_moments
        on
            first_limits.lead_key = merged_moments.lead_key
            and first_limits.crossed_at <= merged_moments.moment_at

),

expiries as (

    select
        with_next.start_key,
        case
            when coalesce(with_next.next_at > with_next.expires_at, true)
                then with_next.expires_at
            else silences.expires_at
        end as expires_at

    from with_next

    asof left join silences
        on
            with_next.lead_key = silences.lead_key
            and with_next.expire_after_days = silences.expire_after_days
            and with_next.crossed_at <= silences.moment_at

),

excluded as (

    select
        starts.start_key,
        min(lead_days.as_of_date) as excluded_date

    from starts

    inner join lead_days
        on
            starts.lead_key = lead_days.person_key
            and starts.issued_date <= lead_days.as_of_date

    inner join lead_exclusions
        on lead_days.lead_key = lead_exclusions.lead_key

    group by starts.start_key

    union all

    select
        'i/' || recorded_changes.handoff_id as start_key,
        recorded_changes.occurred_date as excluded_date

    from recorded_changes

    where
        recorded_changes.change = 'excluded'
        and recorded_changes.occurred_date <= {{ as_of_date() }}

),

first_excluded as (

    select
        excluded.start_key,
        min(excluded.excluded_date) as excluded_date

    from excluded

    group by excluded.start_key

),

-- A later hand-off of the lead at the stage ended what was open.
successors as (

    select
        'i/' || issued.handoff_id as start_key,
        lead(issued.crossed_date) over lane as next_date,
        lead(issued.crossed_at) over lane as next_at

    from issued

    where issued.handoff_kind <> 'information'

    window lane as (
        partition by issued.lead_key, issued.handoff_stage
        order by issued.crossed_at, issued.crossing_number
    )

),

possible_ends as (

    select
        ranked_answers.start_key,
        ranked_answers.answer as status,
        ranked_answers.occurred_date as ended_date,
        ranked_answers.occurred_at as ended_at

    from ranked_answers

    where ranked_answers.answer_rank = 1

    union all

    select
        expiries.start_key,
        'expired' as status,
        {{ business_day('expiries.expires_at') }} as ended_date,
        expiries.expires_at as ended_at

    from expiries

    -- A day that is still open ends nothing by its close.
    where
        {{ business_day('expiries.expires_at') }} < {{ as_of_date() }}
        or (
            {{ business_day('expiries.expires_at') }} = {{ as_of_date() }}
            and not {{ is_provisional() }}
        )

    union all

    select
        first_excluded.start_key,
        'excluded' as status,
        first_excluded.excluded_date as ended_date,
        greatest(starts.crossed_at, {{ start_of_day('first_excluded.excluded_date') }}) as ended_at

    from first_excluded

    inner join starts
        on first_excluded.start_key = starts.start_key

    union all

    select
        successors.start_key,
        'superseded' as status,
        successors.next_date as ended_date,
        successors.next_at as ended_at

    from successors

    where successors.next_at is not null

),

ranked_ends as (

    select
        possible_ends.*,
        row_number() over (
            partition by possible_ends.start_key
            order by
                possible_ends.ended_at,
                possible_ends.status
        ) as end_rank

    from possible_ends

),

own_ends as (

    select
        starts.*,
        ranked_ends.status,
        ranked_answers.answer,
        ranked_ends.ended_date,
        expiries.expires_at,
        ranked_answers.occurred_at as answered_at,
        ranked_ends.ended_at

    from starts

    left join ranked_answers
        on
            starts.start_key = ranked_answers.start_key
            and ranked_answers.answer_rank = 1

    left join ranked_ends
        on
            starts.start_key = ranked_ends.start_key
            and ranked_ends.end_rank = 1

    left join expiries
        on starts.start_key = expiries.start_key

),

-- What joined a colleague's hand-off ends with it.
ends as (

    select
        own_ends.start_key,
        own_ends.handoff_id,
        own_ends.handoff_stage,
        case
            when own_ends.handoff_kind = 'information' then 'information'
            when main_ends.ended_at < own_ends.ended_at or own_ends.ended_at is null
                then main_ends.status
            else own_ends.status
        end as status,
        own_ends.answer,
        own_ends.lead_key,
        case
            when own_ends.handoff_kind = 'information' then own_ends.crossed_date
            when main_ends.ended_at < own_ends.ended_at or own_ends.ended_at is null
                then main_ends.ended_date
            else own_ends.ended_date
        end as ended_date,
        case when own_ends.ended_at is null then own_ends.expires_at end as expires_at,
        own_ends.answered_at,
        case
            when own_ends.handoff_kind = 'information' then own_ends.crossed_at
            else least(own_ends.ended_at, main_ends.ended_at)
        end as ended_at

    from own_ends

    left join own_ends as main_ends
        on own_ends.joined_handoff_id = main_ends.handoff_id

)

select * from ends
