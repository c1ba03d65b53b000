-- Mailings, and what people and machines did with them.

create table campaigns as
with numbered as (
    select
        campaign_no::integer as campaign_no,
        (campaign_no * getvariable('day_count') // campaign_counts.campaign_count)::integer as wanted_day
    from (select greatest(39, 39 * getvariable('events')::bigint // getvariable('contacts') // 50)::bigint as campaign_count) as campaign_counts,
        range(campaign_counts.campaign_count) as numbers (campaign_no)
)
select campaign_no, busy_day(wanted_day, wanted_day + 10, draw('campaign', campaign_no)) as day_no
from numbered;

create table mail_readers as
select
    people.person_no,
    people.role,
    people.peak_day,
    greatest(people.created_day, 0) as from_day,
    least(coalesce(consents_in_force.unsubscribed_day, 9999), coalesce(consents_in_force.do_not_contact_day, 9999)) as until_day,
    consents_in_force.left_day,
    coalesce(choose(100, 'link scanner', people.company_no), 99) < 6 as has_scanner,
    case when draw('mail program', people.person_no) < 0.30 then choose(4, 'proxy', people.person_no) end as proxy_no
from people
inner join people_named on people_named.person_no = people.person_no
inner join consents_in_force on consents_in_force.person_no = people.person_no
where people.kind <> 'staff' and people_named.email is not null;

-- Every reader gets a share of the campaigns, so that mails and what follows are 46 of 100 events.
set variable mail_share = (
    select getvariable('events') * 0.46 / 2.3 / count(*)
    from mail_readers
    inner join campaigns on campaigns.day_no > mail_readers.from_day and campaigns.day_no < mail_readers.until_day
);

create table mails as
with sent as (
    select
        mail_readers.*,
        campaigns.campaign_no,
        campaigns.day_no,
        mail_readers.person_no::bigint * 100000 + campaigns.campaign_no as mail_no
    from mail_readers
    inner join campaigns on campaigns.day_no > mail_readers.from_day and campaigns.day_no < mail_readers.until_day
    where draw('mail', mail_readers.person_no::bigint * 100000 + campaigns.campaign_no) < getvariable('mail_share')
)
select
    mail_no,
    person_no,
    campaign_no,
    day_no,
    moment(day_no, 36000 + choose(900, 'sent second', mail_no)) as sent_at,
    case
        when left_day <= day_no then case when lag(left_day <= day_no, 1, false) over (partition by person_no order by campaign_no) then 'dropped' else 'hard' end
        when draw('soft bounce', mail_no) < 0.006 then 'soft'
        else 'delivered'
    end as fate,
    2 + choose(28, 'delivered second', mail_no) as delivery_seconds,
    case role when 'buyer' then 0.34 when 'evaluator' then 0.28 when 'reader' then 0.18 else 0.07 end
    + case when abs(day_no - peak_day) <= 25 then 0.2 else 0.0 end as open_chance,
    has_scanner,
    proxy_no
from sent;

-- One row an event; the place tells the several clicks of one mail apart.
create table mail_events as
select mail_no, person_no, campaign_no, 'SENT' as type, 0 as place, sent_at as created_at, null::text as detail, false as is_machine, sent_at
from mails
union all
select mail_no, person_no, campaign_no, 'DELIVERED', 0, sent_at + to_seconds(delivery_seconds), null, false, sent_at
from mails
where fate = 'delivered'
union all
select mail_no, person_no, campaign_no, 'BOUNCE', 0, sent_at + to_seconds(delivery_seconds),
    case when fate = 'hard' then (['UNKNOWN_USER', 'NOT_FOUND'])[choose(2, 'bounce', mail_no) + 1]
        else (['MAILBOX_FULL', 'THROTTLED', 'SPAM', 'POLICY'])[choose(4, 'bounce', mail_no) + 1] end, false, sent_at
from mails
where fate in ('hard', 'soft')
union all
select mail_no, person_no, campaign_no, 'DROPPED', 0, sent_at + interval 1 second, 'PREVIOUSLY_BOUNCED', false, sent_at
from mails
where fate = 'dropped'
union all
select mail_no, person_no, campaign_no, 'DEFERRED', 0, sent_at + interval 1 second, null, false, sent_at
from mails
where fate = 'delivered' and draw('deferred', mail_no) < 0.004
union all
select mail_no, person_no, campaign_no, 'OPEN', 0, sent_at + to_seconds(delivery_seconds + 60 + choose(90000, 'opened', mail_no)), 'person', false, sent_at
from mails
where fate = 'delivered' and draw('opens', mail_no) < open_chance
union all
select mail_no, person_no, campaign_no, 'OPEN', 1, sent_at + to_seconds(delivery_seconds + 3 + choose(600, 'fetched', mail_no)), 'proxy ' || proxy_no, true, sent_at
from mails
where fate = 'delivered' and proxy_no is not null and draw('fetches', mail_no) < 0.5
union all
select mail_no, person_no, campaign_no, 'CLICK', 0, sent_at + to_seconds(delivery_seconds + 80 + choose(90000, 'opened', mail_no)), 'person', false, sent_at
from mails
where fate = 'delivered' and draw('opens', mail_no) < open_chance * 0.18
union all
-- Scanners open every link within seconds of the delivery.
select mail_no, person_no, campaign_no, 'CLICK', 1 + link_no::integer, sent_at + to_seconds(delivery_seconds + 1 + link_no + choose(5, 'scanned', mail_no)), 'scanner ' || choose(7, 'scanner', mail_no), true, sent_at
from mails, range(0, 3) as links (link_no)
where fate = 'delivered' and has_scanner and draw('scans', mail_no) < 0.5
union all
select mail_no, person_no, campaign_no, 'SPAMREPORT', 0, sent_at + to_seconds(delivery_seconds + 4000), null, false, sent_at
from mails
where fate = 'delivered' and draw('spam report', mail_no) < 0.0003
union all
-- The click on the link at the end of a mail; it hangs on no mail of ours.
select -person_no::bigint - 1, person_no, null, 'STATUSCHANGE', 0, moment(unsubscribed_day, office_second(draw('unsubscribed at', person_no))), 'UNSUBSCRIBED', false, null
from consents_in_force
inner join people_named using (person_no)
where unsubscribed_day is not null and email is not null;

-- What was fetched after the last day is not there yet.
delete from mail_events where created_at >= getvariable('as_of_date')::timestamp + interval 15 hour;
