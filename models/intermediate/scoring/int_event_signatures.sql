{%- set columns = ['event_type'] -%}
{%- for property in event_property_types() -%}
    {%- do columns.append(quoted(property)) -%}
{%- endfor -%}
with

events as (

    select * from {{ ref('int_events') }}

),

event_types_in_force as (

    select * from {{ ref('int_event_types_in_force') }}

),

-- With the properties that rules look at, whoever did it and whenever: a look more costs nothing,
-- and another day finds the same ones.
looks as (

    select
        events.event_type,
        {%- for property, event_types in event_property_types().items() %}
        {{ event_property('events', property, event_types) }} as {{ quoted(property) }},
        {%- endfor %}
        events.signature_hash

    from events

    inner join event_types_in_force
        on events.event_type = event_types_in_force.event_type

),

-- Events that look the same to every rule share a signature. Grouping by its hash alone spares
-- comparing texts event by event.
distinct_signatures as (

    select
        {%- for column in columns %}
        any_value(looks.{{ column }}) as {{ column }},
        {%- endfor %}
        looks.signature_hash

    from looks

    group by looks.signature_hash

),

keyed as (

    select
        {{ column_list(columns, 'distinct_signatures') }},
        distinct_signatures.signature_hash,
        cast(
            row_number() over (
                order by
                    {{ column_list(columns, 'distinct_signatures', 'nulls first') }}
            ) as integer
        ) as signature_key

    from distinct_signatures

)

select * from keyed
