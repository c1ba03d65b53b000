{#-
    The models in which the enabled sources speak of an entity, in the words of the project:
    `[(source name, model name)]` in the order of `enabled_sources`. A new source adds its models
    here, and nowhere else.
-#}
{% macro source_models(entity) -%}
    {%- set bearers = {
        'leads': {'file': 'stg_file__leads', 'hubspot': 'int_hubspot__leads'},
        'companies': {'file': 'stg_file__companies', 'hubspot': 'int_hubspot__companies'},
        'events': {
            'file': 'stg_file__events',
            'hubspot': 'int_hubspot__events',
            'segment': 'int_segment__events',
        },
        'outcomes': {'file': 'stg_file__outcomes'},
        'owners': {'file': 'stg_file__owners', 'hubspot': 'int_hubspot__owners'},
        'deals': {'file': 'stg_file__deals', 'hubspot': 'int_hubspot__deals'},
        'deal_leads': {'file': 'stg_file__deal_leads', 'hubspot': 'int_hubspot__deal_leads'},
        'lead_merges': {'hubspot': 'int_hubspot__lead_merges'},
        'visitors': {'segment': 'int_segment__visitors'},
        'record_value_changes': {
            'file': 'stg_file__record_value_changes',
            'hubspot': 'int_hubspot__record_value_changes',
        },
        'touches': {'file': 'stg_file__touches', 'hubspot': 'int_hubspot__touches'},
        'meetings': {'hubspot': 'int_hubspot__meetings'},
        'feedback': {'file': 'stg_file__feedback', 'hubspot': 'int_hubspot__feedback'},
    } -%}
    {%- set models = bearers[entity] -%}
    {%- set sources = enabled_sources() -%}
    {#- Visitors that gave their address are the leads where nothing else bears any. -#}
    {%- if entity == 'leads' and sources == ['segment'] -%}
        {%- set models = {'segment': 'int_segment__leads'} -%}
    {%- elif entity == 'leads' and not execute and not var('sources', []) -%}
        {#- dbt has to know while it parses what a model may read. -#}
        {%- do models.update({'segment': 'int_segment__leads'}) -%}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for source_name in sources if source_name in models -%}
        {%- do found.append((source_name, models[source_name])) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
