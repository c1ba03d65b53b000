with

conditions as (

    select * from {{ ref('int_conditions') }}

),

prefecture_names as (

    select * from {{ ref('int_prefecture_names') }}

),

prefectures as (

    select * from {{ ref('prefectures') }}

),

{{ typed_operands() }}

select * from operands
