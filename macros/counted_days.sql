{#-
    The attributes that count the days since something last happened, each with what makes an event
    it, read from `roles` (`int_activity_roles`); none is a lost deal.
-#}
{% macro counted_days() -%}
    {{ return({
        'days_since_last_activity': 'roles.is_activity',
        'days_since_last_lost_deal': none,
        'days_since_last_offline_event': 'roles.is_activity and roles.is_offline_event',
        'days_since_last_visit': 'roles.is_activity and roles.is_visit',
        'days_since_last_webinar': 'roles.is_activity and roles.is_webinar',
    }) }}
{%- endmacro %}
