with

prefectures as (

    select * from {{ ref('prefectures') }}

),

-- 北海道 keeps its last sign, the others are also written without it.
written as (

    select
        prefectures.prefecture_code,
        prefectures.name_ja as prefecture_name

    from prefectures

    union all

    select
        prefectures.prefecture_code,
        regexp_replace(prefectures.name_ja, '[都府県]$', '') as prefecture_name

    from prefectures

    union all

    select
        prefectures.prefecture_code,
        prefectures.name_en as prefecture_name

    from prefectures

    union all

    select
        prefectures.prefecture_code,
        prefectures.prefecture_code as prefecture_name

    from prefectures

    union all

    select
        prefectures.prefecture_code,
        ltrim(prefectures.prefecture_code, '0') as prefecture_name

    from prefectures

),

keyed as (

    select
        written.prefecture_code,
        {{ prefecture_key('written.prefecture_name') }} as prefecture_key

    from written

),

names as (

    select
        keyed.prefecture_key,
        min(keyed.prefecture_code) as prefecture_code

    from keyed

    where keyed.prefecture_key <> ''

    group by keyed.prefecture_key

)

select * from names
