with

signature_alternatives as (

    select * from {{ ref('int_signature_alternatives') }}

),

-- Signatures that the same alternatives accept are one class; an event belongs to one or none.
accepted as (

    select
        signature_alternatives.signature_key,
        {{ dbt.listagg(
            'signature_alternatives.alternative_key', "','",
            'order by signature_alternatives.alternative_key'
        ) }} as alternative_keys

    from signature_alternatives

    group by signature_alternatives.signature_key

),

classes as (

    select
        accepted.signature_key,
        cast(dense_rank() over (order by accepted.alternative_keys) as integer) as class_key

    from accepted

)

select * from classes
