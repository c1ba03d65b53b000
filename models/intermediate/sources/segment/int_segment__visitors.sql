{%- set sources = enabled_sources() -%}
with

identifies as (

    select * from {{ ref('stg_segment__identifies') }}

),

pages as (

    select * from {{ ref('stg_segment__pages') }}

),

tracks as (

    select * from {{ ref('stg_segment__tracks') }}

),

-- Who a browser or a signed-in person said to be, and when. A page view of somebody signed in ties
-- the browser to the person as well.
said as (

    select
        coalesce(identifies.anonymous_id, identifies.user_id) as visitor_id,
        identifies.user_id,
        identifies.hubspot_contact_id,
        {{ normalise_email('identifies.email') }} as email,
        identifies.occurred_at as identified_at

    from identifies

    union all

    select
        pages.anonymous_id as visitor_id,
        pages.user_id,
        cast(null as {{ dbt.type_string() }}) as hubspot_contact_id,
        cast(null as {{ dbt.type_string() }}) as email,
        min(pages.occurred_at) as identified_at

    from pages

    where
        pages.anonymous_id is not null
        and pages.user_id is not null

    group by
        pages.anonymous_id,
        pages.user_id

    union all

    select
        tracks.anonymous_id as visitor_id,
        tracks.user_id,
        cast(null as {{ dbt.type_string() }}) as hubspot_contact_id,
        cast(null as {{ dbt.type_string() }}) as email,
        min(tracks.occurred_at) as identified_at

    from tracks

    where
        tracks.anonymous_id is not null
        and tracks.user_id is not null

    group by
        tracks.anonymous_id,
        tracks.user_id

),

-- Events that bear no browser bear the person's id as their visitor.
by_person as (

    select
        identifies.user_id,
        identifies.hubspot_contact_id,
        {{ normalise_email('identifies.email') }} as email,
        min(identifies.occurred_at) as identified_at

    from identifies

    where
        identifies.user_id is not null
        and identifies.occurred_at is not null
        and (identifies.email is not null or identifies.hubspot_contact_id is not null)

    group by
        identifies.user_id,
        identifies.hubspot_contact_id,
        {{ normalise_email('identifies.email') }}

),

-- What is known of the person holds for every browser, from the moment on when both are known.
known as (

    select
        said.visitor_id,
        said.user_id,
        said.hubspot_contact_id,
        said.email,
        said.identified_at

    from said

    union all

    select
        said.visitor_id,
        said.user_id,
        by_person.hubspot_contact_id,
        by_person.email,
        greatest(said.identified_at, by_person.identified_at) as identified_at

    from said

    inner join by_person
        on said.user_id = by_person.user_id

    where
        said.email is null
        and said.hubspot_contact_id is null

    union all

    select
        by_person.user_id as visitor_id,
        by_person.user_id,
        by_person.hubspot_contact_id,
        by_person.email,
        by_person.identified_at

    from by_person

),

-- The site's own id of a person names a lead only where no CRM has ids of its own.
visitors as (

    select distinct
        known.visitor_id,
        {% if sources == ['segment'] -%}
        coalesce(known.user_id, known.email)
        {%- elif 'hubspot' in sources -%}
        known.hubspot_contact_id
        {%- else -%}
        known.user_id
        {%- endif %} as lead_id,
        known.email,
        {{ business_day('known.identified_at') }} as identified_date,
        known.identified_at

    from known

    where
        known.visitor_id is not null
        and known.identified_at is not null

),

visitors_with_a_name as (

    select
        visitors.visitor_id,
        visitors.lead_id,
        visitors.email,
        visitors.identified_date,
        visitors.identified_at

    from visitors

    where
        visitors.lead_id is not null
        or visitors.email is not null

)

select * from visitors_with_a_name
