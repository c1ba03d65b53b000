with

email_events as (

    select * from {{ ref('stg_hubspot__email_events') }}

),

opens as (

    select * from {{ ref('stg_hubspot__email_event_opens') }}

),

clicks as (

    select * from {{ ref('stg_hubspot__email_event_clicks') }}

),

automation_patterns as (

    select * from {{ ref('automation_patterns') }}

),

fetched as (

    select
        opens.email_event_id,
        'email_opened' as event_type,
        opens.user_agent,
        opens.ip_address

    from opens

    union all

    select
        clicks.email_event_id,
        'email_clicked' as event_type,
        clicks.user_agent,
        clicks.ip_address

    from clicks

),

-- Each program and each address is looked up once.
clients as (

    select distinct
        fetched.event_type,
        'user_agent' as what,
        fetched.user_agent as client

    from fetched

    where fetched.user_agent is not null

    union all

    select distinct
        fetched.event_type,
        'ip_address' as what,
        fetched.ip_address as client

    from fetched

    where fetched.ip_address is not null

),

machines as (

    select distinct
        clients.event_type,
        clients.what,
        clients.client

    from clients

    inner join automation_patterns
        on
            clients.what = automation_patterns.what
            and (
                automation_patterns.event_type is null
                or clients.event_type = automation_patterns.event_type
            )
            and {{ matches_name('clients.client', 'automation_patterns') }}

),

clicked as (

    select
        email_events.email_event_id,
        email_events.sent_by_id,
        email_events.sent_at,
        email_events.created_at

    from email_events

    inner join clicks
        on email_events.email_event_id = clicks.email_event_id

),

delivered as (

    select
        email_events.sent_by_id,
        min(email_events.created_at) as delivered_at

    from email_events

    where
        email_events.type = 'DELIVERED'
        and email_events.sent_by_id in (select clicked.sent_by_id from clicked)

    group by email_events.sent_by_id

),

-- Mail gates open every link the moment a mail arrives, often under the name of a usual browser.
hasty as (

    select clicked.email_event_id

    from clicked

    left join delivered
        on clicked.sent_by_id = delivered.sent_by_id

    where
        {{ seconds_between(
            'coalesce(delivered.delivered_at, clicked.sent_at)', 'clicked.created_at'
        ) }}
        < {{ event_setting('scanner_click_seconds') }}

),

automated as (

    select fetched.email_event_id

    from fetched

    inner join machines
        on
            fetched.event_type = machines.event_type
            and fetched.user_agent = machines.client
            and machines.what = 'user_agent'

    union

    select fetched.email_event_id

    from fetched

    inner join machines
        on
            fetched.event_type = machines.event_type
            and fetched.ip_address = machines.client
            and machines.what = 'ip_address'

    union

    select hasty.email_event_id

    from hasty

)

select * from automated
