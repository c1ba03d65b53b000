{%- set columns = relation_columns(ref('stg_hubspot__contacts')) -%}
{%- set fields = hubspot_answer_fields(columns) -%}
with

contacts as (

    select * from {{ ref('stg_hubspot__contacts') }}

),

recorded_changes as (
    {{ recorded_value_changes('hubspot', has_all=true) }}
),

properties as (
    {% for name, part in fields.items() %}
    select {{ text_literal(name) }} as property_name, '{{ part }}' as part
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as property_name,
        cast(null as {{ dbt.type_string() }}) as part
    where false
    {%- endfor %}

),

history as (

    select
        changes.contact_id,
        changes.property_name,
        properties.part,
        changes.property_value,
        changes.changed_at

    from {{ ref('stg_hubspot__contact_property_history') }} as changes

    inner join properties
        on changes.property_name = properties.property_name

    where changes.changed_at is not null

),

-- Without a history there is what builds recorded, and at the end what the contact says now.
values_before as (

    select
        recorded_changes.record_id as contact_id,
        properties.property_name,
        properties.part,
        recorded_changes.value_before,
        recorded_changes.changed_date

    from recorded_changes

    inner join properties
        on recorded_changes.field = concat('property_', properties.property_name)

    where recorded_changes.entity = 'lead'
    {%- for name, part in fields.items() if 'property.' ~ name in columns and part != 'owner' %}

    union all

    select
        contacts.contact_id,
        {{ text_literal(name) }} as property_name,
        '{{ part }}' as part,
        contacts.{{ quoted('property.' ~ name) }} as value_before,
        cast(null as date) as changed_date

    from contacts

    where
        contacts.{{ quoted('property.' ~ name) }} is not null
        or exists (
            select 1 from recorded_changes where recorded_changes.record_id = contacts.contact_id
        )
    {%- endfor %}

),

-- A value holds from the change before on, the first one since the contact was created.
held_values as (

    select
        values_before.*,
        lag(values_before.changed_date) over (
            partition by values_before.contact_id, values_before.property_name
            order by values_before.changed_date nulls last
        ) as held_from_date

    from values_before

    where not exists (
        select 1
        from history
        where
            values_before.contact_id = history.contact_id
            and values_before.property_name = history.property_name
    )

),

all_changes as (

    select
        history.contact_id,
        history.property_name,
        history.part,
        history.property_value,
        history.changed_at

    from history

    union all

    select
        held_values.contact_id,
        held_values.property_name,
        held_values.part,
        held_values.value_before as property_value,
        case
            when held_values.held_from_date is null then contacts.created_at
            else {{ parse_timestamp(
                'cast(held_values.held_from_date as ' ~ dbt.type_string() ~ ')'
            ) }}
        end as changed_at

    from held_values

    inner join contacts
        on held_values.contact_id = contacts.contact_id

),

-- Of several values of one moment one holds.
ranked_changes as (

    select
        all_changes.*,
        row_number() over (
            partition by
                all_changes.contact_id, all_changes.property_name, all_changes.changed_at
            order by all_changes.property_value desc nulls last
        ) as change_rank

    from all_changes

    where {{ business_day('all_changes.changed_at') }} <= {{ as_of_date() }}

),

changes as (

    select * from ranked_changes

    where change_rank = 1

),

answer_moments as (

    select
        moments.contact_id,
        moments.changed_at,
        lead(moments.changed_at) over (
            partition by moments.contact_id order by moments.changed_at
        ) as next_changed_at

    from (
        select distinct
            changes.contact_id,
            changes.changed_at

        from changes

        where changes.part = 'answer'
    ) as moments

),

answers as (

    select
        changes.contact_id,
        changes.property_name,
        changes.property_value as word,
        changes.changed_at,
        answer_moments.next_changed_at

    from changes

    inner join answer_moments
        on
            changes.contact_id = answer_moments.contact_id
            and changes.changed_at = answer_moments.changed_at

    where
        changes.part = 'answer'
        and changes.property_value is not null

),

-- Reason and day may be noted after the answer; between two answers they belong to the nearer one.
-- The owner is the one who had the contact when the answer was given.
said_beside as (

    select
        answers.contact_id,
        answers.property_name,
        answers.changed_at,
        changes.part,
        changes.property_value,
        changes.changed_at as said_at,
        row_number() over (
            partition by
                answers.contact_id, answers.property_name, answers.changed_at, changes.part
            order by changes.changed_at desc
        ) as said_rank

    from answers

    inner join changes
        on
            answers.contact_id = changes.contact_id
            and changes.part <> 'answer'
            and (
                answers.changed_at >= changes.changed_at
                or (
                    changes.part <> 'owner'
                    and coalesce(
                        answers.next_changed_at > changes.changed_at
                        and {{ seconds_between('answers.changed_at', 'changes.changed_at') }}
                        <= {{ seconds_between('changes.changed_at', 'answers.next_changed_at') }},
                        true
                    )
                )
            )

),

last_said as (

    select
        said_beside.contact_id,
        said_beside.property_name,
        said_beside.changed_at,
        max(case when said_beside.part = 'reason' then said_beside.property_value end)
            as reason_word,
        max(case when said_beside.part = 'owner' then said_beside.property_value end)
            as owner_id,
        max(case when said_beside.part = 'recontact_date' then said_beside.property_value end)
            as recontact_date_text,
        max(case when said_beside.part = 'recontact_date' then said_beside.said_at end)
            as recontact_said_at

    from said_beside

    where said_beside.said_rank = 1

    group by
        said_beside.contact_id,
        said_beside.property_name,
        said_beside.changed_at

),

read_answers as (

    select
        answers.*,
        last_said.reason_word,
        last_said.owner_id,
        last_said.recontact_date_text,
        {{ parse_day('last_said.recontact_date_text') }} as recontact_date,
        last_said.recontact_said_at,
        {{ business_day('answers.changed_at') }} as changed_date

    from answers

    left join last_said
        on
            answers.contact_id = last_said.contact_id
            and answers.property_name = last_said.property_name
            and answers.changed_at = last_said.changed_at

),

-- A day that was agreed on earlier and had passed is no agreement any more.
feedback as (

    select
        concat(
            'contact:', read_answers.contact_id, ':', read_answers.property_name, ':',
            cast(read_answers.changed_at as {{ dbt.type_string() }})
        ) as feedback_id,
        read_answers.contact_id as lead_id,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        'contact' as source_object,
        read_answers.property_name as source_field,
        read_answers.word,
        read_answers.reason_word,
        read_answers.owner_id,
        read_answers.recontact_date_text is not null and read_answers.recontact_date is null
            as is_recontact_date_unreadable,
        case
            when
                read_answers.recontact_said_at >= read_answers.changed_at
                or read_answers.recontact_date >= read_answers.changed_date
                then read_answers.recontact_date
        end as recontact_date,
        read_answers.changed_date as occurred_date,
        read_answers.changed_at as occurred_at

    from read_answers

)

select * from feedback
