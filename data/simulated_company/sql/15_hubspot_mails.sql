-- Raw tables of HubSpot: e-mail events, one row an event, and one table a type beside it.

create view hubspot.email_campaign as
select
    (70000000 + campaign_no)::text as id,
    synced_at() as _fivetran_synced,
    '2286' as app_id,
    'BATCH_EMAIL' as type,
    'Batch' as app_name,
    'メールマガジン 第' || (campaign_no + 1)::text || '号' as name,
    '営業の現場から 第' || (campaign_no + 1)::text || '号' as subject
from campaigns
order by campaign_no;

create macro mail_event_key(mail_no, type, place) as (
    mail_no * 128 + place + 8 * case type when 'SENT' then 0 when 'DELIVERED' then 1 when 'OPEN' then 2 when 'CLICK' then 3 when 'BOUNCE' then 4
        when 'DROPPED' then 5 when 'DEFERRED' then 6 when 'SPAMREPORT' then 7 else 8 end
);

create view hubspot.email_event as
select
    id_of('mail event', mail_event_key(mail_no, type, place)) as id,
    synced_at() as _fivetran_synced,
    '2286' as app_id,
    written(created_at) as created,
    (70000000 + campaign_no)::text as email_campaign_id,
    '4727653' as portal_id,
    case when type <> 'STATUSCHANGE' then written(sent_at) end as sent_by_created,
    case when type <> 'STATUSCHANGE' then id_of('mail event', mail_event_key(mail_no, 'SENT', 0)) end as sent_by_id,
    type,
    (is_machine and draw('filtered', mail_event_key(mail_no, type, place)) < 0.5)::text as filtered_event,
    email as recipient
from mail_events
inner join people_named on people_named.person_no = mail_events.person_no
order by created_at, mail_no, type, place;

create macro mail_ids(wanted_type) as table
select id_of('mail event', mail_event_key(mail_no, type, place)) as id, mail_no, place, detail, created_at
from mail_events
where type = wanted_type;

create macro mail_agent(detail, key) as (
    case detail
        when 'proxy 0' then 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
        when 'proxy 1' then 'Mozilla/5.0'
        when 'proxy 2' then 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'
        when 'proxy 3' then 'Mozilla/5.0 (Windows NT 10.0) Microsoft Outlook ImageProxy'
        when 'scanner 0' then 'Mozilla/5.0 (compatible; BarracudaSentinel/1.0)'
        when 'scanner 1' then 'Mozilla/5.0 (compatible; Proofpoint URL Defense)'
        when 'scanner 2' then 'Mozilla/5.0 (compatible; Mimecast URL Protect)'
        when 'scanner 3' then 'Mozilla/5.0 (compatible; Microsoft SafeLinks)'
        else ([
            'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
            'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
            'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148'
        ])[choose(3, 'agent', key) + 1]
    end
);

create view hubspot.email_event_sent as
select id, synced_at() as _fivetran_synced, 'news@kakehashi.example' as "from", 'メールマガジン' as subject from mail_ids('SENT') order by created_at, mail_no;
create view hubspot.email_event_delivered as
select id, synced_at() as _fivetran_synced, '250 2.0.0 OK' as response, null::text as smtp_id from mail_ids('DELIVERED') order by created_at, mail_no;
create view hubspot.email_event_open as
select id, synced_at() as _fivetran_synced, (1000 + mail_no % 9000)::text as duration, null::text as browser, null::text as ip_address, null::text as location, mail_agent(detail, mail_no) as user_agent
from mail_ids('OPEN') order by created_at, mail_no, place;
create view hubspot.email_event_click as
select id, synced_at() as _fivetran_synced, null::text as referer, null::text as browser, null::text as location, null::text as ip_address,
    'https://www.kakehashi.example/blog/' || (['sales-meeting-basics', 'crm-input-tips', 'forecast-accuracy'])[abs(mail_no + place) % 3 + 1] as url,
    mail_agent(detail, mail_no) as user_agent
from mail_ids('CLICK') order by created_at, mail_no, place;
create view hubspot.email_event_bounce as
select id, synced_at() as _fivetran_synced, detail as category, case when detail in ('UNKNOWN_USER', 'NOT_FOUND') then '550' else '421' end as status, null::text as response
from mail_ids('BOUNCE') order by created_at, mail_no;
create view hubspot.email_event_dropped as
select id, synced_at() as _fivetran_synced, detail as drop_reason, null::text as drop_message, 'news@kakehashi.example' as "from" from mail_ids('DROPPED') order by created_at, mail_no;
create view hubspot.email_event_deferred as
select id, synced_at() as _fivetran_synced, '1' as attempt, null::text as response from mail_ids('DEFERRED') order by created_at, mail_no;
create view hubspot.email_event_spam_report as
select id, synced_at() as _fivetran_synced, null::text as ip_address, null::text as user_agent from mail_ids('SPAMREPORT') order by created_at, mail_no;
create view hubspot.email_event_status_change as
select id, synced_at() as _fivetran_synced, null::text as bounced, detail as portal_subscription_status, null::text as requested_by, 'SOURCE_RECIPIENT' as source, '[]' as subscriptions
from mail_ids('STATUSCHANGE') order by created_at, mail_no;
