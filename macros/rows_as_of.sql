{#-
    The rows of a relation with the values of the end of D: of each record and field the value
    before the earliest change after D, else what stands there now. `changes` are undo entries
    (`entity, record_id, field, value_before, changed_date`), `fields` names the field that each
    column bears, `kinds` how a column is read that is no text. Rows of records without such a
    change pass as they are, so that a build of today pays for none of this.
-#}
{% macro rows_as_of(relation, changes, entity, record_id, fields, kinds={}) -%}
    with

    late_changes as (

        select
            changes.record_id,
            changes.field,
            changes.value_before,
            row_number() over (
                partition by changes.record_id, changes.field
                order by changes.changed_date, changes.value_before
            ) as change_rank

        from {{ changes }} as changes

        where
            changes.entity = '{{ entity }}'
            and changes.changed_date > {{ as_of_date() }}

    ),

    undone as (

        select
            {%- for column, field in fields.items() %}
            max(case when late_changes.field = {{ text_literal(field) }} then 1 else 0 end)
                as {{ quoted('has.' ~ column) }},
            max(case when late_changes.field = {{ text_literal(field) }}
                then late_changes.value_before end) as {{ quoted('before.' ~ column) }},
            {%- endfor %}
            late_changes.record_id as undone_record_id

        from late_changes

        where late_changes.change_rank = 1

        group by late_changes.record_id

    )

    select present.*

    from {{ relation }} as present

    where not exists (
        select 1 from undone where {{ record_id }} = undone.undone_record_id
    )

    union all

    select
        {%- set replaced = {} %}
        {%- for column in fields %}
            {%- set before = 'undone.' ~ quoted('before.' ~ column) %}
            {%- do replaced.update({column: 'case when undone.' ~ quoted('has.' ~ column)
                ~ ' = 1 then ' ~ read_text(before, kinds.get(column, 'text'))
                ~ ' else present.' ~ quoted(column) ~ ' end'}) %}
        {%- endfor %}
        {{ replaced_columns('present', replaced) }}

    from {{ relation }} as present

    inner join undone
        on {{ record_id }} = undone.undone_record_id
{%- endmacro %}
