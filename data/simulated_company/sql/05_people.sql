-- People as they are: one row each, and what they want.

set variable email_duplicate_count = (scaled(500));
set variable merge_audit_count = (scaled(300));
set variable merge_ids_count = (scaled(200));
set variable shared_mailbox_count = (scaled(100));
set variable card_count = (scaled(1500));
set variable staff_count = (scaled(40));
-- Half of the merged records still have a row.
set variable person_count = (
    getvariable('contacts') - getvariable('email_duplicate_count')
    - getvariable('merge_audit_count') // 2 - getvariable('merge_ids_count') // 2
);
-- The last eighth of the people stand on the cards of the two exhibitions only.
set variable first_card_person = (getvariable('person_count') - 2 * (getvariable('card_count') * 11 // 15));

create table people_drawn as
with numbered as (
    select
        person_no::integer as person_no,
        case
            when person_no < getvariable('staff_count') then 'staff'
            when person_no < getvariable('staff_count') + scaled(200) then 'student'
            when person_no < getvariable('staff_count') + scaled(360) then 'vendor_pitch'
            when draw('private', person_no) < 0.03 then 'private'
            else 'business'
        end as kind,
        case
            when person_no < getvariable('first_card_person') then null
            when (person_no - getvariable('first_card_person')) < getvariable('card_count') * 11 // 15 then 1
            else 2
        end as card_no
    from range(0, getvariable('person_count')) as numbers (person_no)
),
employed as (
    select
        numbered.*,
        case when kind in ('business', 'vendor_pitch') then
            -- Some companies are known by many people, most by few.
            floor(power(draw('company', person_no), 1.25) * getvariable('true_company_count'))::integer
        end as company_rank
    from numbered
),
company_ranks as (
    select company_no, row_number() over (order by draw('company rank', company_no), company_no) - 1 as company_rank
    from companies
),
placed as (
    select
        employed.* exclude (company_rank),
        company_ranks.company_no,
        draw('level', person_no) as level_draw,
        draw('function', person_no) as function_draw
    from employed
    left join company_ranks on company_ranks.company_rank = employed.company_rank
)
select
    placed.person_no,
    placed.kind,
    placed.card_no,
    placed.company_no,
    coalesce(companies.is_foreign, false) as is_foreign,
    case
        when placed.kind = 'student' then 'student'
        when placed.kind = 'private' then 'unknown'
        when level_draw < 0.06 then 'executive'
        when level_draw < 0.16 then 'head'
        when level_draw < 0.36 then 'manager'
        when level_draw < 0.52 then 'lead'
        when level_draw < 0.86 then 'staff'
        when level_draw < 0.87 then 'advisor'
        else 'unknown'
    end as job_level,
    case when placed.kind in ('business', 'vendor_pitch', 'staff') then floor(function_draw * department_count)::integer end as department_no,
    companies.employee_count,
    companies.industry_group,
    companies.relation
from placed
cross join (select count(*) as department_count from departments) as department_counts
left join companies on companies.company_no = placed.company_no
order by placed.person_no;

-- How well a person fits, 0 to 1, as it truly is; and what follows for the interest in the product.
create table people as
with fitting as (
    select
        people_drawn.*,
        departments.job_function,
        departments.department_ja,
        departments.department_en,
        case when kind <> 'business' or is_foreign then 0.0 else
            0.30 * case job_level when 'head' then 1.0 when 'executive' then 0.9 when 'manager' then 0.8 when 'lead' then 0.4 when 'unknown' then 0.3 else 0.15 end
            + 0.30 * case when job_function in ('sales', 'marketing') then 1.0 when job_function in ('it_digital', 'planning') then 0.6 else 0.15 end
            + 0.25 * case when employee_count between 300 and 999 then 1.0 when employee_count between 100 and 299 then 0.8 when employee_count >= 1000 then 0.7 when employee_count >= 30 then 0.4 else 0.1 end
            + 0.15 * case when industry_group in ('manufacturing', 'wholesale', 'information_technology') then 1.0 when industry_group in ('logistics', 'construction', 'business_services', 'finance') then 0.5 else 0.15 end
        end as true_fit,
        draw('role', person_no) as role_draw
    from people_drawn
    left join departments on departments.word_no = people_drawn.department_no
),
playing as (
    select
        *,
        case
            when kind = 'staff' then 'dormant'
            when kind in ('student', 'private', 'vendor_pitch') then case when role_draw < 0.35 then 'reader' else 'dormant' end
            when card_no is not null then
                case when role_draw < 0.015 + 0.04 * true_fit then 'buyer' when role_draw < 0.06 + 0.08 * true_fit then 'evaluator' when role_draw < 0.30 then 'reader' else 'dormant' end
            when role_draw < 0.008 + 0.105 * true_fit * true_fit then 'buyer'
            when role_draw < 0.05 + 0.20 * true_fit then 'evaluator'
            when role_draw < 0.42 + 0.10 * true_fit then 'reader'
            else 'dormant'
        end as role
    from fitting
),
timed as (
    select
        *,
        -- The middle of the weeks in which the person is most interested; past the end for some.
        case when role in ('buyer', 'evaluator') then
            case
                when card_no = 1 then 352 + floor(draw('peak', person_no) * 150)
                when card_no = 2 then 533 + floor(draw('peak', person_no) * 40)
                -- Colleagues look into the same purchase in the same weeks.
                when draw('with colleagues', person_no) < 0.55 and company_no is not null
                    then any_busy_day(25, 590, draw('company peak', company_no)) + choose(31, 'peak of one', person_no) - 15
                when draw('peak', person_no) > 0.96 then 548 + floor(draw('late peak', person_no) * 30)
                else busy_day(25, 548, draw('peak', person_no) / 0.96)
            end
        end::integer as peak_day
    from playing
)
select
    timed.* exclude (role_draw),
    case
        -- Cards are typed in on a Monday, twelve days after the exhibition.
        when card_no = 1 then 361
        when card_no = 2 then 543
        when draw('old', person_no) < 0.22 then -1 - floor(draw('created', person_no) * 600)
        when peak_day is not null then greatest(0, least(548, peak_day - 2 - floor(power(draw('created', person_no), 3) * 160)))
        else busy_day(0, 549, power(draw('created', person_no), 0.7))
    end::integer as created_day,
    case when draw('no mail', person_no) < 0.03 and kind = 'business' and role <> 'buyer' then false else true end as has_email
from timed
order by person_no;

-- Names and addresses.
create table people_named as
with worded as (
    select
        people.person_no,
        people.is_foreign,
        case when people.is_foreign then foreign_names.surname else surnames.kanji end as last_name,
        case when people.is_foreign then foreign_names.given else given_names.kanji end as first_name,
        case when not people.is_foreign then surnames.kana || ' ' || given_names.kana end as kana,
        lower(case when people.is_foreign then foreign_names.given || '.' || foreign_names.surname
            when draw('local form', people.person_no) < 0.5 then given_names.romaji || '.' || surnames.romaji
            else surnames.romaji || '-' || left(given_names.romaji, 1) end) as local_part,
        draw('provider', people.person_no) as provider_draw
    from people
    left join surnames on surnames.word_no = choose(80, 'surname', people.person_no)
    left join given_names on given_names.word_no = choose(50, 'given name', people.person_no)
    left join foreign_names on foreign_names.word_no = choose((select count(*) from foreign_names), 'foreign name', people.person_no)
),
shared_companies as (
    select company_no, row_number() over (order by draw('shared mailbox', company_no), company_no) as shared_rank
    from (
        select company_no from people
        where kind = 'business' and role <> 'buyer' and not is_foreign and has_email and card_no is null
        group by company_no having count(*) >= 3
    )
),
shared_people as (
    select
        people.person_no,
        (['info', 'soumu', 'eigyo', 'contact', 'jinji', 'kikaku', 'sales', 'office'])[choose(8, 'mailbox', people.company_no) + 1] as mailbox,
        shared_companies.shared_rank,
        row_number() over (partition by people.company_no order by draw('shares', people.person_no), people.person_no) as place
    from people
    inner join shared_companies on shared_companies.company_no = people.company_no
    where kind = 'business' and role <> 'buyer' and not is_foreign and has_email and card_no is null
),
addressed as (
    select
        worded.*,
        shared_people.mailbox,
        case
            when not people.has_email then null
            when people.kind = 'staff' then 'example.co.jp'
            when people.kind = 'student' then 'example.ac.jp'
            when shared_people.mailbox is not null then companies.domain
            when people.kind = 'private' or provider_draw < 0.08 then
                (['gmail.com', 'gmail.com', 'gmail.com', 'yahoo.co.jp', 'yahoo.co.jp', 'outlook.jp', 'icloud.com', 'hotmail.co.jp', 'docomo.ne.jp', 'ezweb.ne.jp', 'softbank.ne.jp', 'nifty.com', 'ocn.ne.jp', 'mailinator.com'])[choose(14, 'free mail', people.person_no) + 1]
            else companies.domain
        end as domain
    from worded
    inner join people on people.person_no = worded.person_no
    left join companies on companies.company_no = people.company_no
    left join shared_people on shared_people.person_no = worded.person_no
        and shared_people.shared_rank <= getvariable('shared_mailbox_count') and shared_people.place <= 3
),
numbered as (
    select
        *,
        row_number() over (partition by local_part, domain order by person_no) as name_place
    from addressed
)
select
    person_no,
    last_name,
    first_name,
    kana,
    mailbox,
    case
        when domain is null then null
        when mailbox is not null then mailbox || '@' || domain
        -- Names at free-mail providers are many, and never those of somebody real.
        when domain not like '%.example' then local_part || '.sim' || person_no || '@' || domain
        when name_place > 1 then local_part || name_place || '@' || domain
        else local_part || '@' || domain
    end as email
from numbered
order by person_no;
