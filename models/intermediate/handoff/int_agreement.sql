{#- The seeds that say what marketing and sales agreed on; the order of rows plays no part. -#}
{%- set agreement_seeds = {
    'agreements': ref('agreements'),
    'handoff_stages': ref('handoff_stages'),
    'handoff_fields': ref('handoff_fields'),
    'handoff_settings': ref('handoff_settings'),
    'handoff_policies': ref('handoff_policies'),
    'policy_conditions': ref('policy_conditions'),
    'routing_rules': ref('routing_rules'),
    'routing_conditions': ref('routing_conditions'),
    'sales_teams': ref('sales_teams'),
    'sales_members': ref('sales_members'),
    'sales_absences': ref('sales_absences'),
    'sales_capacity': ref('sales_capacity'),
    'service_levels': ref('service_levels'),
    'business_hours': ref('business_hours'),
    'business_holidays': ref('business_holidays'),
    'disposition_values': ref('disposition_values'),
    'disposition_reasons': ref('disposition_reasons'),
    'lifecycle_stages': ref('lifecycle_stages'),
    'nurture_programs': ref('nurture_programs'),
    'nurture_conditions': ref('nurture_conditions'),
    'next_steps': ref('next_steps'),
    'targets': ref('targets'),
} -%}
with

seed_rows as (

    {{ texts_of_rows(agreement_seeds) }}

),

hashed as (

    select
        {{ dbt.hash(dbt.listagg('seed_rows.row_text', "'\n'", 'order by seed_rows.row_text')) }}
            as agreement_id

    from seed_rows

)

select * from hashed
