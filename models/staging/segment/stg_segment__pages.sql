{%- set columns = [
    'id', 'anonymous_id', 'user_id', 'path', 'context_page_path', 'url', 'context_page_url',
    'context_user_agent', 'context_ip', 'timestamp', 'received_at',
] -%}
{%- for property in event_property_types() -%}
    {%- set column = property.removeprefix('event.') -%}
    {%- if column not in columns -%}
        {%- do columns.append(column) -%}
    {%- endif -%}
{%- endfor -%}
with

raw_pages as (

    {{ raw_rows('segment', 'pages', columns) }}

),

dated_pages as (

    select
        raw_pages.*,
        coalesce(raw_pages.timestamp, raw_pages.received_at) as occurred_at_text

    from raw_pages

),

renamed as (

    select
        dated_pages.id as page_view_id,
        dated_pages.anonymous_id,
        dated_pages.user_id,
        coalesce(dated_pages.path, dated_pages.context_page_path) as path,
        coalesce(dated_pages.url, dated_pages.context_page_url) as url,
        dated_pages.context_user_agent as user_agent,
        dated_pages.context_ip as ip_address,
        dated_pages.occurred_at_text,
        {%- for property in event_property_types() %}
        {{ quoted(property.removeprefix('event.')) }} as {{ quoted(property) }},
        {%- endfor %}
        {{ parse_timestamp('dated_pages.occurred_at_text') }} as occurred_at

    from dated_pages

)

select * from renamed
