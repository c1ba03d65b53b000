{#-
    What `meta.relation_versions` says of some relations, by `database.schema.name`: of what each
    was made, and its version. Those that say nothing of themselves are left out; under the name
    `engine` stands the version of the database.
-#}
{% macro relation_versions(relations) -%}
    {%- set names = [] -%}
    {%- for relation in relations -%}
        {%- do names.append(text_literal(relation)) -%}
    {%- endfor -%}
    {%- set query -%}
        select relation_name, fingerprint, content_version from meta.relation_versions
        where relation_name in ({{ names | join(', ') }})
        union all
        select 'engine', '-', version()
    {%- endset -%}
    {%- set versions = {} -%}
    {%- for row in run_query(query).rows -%}
        {%- do versions.update({row[0]: {'made_of': row[1], 'version': row[2]}}) -%}
    {%- endfor -%}
    {{ return(versions) }}
{%- endmacro %}
