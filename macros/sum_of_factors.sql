{#-
    The exact sum of the decay factors of some days of a list on another day, as DECIMAL(26, 12).

    linear       max(0, 1 - decay_percent / 100 * floor(age / decay_days))
    exponential  0.5 ^ (age / decay_days) as a double, rounded half away from zero to 12 decimals

    The sum runs over whole numbers of 10^-12, so that no order of addition changes its last digit.
-#}
{% macro sum_of_factors(days, first, counted, on_day, decay, decay_days, decay_percent) -%}
    {{ return(adapter.dispatch('sum_of_factors')(
        days, first, counted, on_day, decay, decay_days, decay_percent
    )) }}
{%- endmacro %}

{% macro default__sum_of_factors(
    days, first, counted, on_day, decay, decay_days, decay_percent
) -%}
    {%- set counted_days = days ~ '[' ~ first ~ ':' ~ first ~ ' + ' ~ counted ~ ' - 1]' -%}
    cast(
        cast(
            case {{ decay }}
                when 'exponential' then list_sum(list_transform(
                    {{ counted_days }},
                    lambda item: cast(round(
                        pow(
                            cast(0.5 as double),
                            cast({{ on_day }} - item as double) / {{ decay_days }}
                        )
                        * cast(1000000000000 as double)
                    ) as bigint)
                ))
                when 'linear' then list_sum(list_transform(
                    {{ counted_days }},
                    lambda item: greatest(
                        0,
                        1000000000000
                        - (({{ on_day }} - item) // {{ decay_days }})
                        * cast({{ decay_percent }} * 10000000000 as bigint)
                    )
                ))
                else cast({{ counted }} as hugeint) * 1000000000000
            end as decimal(26, 0)
        ) * cast(0.000000000001 as decimal(13, 12))
        as decimal(26, 12)
    )
{%- endmacro %}
