{%- set described = [
    'company_name', 'prefecture', 'country', 'industry', 'employee_count'
] -%}
{%- set fields = [] -%}
{%- for field in company_fields() -%}
    {%- do fields.append(quoted(field)) -%}
{%- endfor -%}
with

source_records as (

    select * from {{ ref('int_company_source_records') }}

),

lead_evidence as (

    select * from {{ ref('int_company_lead_evidence') }}

),

implying as (

    select
        lead_evidence.*,
        -- An id is an id of its source; evidence is the same in all sources.
        case when lead_evidence.unlisted_company_id is not null then lead_evidence.source_name end
            as id_source_name,
        row_number() over (
            order by
                lead_evidence.created_at nulls last,
                lead_evidence.lead_id,
                lead_evidence.source_name
        ) as lead_order

    from lead_evidence

    where lead_evidence.implied_record_id is not null

),

-- Leads of one id need not agree: what they disagree in is no evidence.
implied as (

    select
        implying.implied_record_id as record_id,
        {{ first_known_by('implying.source_name', 'implying.lead_order') }} as source_name,
        min(implying.unlisted_company_id) as unlisted_company_id,
        {%- for column in described %}
        {{ first_known_by('implying.' ~ column, 'implying.lead_order') }} as {{ column }},
        {%- endfor %}
        {%- for column in [
            'normal_name', 'legal_form', 'prefecture_code', 'identifying_domain',
            'corporate_number',
        ] %}
        case
            when min(implying.{{ column }}) = max(implying.{{ column }})
                then min(implying.{{ column }})
        end as {{ column }},
        {%- endfor %}
        count(*) as lead_count,
        min(implying.created_date) as created_date,
        min(implying.created_at) as created_at

    from implying

    group by
        implying.id_source_name,
        implying.implied_record_id

),

-- By what the leads of one company find each other before their names are looked at.
anchored as (

    select
        implied.*,
        case
            when implied.unlisted_company_id is null
                then coalesce(
                    'number:' || implied.corporate_number, 'domain:' || implied.identifying_domain
                )
        end as anchor

    from implied

),

source_names as (

    select
        'number:' || source_records.known_corporate_number as anchor,
        source_records.normal_name

    from source_records

    where
        source_records.known_corporate_number is not null
        and source_records.normal_name is not null

    union

    select
        'domain:' || source_records.identifying_domain as anchor,
        source_records.normal_name

    from source_records

    where
        source_records.identifying_domain is not null
        and source_records.normal_name is not null

),

source_anchors as (

    select distinct source_names.anchor

    from source_names

),

name_counts as (

    select
        anchored.anchor,
        anchored.normal_name,
        sum(anchored.lead_count) as lead_count

    from anchored

    where anchored.anchor is not null and anchored.normal_name is not null

    group by
        anchored.anchor,
        anchored.normal_name

),

top_counts as (

    select
        name_counts.anchor,
        max(name_counts.lead_count) as lead_count

    from name_counts

    group by name_counts.anchor

),

-- A lead may name its client in place of its employer. A name stands for a company known by number
-- or domain only if the source knows the company by it, or if most of its leads give it.
trusted as (

    select
        anchored.*,
        anchored.anchor is null
        or source_names.anchor is not null
        or (
            source_anchors.anchor is null
            and coalesce(name_counts.lead_count = top_counts.lead_count, false)
        ) as is_name_trusted

    from anchored

    left join source_names
        on
            anchored.anchor = source_names.anchor
            and anchored.normal_name = source_names.normal_name

    left join source_anchors
        on anchored.anchor = source_anchors.anchor

    left join name_counts
        on
            anchored.anchor = name_counts.anchor
            and anchored.normal_name = name_counts.normal_name

    left join top_counts
        on anchored.anchor = top_counts.anchor

),

records as (

    select
        source_records.record_id,
        source_records.company_id,
        source_records.source_name,
        source_records.surviving_record_id,
        {%- for column in described %}
        source_records.{{ column }},
        {%- endfor %}
        source_records.phone,
        source_records.company_relation,
        source_records.owner_id,
        {%- for field in fields %}
        source_records.{{ field }},
        {%- endfor %}
        source_records.normal_name,
        source_records.legal_form,
        source_records.prefecture_code,
        source_records.known_domain as domain,
        source_records.identifying_domain,
        source_records.known_corporate_number as corporate_number,
        source_records.phone_digits,
        case when source_records.surviving_record_id is null then 1 else 2 end as record_rank,
        source_records.is_deleted,
        true as is_name_trusted,
        source_records.created_date,
        source_records.created_at

    from source_records

    union all

    select
        trusted.record_id,
        trusted.unlisted_company_id as company_id,
        trusted.source_name,
        null as surviving_record_id,
        {%- for column in described %}
        trusted.{{ column }},
        {%- endfor %}
        null as phone,
        null as company_relation,
        null as owner_id,
        {%- for field in fields %}
        null as {{ field }},
        {%- endfor %}
        trusted.normal_name,
        trusted.legal_form,
        trusted.prefecture_code,
        trusted.identifying_domain as domain,
        trusted.identifying_domain,
        trusted.corporate_number,
        null as phone_digits,
        case when trusted.unlisted_company_id is null then 4 else 3 end as record_rank,
        false as is_deleted,
        trusted.is_name_trusted,
        trusted.created_date,
        trusted.created_at

    from trusted

),

-- The order in which records give id and values to their company: those of the source before those
-- that leads imply, the merged ones after the survivors, then by creation and id.
keyed as (

    select
        records.*,
        records.record_rank = 4 as is_implied,
        records.record_rank > 2 as is_said_by_leads,
        cast(
            row_number() over (
                order by
                    records.record_rank,
                    records.created_at nulls last,
                    records.record_id,
                    records.source_name
            ) as integer
        ) as record_key

    from records

)

select * from keyed
