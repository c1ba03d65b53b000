{#-
    Whether nothing stands where the relation of the running node will, nor anything that a run
    which was killed left under the names in between.
-#}
{% macro is_first_of_its_name(kind) -%}
    {%- set relation = this.incorporate(type=kind) -%}
    {%- set found = [] -%}
    {%- for name in [
        relation, make_intermediate_relation(relation), make_backup_relation(relation, kind)
    ] -%}
        {%- if load_cached_relation(name) is not none -%}
            {%- do found.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | length == 0) }}
{%- endmacro %}
