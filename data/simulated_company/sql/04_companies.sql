-- Companies as they are (one row each), before anybody wrote them down twice.

set variable company_count = (greatest(60, getvariable('contacts') * 3 // 20));
set variable variant_count = (getvariable('company_count') * 11 // 100);
set variable true_company_count = (getvariable('company_count') - getvariable('variant_count'));
set variable homonym_count = (greatest(2, getvariable('company_count') // 200));

-- Twelve digits behind their check digit; registries that begin with 99 do not exist.
create macro corporate_number(digits) as (
    (9 - list_sum(list_transform(range(1, 13), lambda place:
        cast(substr(digits, 13 - place, 1) as integer) * (2 - place % 2))) % 9)::integer::text || digits
);

create table company_numbers as
select
    company_no::integer as company_no,
    draw('foreign', company_no) < 0.1 as is_foreign,
    company_no < 2 * getvariable('homonym_count') as is_homonym
from range(0, getvariable('true_company_count')) as numbers (company_no);

create table named_companies as
with numbered as (
    select
        company_no,
        is_foreign and not is_homonym as is_foreign,
        is_homonym,
        -- The second half of the homonyms takes the names of the first half.
        case
            when is_homonym and company_no >= getvariable('homonym_count')
                then company_no - getvariable('homonym_count')
            else company_no
        end as name_no
    from company_numbers
),
japanese as (
    select
        numbered.company_no,
        ((name_no * 1571 + 7) % 3900) as pair_no,
        (name_no // 3900) % 41 as middle_no
    from numbered
    where not is_foreign
),
foreign_ones as (
    select company_no, row_number() over (order by company_no) - 1 as foreign_no
    from numbered
    where is_foreign
)
select
    japanese.company_no,
    false as is_foreign,
    company_stems.stem || company_middles.middle || company_suffixes.suffix as base_name,
    case when company_stems.half_width <> '' then
        company_stems.half_width || company_middles.middle || company_suffixes.suffix end as half_width_name,
    case when company_stems.full_width <> '' then
        company_stems.full_width || company_middles.middle || company_suffixes.suffix end as full_width_name,
    company_stems.romaji || '-' || company_suffixes.romaji
    || case when company_middles.middle = '' then '' else '-' || company_middles.romaji end
    || case when numbered.is_homonym and numbered.name_no <> numbered.company_no then '-2' else '' end as domain_stem,
    company_suffixes.industry_ja,
    company_suffixes.industry_hubspot,
    company_suffixes.industry_group
from japanese
inner join numbered on numbered.company_no = japanese.company_no
inner join company_stems on company_stems.word_no = japanese.pair_no % 130
inner join company_suffixes on company_suffixes.word_no = japanese.pair_no // 130
inner join company_middles on company_middles.word_no = japanese.middle_no
union all
select
    foreign_ones.company_no,
    true,
    foreign_companies.name || case when foreign_no >= 300 then ' ' || (foreign_no // 300 + 1) else '' end,
    null,
    null,
    foreign_companies.romaji || case when foreign_no >= 300 then '-' || (foreign_no // 300 + 1) else '' end,
    null,
    foreign_companies.industry_hubspot,
    foreign_companies.industry_group
from foreign_ones
inner join foreign_companies on foreign_companies.word_no = foreign_ones.foreign_no % 300;

create table companies as
with placed as (
    select
        *,
        case
            -- Of two companies with one name, one sits in the east and one in the west.
            when company_no < getvariable('homonym_count') then 12
            when company_no < 2 * getvariable('homonym_count') then 26
            when draw('prefecture', company_no) < 0.34 then 12
            when draw('prefecture', company_no) < 0.46 then 26
            when draw('prefecture', company_no) < 0.55 then 22
            when draw('prefecture', company_no) < 0.62 then 13
            when draw('prefecture', company_no) < 0.67 then 39
            else choose(47, 'any prefecture', company_no)
        end as prefecture_no,
        draw('size', company_no) as size_draw,
        draw('size within', company_no) as within_draw,
        draw('relation', company_no) as relation_draw,
        row_number() over (order by draw('competitor', company_no), company_no) as relation_rank
    from named_companies
)
select
    placed.company_no,
    placed.is_foreign,
    placed.company_no < 2 * getvariable('homonym_count') as is_homonym,
    placed.base_name,
    placed.half_width_name,
    placed.full_width_name,
    case
        when placed.is_foreign then 'none'
        when draw('form', placed.company_no) < 0.48 then 'kk_before'
        when draw('form', placed.company_no) < 0.90 then 'kk_after'
        else 'other'
    end as legal_form,
    case
        when placed.is_foreign then placed.base_name
        when draw('form', placed.company_no) < 0.48 then '株式会社' || placed.base_name
        when draw('form', placed.company_no) < 0.90 then placed.base_name || '株式会社'
        when draw('form', placed.company_no) < 0.96 then '有限会社' || placed.base_name
        else '合同会社' || placed.base_name
    end as full_name,
    placed.domain_stem || '.example' as domain,
    placed.industry_ja,
    placed.industry_hubspot,
    placed.industry_group,
    case when not placed.is_foreign then placed.prefecture_no end as prefecture_no,
    prefectures.name_ja as prefecture_ja,
    case when not placed.is_foreign then case choose(8, 'prefecture text', placed.company_no)
        when 0 then regexp_replace(prefectures.name_ja, '[都府県]$', '')
        when 1 then prefectures.name_en
        when 2 then prefectures.prefecture_code
        else prefectures.name_ja
    end end as prefecture_text,
    case
        when not placed.is_foreign then case choose(3, 'country text', placed.company_no) when 0 then 'Japan' when 1 then '日本' else 'JP' end
        else (['United States', 'Singapore', 'Germany', 'United Kingdom', 'Australia', 'Thailand', 'India'])[choose(7, 'country', placed.company_no) + 1]
    end as country_text,
    case when placed.is_foreign then '+1-555-01' || lpad((placed.company_no % 100)::text, 2, '0')
    else '0' || (3 + placed.company_no % 7)::text || '-' || lpad((placed.company_no // 10000)::text, 4, '0') || '-' || lpad((placed.company_no % 10000)::text, 4, '0')
    end as phone,
    case when not placed.is_foreign and draw('corporate number', placed.company_no) < 0.6
        then corporate_number('99' || lpad((placed.company_no * 37)::text, 10, '0')) end as corporate_number,
    case
        when size_draw < 0.24 then 2 + floor(within_draw * 28)
        when size_draw < 0.50 then 30 + floor(within_draw * 70)
        when size_draw < 0.72 then 100 + floor(within_draw * 200)
        when size_draw < 0.88 then 300 + floor(within_draw * 700)
        else 1000 + floor(within_draw * within_draw * 9000)
    end::integer as employee_count,
    case
        when placed.industry_group = 'own_trade' and relation_draw < 0.25 then 'competitor'
        when relation_rank <= greatest(1, getvariable('true_company_count') // 250) then 'vendor'
        when relation_rank <= greatest(2, getvariable('true_company_count') // 125) then 'press'
        when relation_rank <= greatest(6, getvariable('true_company_count') // 40) then 'partner'
        when relation_rank <= greatest(20, getvariable('true_company_count') // 9) then 'customer'
        else 'prospect'
    end as relation,
    1 + placed.company_no % 13 as owner_no,
    -700 + floor(draw('company created', placed.company_no) * 1100)::integer as created_day
from placed
left join prefectures on prefectures.word_no = placed.prefecture_no and not placed.is_foreign
order by placed.company_no;

-- Records: the main one of every company, and the same company written down once more.
create table variant_plan as
with japanese as (
    select
        company_no,
        legal_form,
        half_width_name is not null as is_kana,
        full_width_name is not null as is_latin,
        row_number() over (partition by half_width_name is not null, full_width_name is not null
            order by draw('variant', company_no), company_no) as variant_rank
    from companies
    where not is_foreign and not is_homonym and legal_form <> 'other' and relation in ('prospect', 'customer')
),
kinds as (
    select
        company_no,
        case
            when is_kana and variant_rank <= getvariable('variant_count') * 12 // 100 then 'half_width_kana'
            when is_latin and variant_rank <= getvariable('variant_count') * 12 // 100 then 'full_width_letters'
            when not is_kana and not is_latin
                then (['branch', 'form_moved', 'kabu_in_brackets', 'kabu_mark', 'branch', 'kabu_mark_after', 'full_width_blank', 'form_moved', 'addressed'])[(variant_rank - 1) % 9 + 1]
        end as variant_kind,
        variant_rank
    from japanese
),
ranked as (
    select *, row_number() over (order by variant_kind not in ('half_width_kana', 'full_width_letters'), variant_rank, company_no) as plan_no
    from kinds
    where variant_kind is not null
)
select
    company_no,
    variant_kind,
    plan_no,
    case
        when plan_no % 28 = 0 then 'name_only'
        when plan_no % 4 = 1 then 'phone'
        when plan_no % 4 = 2 then 'corporate_number'
        else 'prefecture'
    end as planted_evidence
from ranked
where plan_no <= getvariable('variant_count');

create table company_records as
select
    company_no as record_no,
    company_no,
    'main' as variant_kind,
    null::text as planted_evidence,
    full_name as written_name,
    true as is_main
from companies
union all
select
    (getvariable('true_company_count') + variant_plan.plan_no - 1)::integer,
    companies.company_no,
    variant_plan.variant_kind,
    -- Who has no corporate number is found by the prefecture.
    case when variant_plan.planted_evidence = 'corporate_number' and companies.corporate_number is null
        then 'prefecture' else variant_plan.planted_evidence end,
    case variant_plan.variant_kind
        when 'half_width_kana' then case companies.legal_form when 'kk_before' then '(株)' || half_width_name else half_width_name || '㈱' end
        when 'full_width_letters' then case companies.legal_form when 'kk_before' then '株式会社' || full_width_name else full_width_name || '(株)' end
        when 'branch' then companies.full_name || case variant_plan.plan_no % 10 when 3 then '' when 1 then '　' when 6 then '　' else ' ' end
            || regexp_replace(companies.prefecture_ja, '[都府県]$', '') || case variant_plan.plan_no % 2 when 0 then '支店' else '営業所' end
        when 'form_moved' then case companies.legal_form when 'kk_before' then base_name || '株式会社' else '株式会社' || base_name end
        when 'kabu_in_brackets' then case variant_plan.plan_no % 2 when 0 then '(株)' || base_name else base_name || '(株)' end
        when 'kabu_mark' then '㈱' || base_name
        when 'kabu_mark_after' then base_name || '㈱'
        when 'full_width_blank' then case companies.legal_form when 'kk_before' then '株式会社　' || base_name else base_name || '　株式会社' end
        when 'addressed' then companies.full_name || ' 御中'
    end,
    false
from variant_plan
inner join companies on companies.company_no = variant_plan.company_no;

create macro company_id(record_no) as ((7000000000 + record_no::bigint * 13)::text);

create table company_variants as
select company_no, record_no from company_records where not is_main;
