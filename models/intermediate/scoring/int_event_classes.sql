with

signature_alternatives as (

    select * from {{ ref('int_signature_alternatives') }}

),

named as (

    select
        signature_alternatives.signature_key,
        signature_alternatives.alternative_key,
        signature_alternatives.as_of_date,
        cast(signature_alternatives.alternative_key as {{ dbt.type_string() }})
        || coalesce(
            '@' || cast(signature_alternatives.as_of_date as {{ dbt.type_string() }}), ''
        ) as alternative_name

    from signature_alternatives

),

-- Signatures that the same alternatives accept on the same days are one class; an event belongs to
-- one or none.
accepted as (

    select
        named.signature_key,
        {{ dbt.listagg(
            'named.alternative_name', "','",
            'order by named.alternative_key, named.as_of_date'
        ) }} as alternative_keys

    from named

    group by named.signature_key

),

classes as (

    select
        accepted.signature_key,
        cast(dense_rank() over (order by accepted.alternative_keys) as integer) as class_key

    from accepted

)

select * from classes
