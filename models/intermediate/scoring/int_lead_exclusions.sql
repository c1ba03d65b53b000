with

lead_alternatives as (

    select * from {{ ref('int_lead_alternatives') }}

),

lead_day_versions as (

    select * from {{ ref('int_lead_day_versions') }}

),

alternatives as (

    select * from {{ ref('int_alternatives') }}

    where owner_type = 'exclusion'

),

exclusions as (

    select * from {{ ref('exclusions') }}

),

met as (

    select
        lead_alternatives.lead_key,
        alternatives.owner_id

    from lead_alternatives

    inner join alternatives
        on lead_alternatives.alternative_key = alternatives.alternative_key

    union

    select
        lead_day_versions.lead_key,
        alternatives.owner_id

    from lead_day_versions

    cross join alternatives

    where alternatives.lead_condition_count = 0

),

lead_exclusions as (

    select
        met.lead_key,
        exclusions.exclusion_id,
        exclusions.reason,
        exclusions.sort_order,
        exclusions.stops_scoring,
        exclusions.stops_queue,
        exclusions.stops_nurture,
        exclusions.stops_export,
        exclusions.clears_crm_fields

    from met

    inner join exclusions
        on met.owner_id = exclusions.exclusion_id

    inner join lead_day_versions
        on met.lead_key = lead_day_versions.lead_key

    where {{ is_in_force('exclusions', 'lead_day_versions.as_of_date') }}

)

select * from lead_exclusions
