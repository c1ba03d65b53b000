{#- What every export can say of a lead: columns of int_sync_leads beside its ids. -#}
{% macro lead_sync_columns() -%}
    {{ return([
        'email', 'company_name', 'score_status', 'motion', 'lifecycle_stage',
        'work_status', 'grade', 'temperature', 'route', 'fit_band', 'engagement_band',
        'reason_1_en', 'reason_1_ja', 'reason_2_en', 'reason_2_ja', 'reason_3_en',
        'reason_3_ja', 'fit_score', 'engagement_score', 'priority', 'fit_known_share',
        'is_clearing', 'as_of_date',
    ]) }}
{%- endmacro %}
