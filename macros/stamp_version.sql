{#-
    After a model or seed was built, in the same transaction: writes into the comment of its
    relation what it was made of and which version it is. Equal content is the same version, so what
    reads it is not built again; of large tables, equal inputs make it, but for those that say
    `is_compared_by_content` in their `meta`.
-#}
{% macro stamp_version() -%}
    {{ adapter.dispatch('stamp_version')() }}
{%- endmacro %}

{% macro default__stamp_version() -%}
{%- endmacro %}

{% macro duckdb__stamp_version() -%}
    {%- if execute -%}
        {%- set kind = 'view' if model.config.materialized == 'view' else 'table' -%}
        {%- set fingerprint = node_fingerprint().now -%}
        {%- set content_version = fingerprint -%}
        {%- set row_count = 'select count(*) from ' ~ this -%}
        {%- set meta = model.config.get('meta', {}) -%}
        {%- if kind == 'table' and (
            meta.get('is_compared_by_content') or run_query(row_count).rows[0][0] <= 200000
        ) -%}
            {%- set content_version = hash_of_content(this) -%}
        {%- elif kind == 'table' and fingerprint is none -%}
            {#- What cannot be repeated is another one each time. -#}
            {%- set content_version = local_md5(invocation_id ~ this) -%}
        {%- elif kind == 'view' and fingerprint is not none -%}
            {#- What a view shows is looked up behind it. -#}
            {%- set content_version = local_md5(model.compiled_code) -%}
        {%- endif -%}
        {%- if content_version is not none -%}
            {%- set name = text_literal(relation_key(this)) -%}
            {%- set made_of = fingerprint or '-' -%}
            {%- set reads = named_relations(model) | join(',') if kind == 'view' else '' -%}
            comment on {{ kind }} {{ this }}
            is 'leads_version {{ made_of }} {{ content_version }}{{ ' ' ~ reads if reads }}';
            delete from meta.relation_versions where relation_name = {{ name }};
            insert into meta.relation_versions
            values ({{ name }}, '{{ made_of }}', '{{ content_version }}', '{{ reads }}')
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
