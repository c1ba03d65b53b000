{%- set fields = condition_fields('lead', owner='motion') -%}
with

lead_attributes as (

    select * from {{ ref('int_lead_base_attributes') }}

    where field in (
        {%- for field in fields %}
        {{ text_literal(field) }}{{ ',' if not loop.last }}
        {%- else %}
        null
        {%- endfor %}
    )

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

    where owner_type = 'motion'

),

lead_days as (

    select
        lead_key,
        as_of_date

    from {{ ref('int_lead_days') }}

),

alternative_matches as (

    select matches.*

    from {{ ref('int_alternative_matches') }} as matches

    inner join alternatives
        on matches.alternative_key = alternatives.alternative_key

    where not matches.is_on_event

),

{{ held_alternatives() }}

select * from held
