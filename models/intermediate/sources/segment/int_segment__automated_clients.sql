with

pages as (

    select * from {{ ref('stg_segment__pages') }}

),

tracks as (

    select * from {{ ref('stg_segment__tracks') }}

),

automation_patterns as (

    select * from {{ ref('automation_patterns') }}

),

-- Each browser and each address is looked up once.
clients as (

    select
        'user_agent' as what,
        pages.user_agent as client

    from pages

    where pages.user_agent is not null

    union

    select
        'user_agent' as what,
        tracks.user_agent as client

    from tracks

    where tracks.user_agent is not null

    union

    select
        'ip_address' as what,
        pages.ip_address as client

    from pages

    where pages.ip_address is not null

    union

    select
        'ip_address' as what,
        tracks.ip_address as client

    from tracks

    where tracks.ip_address is not null

),

-- Patterns for one type of event are those of mails.
machines as (

    select distinct
        clients.what,
        clients.client

    from clients

    inner join automation_patterns
        on
            clients.what = automation_patterns.what
            and automation_patterns.event_type is null
            and {{ matches_name('clients.client', 'automation_patterns') }}

)

select * from machines
