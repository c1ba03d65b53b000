{%- set traits = {
    'company_name': 'company_name',
    'email': 'email',
    'first_name': 'first_name',
    'job_title': 'job_title',
    'last_name': 'last_name',
    'phone': 'phone',
} -%}
with

identifies as (

    select * from {{ ref('stg_segment__identifies') }}

),

-- What the visitor says after D does not exist yet.
said as (

    select
        identifies.*,
        coalesce(identifies.user_id, {{ normalise_email('identifies.email') }}) as lead_id,
        row_number() over (
            partition by coalesce(identifies.user_id, {{ normalise_email('identifies.email') }})
            order by identifies.occurred_at nulls first, identifies.identify_id
        ) as said_order

    from identifies

    where
        coalesce(identifies.user_id, {{ normalise_email('identifies.email') }}) is not null
        and (
            identifies.occurred_at is null
            or {{ business_day('identifies.occurred_at') }} <= {{ as_of_date() }}
        )

),

people as (

    select
        said.lead_id,
        {%- for trait in traits.values() %}
        {{ last_known('said.' ~ trait, 'said.said_order') }} as {{ trait }},
        {%- endfor %}
        min(said.occurred_at) as created_at

    from said

    group by said.lead_id

),

leads as (

    select
        people.lead_id,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        people.company_name,
        people.email,
        {%- for column in lead_source_columns() %}
        {{ 'people.' ~ column if column in traits else
            'cast(null as ' ~ dbt.type_string() ~ ')' }} as {{ column }},
        {%- endfor %}
        people.lead_id as source_row_text,
        {%- for field in condition_fields('lead') %}
        {{ 'people.' ~ traits[field] if field in traits else
            'cast(null as ' ~ dbt.type_string() ~ ')' }} as {{ quoted('lead.' ~ field) }},
        {%- endfor %}
        cast(null as decimal(18, 2)) as amount,
        false as do_not_contact,
        false as is_opt_out_unclear,
        false as is_created_at_unreadable,
        cast(null as date) as deleted_date,
        {{ business_day('people.created_at') }} as created_date,
        cast(null as date) as version_from_date,
        cast(null as date) as version_until_date,
        people.created_at

    from people

)

select * from leads
