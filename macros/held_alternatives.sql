{#-
    CTEs that tell which alternatives hold for which leads, the last one being `held`. They read the
    CTEs `lead_attributes`, `alternative_matches` and `lead_days` of the model.
-#}
{% macro held_alternatives() -%}
matched as (

    select
        lead_attributes.lead_key,
        alternative_matches.alternative_key,
        alternative_matches.lead_condition_count,
        alternative_matches.match_count

    from lead_attributes

    inner join alternative_matches
        on
            lead_attributes.field = alternative_matches.field
            and lead_attributes.field_value = alternative_matches.field_value

    where
        alternative_matches.met_by = 'value'
        and alternative_matches.valid_from_date is null
        and alternative_matches.valid_to_date is null

    union all

    -- Few matches depend on the day, so that only these look it up.
    select
        lead_attributes.lead_key,
        alternative_matches.alternative_key,
        alternative_matches.lead_condition_count,
        alternative_matches.match_count

    from lead_attributes

    inner join alternative_matches
        on
            lead_attributes.field = alternative_matches.field
            and lead_attributes.field_value = alternative_matches.field_value

    inner join lead_days
        on lead_attributes.lead_key = lead_days.lead_key

    where
        alternative_matches.met_by = 'value'
        and (
            alternative_matches.valid_from_date is not null
            or alternative_matches.valid_to_date is not null
        )
        and {{ holds_on('alternative_matches', 'lead_days.as_of_date') }}

    union all

    select
        lead_attributes.lead_key,
        alternative_matches.alternative_key,
        alternative_matches.lead_condition_count,
        alternative_matches.match_count

    from lead_attributes

    inner join alternative_matches
        on lead_attributes.field = alternative_matches.field

    where
        (alternative_matches.met_by = 'any_value' and lead_attributes.field_value is not null)
        or (alternative_matches.met_by = 'no_value' and lead_attributes.field_value is null)

),

-- Most alternatives look at one field only and need no counting.
held as (

    select
        matched.lead_key,
        matched.alternative_key

    from matched

    where matched.match_count = matched.lead_condition_count

    union all

    select
        matched.lead_key,
        matched.alternative_key

    from matched

    where matched.match_count < matched.lead_condition_count

    group by
        matched.lead_key,
        matched.alternative_key,
        matched.lead_condition_count

    having sum(matched.match_count) = matched.lead_condition_count

)
{%- endmacro %}
