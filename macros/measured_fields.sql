{#-
    The attributes that are measured from events and deals. A column of the leads file that bears
    the name of one takes its place.
-#}
{% macro measured_fields() -%}
    {{ return([
        'active_days_30d',
        'company_active_leads_30d',
        'company_open_deals',
        'days_since_last_activity',
        'days_since_last_lost_deal',
        'days_since_last_offline_event',
        'days_since_last_visit',
        'days_since_last_webinar',
        'email_click_share_90d',
        'quiet_days_before_last_visit',
    ]) }}
{%- endmacro %}
