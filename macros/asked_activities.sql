{#- Roles of events that `fields` are measured from, each with what makes an event one of it. -#}
{% macro asked_activities(fields) -%}
    {%- set roles = {
        'activity': ('roles.is_activity', [
            'active_days_30d', 'company_active_leads_30d', 'days_since_last_activity',
            'quiet_days_before_last_visit',
        ]),
        'visit': ('roles.is_activity and roles.is_visit', [
            'days_since_last_visit', 'quiet_days_before_last_visit',
        ]),
        'offline_event': ('roles.is_activity and roles.is_offline_event', [
            'days_since_last_offline_event',
        ]),
        'webinar': ('roles.is_activity and roles.is_webinar', ['days_since_last_webinar']),
        'email_clicked': ('roles.is_activity and roles.is_email_clicked', [
            'email_click_share_90d',
        ]),
        'email_delivered': ('roles.is_email_delivered', ['email_click_share_90d']),
    } -%}
    {%- set asked = {} -%}
    {%- for role, (condition, measured) in roles.items() -%}
        {%- if fields | select('in', measured) | list -%}
            {%- do asked.update({role: condition}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(asked) }}
{%- endmacro %}
