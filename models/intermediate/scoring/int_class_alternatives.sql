with

event_classes as (

    select * from {{ ref('int_event_classes') }}

),

signature_alternatives as (

    select * from {{ ref('int_signature_alternatives') }}

),

-- All signatures of a class accept the same alternatives, so that one stands for all.
representatives as (

    select
        event_classes.class_key,
        min(event_classes.signature_key) as signature_key

    from event_classes

    group by event_classes.class_key

),

class_alternatives as (

    select
        representatives.class_key,
        signature_alternatives.alternative_key,
        signature_alternatives.as_of_date

    from representatives

    inner join signature_alternatives
        on representatives.signature_key = signature_alternatives.signature_key

)

select * from class_alternatives
