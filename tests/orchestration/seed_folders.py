"""A small rule set of its own for tests of the seeds, and edits of single cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from orchestration.lib.seeds import KnownFields

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
KNOWN = KnownFields(frozenset({"age", "plan"}), frozenset({"amount"}))

RULE_COLUMNS = (
    "rule_id,score_id,group_id,applies_to,event_type,points,repeat,min_count,max_count,"
    "window_days,decay,decay_days,decay_percent,valid_from,valid_to,label_en,label_ja,rationale"
)
FILES = {
    "score_definitions.csv": """\
score_id,min_points,max_points,label_en,label_ja
fit,0,100,Fit,適合度
engagement,0,100,Engagement,関心度
""",
    "score_groups.csv": """\
score_id,group_id,min_points,max_points,label_en,label_ja
fit,role,0,25,Role,役職
engagement,web,-10,30,Web,Web
""",
    "scoring_rules.csv": f"""\
{RULE_COLUMNS}
head,fit,role,lead,,25,,,,,none,,,,,Head,部門長,
demo,engagement,web,event,form_submitted,50,once,1,,60,linear,15,25,2026-01-01,2026-04-01,Demo,デモ,
demo,engagement,web,event,form_submitted,40,once,1,,60,linear,15,25,2026-04-01,,Demo,デモ,
pages,engagement,web,event,page_viewed,0.5,each,2,3,30,exponential,15,,,,Pages,ページ,
""",
    "rule_conditions.csv": """\
rule_id,alternative,field,operator,value
head,1,job_level,equals,head
demo,1,event.form_kind,in,demo|trial
pages,1,event.page_path,matches,^/pricing
pages,1,employee_count,between,100|299
""",
    "score_bands.csv": """\
score_id,band,min_points
fit,low,
fit,high,50
engagement,2,
engagement,1,40
""",
    "grade_sets.csv": """\
grade_set,fit_score_id,engagement_score_id,label_en,label_ja
main,fit,engagement,Main,総合
""",
    "grades.csv": """\
fit_band,engagement_band,grade,temperature,route,priority
high,1,A1,hot,sales,1
high,2,A2,warm,sales,2
low,1,B1,warm,nurture,3
low,2,B2,cold,none,4
""",
    "exclusion_conditions.csv": """\
exclusion_id,alternative,field,operator,value
erased,1,is_erased,equals,true
do_not_contact,1,do_not_contact,equals,true
internal,1,email_domain,equals,example.co.jp
competitor,1,company_relation,equals,competitor
vendor,1,company_relation,equals,vendor
email_opt_out,1,email_opt_out,equals,true
""",
}


def write_folder(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """A rules folder with the small rule set, some of its files replaced by others."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **(files or {})}.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def with_cells(file: str, row: int, **cells: str) -> dict[str, str]:
    """The file of the small rule set with cells of one row changed (the header is row 1)."""
    records = list(csv.reader(io.StringIO(FILES[file])))
    for column, text in cells.items():
        records[row - 1][records[0].index(column)] = text
    return {file: _text(records)}


def with_row(file: str, *cells: str) -> dict[str, str]:
    """The file of the small rule set with a row added at its end."""
    records = list(csv.reader(io.StringIO(FILES[file])))
    return {file: _text([*records, list(cells)])}


def without_row(file: str, row: int) -> dict[str, str]:
    """The file of the small rule set without one row."""
    records = list(csv.reader(io.StringIO(FILES[file])))
    del records[row - 1]
    return {file: _text(records)}


def _text(records: list[list[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(records)
    return buffer.getvalue()
