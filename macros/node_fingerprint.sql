{#-
    A hash of all that the relation of the running node depends on: its SQL or file, how it is
    stored, the versions of what it reads, and what executes it. Beside it what the relation was
    made of that stands there now: `{'now': hash, 'before': hash}`. No hash of now where it cannot
    be told, so that the node is always built.
-#}
{% macro node_fingerprint() -%}
    {%- set code = model.get('compiled_code') -%}
    {%- set relations = input_relations(model) -%}
    {%- set is_told = true -%}
    {%- if model.resource_type == 'seed' -%}
        {#- Of a file that is too large dbt knows the path alone. -#}
        {%- set code = model.checksum.checksum -%}
        {%- set is_told = model.checksum.name != 'path' -%}
    {%- elif model.language != 'sql' or this.render() in code or not is_repeatable(code) -%}
        {%- set is_told = false -%}
    {%- endif -%}
    {%- set found = relation_versions(relations + [relation_key(this)]) -%}
    {%- set before = found.get(relation_key(this), {}).get('made_of') -%}
    {%- set versions = [dbt_version, found['engine'].version] -%}
    {%- for relation in relations -%}
        {%- do versions.append([relation, found.get(relation, {}).get('version')]) -%}
    {%- endfor -%}
    {%- if not is_told or none in versions | map('last') -%}
        {{ return({'now': none, 'before': before}) }}
    {%- endif -%}
    {%- set storage = [] -%}
    {%- for name, value in (target.get('settings') or {}).items()
        if name not in ('memory_limit', 'threads') -%}
        {%- do storage.append([name, value | string]) -%}
    {%- endfor -%}
    {%- for name, value in model.config.items()
        if name not in ('access', 'docs', 'group', 'meta', 'tags') -%}
        {%- do storage.append([name, value]) -%}
    {%- endfor -%}
    {%- for column in model.columns.values() -%}
        {%- do storage.append([
            column.name, column.get('data_type'), column.get('constraints')
        ]) -%}
    {%- endfor -%}
    {%- do storage.append(model.get('constraints')) -%}
    {{ return({
        'now': local_md5(tojson([code, versions, storage], sort_keys=true)),
        'before': before,
    }) }}
{%- endmacro %}
