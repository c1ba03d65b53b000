{#-
    The columns of a staged HubSpot object (`property.<name>`) that can give a field, best first:
    the property of its own name, then those that attributes.csv names for the object
    (`contact.property_<name>`), then HubSpot's own name for what models need whatever that list
    says, consent above all. A derived or measured attribute is given by a property of its very own
    name only: state or industry as somebody wrote them are inputs of the derivation, and asked for
    with `is_input`.
-#}
{% macro hubspot_field_columns(field, columns, object='contact', is_input=false) -%}
    {%- set query -%}
        select source_hubspot, kind from {{ ref('attributes') }}
        where lower(attribute) = '{{ field | replace("'", "''") }}'
    {%- endset -%}
    {%- set standard_names = {
        'contact': {
            'company_name': 'company',
            'crm_stage': 'lifecyclestage',
            'email_opt_out': 'hs_email_optout',
            'employee_count': 'numemployees',
            'first_name': 'firstname',
            'job_title': 'jobtitle',
            'last_name': 'lastname',
            'name_reading': 'name_kana',
            'owner_id': 'hubspot_owner_id',
            'prefecture': 'state',
        },
        'company': {
            'company_name': 'name',
            'employee_count': 'numberofemployees',
            'owner_id': 'hubspot_owner_id',
            'prefecture': 'state',
        },
    } -%}
    {%- set place = object ~ '.property_' -%}
    {%- set names = [field] -%}
    {%- set described = seed_rows([ref('attributes')], query) -%}
    {%- if is_input or not described or described[0][1] not in ('derived', 'measured') -%}
        {%- for row in described -%}
            {%- for candidate in (row[0] or '').split('|') -%}
                {%- set name = candidate | trim | lower -%}
                {%- if name.startswith(place) -%}
                    {%- do names.append(name.removeprefix(place)) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if field in standard_names[object] -%}
            {%- do names.append(standard_names[object][field]) -%}
        {%- endif -%}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for name in names -%}
        {%- set column = 'property.' ~ name -%}
        {%- if column in columns and column not in found -%}
            {%- do found.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
