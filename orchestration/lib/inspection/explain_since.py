"""Why the score of a lead moved between two days, from the published snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.explain import published_manifest
from orchestration.lib.inspection.prepared_seeds import Labels
from orchestration.lib.inspection.recorded_days import (
    RecordedDay,
    find_recorded_lead,
    open_published,
    read_recorded_day,
    refuse_ended_lead,
    refuse_unrecorded_day,
)
from orchestration.lib.inspection.texts import Texts
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    import duckdb

_NEW_EVENT = "new_event"
_RECORDED_SCORES = ("fit", "engagement")
_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class NewRule:
    """A rule that counted an event of the time in question; `occurrences` are all it counts."""

    rule_id: str
    label: str
    occurrences: int
    last_event_date: date
    net: Decimal


@dataclass(frozen=True)
class CausePart:
    """What one cause did to a score, on how many days, from the first to the last of them.

    `rules` are those whose newest event is of that time, as far as the ledger names them.
    """

    cause: str
    label: str
    points: Decimal
    days: int
    first_date: date
    last_date: date
    rules: tuple[NewRule, ...] = ()


@dataclass(frozen=True)
class ScoreChange:
    """A score on both days: `before` and the parts sum to `after`; no score is zero."""

    score_id: str
    label: str
    before: Decimal
    after: Decimal
    parts: tuple[CausePart, ...]


@dataclass(frozen=True)
class Change:
    """Everything that moved between the end of two days."""

    lead_id: str
    before: RecordedDay
    after: RecordedDay
    scores: tuple[ScoreChange, ...]
    reason_unscored: str | None
    run_id: str

    def to_json(self, sentences: Sequence[str]) -> dict[str, Any]:
        """As plain values; points as text, so that no digit is lost."""
        return {
            "lead_id": self.lead_id,
            "run_id": self.run_id,
            "sentences": list(sentences),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "scores": [_score_json(score) for score in self.scores],
        }


def explain_since(
    settings: Settings, lead_id: str, since: date, as_of_date: date | None = None
) -> Change:
    """Split the change of every score between the end of `since` and the end of `as_of_date`.

    Without `as_of_date` the published day is meant. A lead without a score has zero points.

    Raises:
        InputError: nothing is published, a day is not recorded, or the lead is unknown or ended.
        RunFailed: the parts do not sum to the change.
    """
    manifest = published_manifest(settings.workdir)
    end = as_of_date or manifest.as_of_date
    if since >= end:
        raise InputError(
            Problem(f"--since {since} is not before {end}.", "Name a day before that one.")
        )
    with open_published(settings.workdir, manifest) as connection:
        for day in (since, end):
            refuse_unrecorded_day(connection, day, manifest.as_of_date)
        lead_id = find_recorded_lead(connection, lead_id, manifest.as_of_date)
        refuse_ended_lead(connection, settings.workdir, lead_id, since)
        query = _Query(connection, settings, lead_id, (since, end), manifest.as_of_date)
        return query.change(manifest.run_id)


class _Query:
    """Questions about one lead and two days."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        lead_id: str,
        days: tuple[date, date],
        published_day: date,
    ) -> None:
        self.connection = connection
        self.texts = Texts(settings)
        self.labels = Labels(settings.workdir, settings.language, published_day)
        self.lead_id = lead_id
        self.since, self.end = days
        self.published_day = published_day

    def change(self, run_id: str) -> Change:
        """Gather everything."""
        before, after = (
            read_recorded_day(self.connection, self.lead_id, day) for day in (self.since, self.end)
        )
        parts = self._parts()
        points = self._points_after(after)
        order = {score_id: place for place, score_id in enumerate(self.labels.score_ids)}
        ids = sorted(
            {*before.scores, *points, *parts},
            key=lambda score_id: (order.get(score_id, len(order)), score_id),
        )
        return Change(
            lead_id=self.lead_id,
            before=before,
            after=after,
            scores=tuple(
                self._score(score_id, before, points.get(score_id, _ZERO), parts.get(score_id, ()))
                for score_id in ids
            ),
            reason_unscored=None if after.is_scored else self._reason_unscored(),
            run_id=run_id,
        )

    def _score(
        self, score_id: str, day_before: RecordedDay, after: Decimal, parts: Sequence[CausePart]
    ) -> ScoreChange:
        moved = sum((part.points for part in parts), _ZERO)
        # The history has these two scores only; another one is what the parts leave.
        is_recorded = score_id in _RECORDED_SCORES
        before = day_before.scores.get(score_id, _ZERO) if is_recorded else after - moved
        if before + moved != after:
            raise RunFailed(
                (
                    f"The recorded causes of the score {score_id} sum to {moved}, but it moved"
                    f" from {before} to {after}: the published snapshot is damaged.",
                    "Run `leads build`, or serve an earlier run with `leads restore previous`.",
                )
            )
        return ScoreChange(score_id, self.labels.score(score_id), before, after, tuple(parts))

    def _parts(self) -> dict[str, tuple[CausePart, ...]]:
        rows = self._rows(
            """
            select
                score_id, cause, sum(points), count(distinct changed_date), min(changed_date),
                max(changed_date)
            from marts.fct_score_changes
            where
                lead_id = $lead_id
                and changed_date > $since
                and changed_date <= $end
                and points <> 0
            group by score_id, cause
            order by score_id, cause
            """
        )
        rules = self._new_rules()
        order = {cause: place for place, cause in enumerate(self.texts.causes)}
        parts: dict[str, tuple[CausePart, ...]] = {}
        for score_id, cause, points, days, first, last in sorted(
            rows, key=lambda row: (row[0], order.get(row[1], len(order)), row[1])
        ):
            named = rules.get(score_id, ()) if cause == _NEW_EVENT else ()
            part = CausePart(cause, self.texts.cause(cause), points, days, first, last, named)
            parts[score_id] = (*parts.get(score_id, ()), part)
        return parts

    def _new_rules(self) -> dict[str, tuple[NewRule, ...]]:
        """By score the rules with an event of these days; known of the published day only."""
        rows = self._rows(
            """
            select score_id, rule_id, max(occurrences), max(last_event_date), sum(points)
            from marts.fct_score_ledger
            where lead_id = $lead_id and rule_id is not null and $end = $published_day
            group by score_id, rule_id
            having max(last_event_date) > $since
            order by abs(sum(points)) desc, max(last_event_date) desc, rule_id
            """,
            published_day=self.published_day,
        )
        rules: dict[str, tuple[NewRule, ...]] = {}
        for score_id, rule_id, occurrences, day, points in rows:
            rule = NewRule(rule_id, self.labels.rule(rule_id), occurrences, day, points)
            rules[score_id] = (*rules.get(score_id, ()), rule)
        return rules

    def _points_after(self, after: RecordedDay) -> dict[str, Decimal]:
        """Every score at the end; that of an earlier day is what later changes leave."""
        rows = self._rows(
            """
            select score_id, sum(points)
            from (
                select score_id, points
                from marts.fct_lead_score_values
                where lead_id = $lead_id

                union all

                select score_id, -points
                from marts.fct_score_changes
                where lead_id = $lead_id and changed_date > $end
            ) as lines
            group by score_id
            """
        )
        return dict(rows) | after.scores if after.is_scored else {}

    def _reason_unscored(self) -> str | None:
        """Label of the exclusion; known of the published day only."""
        if self.end != self.published_day:
            return None
        rows = self._rows("select exclusion_reason from marts.dim_leads where lead_id = $lead_id")
        reason = rows[0][0] if rows else None
        return None if reason is None else self.labels.exclusion(reason)

    def _rows(self, query: str, **more: object) -> list[tuple[Any, ...]]:
        given = {"lead_id": self.lead_id, "since": self.since, "end": self.end, **more}
        # DuckDB refuses parameters that a statement does not name.
        named = {name: value for name, value in given.items() if f"${name}" in query}
        return self.connection.execute(query, named).fetchall()


def _score_json(score: ScoreChange) -> dict[str, Any]:
    return {
        "score_id": score.score_id,
        "label": score.label,
        "before": str(score.before),
        "after": str(score.after),
        "parts": [_part_json(part) for part in score.parts],
    }


def _part_json(part: CausePart) -> dict[str, Any]:
    return {
        "cause": part.cause,
        "label": part.label,
        "points": str(part.points),
        "days": part.days,
        "first_date": part.first_date.isoformat(),
        "last_date": part.last_date.isoformat(),
        "rules": [
            {
                "rule_id": rule.rule_id,
                "label": rule.label,
                "occurrences": rule.occurrences,
                "last_event_date": rule.last_event_date.isoformat(),
                "net": str(rule.net),
            }
            for rule in part.rules
        ],
    }
