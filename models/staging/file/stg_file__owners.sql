with

source as (

    select * from {{ raw_table('file', 'owners') }}

),

boolean_words as (

    select * from {{ ref('boolean_words') }}

),

-- A list of names alone has the names for ids, as other files write them.
renamed as (

    select
        coalesce(source.owner_id, source.owner) as owner_id,
        source.owner as owner_name,
        source.email,
        coalesce(boolean_words.boolean_value, true) as is_active,
        cast(null as date) as deleted_date

    from source

    left join boolean_words
        on {{ fold_text('source.is_active') }} = boolean_words.word

)

select * from renamed
