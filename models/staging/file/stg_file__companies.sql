{%- set columns = raw_columns('file', 'companies') -%}
{%- set fields = {} -%}
{%- for column in columns if column not in ['company_id', 'company'] -%}
    {%- do fields.update({column: column}) -%}
{%- endfor -%}
with

recorded_changes as (
    {{ recorded_value_changes('file') }}
),

-- What the file said at the end of D.
source as (
    {{ rows_as_of(
        raw_table('file', 'companies'),
        'recorded_changes',
        'company',
        'coalesce(present.company_id, present.company)',
        fields
    ) }}
),

timed as (

    select
        source.*,
        {{ parse_day('source.created_at') }} as parsed_created_date,
        {{ parse_timestamp('source.created_at') }} as parsed_created_at

    from source

),

renamed as (

    select
        timed.company_id,
        timed.company as company_name,
        timed.domain,
        timed.corporate_number,
        timed.prefecture,
        timed.country,
        timed.phone,
        timed.industry,
        timed.employee_count,
        lower(timed.company_relation) as company_relation,
        timed.owner_id,
        timed.merged_into_company_id,
        {%- for field in company_fields() %}
        {%- set column = field.removeprefix('company.') %}
        {{ first_known([column] if column in columns else [], 'timed') }} as {{ quoted(field) }},
        {%- endfor %}
        cast(null as date) as deleted_date,
        timed.parsed_created_date as created_date,
        timed.parsed_created_at as created_at

    from timed

)

select * from renamed
