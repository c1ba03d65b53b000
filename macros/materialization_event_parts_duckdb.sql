{#-
    A table of events that is built once and from then on only where rows changed: the parts whose
    sums in `int_event_parts` differ from those of the rows that it holds are read anew. With the
    setting `has_ids_once` they bring the copies of their event ids in other parts with them. Built
    as a whole where its SQL or that of the views it reads changed, where most parts did, and with
    `--full-refresh`.
-#}
{% materialization event_parts, adapter='duckdb' -%}
    {%- if is_up_to_date() -%}
        {{ return(keep_relation('table')) }}
    {%- endif -%}
    {%- set stale = stale_event_parts() -%}
    {%- if stale is none -%}
        {#- Until the table stands there with what is said of it, nobody knows what it holds. -#}
        {%- do run_query(forget_event_parts()) -%}
        {%- set built = dbt.materialization_table_duckdb() -%}
        {%- do run_query(loaded_event_parts()) -%}
        {{ return(built) }}
    {%- endif -%}
    {%- set statements = replace_events_by_id(stale) if config.get('has_ids_once')
        else replace_events(stale) -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- for statement_text in statements -%}
        {%- call statement('part_' ~ loop.index) -%}
            {{ statement_text }}
        {%- endcall -%}
    {%- endfor -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- call statement('forget') -%}
        {{ forget_event_parts() }}
    {%- endcall -%}
    {%- call statement('main') -%}
        {{ loaded_event_parts() }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmaterialization %}
