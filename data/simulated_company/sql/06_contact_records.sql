-- What the CRM holds of the people: one main record each, and for some a second one, which is a
-- duplicate with the same address, or was merged into the main one in one of the two ways in which
-- HubSpot tells it.

create macro contact_id(record_no) as ((100000000 + record_no::bigint * 7)::text);

create table second_records as
with eligible as (
    select
        people.person_no,
        people.created_day,
        row_number() over (order by draw('second record', people.person_no), people.person_no) as place
    from people
    inner join people_named on people_named.person_no = people.person_no
    where people.kind = 'business' and people.has_email and people_named.mailbox is null and people.created_day < 500
),
planned as (
    select
        *,
        case
            when place <= getvariable('email_duplicate_count') then 'email_duplicate'
            when place <= getvariable('email_duplicate_count') + getvariable('merge_audit_count') then 'merged_in_audit'
            else 'merged_in_ids_only'
        end as kind
    from eligible
    where place <= getvariable('email_duplicate_count') + getvariable('merge_audit_count') + getvariable('merge_ids_count')
),
dated as (
    select *, created_day + 1 + choose(30, 'second created', person_no) as second_created_day
    from planned
)
select
    getvariable('person_count') + row_number() over (order by place) - 1 as record_no,
    person_no,
    kind,
    case
        when kind = 'email_duplicate' then 'alive'
        when place % 2 = 0 then 'gone'
        when kind = 'merged_in_audit' then 'deleted'
        else 'alive'
    end as row_state,
    second_created_day as created_day,
    case when kind <> 'email_duplicate' then least(548, greatest(1, second_created_day) + 5 + choose(40, 'merged', person_no)) end as merged_day
from dated;

create table contact_records as
select
    people.person_no as record_no,
    people.person_no,
    'main' as kind,
    -- Somebody deleted a few; never those that other records belong to.
    case
        when people.role = 'dormant' and people.kind = 'business' and second_records.person_no is null
            and draw('deleted', people.person_no) < 0.025
            then 'deleted'
        else 'alive'
    end as row_state,
    people.created_day,
    null::integer as merged_day
from people
left join second_records on second_records.person_no = people.person_no
union all
select record_no, person_no, kind, row_state, created_day, merged_day
from second_records;

-- The record that something of a day was written to.
create macro record_on(main_no, second_no, second_from, second_until, day_no, drawn) as (
    case
        when second_no is not null and day_no >= second_from and day_no < coalesce(second_until, 9999) and drawn < 0.5
            then second_no
        else main_no
    end
);

-- What a person says of contact: when mailings were stopped, when the address died, who asked for silence.
create table consents as
select
    people.person_no,
    case when draw('unsubscribes', people.person_no) < 0.045
        then busy_day(greatest(people.created_day, 0) + 3, 549, draw('unsubscribed', people.person_no)) end as unsubscribed_day,
    -- People move in April and October.
    case when people.kind = 'business' and draw('leaves', people.person_no) < 0.03 then
        case
            when draw('moves', people.person_no) < 0.3 then busy_day(153, 184, draw('left', people.person_no))
            when draw('moves', people.person_no) < 0.6 then busy_day(335, 365, draw('left', people.person_no))
            when draw('moves', people.person_no) < 0.7 then busy_day(518, 549, draw('left', people.person_no))
            else busy_day(0, 549, draw('left', people.person_no))
        end
    end as left_day,
    case when people.kind = 'business' and draw('silence', people.person_no) < 0.006
        then busy_day(greatest(people.created_day, 0) + 3, 549, draw('silent from', people.person_no)) end as do_not_contact_day
from people;
