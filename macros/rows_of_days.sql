{#-
    The rows of a relation with the values of the end of D (`rows_as_of`), and beside them, where
    past days are scored, what its records said before each later change: `version_from_date` and
    `version_until_date` (not included) bound the days on which they said so; both are unknown in
    the rows of D. Only versions in which a scored day lies are there.
-#}
{% macro rows_of_days(relation, changes, entity, record_id, fields, kinds={}) -%}
    {%- set days = history_days() %}
    select
        rows_of_today.*,
        cast(null as date) as version_from_date,
        cast(null as date) as version_until_date
    from (
        {{ rows_as_of(relation, changes, entity, record_id, fields, kinds) }}
    ) as rows_of_today
    {%- if days %}

    union all

    select rows_of_the_past.*
    from (
        with

        past_changes as (

            select
                changes.record_id,
                changes.field,
                changes.value_before,
                changes.changed_date

            from {{ changes }} as changes

            where
                changes.entity = '{{ entity }}'
                and changes.changed_date > cast('{{ days[0] }}' as date)

        ),

        turns as (

            select distinct
                past_changes.record_id,
                past_changes.changed_date as until_date

            from past_changes

            where past_changes.changed_date <= {{ as_of_date() }}

        ),

        periods as (

            select
                turns.record_id,
                turns.until_date,
                lag(turns.until_date) over (
                    partition by turns.record_id order by turns.until_date
                ) as from_date

            from turns

        ),

        -- What is undone in a period: of each field the earliest change at its end or later.
        ranked as (

            select
                periods.record_id,
                periods.from_date,
                periods.until_date,
                past_changes.field,
                past_changes.value_before,
                row_number() over (
                    partition by periods.record_id, periods.until_date, past_changes.field
                    order by past_changes.changed_date, past_changes.value_before
                ) as change_rank

            from periods

            inner join past_changes
                on
                    periods.record_id = past_changes.record_id
                    and periods.until_date <= past_changes.changed_date

            where
                {%- for day in days %}
                {{ 'or ' if not loop.first }}(
                    periods.until_date > cast('{{ day }}' as date)
                    and coalesce(periods.from_date <= cast('{{ day }}' as date), true)
                )
                {%- endfor %}

        ),

        undone as (

            select
                {%- for column, field in fields.items() %}
                max(case when ranked.field = {{ text_literal(field) }} then 1 else 0 end)
                    as {{ quoted('has.' ~ column) }},
                max(case when ranked.field = {{ text_literal(field) }}
                    then ranked.value_before end) as {{ quoted('before.' ~ column) }},
                {%- endfor %}
                ranked.record_id as undone_record_id,
                ranked.from_date as version_from_date,
                ranked.until_date as version_until_date

            from ranked

            where ranked.change_rank = 1

            group by
                ranked.record_id,
                ranked.from_date,
                ranked.until_date

        )

        select
            {%- set replaced = {} %}
            {%- for column in fields %}
                {%- set before = 'undone.' ~ quoted('before.' ~ column) %}
                {%- do replaced.update({column: 'case when undone.' ~ quoted('has.' ~ column)
                    ~ ' = 1 then ' ~ read_text(before, kinds.get(column, 'text'))
                    ~ ' else present.' ~ quoted(column) ~ ' end'}) %}
            {%- endfor %}
            {{ replaced_columns('present', replaced) }},
            undone.version_from_date,
            undone.version_until_date

        from {{ relation }} as present

        inner join undone
            on {{ record_id }} = undone.undone_record_id
    ) as rows_of_the_past
    {%- endif %}
{%- endmacro %}
