{%- set templates = [
    'list', 'returned', 'returned_once', 'no_reason', 'deal_open', 'colleagues_talk',
    'colleagues_joined', 'no_mailings', 'nobody',
] -%}
-- noqa: disable=LT02
with

handoffs as (

    select * from {{ ref('int_handoffs') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

lead_companies as (

    select * from {{ ref('int_lead_companies') }}

),

disposition_reasons as (

    select * from {{ ref('disposition_reasons') }}

),

owners as (

    select * from {{ ref('int_owners') }}

),

deals as (

    select * from {{ ref('int_deals') }}

    where
        outcome = 'open'
        and is_new_win

),

deal_companies as (

    select * from {{ ref('int_deal_companies') }}

),

opt_outs as (

    select lead_key

    from {{ ref('int_lead_exclusions') }}

    where reason = 'email_opt_out'

    union

    select leads.lead_key

    from leads

    where leads.{{ quoted('lead.email_opt_out') }} = 'true'

),

reasons as (

    select * from {{ ref('int_lead_reason_texts') }}

),

words as (

    {{ template_texts(templates, 'queue_') | indent(4) }}

),

formats as (

    {{ template_texts(['date_format']) | indent(4) }}

),

-- Whoever sales works now.
worked as (

    select distinct
        leads.lead_key,
        handoffs.lead_id,
        handoffs.handoff_id,
        lead_companies.company_key

    from handoffs

    inner join leads
        on handoffs.lead_id = leads.lead_id

    left join lead_companies
        on leads.lead_key = lead_companies.lead_key

    where
        handoffs.is_open
        and handoffs.handoff_kind = 'handoff'

),

worked_leads as (

    select distinct
        worked.lead_key,
        worked.lead_id

    from worked

),

ranked_returns as (

    select
        worked_leads.lead_key,
        handoffs.verdict_reason_id,
        handoffs.ended_date,
        count(*) over (partition by worked_leads.lead_key) as return_count,
        row_number() over (
            partition by worked_leads.lead_key
            order by handoffs.ended_date desc nulls last, handoffs.handoff_id desc
        ) as return_rank

    from worked_leads

    inner join handoffs
        on worked_leads.lead_id = handoffs.lead_id

    where handoffs.status = 'returned'

),

open_deals as (

    select
        deal_companies.company_key,
        {{ value_of_first('coalesce(owners.owner_name, deals.owner_id)', 'deals.deal_key') }}
            as owner_name

    from deals

    inner join deal_companies
        on deals.deal_key = deal_companies.deal_key

    left join owners
        on deals.owner_id = owners.owner_id

    group by deal_companies.company_key

),

company_talks as (

    select
        worked.company_key,
        count(distinct worked.lead_key) as lead_count

    from worked

    where worked.company_key is not null

    group by worked.company_key

),

joined_colleagues as (

    select
        handoffs.joined_handoff_id as handoff_id,
        count(distinct handoffs.lead_id) as lead_count

    from handoffs

    where handoffs.handoff_kind = 'joined'

    group by handoffs.joined_handoff_id

),

-- What outranks every score comes first: earlier returns, then who of us talks there already.
warnings as (

    select
        ranked_returns.lead_key,
        1 as warning_number,
        {%- for language in ['en', 'ja'] %}
        {{ filled_text(
            'case when ranked_returns.return_count = 1 then words.returned_once_' ~ language
            ~ ' else words.returned_' ~ language ~ ' end',
            {
                'count': 'cast(ranked_returns.return_count as ' ~ dbt.type_string() ~ ')',
                'date': "coalesce(" ~ format_day(
                    'ranked_returns.ended_date', 'formats.date_format_' ~ language
                ) ~ ", '')",
                'reason': 'coalesce(disposition_reasons.label_' ~ language
                    ~ ', words.no_reason_' ~ language ~ ')',
            }
        ) }} as warning_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}

    from ranked_returns

    cross join words

    cross join formats

    left join disposition_reasons
        on ranked_returns.verdict_reason_id = disposition_reasons.reason_id

    where ranked_returns.return_rank = 1

    union all

    select
        worked.lead_key,
        2 as warning_number,
        {%- for language in ['en', 'ja'] %}
        {{ filled_text(
            'words.deal_open_' ~ language,
            {'owner': 'coalesce(open_deals.owner_name, words.nobody_' ~ language ~ ')'}
        ) }} as warning_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}

    from worked

    inner join open_deals
        on worked.company_key = open_deals.company_key

    cross join words

    union all

    select
        worked.lead_key,
        3 as warning_number,
        {%- for language in ['en', 'ja'] %}
        {{ filled_text(
            'words.colleagues_talk_' ~ language,
            {'count': 'cast(company_talks.lead_count - 1 as ' ~ dbt.type_string() ~ ')'}
        ) }} as warning_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}

    from worked

    inner join company_talks
        on worked.company_key = company_talks.company_key

    cross join words

    where company_talks.lead_count > 1

    union all

    select
        worked.lead_key,
        4 as warning_number,
        {%- for language in ['en', 'ja'] %}
        {{ filled_text(
            'words.colleagues_joined_' ~ language,
            {'count': 'cast(joined_colleagues.lead_count as ' ~ dbt.type_string() ~ ')'}
        ) }} as warning_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}

    from worked

    inner join joined_colleagues
        on worked.handoff_id = joined_colleagues.handoff_id

    cross join words

    union all

    select
        worked.lead_key,
        5 as warning_number,
        words.no_mailings_en as warning_en,
        words.no_mailings_ja as warning_ja

    from worked

    inner join opt_outs
        on worked.lead_key = opt_outs.lead_key

    cross join words

    union all

    select
        worked.lead_key,
        6 as warning_number,
        reasons.reason_3_en as warning_en,
        reasons.reason_3_ja as warning_ja

    from worked

    inner join reasons
        on worked.lead_key = reasons.lead_key

    where reasons.reason_3_en is not null

),

distinct_warnings as (

    select distinct
        warnings.lead_key,
        warnings.warning_number,
        warnings.warning_en,
        warnings.warning_ja

    from warnings

),

-- The template of a list says what stands between two items.
lead_warnings as (

    select
        distinct_warnings.lead_key,
        {%- for language in ['en', 'ja'] %}
        {{ listed_texts(
            'distinct_warnings.warning_' ~ language,
            'words.list_' ~ language,
            'distinct_warnings.warning_number'
        ) }} as beware_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}

    from distinct_warnings

    cross join words

    group by distinct_warnings.lead_key

)

select * from lead_warnings
