with

source as (

    select * from {{ raw_table('file', 'feedback') }}

),

timed as (

    select
        source.*,
        case
            when source.at is null then {{ parse_timestamp('source.listed_at') }}
            else {{ parse_timestamp('source.at') }}
        end as occurred_at

    from source

),

-- A file has no id of a verdict: what it says of whom and when names it, wherever its row stands.
renamed as (

    select
        {{ dbt.concat([
            "'feedback:'",
            dbt.hash("concat_ws(chr(31), coalesce(timed.lead_id, ''), "
                ~ "coalesce(timed.handoff_id, ''), coalesce(timed.disposition, ''), "
                ~ "coalesce(cast(timed.occurred_at as varchar), timed.at, ''))"),
        ]) }} as feedback_id,
        timed.lead_id,
        timed.handoff_id,
        'feedback' as source_object,
        'disposition' as source_field,
        timed.disposition as word,
        timed.reason as reason_word,
        timed.owner as owner_id,
        timed.recontact_date is not null and {{ parse_day('timed.recontact_date') }} is null
            as is_recontact_date_unreadable,
        {{ parse_day('timed.recontact_date') }} as recontact_date,
        {{ business_day('timed.occurred_at') }} as occurred_date,
        timed.occurred_at

    from timed

)

select * from renamed
