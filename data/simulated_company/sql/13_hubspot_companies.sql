-- Raw tables of HubSpot as Fivetran lands them: companies and owners.

create macro synced_at() as (written(getvariable('as_of_date')::timestamp + interval 870 minute));

create table won_companies as
select company_no, min(closed_day) as won_day, count(*) as won_count, sum(amount) as won_amount
from deals
where outcome = 'won' and not is_deleted
group by company_no;

create table deal_counts as
select company_no, count(*) as deal_count from deals where not is_deleted group by company_no;

-- Records without people and deals, deleted by somebody.
create table deleted_companies as
select company_no, 300 + choose(240, 'company deleted', company_no) as deleted_day
from (
    select company_no, row_number() over (order by draw('deleted company', company_no), company_no) as place
    from companies
    where not is_homonym
        and not exists (select 1 from deals where deals.company_no = companies.company_no)
        and not exists (select 1 from variant_plan where variant_plan.company_no = companies.company_no)
)
where place <= scaled(20);

create table written_companies as
select
    company_records.record_no,
    company_records.company_no,
    company_records.variant_kind,
    company_records.planted_evidence,
    company_records.written_name,
    company_records.is_main,
    case when is_main and (is_homonym or has_variant or draw('domain known', company_records.record_no) < 0.88) then companies.domain end as domain,
    case
        when is_main then case when is_homonym or has_variant or draw('state known', company_records.record_no) < 0.9 then companies.prefecture_text end
        when planted_evidence in ('prefecture', 'corporate_number') then companies.prefecture_ja
    end as prefecture_text,
    case
        when is_main then case when is_homonym or has_variant or draw('phone known', company_records.record_no) < 0.75 then companies.phone end
        when planted_evidence = 'phone' then replace(companies.phone, '-', case company_records.record_no % 2 when 0 then '' else '-' end)
    end as phone,
    case when is_main or planted_evidence = 'corporate_number' then companies.corporate_number end as corporate_number,
    case
        when draw('size known', company_records.record_no) < 0.18 then null
        when companies.employee_count between 100 and 999 and draw('size as range', company_records.record_no) < 0.05
            then case when companies.employee_count < 300 then '100-299' else '300-999' end
        else companies.employee_count::text
    end as employees_text,
    case
        when draw('industry known', company_records.record_no) < 0.12 then null
        when companies.is_foreign or draw('industry text', company_records.record_no) < 0.5 then companies.industry_hubspot
        else companies.industry_ja
    end as industry_text,
    case when draw('country known', company_records.record_no) < 0.85 or companies.is_foreign then companies.country_text end as country_text,
    case
        when not is_main then null
        when companies.relation = 'prospect' and won_companies.company_no is not null and draw('relation kept up', companies.company_no) < 0.9 then 'customer'
        when companies.relation = 'prospect' and draw('relation known', companies.company_no) < 0.3 then null
        else companies.relation
    end as relation,
    companies.owner_no,
    companies.created_day + case when is_main then 0 else 30 end as created_day,
    deleted_companies.deleted_day,
    case when is_main then deal_counts.deal_count end as deal_count,
    case when is_main then won_companies.won_amount end as won_amount,
    case when is_main then won_companies.won_day end as won_day
from company_records
inner join companies on companies.company_no = company_records.company_no
left join (select distinct company_no, true as has_variant from variant_plan) as with_variant on with_variant.company_no = company_records.company_no
left join won_companies on won_companies.company_no = companies.company_no
left join deal_counts on deal_counts.company_no = companies.company_no
left join deleted_companies on deleted_companies.company_no = companies.company_no and company_records.is_main;

create view hubspot.company as
select
    company_id(record_no) as id,
    (deleted_day is not null)::text as is_deleted,
    coalesce(written(moment(deleted_day, 43200)), synced_at()) as _fivetran_synced,
    written_name as property_name,
    null::text as property_description,
    written(moment(created_day, 36000)) as property_createdate,
    industry_text as property_industry,
    null::text as property_address,
    null::text as property_city,
    prefecture_text as property_state,
    country_text as property_country,
    null::text as property_annualrevenue,
    domain as property_domain,
    phone as property_phone,
    employees_text as property_numberofemployees,
    relation as property_company_relation,
    corporate_number as property_corporate_number,
    printf('owner_m%02d', owner_no) as property_hubspot_owner_id,
    -- Records that HubSpot merged; only their ids are left.
    case when record_no % 300 = 7 then (6000000000 + record_no::bigint)::text end as property_hs_merged_object_ids,
    deal_count::text as property_num_associated_deals,
    won_amount::text as property_total_revenue,
    written(moment(won_day, 43200)) as property_closedate
from written_companies
order by record_no;

create table owner_names as
select * from (values
    (1, 'Sato', 'Kenji'), (2, 'Mori', 'Aya'), (3, 'Ishida', 'Taku'), (4, 'Hara', 'Mika'), (5, 'Kondo', 'Ryo'), (6, 'Abe', 'Saki'), (7, 'Uchida', 'Sho'),
    (8, 'Nishi', 'Emi'), (9, 'Ogawa', 'Jun'), (10, 'Kudo', 'Rei'), (11, 'Maeda', 'Yuki'), (12, 'Tamura', 'Nao'), (13, 'Hoshino', 'Dai')
) as listed (owner_no, last_name, first_name);

create view hubspot.owner as
select
    printf('owner_m%02d', owner_no) as owner_id,
    case when owner_no = 13 then written(moment(425, 64800)) else synced_at() end as _fivetran_synced,
    written(moment(-900, 36000)) as created_at,
    '4727653' as portal_id,
    'PERSON' as type,
    case when owner_no = 13 then written(moment(425, 64800)) else written(moment(-900, 36000)) end as updated_at,
    lower(first_name || '.' || last_name) || '@example.co.jp' as email,
    first_name,
    last_name,
    case when owner_no <> 13 then (500 + owner_no)::text end as active_user_id,
    (owner_no <> 13)::text as is_active,
    (owner_no = 13)::text as archived,
    (owner_no = 13)::text as _fivetran_deleted
from owner_names
order by owner_no;
