{{ config(materialized='view') }}
{%- set columns = relation_columns(ref('stg_hubspot__contacts')) -%}
{%- set typed_columns = ['is_deleted', 'created_date', 'created_at', 'synced_at'] -%}
{%- set texts = columns | reject('in', typed_columns) | list -%}
{%- set opt_outs = {
    'opted_out': hubspot_field_columns('do_not_contact', columns),
    'email_opted_out': hubspot_field_columns('email_opt_out', columns),
} -%}
{%- set verdicts = {'do_not_contact': 'is_opted_out', 'email_opt_out': 'is_email_opted_out'} -%}
{%- set fields = {} -%}
{%- if 'associated_company_id' in columns -%}
    {%- do fields.update({'associated_company_id': 'property_associatedcompanyid'}) -%}
{%- endif -%}
{%- for column in columns if column.startswith('property.') -%}
    {%- do fields.update({column: 'property_' ~ column.removeprefix('property.')}) -%}
{%- endfor -%}
with

value_changes as (

    select * from {{ ref('int_hubspot__record_value_changes') }}

),

-- What the contacts said at the end of each scored day.
contacts as (
    {{ rows_of_days(
        ref('stg_hubspot__contacts'), 'value_changes', 'lead', 'present.contact_id', fields
    ) }}
),

primary_companies as (

    select
        contact_id,
        associated_company_id

    from {{ ref('stg_hubspot__contacts') }}

    where associated_company_id is not null

),

contact_companies as (

    select * from {{ ref('stg_hubspot__contact_companies') }}

),

lead_merges as (

    select * from {{ ref('int_hubspot__lead_merges') }}

),

boolean_words as (  -- noqa: ST03

    select * from {{ ref('boolean_words') }}

),

-- HubSpot's own types of the association: 1 or 2 is the primary one, 279 or 280 a plain one.
associations as (

    select
        contact_companies.contact_id,
        contact_companies.company_id,
        row_number() over (
            partition by contact_companies.contact_id
            order by
                coalesce(
                    coalesce(contact_companies.association_category, 'HUBSPOT_DEFINED')
                    = 'HUBSPOT_DEFINED'
                    and contact_companies.association_type_id in ('1', '2'),
                    false
                ) desc,
                primary_companies.associated_company_id is null asc,
                contact_companies.company_id asc
        ) as association_rank

    from contact_companies

    left join primary_companies
        on
            contact_companies.contact_id = primary_companies.contact_id
            and contact_companies.company_id = primary_companies.associated_company_id

    where
        not contact_companies.is_deleted
        and contact_companies.company_id is not null

),

leads as (

    select
        contacts.*,
        {{ row_text(texts) }} as source_row_text

    from contacts

),

{{ consented_leads(opt_outs) }},

-- A merge marks the merged row as deleted, often long after: until its day the lead was there. A
-- deletion is known from the day on which it was seen; without one the lead never existed.
renamed as (

    select
        consented.contact_id as lead_id,
        {{ first_known(hubspot_field_columns('owner_id', columns), 'consented') }} as owner_id,
        {{ first_known(hubspot_field_columns('company_name', columns), 'consented') }}
            as company_name,
        {{ first_known(hubspot_field_columns('email', columns), 'consented') }} as email,
        {%- for column in lead_source_columns() %}
        {% if column == 'company_id' -%}
        coalesce(associations.company_id, consented.associated_company_id)
        {%- else -%}
        {{ first_known(hubspot_field_columns(column, columns, is_input=true), 'consented') }}
        {%- endif %} as {{ column }},
        {%- endfor %}
        consented.source_row_text,
        {%- for field in condition_fields('lead') if not field.startswith('company.') %}
        {% if field in verdicts -%}
        case
            when consented.{{ verdicts[field] }} then 'true'
            when not consented.{{ verdicts[field] }} then 'false'
        end
        {%- else -%}
        {{ first_known(hubspot_field_columns(field, columns), 'consented') }}
        {%- endif %} as {{ quoted('lead.' ~ field) }},
        {%- endfor %}
        {{ parse_amount(first_known(hubspot_field_columns('amount', columns), 'consented')) }}
            as amount,
        coalesce(consented.is_opted_out, false) as do_not_contact,
        consented.is_opted_out_unclear as is_opt_out_unclear,
        consented.created_at_text is not null and consented.created_date is null
            as is_created_at_unreadable,
        case
            when consented.is_deleted then coalesce(
                lead_merges.merged_date,
                {{ business_day('consented.synced_at') }},
                consented.created_date,
                cast('0001-01-01' as date)
            )
        end as deleted_date,
        consented.created_date,
        consented.version_from_date,
        consented.version_until_date,
        consented.created_at

    from consented

    left join associations
        on
            consented.contact_id = associations.contact_id
            and associations.association_rank = 1

    left join lead_merges
        on consented.contact_id = lead_merges.merged_lead_id

)

select * from renamed
