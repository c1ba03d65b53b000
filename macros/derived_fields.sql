{#-
    The attributes that reference seeds derive. A column of the leads file that bears the name of
    one takes its place.
-#}
{% macro derived_fields() -%}
    {{ return([
        'email_domain',
        'email_domain_type',
        'industry_group',
        'is_erased',
        'is_shared_mailbox',
        'job_function',
        'job_level',
        'region',
        'sales_territory',
    ]) }}
{%- endmacro %}
