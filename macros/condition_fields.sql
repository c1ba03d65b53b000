{#-
    The fields that conditions name: subject 'lead' for attributes of leads, 'event' for properties
    of events (with the prefix `event.`). Only these need be carried through the models; beside them
    what policies require, and what a mart shows whatever the seeds ask: whether a lead opted out of
    e-mail, and a motion that the leads file gives. With the owner 'scoring' only what decides about
    scores, with 'motion' what conditions of motions name, with 'handoff' what the agreement asks
    for when it hands leads over, with 'nurture' what conditions of nurture programs name. Days that
    programs count are looked up by themselves.
-#}
{% macro condition_fields(subject, owner=none) -%}
    {%- set scoring = [
        ref('rule_conditions'), ref('exclusion_conditions'), ref('motion_conditions'),
    ] -%}
    {%- set handoff = [ref('policy_conditions'), ref('routing_conditions')] -%}
    {%- if owner == 'motion' -%}
        {%- set seeds = [ref('motion_conditions')] -%}
    {%- elif owner == 'scoring' -%}
        {%- set seeds = scoring -%}
    {%- elif owner == 'handoff' -%}
        {%- set seeds = handoff -%}
    {%- elif owner == 'nurture' -%}
        {%- set seeds = [ref('nurture_conditions')] -%}
    {%- else -%}
        {%- set seeds = scoring + handoff -%}
    {%- endif -%}
    {%- set query -%}
        select distinct lower(field) as field
        from (
            {%- for seed in seeds %}
            select field from {{ seed }}
            {%- if not loop.last %} union all {% endif -%}
            {%- endfor %}
        ) as fields
        where lower(field) {{ 'like' if subject == 'event' else 'not like' }} 'event.%'
        order by field
    {%- endset -%}
    {%- set required_query -%}
        select distinct required_fields from {{ ref('handoff_policies') }}
        where required_fields is not null
        order by required_fields
    {%- endset -%}
    {%- set fields = [] -%}
    {%- for row in seed_rows(seeds, query) -%}
        {%- do fields.append(row[0]) -%}
    {%- endfor -%}
    {%- if subject == 'lead' and owner not in ('motion', 'scoring', 'nurture') -%}
        {%- set required = ['recontact_date', 'meeting_at'] -%}
        {%- for row in seed_rows([ref('handoff_policies')], required_query) -%}
            {%- do required.extend(row[0].lower().replace('|', ',').split(',')) -%}
        {%- endfor -%}
        {%- for field in required | map('trim') if field and field not in fields -%}
            {%- do fields.append(field) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if owner is none and subject == 'lead' -%}
        {%- for field in condition_fields('lead', owner='nurture') if field not in fields
            and (field not in counted_days() or field in fields_given_by_file()) -%}
            {%- do fields.append(field) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if owner is none -%}
        {#- What sales said and the grade are computed after the scores. -#}
        {%- set computed = handoff_fields()
            | reject('in', condition_fields(subject, owner='scoring')) | list -%}
        {%- set fields = fields | reject('in', computed) | list -%}
        {%- if subject == 'lead' and 'email_opt_out' not in fields -%}
            {%- do fields.append('email_opt_out') -%}
        {%- endif -%}
    {%- endif -%}
    {%- if subject == 'lead' and owner not in ('motion', 'handoff', 'nurture')
        and 'motion' not in fields and 'motion' in fields_given_by_file() -%}
        {%- do fields.append('motion') -%}
    {%- endif -%}
    {{ return(fields | sort) }}
{%- endmacro %}
