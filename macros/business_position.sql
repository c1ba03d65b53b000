{#-
    The business microseconds from the first known opening to a moment. The period is the first that
    closes at the moment or after it; a moment before the first opening is nowhere.
-#}
{% macro business_position(moment, period) -%}
    case
        when {{ moment }} >= {{ period }}.opens_at
            then
                {{ period }}.microseconds_before
                + {{ dbt.datediff(period ~ '.opens_at', moment, 'microsecond') }}
        when {{ period }}.microseconds_before > 0 then {{ period }}.microseconds_before
    end
{%- endmacro %}
