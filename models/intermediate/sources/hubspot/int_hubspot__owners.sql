{{ config(materialized='view') }}
with

owners as (

    select * from {{ ref('stg_hubspot__owners') }}

),

ranked as (

    select
        owners.*,
        row_number() over (
            partition by owners.owner_id
            order by
                owners.synced_at desc nulls last,
                owners.is_deleted asc,
                owners.email asc nulls last,
                owners.last_name asc nulls last,
                owners.first_name asc nulls last
        ) as row_rank

    from owners

    where owners.owner_id is not null

),

-- Names in Chinese characters or kana have the family name first.
renamed as (

    select
        ranked.owner_id,
        coalesce(
            case
                when {{ has_kanji_or_kana('concat(ranked.last_name, ranked.first_name)') }}
                    then nullif(concat_ws(' ', ranked.last_name, ranked.first_name), '')
                else nullif(concat_ws(' ', ranked.first_name, ranked.last_name), '')
            end,
            ranked.email
        ) as owner_name,
        ranked.email,
        coalesce(ranked.is_active, true) and not ranked.is_archived and not ranked.is_deleted
            as is_active,
        case
            when ranked.is_deleted
                then coalesce({{ business_day('ranked.synced_at') }}, cast('0001-01-01' as date))
        end as deleted_date

    from ranked

    where ranked.row_rank = 1

)

select * from renamed
