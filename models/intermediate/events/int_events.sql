{{ config(materialized='event_parts', has_ids_once=true) }}
{%- do ref('int_event_parts') -%}
{%- do union_sources('events', ['event_id']) -%}
with

{{ earliest_events(ref('int_readable_events'), ref('int_repeated_event_ids')) }},

-- Events of one person stand together, which halves the cost of gathering them and of looking one
-- person up.
ordered as (

    select {{ column_list(stored_event_columns(), 'deduplicated') }}

    from deduplicated

    order by coalesce(deduplicated.lead_id, deduplicated.email, deduplicated.visitor_id)

)

select * from ordered
