{#-
    A hash of the rows of a table in any order, with its column names and types. Hashes of rows are
    hashed again before they are added up, so that values which change places do not cancel out.
-#}
{% macro hash_of_content(relation) -%}
    {%- set query -%}
        select
            count(*) as row_count,
            cast(sum(hash(row_hashes.row_hash)) as varchar) as first_sum,
            cast(sum(hash(row_hashes.row_hash, 1)) as varchar) as second_sum,
            (
                select string_agg(column_name || ' ' || column_type, ',')
                from (describe {{ relation }})
            ) as column_list
        from (select hash(all_rows) as row_hash from {{ relation }} as all_rows) as row_hashes
    {%- endset -%}
    {{ return(local_md5(run_query(query).rows[0] | join(' '))) }}
{%- endmacro %}
