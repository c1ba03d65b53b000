{%- set columns = raw_columns('file', 'deals') -%}
{%- set fields = {} -%}
{%- for column in columns if column not in ['deal_id', 'lead_id'] -%}
    {%- do fields.update({column: column}) -%}
{%- endfor -%}
with

recorded_changes as (
    {{ recorded_value_changes('file') }}
),

-- What the file said at the end of D.
source as (
    {{ rows_as_of(
        raw_table('file', 'deals'), 'recorded_changes', 'deal', 'present.deal_id', fields
    ) }}
),

timed as (

    select
        source.*,
        {{ parse_timestamp('source.created_at') }} as parsed_created_at,
        {{ parse_timestamp('source.closed_at') }} as parsed_closed_at

    from source

),

renamed as (

    select
        timed.deal_id,
        cast(null as {{ dbt.type_string() }}) as pipeline_id,
        timed.pipeline as pipeline_name,
        cast(null as {{ dbt.type_string() }}) as stage_id,
        timed.stage as stage_name,
        timed.owner as owner_id,
        timed.company_id,
        timed.company as company_name,
        timed.outcome as outcome_text,
        case when lower(timed.outcome) in ('won', 'lost') then lower(timed.outcome) end as outcome,
        timed.reason,
        {{ parse_amount('timed.amount') }} as amount,
        timed.amount is not null and {{ parse_amount('timed.amount') }} is null
            as is_amount_unreadable,
        timed.created_at is not null and timed.parsed_created_at is null
            as is_created_at_unreadable,
        timed.closed_at is not null and timed.parsed_closed_at is null as is_closed_at_unreadable,
        cast(null as date) as deleted_date,
        {{ business_day('timed.parsed_created_at') }} as created_date,
        timed.parsed_created_at as created_at,
        {{ business_day('timed.parsed_closed_at') }} as closed_date,
        timed.parsed_closed_at as closed_at

    from timed

)

select * from renamed
