"""A small world whose leads and rules show everything that `explain` and `fields` can say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

from tests.orchestration.building import Published, shipped_seeds, write_rows
from tests.orchestration.seed_folders import RULE_COLUMNS

AS_OF = date(2026, 10, 30)
BEST = "007"
STAFF = "Abc-1"
EXCLUDED = "out"

LEADS = """\
lead_id,created_at,job_level,employee_count,email,phone,plan,tags,seats,opted_out
007,2026-01-05,head,520,kenji@private.example,03-1234-5678,gold,a;VIP,10,
Abc-1,2026-01-05,staff,40,hana@private.example,,silver,,20,no
out,2026-01-05,head,40,omar@private.example,090-1111-2222,silver,,10,yes
quiet,2026-01-05,,,,,gold,,1e3,
"""
EVENTS = """\
lead_id,event_id,event_type,occurred_at,form_kind,page_path
007,e1,form_submitted,2026-10-14,demo,
007,e2,page_viewed,2026-10-29,,/pricing
007,e3,page_viewed,2026-10-28,,/pricing/teams
007,e4,page_viewed,2026-10-27,,/other
007,e5,page_viewed,2026-08-01,,/pricing
007,e6,page_viewed,2026-11-05,,/pricing
Abc-1,e7,page_viewed,2026-10-29,,/pricing
Abc-1,e8,page_viewed,2026-10-29,,/buy
Abc-1,e9,form_submitted,2026-10-29,newsletter,
Abc-1,e10,chat_started,2026-10-29,,
quiet,e11,form_submitted,2026-01-10,demo,
quiet,e12,chat_started,no day,,
out,e13,form_submitted,2026-10-29,demo,
"""
RULES = f"""\
{RULE_COLUMNS}
head,fit,role,lead,,25,,,,,none,,,,,Head of a department,部門長,
tagged,fit,role,lead,,3,,,,,none,,,,,Tagged,タグ,
dated,fit,role,lead,,1,,,,,none,,,,2026-01-01,Earlier,以前,
dated,fit,role,lead,,2,,,,,none,,,2026-01-01,,Always,常に,
future,fit,role,lead,,9,,,,,none,,,2027-01-01,,Later,今後,
mailed,fit,role,lead,,1,,,,,none,,,,,Has this domain,ドメイン,
size,fit,size,lead,,30,,,,,none,,,,,Size,規模,
phone,fit,size,lead,,5,,,,,none,,,,,Phone known,電話番号あり,
unknown_size,fit,size,lead,,-4,,,,,none,,,,,Size not known,規模不明,
demo,engagement,web,event,form_submitted,50,once,,,60,linear,15,25,,,Asked for a demo,デモ依頼,
pages,engagement,web,event,page_viewed,2,each,2,3,30,none,,,,,Read pages,ページ閲覧,
chat,engagement,web,event,chat_started,0,once,,,,none,,,,,Chat,チャット,
any_page,engagement,web,event,page_viewed,0,each,,,365,none,,,,,Any page,全ページ,
"""
CONDITIONS = """\
rule_id,alternative,field,operator,value
head,1,job_level,equals,head
tagged,1,tags,equals,vip
future,1,plan,equals,gold
mailed,1,email,ends_with,@private.example
size,1,employee_count,gte,300
size,2,plan,equals,gold
size,2,seats,gt,500
phone,1,phone,is_known,
unknown_size,1,employee_count,is_unknown,
demo,1,event.form_kind,in,demo|trial
pages,1,event.page_path,starts_with,/pricing
pages,1,job_level,equals,head
pages,2,event.page_path,equals,/buy
"""
GROUPS = """\
score_id,group_id,min_points,max_points,label_en,label_ja
fit,role,,,Role,役職
fit,size,0,30,Size of the company,企業規模
engagement,web,0,40,Website,Web閲覧
"""


def write_world(folder: Path) -> tuple[Path, Path]:
    """Write the files; gives the raw folder and the rules folder."""
    raw_dir, rules = folder / "raw", folder / "rules"
    for place, text in {
        raw_dir / "leads.csv": LEADS,
        raw_dir / "events.csv": EVENTS,
        rules / "scoring_rules.csv": RULES,
        rules / "rule_conditions.csv": CONDITIONS,
        rules / "score_groups.csv": GROUPS,
    }.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    shipped = shipped_seeds("reference")["attributes"]
    tags = {"attribute": "tags", "kind": "source", "is_multi_valued": "true", "label_en": "Tags"}
    write_rows(rules / "attributes.csv", list(shipped[0]), [*shipped, tags])
    # The share of events that cannot be read is high in a world this small.
    limits = [row | {"max_value": "1"} for row in shipped_seeds("reference")["quality_limits"]]
    write_rows(rules / "quality_limits.csv", list(limits[0]), limits)
    return raw_dir, rules


@cache
def built_world(build: Callable[..., Published], folder: Path) -> Path:
    """The workdir of the built world, built once a test process."""
    raw_dir, rules = write_world(folder / "inspected")
    workdir = folder / "inspected" / "work"
    build(raw_dir, workdir, AS_OF, rules)
    return workdir
