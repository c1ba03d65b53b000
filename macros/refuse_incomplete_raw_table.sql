{#-
    Stops a run that reads a raw table which lacks what its source cannot do without. Whoever only
    looks at the SQL (compile, docs, lint) is not stopped, nor is a run without the source.
-#}
{% macro refuse_incomplete_raw_table(source_name, table_name, found) -%}
    {%- if flags.WHICH not in ['build', 'run', 'test', 'show']
        or source_name not in enabled_sources() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- for node in graph.get('sources', {}).values()
        if node.source_name == source_name and node.name == table_name -%}
        {%- set place = node.schema ~ '.' ~ (node.identifier or table_name) -%}
        {%- if not found -%}
            {%- if node.meta.get('required') -%}
                {%- do exceptions.raise_compiler_error(
                    'The source ' ~ source_name ~ ' needs the table ' ~ place
                    ~ ', and it is not there. Land it, or set the var ' ~ source_name
                    ~ '_schema to the schema that holds it.'
                ) -%}
            {%- endif -%}
        {%- else -%}
            {%- set missing = [] -%}
            {%- for column in node.columns.values()
                if column.meta.get('required') and column.name | lower not in found -%}
                {%- do missing.append(column.name) -%}
            {%- endfor -%}
            {%- set choices = node.meta.get('required_any', []) -%}
            {%- if choices and not choices | select('in', found) | list -%}
                {%- do missing.append(choices | join(' or ')) -%}
            {%- endif -%}
            {%- if missing -%}
                {%- do exceptions.raise_compiler_error(
                    'The table ' ~ place ~ ' lacks what the source ' ~ source_name
                    ~ ' needs: ' ~ missing | join(', ') ~ '.'
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
