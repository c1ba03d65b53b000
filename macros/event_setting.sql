{#- A number of event_settings.csv, as a scalar to compare with. -#}
{% macro event_setting(setting_id) -%}
    (
        select cast(max(event_settings.setting_value) as double)
        from {{ ref('event_settings') }} as event_settings
        where event_settings.setting_id = '{{ setting_id }}'
    )
{%- endmacro %}
