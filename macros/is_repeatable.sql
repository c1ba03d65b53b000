{#-
    Whether a statement gives the same rows as long as the relations it names stay as they are: it
    asks neither the clock nor chance, settings, the catalogue or files.
-#}
{% macro is_repeatable(statement) -%}
    {%- set words = [
        '\\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\\b',
        '\\b(current_\\w+|get_current_\\w+|txid_current|transaction_timestamp|now|today)\\s*\\(',
        '\\b(random|setseed|uuid\\w*|gen_random_uuid|nextval|currval|setval)\\s*\\(',
        '\\b(getenv|getvariable|in_search_path|sleep_ms|stats|vector_type|write_log)\\s*\\(',
        '\\b(\\w*scan\\w*|\\w*glob|parquet_\\w+|query|query_table|read_\\w+|sniff_csv)\\s*\\(',
        '\\b(duckdb_\\w+|pragma_\\w+)\\s*\\(',
        '\\b(information_schema|pg_catalog)\\b',
        '\\b(from|join)\\s+\'',
    ] -%}
    {{ return(modules.re.search(words | join('|'), statement | lower) is none) }}
{%- endmacro %}
