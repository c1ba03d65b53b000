"""Lead and event files of any size in `file` shape, the same bytes of meaning on every machine."""

from __future__ import annotations

from pathlib import Path

import duckdb

DAYS = 540
LAST_DAY = "2026-06-30"
PRODUCTS = 20

# Every value comes from a hash of the row number and a salt, so that no generator state is needed.
LEADS = """
copy (
    select
        'L' || lpad(cast(i as varchar), 11, '0') as lead_id,
        strftime(date '2024-06-01' + cast(hash(i * 3) % 200 as integer), '%Y-%m-%d') as created_at,
        'person' || i || '@company' || cast(hash(i * 5) % $companies as varchar) || '.example'
            as email,
        'Company ' || cast(hash(i * 5) % $companies as varchar) as company,
        ['head', 'executive', 'manager', 'lead', 'staff', null][
            cast(1 + hash(i * 7) % 6 as integer)
        ] as job_level,
        ['sales', 'marketing', 'it_digital', 'planning', 'finance', null][
            cast(1 + hash(i * 11) % 6 as integer)
        ] as job_function,
        case when hash(i * 13) % 5 > 0 then cast(1 + hash(i * 17) % 5000 as varchar) end
            as employee_count,
        ['manufacturing', 'wholesale', 'logistics', 'finance', 'retail', 'agency'][
            cast(1 + hash(i * 19) % 6 as integer)
        ] as industry_group,
        ['branch', 'remote', 'unserved'][cast(1 + hash(i * 23) % 3 as integer)] as sales_territory,
        ['business', 'free', 'academic', 'public_sector'][cast(1 + hash(i * 29) % 4 as integer)]
            as email_domain_type,
        case when hash(i * 31) % 3 > 0 then '03-' || lpad(cast(i as varchar), 8, '0') end as phone
    from range($leads) as numbers(i)
) to '$file' (format parquet, compression zstd)
"""

# 85 percent of the leads have events, few of them many; half of the events are page views; the file
# is in the order of time, as an export is.
EVENTS = """
copy (
    select
        'E' || lpad(cast(i as varchar), 11, '0') as event_id,
        'L' || lpad(
            cast(
                cast(
                    floor(pow((hash(i * 37) % 1000003) / 1000003.0, 2) * $leads * 0.85) as bigint
                ) * 7919 % $leads as varchar
            ),
            11, '0'
        ) as lead_id,
        event_type,
        strftime(
            timestamp '$last_day 23:59:59' - to_seconds(
                cast(($events - i) * cast($days * 86400 as double) / $events as bigint)
            ),
            '%Y-%m-%dT%H:%M:%SZ'
        ) as occurred_at,
        case when event_type = 'page_viewed' then
            ['/pricing', '/product', '/customers', '/security', '/blog', '/careers', '/docs', '/'][
                cast(1 + hash(i * 43) % 8 as integer)
            ] || '/' || cast(hash(i * 47) % 2500 as varchar)
        end as page_path,
        case when event_type = 'form_submitted' then
            ['demo', 'quotation', 'product_inquiry', 'newsletter'][
                cast(1 + hash(i * 53) % 4 as integer)
            ]
        end as form_kind,
        case when event_type = 'document_downloaded' then
            ['brochure', 'case_study', 'white_paper', 'template', 'price_list'][
                cast(1 + hash(i * 59) % 5 as integer)
            ]
        end as content_kind,
        'product_' || lpad(
            cast(
                case when event_type = 'page_viewed' then hash(i * 47) % 2500 else hash(i * 67) end
                % $products as varchar
            ),
            2, '0'
        ) as product
    from (
        select
            i,
            case
                when hash(i * 41) % 100 < 51 then 'page_viewed'
                else [
                    'visit_started', 'email_opened', 'email_clicked', 'form_submitted',
                    'document_downloaded', 'webinar_registered', 'webinar_attended',
                    'seminar_attended', 'exhibition_visited', 'call_connected', 'trial_started',
                    'email_unsubscribed', 'email_sent', 'video_watched'
                ][cast(1 + hash(i * 61) % 14 as integer)]
            end as event_type
        from range($events) as numbers(i)
    ) as typed
) to '$file' (format parquet, compression zstd)
"""


def generate(folder: Path, events: int, leads: int) -> Path:
    """The folder with `leads.parquet` and `events.parquet`; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "leads": str(leads),
        "events": str(events),
        "companies": str(max(leads // 5, 1)),
        "days": str(DAYS),
        "products": str(PRODUCTS),
        "last_day": LAST_DAY,
    }
    for name, template in (("leads", LEADS), ("events", EVENTS)):
        file = folder / f"{name}.parquet"
        if file.exists():
            continue
        beside = folder / f"{name}.partial"
        with duckdb.connect() as connection:
            connection.execute("set threads = 2")
            connection.execute(_fill(template, {**values, "file": str(beside)}))
        beside.replace(file)
    return folder


def _fill(template: str, values: dict[str, str]) -> str:
    for name, value in sorted(values.items(), key=lambda item: -len(item[0])):
        template = template.replace(f"${name}", value)
    return template
