{%- set columns = raw_columns('file', 'leads') -%}
{%- set opt_outs = {
    'opted_out': file_field_columns('do_not_contact', columns),
    'email_opted_out': file_field_columns('email_opt_out', columns),
} -%}
{%- set verdicts = {'do_not_contact': 'is_opted_out', 'email_opt_out': 'is_email_opted_out'} -%}
{%- set fields = {} -%}
{%- for column in columns if column not in ['lead_id'] -%}
    {%- do fields.update({column: column}) -%}
{%- endfor -%}
with

recorded_changes as (
    {{ recorded_value_changes('file') }}
),

-- What the file said at the end of each scored day.
source as (
    {{ rows_of_days(
        raw_table('file', 'leads'), 'recorded_changes', 'lead', 'present.lead_id', fields
    ) }}
),

boolean_words as (  -- noqa: ST03

    select * from {{ ref('boolean_words') }}

),

leads as (

    select
        *,
        {{ row_text(columns) }} as source_row_text,
        {{ parse_day('created_at') }} as parsed_created_date,
        {{ parse_timestamp('created_at') }} as parsed_created_at

    from source

),

{{ consented_leads(opt_outs) }},

renamed as (

    select
        consented.lead_id,
        {{ first_known(file_field_columns('owner_id', columns), 'consented') }} as owner_id,
        {{ first_known(file_field_columns('company_name', columns), 'consented') }} as company_name,
        {{ first_known(file_field_columns('email', columns), 'consented') }} as email,
        {%- for column in lead_source_columns() %}
        {{ first_known(file_field_columns(column, columns), 'consented') }} as {{ column }},
        {%- endfor %}
        consented.source_row_text,
        {%- for field in condition_fields('lead') %}
        {% if field in verdicts -%}
        case
            when consented.{{ verdicts[field] }} then 'true'
            when not consented.{{ verdicts[field] }} then 'false'
        end
        {%- else -%}
        {{ first_known(file_field_columns(field, columns), 'consented') }}
        {%- endif %} as {{ quoted('lead.' ~ field) }},
        {%- endfor %}
        {{ parse_amount('consented.amount') }} as amount,
        coalesce(consented.is_opted_out, false) as do_not_contact,
        consented.is_opted_out_unclear as is_opt_out_unclear,
        consented.created_at is not null and consented.parsed_created_date is null
            as is_created_at_unreadable,
        cast(null as date) as deleted_date,
        consented.parsed_created_date as created_date,
        consented.version_from_date,
        consented.version_until_date,
        consented.parsed_created_at as created_at

    from consented

)

select * from renamed
