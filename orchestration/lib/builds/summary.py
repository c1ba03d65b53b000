"""What a build came to, read from the published snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import duckdb

from orchestration.lib.builds.build import BuildResult
from orchestration.lib.builds.history_news import HistoryNews
from orchestration.lib.builds.rejections import Rejection
from orchestration.lib.problems import Notice
from orchestration.lib.publishing.serving import open_snapshot
from orchestration.lib.publishing.snapshot import SNAPSHOT_DATABASE

HOTTEST_LEADS = 10
_FILES_NAMED = 3


@dataclass(frozen=True)
class GradeCount:
    """Leads of one grade of the main grade set."""

    grade: str | None
    temperature: str | None
    route: str | None
    leads: int


@dataclass(frozen=True)
class HotLead:
    """One of the leads to work first; `reasons` in the chosen language, newest facts included."""

    lead_id: str
    company: str | None
    grade: str | None
    route: str | None
    fit_score: Decimal
    engagement_score: Decimal
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class BuildSummary:
    """Counts, the hottest leads, and what to know; `excluded` by reason."""

    leads: int
    scored_leads: int
    ledger_lines: int
    grades: tuple[GradeCount, ...]
    hottest: tuple[HotLead, ...]
    excluded: tuple[tuple[str, int], ...]
    rejections: tuple[Rejection, ...]
    history: HistoryNews
    notices: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values; points as text, so that no digit is lost."""
        content = asdict(self)
        for lead in content["hottest"]:
            lead["fit_score"] = str(lead["fit_score"])
            lead["engagement_score"] = str(lead["engagement_score"])
        content["excluded"] = dict(self.excluded)
        first_date = self.history.first_date
        content["history"]["first_date"] = first_date and first_date.isoformat()
        return content


def summarize(result: BuildResult, language: str) -> BuildSummary:
    """The summary of a published build with reasons in `language` (`en` or `ja`)."""
    with open_snapshot(result.folder / SNAPSHOT_DATABASE) as connection:
        scored, excluded = _exclusions(connection)
        return BuildSummary(
            leads=result.manifest.marts["dim_leads"].row_count,
            scored_leads=scored,
            ledger_lines=result.manifest.marts["fct_score_ledger"].row_count,
            grades=_grades(connection),
            hottest=_hottest(connection, language),
            excluded=excluded,
            rejections=result.rejections,
            history=result.history,
            notices=group_notices(result.notices),
        )


def group_notices(notices: Iterable[Notice]) -> tuple[str, ...]:
    """Each message once, with the files it is about; most files first."""
    files: dict[str, list[str]] = {}
    for notice in notices:
        files.setdefault(notice.message, [])
        if notice.file and notice.file not in files[notice.message]:
            files[notice.message].append(notice.file)
    counts = Counter({message: len(names) for message, names in files.items()})
    return tuple(_with_files(message, files[message]) for message, _ in counts.most_common())


def _with_files(message: str, names: list[str]) -> str:
    if not names:
        return message
    more = len(names) - _FILES_NAMED
    shown = ", ".join(names[:_FILES_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{shown}: {message}"


def _exclusions(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[int, tuple[tuple[str, int], ...]]:
    rows = connection.execute(
        "select is_scored, exclusion_reason, count(*) from marts.dim_leads"
        " group by all order by 3 desc, 2"
    ).fetchall()
    scored = sum(count for is_scored, _, count in rows if is_scored)
    excluded = Counter[str]()
    for is_scored, reason, count in rows:
        if not is_scored:
            excluded[reason or "unknown"] += count
    return scored, tuple(excluded.most_common())


def _grades(connection: duckdb.DuckDBPyConnection) -> tuple[GradeCount, ...]:
    rows = connection.execute(
        "select grade, temperature, route, count(*) from marts.fct_lead_scores"
        " group by all order by min(priority) nulls last, grade nulls last"
    ).fetchall()
    return tuple(GradeCount(*row) for row in rows)


def _hottest(connection: duckdb.DuckDBPyConnection, language: str) -> tuple[HotLead, ...]:
    reasons = ", ".join(f"scores.reason_{number}_{language}" for number in (1, 2, 3))
    rows = connection.execute(
        f"""
        select
            scores.lead_id,
            leads.company_name,
            scores.grade,
            scores.route,
            scores.fit_score,
            scores.engagement_score,
            {reasons}
        from marts.fct_lead_scores as scores
        inner join marts.dim_leads as leads using (lead_id)
        order by
            scores.priority nulls last,
            scores.fit_score + scores.engagement_score desc,
            scores.lead_id
        limit ?
        """,  # noqa: S608 - the language is one of two words
        [HOTTEST_LEADS],
    ).fetchall()
    return tuple(
        HotLead(
            lead_id=row[0],
            company=row[1],
            grade=row[2],
            route=row[3],
            fit_score=row[4],
            engagement_score=row[5],
            reasons=tuple(text for text in row[6:] if text),
        )
        for row in rows
    )
