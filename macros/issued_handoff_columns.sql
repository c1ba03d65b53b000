{#- What is recorded of a hand-off when it is issued: names of columns and their types. -#}
{% macro issued_handoff_columns() -%}
    {%- set columns = {} -%}
    {%- for name in [
        'handoff_id', 'lead_id', 'company_id', 'owner_id', 'team_id', 'agreement_id',
        'rule_set_id', 'policy_id', 'service_level_id', 'route_id', 'joined_handoff_id',
        'cause_rule_id', 'cause_event_id', 'handoff_stage', 'motion', 'handoff_kind',
        'cause_type', 'cause_event_type', 'grade', 'route', 'reason_1_en', 'reason_1_ja',
        'reason_2_en', 'reason_2_ja', 'reason_3_en', 'reason_3_ja',
    ] -%}
        {%- do columns.update({name: dbt.type_string()}) -%}
    {%- endfor -%}
    {%- for name in ['cycle_number', 'crossing_number', 'turn_number', 'priority'] -%}
        {%- do columns.update({name: 'integer'}) -%}
    {%- endfor -%}
    {%- for name in ['fit_score', 'engagement_score'] -%}
        {%- do columns.update({name: 'decimal(12, 2)'}) -%}
    {%- endfor -%}
    {%- for name in ['is_hand_raise', 'is_fill_only'] -%}
        {%- do columns.update({name: 'boolean'}) -%}
    {%- endfor -%}
    {%- for name in ['crossed_date', 'issued_date'] -%}
        {%- do columns.update({name: 'date'}) -%}
    {%- endfor -%}
    {%- for name in [
        'crossed_at', 'first_attempt_due_at', 'remind_at', 'escalate_at', 'reassign_at'
    ] -%}
        {%- do columns.update({name: 'timestamp'}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
