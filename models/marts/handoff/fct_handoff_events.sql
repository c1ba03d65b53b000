with

handoffs as (

    select * from {{ ref('int_handoffs') }}

),

dispositions as (

    select * from {{ ref('int_dispositions') }}

),

-- What sales did and said inside a hand-off; several records of one moment are one attempt.
inside as (

    select
        handoffs.handoff_id,
        dispositions.disposition,
        dispositions.reason_id,
        dispositions.disposition_number,
        dispositions.is_touch,
        dispositions.is_reached,
        dispositions.occurred_at

    from handoffs

    inner join dispositions
        on
            handoffs.lead_key = dispositions.lead_key
            and coalesce(dispositions.handoff_stage, handoffs.handoff_stage)
            = handoffs.handoff_stage
            and coalesce(dispositions.handoff_id, handoffs.handoff_id) = handoffs.handoff_id
            and handoffs.crossed_at <= dispositions.occurred_at
            and coalesce(handoffs.ended_at >= dispositions.occurred_at, true)

    where
        handoffs.handoff_kind <> 'information'
        and (
            handoffs.cause_type <> 'disposition'
            or handoffs.crossed_at < dispositions.occurred_at
        )

),

tried as (

    select
        inside.handoff_id,
        case when bool_or(inside.is_reached) then 'connected' else 'attempted' end as event_type,
        inside.occurred_at

    from inside

    where
        inside.is_touch
        or inside.is_reached

    group by
        inside.handoff_id,
        inside.occurred_at

),

happened as (

    select
        handoffs.handoff_id,
        case handoffs.handoff_kind
            when 'joined' then 'joined'
            when 'information' then 'informed'
            else 'created'
        end as event_type,
        cast(null as {{ dbt.type_string() }}) as disposition,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        1 as place,
        handoffs.crossed_at as occurred_at

    from handoffs

    union all

    select
        tried.handoff_id,
        tried.event_type,
        cast(null as {{ dbt.type_string() }}) as disposition,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        2 as place,
        tried.occurred_at

    from tried

    union all

    select
        inside.handoff_id,
        'verdict' as event_type,
        inside.disposition,
        inside.reason_id,
        3 as place,
        inside.occurred_at

    from inside

    where inside.disposition in {{ verdict_words() }}
    {% for clock, event_type in [('remind_at', 'reminded'), ('escalate_at', 'escalated')] %}
    union all

    select
        handoffs.handoff_id,
        '{{ event_type }}' as event_type,
        cast(null as {{ dbt.type_string() }}) as disposition,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        {{ 3 + loop.index }} as place,
        handoffs.{{ clock }} as occurred_at

    from handoffs

    where
        handoffs.{{ clock }} <= handoffs.known_until_at
        and coalesce(handoffs.first_attempt_at > handoffs.{{ clock }}, true)
        and coalesce(handoffs.ended_at > handoffs.{{ clock }}, true)
    {% endfor %}
    union all

    select
        handoffs.handoff_id,
        'reassigned' as event_type,
        cast(null as {{ dbt.type_string() }}) as disposition,
        cast(null as {{ dbt.type_string() }}) as reason_id,
        6 as place,
        handoffs.reassigned_at as occurred_at

    from handoffs

    where handoffs.reassigned_at is not null

    union all

    select
        handoffs.handoff_id,
        handoffs.status as event_type,
        handoffs.verdict as disposition,
        handoffs.verdict_reason_id as reason_id,
        7 as place,
        handoffs.ended_at as occurred_at

    from handoffs

    where
        handoffs.handoff_kind = 'handoff'
        and handoffs.ended_at is not null

),

numbered as (

    select
        happened.*,
        cast(
            row_number() over (
                partition by happened.handoff_id
                order by
                    happened.occurred_at,
                    happened.place,
                    happened.disposition nulls first,
                    happened.reason_id nulls first
            ) as integer
        ) as event_number

    from happened

),

handoff_events as (

    select
        numbered.handoff_id || '/' || numbered.event_number as handoff_event_id,
        numbered.handoff_id,
        handoffs.lead_id,
        case
            when numbered.occurred_at >= handoffs.reassigned_at then handoffs.owner_id
            else handoffs.first_owner_id
        end as owner_id,
        case
            when numbered.event_type = 'reassigned' then handoffs.first_owner_id
        end as from_owner_id,
        numbered.reason_id,
        handoffs.handoff_stage,
        numbered.event_type,
        numbered.disposition,
        numbered.event_number,
        {{ business_day('numbered.occurred_at') }} as occurred_date,
        handoffs.as_of_date,
        numbered.occurred_at

    from numbered

    inner join handoffs
        on numbered.handoff_id = handoffs.handoff_id

)

select * from handoff_events
