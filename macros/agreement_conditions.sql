{#-
    Body of a CTE: the rows of a seed of conditions in the form in which `met_owners` reads them.
-#}
{% macro agreement_conditions(seed, owner_column) -%}
    select
        agreed.{{ owner_column }} as owner_id,
        coalesce(agreed.alternative, 1) as alternative,
        lower(agreed.field) as field,
        agreed.operator,
        agreed.value as operand,
        row_number() over (
            order by
                agreed.{{ owner_column }},
                agreed.alternative,
                agreed.field,
                agreed.operator,
                agreed.value
        ) as condition_key

    from {{ seed }} as agreed
{%- endmacro %}
