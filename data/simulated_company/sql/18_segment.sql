-- Raw tables of Segment: pages, tracks and identifies. Some rows come late, some twice, some from
-- devices with a wrong clock.

create macro anonymous_id(visitor_no) as (
    substr(id_of('visitor', visitor_no), 1, 8) || '-' || substr(id_of('visitor', visitor_no), 9, 4) || '-4' || substr(id_of('visitor', visitor_no), 13, 3)
    || '-' || id_of('device', visitor_no)
);
create macro web_agent(kind, visitor_no) as (
    case when kind = 'bot' then ([
        'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
        'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
        'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
        'Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)',
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36',
        'python-requests/2.32.3',
        'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
        'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)'
    ])[visitor_no % 8 + 1]
    else ([
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0',
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
        'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Mobile Safari/537.36'
    ])[choose(5, 'web agent', visitor_no) + 1] end
);
-- Addresses of the blocks that are kept for examples.
create macro web_ip(visitor_no) as (
    (['192.0.2.', '198.51.100.', '203.0.113.'])[visitor_no % 3 + 1] || (1 + choose(254, 'ip', visitor_no))::text
);
-- What went wrong with an event on its way: nothing for nearly all.
create macro mishap(word, event_no, day_no) as (
    case
        when draw(word, event_no) < 0.0004 then 'wrong clock'
        when draw(word, event_no) < 0.0054 and day_no < 535 then 'late'
        when draw(word, event_no) > 0.996 then 'doubled'
    end
);
create macro device_time(happened_at, mishap) as (
    case when mishap = 'wrong clock' then case when second(happened_at) % 2 = 0 then happened_at + interval 700 day else happened_at + interval 12 year end else happened_at end
);
create macro arrival(happened_at, mishap, event_no) as (
    happened_at + case when mishap = 'late' then to_seconds(172800 + choose(600000, 'delay', event_no)) else to_seconds(1 + choose(20, 'transit', event_no)) end
);

create table product_users as
select visitor_no, 'usr_' || lpad(person_no::text, 7, '0') as user_id from visitors where is_product_user;

create table page_rows as
select pages.*, mishap('page mishap', page_no, day_no) as mishap from pages;

create view segment.pages as
with rows_sent as (
    select *, false as is_copy from page_rows
    union all
    select *, true from page_rows where mishap = 'doubled'
)
select
    id_of('page view', page_no) as id,
    anonymous_id(visitor_no) as anonymous_id,
    product_users.user_id,
    written(device_time(viewed_at, mishap)) as "timestamp",
    written(device_time(viewed_at, mishap)) as original_timestamp,
    written(viewed_at) as sent_at,
    written(arrival(viewed_at, mishap, page_no) + case when is_copy then interval 3 minute else interval 0 minute end) as received_at,
    path,
    'https://www.kakehashi.example' || path || case when page_no % 23 = 0 then '?utm_source=newsletter' else '' end as url,
    'Kakehashi' as title,
    case when page_no % 20 = 0 and page_no % 3 = 0 then 'https://www.google.com/' end as referrer,
    path as context_page_path,
    'https://www.kakehashi.example' || path as context_page_url,
    web_agent(case when is_bot then 'bot' else 'person' end, visitor_no) as context_user_agent,
    web_ip(visitor_no) as context_ip,
    'analytics.js' as context_library_name
from rows_sent
left join product_users using (visitor_no)
order by viewed_at, page_no, is_copy;

create table track_rows as
select tracks.*, mishap('track mishap', track_no, day_no) as mishap from tracks;

create view segment.tracks as
with rows_sent as (
    select *, false as is_copy from track_rows
    union all
    select *, true from track_rows where mishap = 'doubled'
)
select
    id_of('track', track_no) as id,
    anonymous_id(visitor_no) as anonymous_id,
    product_users.user_id,
    event,
    case event
        when 'document_downloaded' then 'Document Downloaded'
        when 'trial_started' then 'Trial Started'
        when 'video_watched' then 'Video Watched'
        when 'chat_started' then 'Chat Started'
        when 'survey_answered' then 'Survey Answered'
        when 'cta_clicked' then 'CTA Clicked'
        when 'form_viewed' then 'Form Viewed'
        when 'product_opened' then 'Product Opened'
    end as event_text,
    written(device_time(tracked_at, mishap)) as "timestamp",
    written(device_time(tracked_at, mishap)) as original_timestamp,
    written(tracked_at) as sent_at,
    written(arrival(tracked_at, mishap, track_no) + case when is_copy then interval 3 minute else interval 0 minute end) as received_at,
    content_kind,
    watched_share,
    purchase_months,
    null::text as product,
    null::text as label,
    null::text as context_page_path,
    null::text as context_page_url,
    web_agent('person', visitor_no) as context_user_agent,
    web_ip(visitor_no) as context_ip,
    'analytics.js' as context_library_name
from rows_sent
left join product_users using (visitor_no)
order by tracked_at, track_no, is_copy;

create view segment.identifies as
select
    id_of('identify', identify_no) as id,
    anonymous_id(identifies.visitor_no) as anonymous_id,
    product_users.user_id,
    written(identified_at) as "timestamp",
    written(identified_at) as original_timestamp,
    written(identified_at) as sent_at,
    written(identified_at + interval 2 second) as received_at,
    case when origin = 'unknown address' then 'guest' || identifies.visitor_no || '@unknown.example' else email end as email,
    null::text as name,
    null::text as context_page_path,
    null::text as context_page_url,
    web_agent('person', identifies.visitor_no) as context_user_agent,
    web_ip(identifies.visitor_no) as context_ip,
    'analytics.js' as context_library_name
from main.identifies as identifies
left join people_named on people_named.person_no = identifies.person_no
left join product_users on product_users.visitor_no = identifies.visitor_no
where origin = 'unknown address' or email is not null
order by identified_at, identify_no;
