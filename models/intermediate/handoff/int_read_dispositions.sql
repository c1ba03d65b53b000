with

feedback as (
    {{ union_sources('feedback', [
        'feedback_id', 'lead_id', 'handoff_id', 'source_object', 'source_field', 'word',
        'reason_word', 'owner_id', 'is_recontact_date_unreadable', 'recontact_date',
        'occurred_date', 'occurred_at'
    ]) }}
),

touches as (

    select * from {{ ref('int_touches') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

),

words as (

    select * from {{ ref('int_disposition_words') }}

),

disposition_reasons as (

    select * from {{ ref('disposition_reasons') }}

),

reason_spellings as (
    {% for column in ['reason_id', 'label_en', 'label_ja'] %}
    select
        disposition_reasons.reason_id,
        {{ fold_text('disposition_reasons.' ~ column) }} as word,
        {{ loop.index }} as spelling_rank

    from disposition_reasons
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

reason_words as (

    select
        reason_spellings.reason_id,
        reason_spellings.word,
        row_number() over (
            partition by reason_spellings.word
            order by reason_spellings.spelling_rank, reason_spellings.reason_id
        ) as word_rank

    from reason_spellings

    where reason_spellings.word is not null

),

-- Only what ends a talk has a reason; one that a contact still bears from then is none of today.
reasoned_dispositions as (

    select distinct
        {{ unnest_items(split_items('disposition_reasons.applies_to', '|')) }} as disposition

    from disposition_reasons

),

said as (

    select
        feedback.source_name,
        'feedback' as table_name,
        feedback.feedback_id as disposition_key,
        feedback.lead_id is not null as has_lead_id,
        record_leads.lead_id,
        record_leads.lead_key,
        feedback.handoff_id,
        feedback.source_object,
        feedback.source_field,
        {{ fold_text('feedback.word') }} as word,
        {{ fold_text('feedback.reason_word') }} as reason_word,
        feedback.owner_id,
        feedback.is_recontact_date_unreadable,
        feedback.recontact_date,
        feedback.occurred_date,
        feedback.occurred_at

    from feedback

    left join record_leads
        on
            feedback.source_name = record_leads.source_name
            and feedback.lead_id = record_leads.record_id

    -- In a call list that comes back most rows have no answer.
    where
        (feedback.occurred_date is null or feedback.occurred_date <= {{ as_of_date() }})
        and (
            feedback.word is not null
            or feedback.reason_word is not null
            or feedback.recontact_date is not null
            or feedback.is_recontact_date_unreadable
        )

    union all

    select
        touches.source_name,
        'touches' as table_name,
        touches.touch_id as disposition_key,
        true as has_lead_id,
        touches.lead_id,
        touches.lead_key,
        cast(null as {{ dbt.type_string() }}) as handoff_id,
        'touch' as source_object,
        touches.kind as source_field,
        {{ fold_text('touches.outcome') }} as word,
        cast(null as {{ dbt.type_string() }}) as reason_word,
        touches.owner_id,
        false as is_recontact_date_unreadable,
        cast(null as date) as recontact_date,
        touches.occurred_date,
        touches.occurred_at

    from touches

    where touches.lead_id is not null

),

understood as (

    select
        said.*,
        coalesce(words.disposition, other_words.disposition) as disposition,
        case
            when words.disposition is null then other_words.handoff_stage
            else words.handoff_stage
        end as handoff_stage,
        case
            when words.disposition is null then other_words.reason_id
            else words.reason_id
        end as reason_of_word,
        coalesce(words.is_touch, other_words.is_touch, false) as is_touch,
        coalesce(words.is_reached, other_words.is_reached, false) as is_reached,
        reason_words.reason_id as told_reason_id

    from said

    left join words
        on
            said.source_name = words.source_name
            and said.source_object = words.source_object
            and said.source_field = words.source_field
            and said.word = words.word

    left join words as other_words
        on
            said.source_name = other_words.source_name
            and said.source_object = other_words.source_object
            and said.source_field = other_words.source_field
            and other_words.word = ''

    left join reason_words
        on
            said.reason_word = reason_words.word
            and reason_words.word_rank = 1

),

read_dispositions as (

    select
        understood.source_name,
        understood.table_name,
        understood.disposition_key,
        understood.lead_id,
        understood.lead_key,
        understood.handoff_id,
        understood.source_object,
        understood.source_field,
        understood.handoff_stage,
        understood.disposition,
        case
            when reasoned_dispositions.disposition is not null
                then coalesce(understood.told_reason_id, understood.reason_of_word)
        end as reason_id,
        understood.owner_id,
        case
            when not understood.has_lead_id then 'lead_id_missing'
            when understood.lead_key is null then 'lead_unknown'
            when understood.occurred_at is null then 'occurred_at_unreadable'
            when understood.disposition is null then 'disposition_unknown'
            when
                reasoned_dispositions.disposition is not null
                and understood.reason_word is not null
                and understood.told_reason_id is null
                then 'reason_unknown'
            when understood.is_recontact_date_unreadable then 'recontact_date_unreadable'
        end as rejection,
        understood.is_touch,
        understood.is_reached,
        understood.recontact_date,
        understood.occurred_date,
        understood.occurred_at

    from understood

    left join reasoned_dispositions
        on understood.disposition = reasoned_dispositions.disposition

)

select * from read_dispositions
