{#-
    Whether an item of a field value (`field_values`) meets an operand (`operands`): every operator
    but within_days. Two numbers compare as numbers; else ordering compares dates and equality
    compares text. Unknown counts as no.
-#}
{% macro item_meets_operand() -%}
    case operands.operator
        when 'equals'
            then
                case
                    when
                        field_values.item_number is not null
                        and operands.low_number is not null
                        then field_values.item_number = operands.low_number
                    else field_values.item_folded = operands.operand_folded
                end
        when 'contains'
            then
                {{ position_of('operands.operand_folded', 'field_values.item_folded') }}
                > 0
        when 'starts_with'
            then
                {{ position_of('operands.operand_folded', 'field_values.item_folded') }}
                = 1
        when 'ends_with'
            then right(
                field_values.item_folded, {{ dbt.length('operands.operand_folded') }}
            ) = operands.operand_folded
        when 'matches'
            then {{ matches_pattern('field_values.item', 'operands.operand') }}
        when 'gt' then {{ compare_ordered('>') }}
        when 'gte' then {{ compare_ordered('>=') }}
        when 'lt' then {{ compare_ordered('<') }}
        when 'lte' then {{ compare_ordered('<=') }}
        when 'between'
            then
                {{ compare_ordered('>=') }}
                and {{ compare_ordered('<=', bound='high') }}
    end
{%- endmacro %}
