"""The ledger of one lead: every point it has, from the published snapshot."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.prepared_seeds import Labels, is_in_force, read_prepared_seed
from orchestration.lib.inspection.replays import refuse_other_day
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.serving import open_snapshot, served_manifest
from orchestration.lib.publishing.snapshot import SNAPSHOT_DATABASE
from orchestration.lib.settings import Settings, Workdir

if TYPE_CHECKING:
    import duckdb

_SUGGESTIONS = 3
_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class RulePoints:
    """What one rule gave: `points` before decay, `decay` what must be added for their age.

    `occurrences` is the number of events counted, 1 for a rule on the lead, which has no last day.
    """

    rule_id: str
    label: str
    occurrences: int | None
    last_event_date: date | None
    points: Decimal
    decay: Decimal

    @property
    def net(self) -> Decimal:
        """Points after decay."""
        return self.points + self.decay


@dataclass(frozen=True)
class GroupPoints:
    """The rules of one group; `limit` is what the limit of the group added or took."""

    group_id: str
    label: str
    rules: tuple[RulePoints, ...]
    limit: Decimal

    @property
    def net(self) -> Decimal:
        """Points of the group after its limit."""
        return sum((rule.net for rule in self.rules), self.limit)


@dataclass(frozen=True)
class ScorePoints:
    """A score and its lines; `limit` is what the limit of the score added or took."""

    score_id: str
    label: str
    band: str | None
    points: Decimal
    groups: tuple[GroupPoints, ...]
    limit: Decimal

    @property
    def sum_of_lines(self) -> Decimal:
        """All lines together; equals `points` in every published snapshot."""
        return sum((group.net for group in self.groups), self.limit)


@dataclass(frozen=True)
class Grade:
    """The grade of one grade set."""

    grade_set: str
    label: str
    grade: str | None
    temperature: str | None
    route: str | None
    priority: int | None


@dataclass(frozen=True)
class Exclusion:
    """Why a lead is not scored: the reason, its label, and the conditions that say so."""

    reason: str
    label: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class LeadExplanation:
    """One lead as published. `exclusion` is None for a scored lead."""

    lead_id: str
    company_name: str | None
    motion: str | None
    exclusion: Exclusion | None
    grades: tuple[Grade, ...]
    reasons: tuple[str, ...]
    scores: tuple[ScorePoints, ...]
    run_id: str
    rule_set_id: str | None
    as_of_date: date
    data_through: date | None
    is_provisional: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values; points as text, so that no digit is lost."""
        return {
            "lead_id": self.lead_id,
            "company_name": self.company_name,
            "motion": self.motion,
            "is_scored": self.exclusion is None,
            "exclusion": None
            if self.exclusion is None
            else {
                "reason": self.exclusion.reason,
                "label": self.exclusion.label,
                "conditions": list(self.exclusion.conditions),
            },
            "run_id": self.run_id,
            "rule_set_id": self.rule_set_id,
            "as_of_date": self.as_of_date.isoformat(),
            "data_through": _iso(self.data_through),
            "is_provisional": self.is_provisional,
            "grades": [vars(grade) for grade in self.grades],
            "reasons": list(self.reasons),
            "scores": [_score_json(score) for score in self.scores],
        }


def explain_lead(
    settings: Settings, lead_id: str, as_of_date: date | None = None
) -> LeadExplanation:
    """Read the ledger of a lead from what `published/current` serves.

    Raises:
        InputError: nothing is published, the lead is unknown, or `as_of_date` is another day than
            the published one.
        RunFailed: the lines of the ledger do not add up to a score.
    """
    manifest = published_manifest(settings.workdir)
    if as_of_date is not None:
        refuse_other_day(settings, lead_id, as_of_date, manifest.as_of_date)
    return explain_run(settings, manifest, lead_id)


def explain_run(settings: Settings, manifest: RunManifest, lead_id: str) -> LeadExplanation:
    """Read the ledger of a lead from the snapshot of any run that is kept.

    Raises:
        InputError: the lead is unknown.
        RunFailed: the lines of the ledger do not add up to a score.
    """
    workdir = settings.workdir
    labels = Labels(workdir, settings.language, manifest.as_of_date)
    with open_snapshot(workdir.runs / manifest.run_id / SNAPSHOT_DATABASE) as connection:
        lead_id = find_lead_id(connection, "marts.dim_leads", lead_id, manifest.as_of_date)
        company, motion, reason = connection.execute(
            "select company_name, motion, exclusion_reason from marts.dim_leads where lead_id = ?",
            [lead_id],
        ).fetchall()[0]
        explanation = LeadExplanation(
            lead_id=lead_id,
            company_name=company,
            motion=motion,
            exclusion=None if reason is None else _exclusion(labels, reason),
            grades=_grades(connection, lead_id, labels),
            reasons=_reasons(connection, lead_id, settings.language),
            scores=_scores(connection, lead_id, labels),
            run_id=manifest.run_id,
            rule_set_id=manifest.rule_set_id,
            as_of_date=manifest.as_of_date,
            data_through=manifest.data_through,
            is_provisional=manifest.is_provisional,
        )
    for score in explanation.scores:
        if score.sum_of_lines != score.points:
            raise RunFailed(
                (
                    f"The lines of the score {score.score_id} sum to {score.sum_of_lines}, but the"
                    f" score is {score.points}: the published snapshot is damaged.",
                    "Run `leads build`, or serve an earlier run with `leads restore previous`.",
                )
            )
    return explanation


def published_manifest(workdir: Workdir) -> RunManifest:
    """Manifest of the served run.

    Raises:
        InputError: nothing is published.
    """
    manifest = served_manifest(workdir)
    if manifest is None:
        raise InputError(
            Problem(
                f"Nothing is published in {workdir.published}.",
                "Run `leads build`, or name the folder of your build with --workdir.",
            )
        )
    return manifest


def find_lead_id(
    connection: duckdb.DuckDBPyConnection, table: str, lead_id: str, as_of_date: date
) -> str:
    """The id as the table has it; ids are compared exactly.

    Raises:
        InputError: there is no such lead; ids that differ in case or blanks alone are proposed.
    """
    found = connection.execute(
        f"select lead_id from {table} where lead_id = ? limit 1",  # noqa: S608 - a fixed name
        [lead_id],
    ).fetchone()
    if found is not None:
        return str(found[0])
    similar = connection.execute(
        f"select distinct lead_id from {table} where lower(lead_id) = lower(trim(?))"  # noqa: S608
        " order by lead_id limit ?",
        [lead_id, _SUGGESTIONS],
    ).fetchall()
    if similar:
        remedy = f"Did you mean {' or '.join(shlex.quote(str(row[0])) for row in similar)}?"
    else:
        remedy = (
            "Write the id as the source has it, with leading zeros; a lead created after that day"
            " does not exist yet."
        )
    raise InputError(
        Problem(f"As of {as_of_date} there is no lead {shlex.quote(lead_id)}.", remedy)
    )


def _exclusion(labels: Labels, reason: str) -> Exclusion:
    """The exclusions with this reason, their conditions written out."""
    exclusion_ids = {
        row["exclusion_id"]
        for row in read_prepared_seed(labels.workdir, "reference", "exclusions")
        if row["reason"] == reason and is_in_force(row, labels.day)
    }
    conditions = tuple(
        " ".join(text for text in (row["field"], row["operator"], row["value"]) if text)
        for row in read_prepared_seed(labels.workdir, "reference", "exclusion_conditions")
        if row["exclusion_id"] in exclusion_ids
    )
    return Exclusion(reason, labels.exclusion(reason), conditions)


def _grades(
    connection: duckdb.DuckDBPyConnection, lead_id: str, labels: Labels
) -> tuple[Grade, ...]:
    rows = connection.execute(
        "select grade_set, grade, temperature, route, priority from marts.fct_lead_grades"
        " where lead_id = ? order by grade_set <> 'main', grade_set",
        [lead_id],
    ).fetchall()
    return tuple(Grade(row[0], labels.grade_set(row[0]), *row[1:]) for row in rows)


def _reasons(connection: duckdb.DuckDBPyConnection, lead_id: str, language: str) -> tuple[str, ...]:
    columns = ", ".join(f"reason_{number}_{language}" for number in (1, 2, 3))
    row = connection.execute(
        f"select {columns} from marts.fct_lead_scores where lead_id = ?",  # noqa: S608 - two words
        [lead_id],
    ).fetchone()
    return tuple(str(text) for text in row or () if text)


def _scores(
    connection: duckdb.DuckDBPyConnection, lead_id: str, labels: Labels
) -> tuple[ScorePoints, ...]:
    values = connection.execute(
        "select score_id, band, points from marts.fct_lead_score_values where lead_id = ?",
        [lead_id],
    ).fetchall()
    lines = connection.execute(
        """
        select
            score_id,
            group_id,
            rule_id,
            coalesce(sum(points) filter (where entry_type = 'points'), 0) as points,
            coalesce(sum(points) filter (where entry_type <> 'points'), 0) as change,
            max(occurrences) as occurrences,
            max(last_event_date) as last_event_date
        from marts.fct_score_ledger
        where lead_id = ?
        group by all
        """,
        [lead_id],
    ).fetchall()
    order = {score_id: place for place, score_id in enumerate(labels.score_ids)}
    values.sort(key=lambda value: (order.get(value[0], len(order)), value[0]))
    return tuple(
        _score(value, [line[1:] for line in lines if line[0] == value[0]], labels)
        for value in values
    )


def _score(value: tuple[Any, ...], lines: Sequence[tuple[Any, ...]], labels: Labels) -> ScorePoints:
    score_id, band, points = value
    limits = {group_id: change for group_id, rule_id, _, change, *_ in lines if rule_id is None}
    groups: dict[str, list[RulePoints]] = {}
    for group_id, rule_id, points_before, decay, occurrences, last_day in lines:
        if group_id is None:
            continue
        rules = groups.setdefault(group_id, [])
        if rule_id is not None:
            rules.append(
                RulePoints(
                    rule_id, labels.rule(rule_id), occurrences, last_day, points_before, decay
                )
            )
    order = {key: place for place, key in enumerate(labels.group_ids)}
    return ScorePoints(
        score_id=score_id,
        label=labels.score(score_id),
        band=band,
        points=points,
        groups=tuple(
            GroupPoints(
                group_id,
                labels.group(score_id, group_id),
                tuple(sorted(rules, key=lambda rule: (-abs(rule.net), rule.rule_id))),
                limits.get(group_id, _ZERO),
            )
            for group_id, rules in sorted(
                groups.items(), key=lambda item: (order.get((score_id, item[0]), 10**6), item[0])
            )
        ),
        limit=limits.get(None, _ZERO),
    )


def _score_json(score: ScorePoints) -> dict[str, Any]:
    return {
        "score_id": score.score_id,
        "label": score.label,
        "band": score.band,
        "points": str(score.points),
        "limit": str(score.limit),
        "groups": [
            {
                "group_id": group.group_id,
                "label": group.label,
                "limit": str(group.limit),
                "net": str(group.net),
                "rules": [
                    {
                        "rule_id": rule.rule_id,
                        "label": rule.label,
                        "occurrences": rule.occurrences,
                        "last_event_date": _iso(rule.last_event_date),
                        "points": str(rule.points),
                        "decay": str(rule.decay),
                        "net": str(rule.net),
                    }
                    for rule in group.rules
                ],
            }
            for group in score.groups
        ],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
