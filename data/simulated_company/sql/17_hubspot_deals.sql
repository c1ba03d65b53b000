-- Raw tables of HubSpot: pipelines, deals and what hangs on them.

create table pipelines as
select * from (values (0, 'default', '新規営業'), (1, 'expansion', '追加・他部門'), (2, 'renewal', '契約更新'), (3, 'partner', '代理店経由')) as listed (pipeline_no, pipeline_id, label);
create table stages as
select * from (values (0, 'appointment', 'アポイント', '0.1'), (1, 'qualified', '有効商談', '0.3'), (2, 'proposal', '提案・見積', '0.5'), (3, 'approval', '稟議中', '0.8'), (4, 'won', '受注', '1.0'), (5, 'lost', '失注', '0.0')) as listed (stage_no, stage, label, probability);

create view hubspot.deal_pipeline as
select pipeline_id, 'false' as _fivetran_deleted, synced_at() as _fivetran_synced, 'true' as active, pipeline_no::text as display_order, label,
    written(moment(-900, 36000)) as created_at, written(moment(-900, 36000)) as updated_at
from pipelines
order by pipeline_no;

create view hubspot.deal_pipeline_stage as
select
    'false' as _fivetran_deleted,
    synced_at() as _fivetran_synced,
    'true' as active,
    (stage = 'won')::text as closed_won,
    (stage in ('won', 'lost'))::text as is_closed,
    stage_no::text as display_order,
    probability,
    pipeline_id || '_' || stage as stage_id,
    stages.label,
    pipeline_id,
    written(moment(-900, 36000)) as created_at,
    written(moment(-900, 36000)) as updated_at
from pipelines cross join stages
order by pipeline_no, stage_no;

-- A deal walks through the stages in equal steps until it closes, and stands where it stands today.
create table deal_steps as
with planned as (
    select deals.deal_no, deals.pipeline_id, stages.stage, stages.stage_no, deals.outcome,
        case
            when stage in ('won', 'lost') then case when deals.outcome = stages.stage then deals.closed_day end
            else deals.created_day + stage_no * greatest(2, (coalesce(deals.closed_day, deals.wanted_close_day) - deals.created_day) // 5)
        end as entered_day,
        deals.closed_day
    from deals cross join stages
)
select *, lead(entered_day) over (partition by deal_no order by entered_day, stage_no) as left_day
from planned
where entered_day is not null and entered_day <= 548 and (stage in ('won', 'lost') or entered_day < coalesce(closed_day, 9999) or stage_no = 0)
    -- Some are lost before anything was offered.
    and not (outcome = 'lost' and stage_no in (2, 3) and deal_no % 3 = 0);

create table company_names as select company_no, full_name from companies;

create view hubspot.deal as
select
    deal_id(deal_no) as deal_id,
    is_deleted::text as is_deleted,
    pipeline_id as deal_pipeline_id,
    pipeline_id || '_' || current_steps.stage as deal_pipeline_stage_id,
    printf('owner_m%02d', owner_no) as owner_id,
    '4727653' as portal_id,
    case when is_deleted then written(moment(least(548, created_day + 30), 43200)) else synced_at() end as _fivetran_synced,
    company_names.full_name || ' ' || case pipeline_id when 'default' then '新規' when 'expansion' then '追加' when 'renewal' then '更新' else '代理店' end as property_dealname,
    null::text as property_description,
    amount::text as property_amount,
    case when closed_day is not null then written(moment(closed_day, 54000 + choose(9000, 'closed', deal_no)))
        else written(moment(wanted_close_day, 54000)) end as property_closedate,
    written(moment(created_day, 39600 + choose(18000, 'deal created', deal_no))) as property_createdate,
    case when outcome = 'lost' then lost_reason end as property_closed_lost_reason,
    case when pipeline_id in ('default', 'partner') then 'newbusiness' else 'existingbusiness' end as property_dealtype,
    pipeline_id || '_' || current_steps.stage as property_dealstage,
    pipeline_id as property_pipeline,
    case when outcome = 'won' then 'K-' || lpad(deal_no::text, 6, '0') end as property_contract_number
from deals
inner join (select deal_no, stage from deal_steps where left_day is null) as current_steps using (deal_no)
inner join company_names using (company_no)
order by deal_no;

create view hubspot.deal_stage as
select
    written(moment(entered_day, 54000)) as _fivetran_start,
    deal_id(deal_no) as deal_id,
    (left_day is null)::text as _fivetran_active,
    coalesce(written(moment(left_day, 54000)), '9999-12-31 23:59:59') as _fivetran_end,
    synced_at() as _fivetran_synced,
    written(moment(entered_day, 54000)) as date_entered,
    'CRM_UI' as source,
    null::text as source_id,
    pipeline_id || '_' || stage as value
from deal_steps
order by deal_no, entered_day, stage_no;

create view hubspot.deal_property_history as
select deal_id(deal_no) as deal_id, written(moment(entered_day, 54000)) as timestamp, synced_at() as _fivetran_synced, 'CRM_UI' as source, 'dealstage' as name, null::text as source_id, pipeline_id || '_' || stage as value
from deal_steps
order by deal_no, entered_day, stage_no;

create view hubspot.deal_contact as
select
    contact_id(record_on(deal_people.person_no, second_no, second_from, second_until, deals.created_day, draw_of_two('record', deal_no, deal_people.person_no))) as contact_id,
    deal_id(deal_no) as deal_id,
    synced_at() as _fivetran_synced,
    '3' as type_id,
    'HUBSPOT_DEFINED' as category
from deal_people
inner join deals using (deal_no)
left join person_records on person_records.person_no = deal_people.person_no
order by deal_no, deal_people.place, deal_people.person_no;

create view hubspot.deal_company as
select
    company_id(case when deal_no % 10 = 0 then coalesce(company_variants.record_no, deals.company_no) else deals.company_no end) as company_id,
    deal_id(deal_no) as deal_id,
    synced_at() as _fivetran_synced,
    '5' as type_id,
    'HUBSPOT_DEFINED' as category
from deals
left join company_variants using (company_no)
order by deal_no;

-- Deals that were merged into others; of the merged ones only the ids are left.
create view hubspot.merged_deal as
select deal_id(deal_no) as deal_id, (4000000000 + deal_no)::text as merged_deal_id, synced_at() as _fivetran_synced
from deals
where deal_no % 150 = 0
order by deal_no;
