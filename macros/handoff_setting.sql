{#- A row of handoff_settings.csv as a number; 0 where a team's file leaves it out. -#}
{% macro handoff_setting(setting_id) -%}
    coalesce(
        (
            select max(handoff_settings.setting_value)
            from {{ ref('handoff_settings') }} as handoff_settings
            where handoff_settings.setting_id = '{{ setting_id }}'
        ),
        0
    )
{%- endmacro %}
