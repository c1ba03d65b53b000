{#-
    What each name of the relation `names` (source_table, field, name; empty where unknown) means by
    event_names.csv: of the rows that match, the first. Names that mean nothing are left out.
-#}
{% macro first_event_names(source_name) -%}
    select
        ranked.source_table,
        ranked.field,
        ranked.name,
        ranked.event_type,
        ranked.property,
        ranked.property_value,
        ranked.is_day_in_name

    from (
        select
            names.source_table,
            names.field,
            names.name,
            event_names.event_type,
            event_names.property,
            event_names.property_value,
            event_names.is_day_in_name,
            row_number() over (
                partition by names.source_table, names.field, names.name
                order by event_names.priority, event_names.match, event_names.pattern
            ) as row_rank

        from names

        inner join event_names
            on
                names.source_table = event_names.source_table
                and names.field = event_names.field
                and {{ matches_name('names.name', 'event_names') }}

        where event_names.source = '{{ source_name }}'
    ) as ranked

    where ranked.row_rank = 1
{%- endmacro %}
