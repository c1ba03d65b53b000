{%- set no_companies = ["''"] -%}
{%- for affix, action, _ in company_name_affixes() if action == 'no_company' -%}
    {%- do no_companies.append(without_marks(text_literal(affix))) -%}
{%- endfor -%}
{%- set places = ["''"] -%}
{%- for place in branch_place_names() -%}
    {%- do places.append(text_literal(place)) -%}
{%- endfor -%}
with

leads as (

    select * from {{ ref('int_leads') }}

),

companies as (
    {{ union_sources('companies', ['company_name']) }}
),

written as (

    select leads.company_name

    from leads

    where leads.company_name is not null

    union

    select companies.company_name

    from companies

    where companies.company_name is not null

),

folded as (

    select
        written.company_name,
        {{ fold_name('written.company_name') }} as folded_name

    from written

),

-- Legal forms leave a blank, which parts the name from a branch behind it.
formless as (

    select
        folded.company_name,
        folded.folded_name,
        {{ legal_form('folded.folded_name') }} as legal_form,
        trim(
            regexp_replace(
                {{ without_legal_forms('folded.folded_name') }},
                '[\s()\[\]「」『』【】,、]+', ' ', 'g'
            )
        ) as formless_name

    from folded

),

-- Three tails one behind another: 大阪支店 営業部 御中.
without_one_tail as (

    select
        *,
        {{ without_branch('formless.formless_name') }} as short_name

    from formless

),

without_two_tails as (

    select
        * replace ({{ without_branch('without_one_tail.short_name') }} as short_name)

    from without_one_tail

),

without_tails as (

    select
        * replace ({{ without_branch('without_two_tails.short_name') }} as short_name)

    from without_two_tails

),

bare as (

    select
        without_tails.company_name,
        without_tails.legal_form,
        {{ without_marks('without_tails.folded_name') }} as bare_folded_name,
        {{ without_marks('without_tails.short_name') }} as bare_short_name,
        without_tails.short_name <> without_tails.formless_name as is_branch

    from without_tails

),

-- What is left may be nothing, a place alone or a word that says that there is no company.
names as (

    select
        bare.company_name,
        case
            when bare.bare_short_name = '' then null
            when bare.bare_folded_name in ({{ no_companies | join(', ') }}) then null
            when bare.is_branch and bare.bare_short_name in ({{ places | join(', ') }}) then null
            else bare.bare_short_name
        end as normal_name,
        bare.legal_form,
        bare.is_branch

    from bare

)

select * from names
