{#- An ordering of an item of a field value and a bound of an operand: numbers, else dates. -#}
{% macro compare_ordered(operator, bound='low') -%}
    case
        when field_values.item_number is not null and operands.{{ bound }}_number is not null
            then field_values.item_number {{ operator }} operands.{{ bound }}_number
        else field_values.item_date {{ operator }} operands.{{ bound }}_date
    end
{%- endmacro %}
