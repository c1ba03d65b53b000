with

disposition_values as (

    select * from {{ ref('disposition_values') }}

),

-- People write the label that a list showed them where a program writes the word.
spellings as (

    select
        disposition_values.*,
        coalesce({{ fold_text('disposition_values.source_value') }}, '') as word,
        1 as spelling_rank

    from disposition_values

    union all

    select
        disposition_values.*,
        {{ fold_text('disposition_values.label_en') }} as word,
        2 as spelling_rank

    from disposition_values

    union all

    select
        disposition_values.*,
        {{ fold_text('disposition_values.label_ja') }} as word,
        3 as spelling_rank

    from disposition_values

),

ranked as (

    select
        spellings.source,
        spellings.source_object,
        lower(spellings.source_field) as source_field,
        spellings.word,
        spellings.handoff_stage,
        spellings.disposition,
        spellings.reason_id,
        coalesce(spellings.counts_as_touch, false) as is_touch,
        coalesce(spellings.counts_as_reached, false) as is_reached,
        row_number() over (
            partition by
                spellings.source,
                spellings.source_object,
                lower(spellings.source_field),
                spellings.word
            order by spellings.spelling_rank, spellings.source_value
        ) as word_rank

    from spellings

    where spellings.word is not null

),

words as (

    select
        ranked.source as source_name,
        ranked.source_object,
        ranked.source_field,
        ranked.word,
        ranked.handoff_stage,
        ranked.disposition,
        ranked.reason_id,
        ranked.is_touch,
        ranked.is_reached

    from ranked

    where ranked.word_rank = 1

)

select * from words
