"""An independent reading of the scoring semantics, to compare the warehouse with.

Plain, slow and exact: fractions for points, the standard library for days, one function for each
sentence of the contract. It shares no code with the models and takes the same rows that the CSV
files hold, so a difference between the two is a mistake in one of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

Row = Mapping[str, str]
Record = dict[str, str | None]

BUSINESS_ZONE = ZoneInfo("Asia/Tokyo")
WHITE_SPACE = " \t\r\n\u00a0\u3000"

# Half-width and full-width forms of the same printable ASCII character, and the wide blank.
WIDTHS = {code: code - 0xFF01 + 0x21 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

# [0-9] and not \d: Python's \d would also take full-width and other digits.
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]+))?)?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)

NOT_OPTED_OUT = frozenset({"false", "f", "no", "n", "0", "off"})


@dataclass(frozen=True)
class Rule:
    """One period of a rule, as its row says."""

    rule_id: str
    score_id: str
    group_id: str
    applies_to: str
    event_type: str | None
    points: Fraction
    repeat: str | None
    min_count: int
    max_count: int | None
    window_days: int | None
    decay: str
    decay_days: int | None
    decay_percent: Fraction | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Condition:
    """One row of `rule_conditions`."""

    field: str
    operator: str
    value: str | None


@dataclass(frozen=True)
class Limits:
    """The closed range that a sum of points is kept in; an absent end is no limit."""

    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True)
class Grade:
    """What a pair of bands means to sales."""

    grade: str | None
    temperature: str | None
    route: str | None
    priority: int | None


@dataclass(frozen=True)
class Rulebook:
    """The scoring seeds, parsed."""

    scores: Mapping[str, Limits]
    groups: Mapping[tuple[str, str], Limits]
    rules: tuple[Rule, ...]
    conditions: Mapping[str, tuple[tuple[Condition, ...], ...]]
    bands: Mapping[str, tuple[tuple[Fraction | None, str], ...]]
    grade_sets: Mapping[str, tuple[str, str]]
    grades: Mapping[tuple[str, str, str], Grade]
    event_types: frozenset[str]
    multi_valued: frozenset[str]


@dataclass(frozen=True)
class Event:
    """An event that happened to a lead by the end of the as-of day."""

    lead_id: str
    event_type: str
    day: date
    properties: Mapping[str, str | None]


@dataclass(frozen=True, order=True)
class LineKey:
    """The grain of the ledger; empty text stands for an absent group or rule."""

    lead_id: str
    score_id: str
    group_id: str
    rule_id: str
    entry_type: str


@dataclass(frozen=True)
class Line:
    """What a line of the ledger says."""

    points: Decimal
    occurrences: int | None = None
    last_event_date: date | None = None


@dataclass(frozen=True)
class Scores:
    """Everything that scoring gives: ledger, sums, bands, grades, and who exists at all."""

    existing: frozenset[str]
    scored: frozenset[str]
    ledger: Mapping[LineKey, Line]
    points: Mapping[tuple[str, str], Decimal]
    bands: Mapping[tuple[str, str], str | None]
    grades: Mapping[tuple[str, str], Grade]


# --- Values ---------------------------------------------------------------------------------------


def trim(text: str | None) -> str | None:
    """Remove white space at both ends; what is then empty is unknown."""
    stripped = (text or "").strip(WHITE_SPACE)
    return stripped or None


def record(row: Row) -> Record:
    """Read a raw row: names without case, values trimmed."""
    return {(trim(name) or "").lower(): trim(value) for name, value in row.items()}


def fold(text: str) -> str:
    """Text as it compares: without width, then without case."""
    return text.translate(WIDTHS).lower()


def number(text: str) -> float | None:
    """The double that a text stands for, if it is a number of the contract's grammar."""
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def plain_day(text: str) -> date | None:
    """A text `YYYY-MM-DD` that is a day of the calendar."""
    if not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """The instant of a date-time; UTC where it names no offset."""
    parts = MOMENT.fullmatch(text)
    if parts is None:
        return None
    zone = parts["zone"] or "Z"
    try:
        # Digits below a microsecond never change the day, so they are cut, not rounded.
        return datetime.fromisoformat(
            f"{parts['day']}T{parts['hour']}:{parts['minute']}:{parts['second'] or '00'}"
            f".{(parts['fraction'] or '')[:6]:0<6}{'+00:00' if zone == 'Z' else zone}"
        )
    except ValueError:
        return None


def business_day(text: str) -> date | None:
    """The business day of a date, which is never shifted, or of a date-time."""
    instant = moment(text)
    return plain_day(text) if instant is None else instant.astimezone(BUSINESS_ZONE).date()


def instant(text: str) -> datetime:
    """An event time as an instant, to order events by; a plain day starts at its midnight."""
    day = plain_day(text)
    if day is not None:
        return datetime(day.year, day.month, day.day, tzinfo=BUSINESS_ZONE)
    found = moment(text)
    if found is None:
        raise ValueError("not a time")
    return found


def round_cents(amount: Fraction) -> Fraction:
    """Round half away from zero to two decimals."""
    cents = math.floor(abs(amount) * 100 + Fraction(1, 2))
    return Fraction(cents if amount >= 0 else -cents, 100)


def decimal(amount: Fraction) -> Decimal:
    """A fraction of whole cents as a decimal with two places."""
    cents = amount * 100
    if cents.denominator != 1:
        raise ValueError("not a whole number of cents")
    return Decimal(cents.numerator).scaleb(-2)


# --- Conditions -----------------------------------------------------------------------------------


def equal(value: str, wanted: str) -> bool:
    """Equality: doubles where both are numbers, else text."""
    left, right = number(value), number(wanted)
    if left is not None and right is not None:
        return left == right
    return fold(value) == fold(wanted)


def order(value: str, wanted: str) -> int | None:
    """-1, 0 or 1 as doubles, else as days; None where the two cannot be ordered."""
    left: float | date | None = number(value)
    right: float | date | None = number(wanted)
    if left is None or right is None:
        left, right = business_day(value), business_day(wanted)
    if left is None or right is None:
        return None
    return (left > right) - (left < right)  # type: ignore[operator]


def items(value: str) -> list[str]:
    """The parts of a condition's value where `|` splits it."""
    return [part for part in map(trim, value.split("|")) if part is not None]


def is_between(value: str, wanted: str) -> bool:
    """Whether a number or day lies in the range, both ends included."""
    low, high = items(wanted)
    return order(value, low) in (0, 1) and order(value, high) in (-1, 0)


def is_within_days(value: str, wanted: str, as_of: date) -> bool:
    """Whether the day lies at most so many days back, and not ahead."""
    day = business_day(value)
    return day is not None and 0 <= (as_of - day).days <= int(wanted)


def has_pattern(value: str, pattern: str) -> bool:
    """Whether the pattern occurs in the value as it stands.

    Python's `re` is RE2 only for the patterns that the tests draw: ASCII classes, no look-around.
    """
    return re.search(pattern, value, re.ASCII) is not None


def value_meets(value: str, operator: str, wanted: str, as_of: date) -> bool:
    """Whether one known value meets an operator that is no negation."""
    match operator:
        case "equals":
            return equal(value, wanted)
        case "in":
            return any(equal(value, item) for item in items(wanted))
        case "contains":
            return fold(wanted) in fold(value)
        case "starts_with":
            return fold(value).startswith(fold(wanted))
        case "ends_with":
            return fold(value).endswith(fold(wanted))
        case "matches":
            return has_pattern(value, wanted)
        case "gt":
            return order(value, wanted) == 1
        case "gte":
            return order(value, wanted) in (0, 1)
        case "lt":
            return order(value, wanted) == -1
        case "lte":
            return order(value, wanted) in (-1, 0)
        case "between":
            return is_between(value, wanted)
        case "within_days":
            return is_within_days(value, wanted, as_of)
    raise ValueError(f"unknown operator {operator}")


def values_of(text: str | None, *, is_multi_valued: bool) -> list[str]:
    """The known values of a field: none, one, or the parts of a multi-valued one."""
    if text is None:
        return []
    parts = text.split(";") if is_multi_valued else [text]
    return [part for part in map(trim, parts) if part is not None]


def meets(values: Sequence[str], condition: Condition, as_of: date) -> bool:
    """Whether the values of a field meet a condition."""
    if condition.operator == "is_unknown":
        return not values
    if not values:
        return False
    if condition.operator == "is_known":
        return True
    operator = condition.operator.removeprefix("not_")
    wanted = condition.value or ""
    has_one = any(value_meets(value, operator, wanted, as_of) for value in values)
    return has_one != condition.operator.startswith("not_")


def conditions_hold(
    book: Rulebook, rule: Rule, lead: Record, properties: Mapping[str, str | None], as_of: date
) -> bool:
    """Whether one alternative of a rule holds in full; a rule without conditions always applies."""
    alternatives = book.conditions.get(rule.rule_id, ())
    if not alternatives:
        return True

    def holds(condition: Condition) -> bool:
        if condition.field.startswith("event."):
            text = properties.get(condition.field.removeprefix("event."))
        else:
            text = lead.get(condition.field)
        is_multi_valued = condition.field in book.multi_valued
        return meets(values_of(text, is_multi_valued=is_multi_valued), condition, as_of)

    return any(all(holds(condition) for condition in rows) for rows in alternatives)


# --- Points ---------------------------------------------------------------------------------------


def is_in_force(rule: Rule, as_of: date) -> bool:
    """Whether a period holds on a day: closed start, open end."""
    starts = rule.valid_from is None or rule.valid_from <= as_of
    return starts and (rule.valid_to is None or as_of < rule.valid_to)


def is_in_window(rule: Rule, age: int) -> bool:
    """Whether an event of this age, in days, counts."""
    return age >= 0 and (rule.window_days is None or age < rule.window_days)


def decay_factor(rule: Rule, age: int) -> Fraction:
    """What is left of the points of an event of this age, in days."""
    if rule.decay == "none":
        return Fraction(1)
    days = rule.decay_days or 0
    if rule.decay == "linear":
        lost = (rule.decay_percent or Fraction(0)) / 100 * (age // days)
        return max(Fraction(0), 1 - lost)
    double = 0.5 ** (age / days)
    return Fraction(Decimal(double).quantize(Decimal("1e-12"), rounding=ROUND_HALF_UP))


def counted_days(rule: Rule, days: Sequence[date]) -> list[date]:
    """The days of the events that a rule counts, newest first."""
    newest_first = sorted(days, reverse=True)
    if len(newest_first) < rule.min_count:
        return []
    return newest_first[: 1 if rule.repeat == "once" else rule.max_count]


def decayed_points(rule: Rule, ages: Sequence[int]) -> Fraction:
    """What counted events of these ages give together, rounded once."""
    parts = (rule.points * decay_factor(rule, age) for age in ages)
    return round_cents(sum(parts, start=Fraction(0)))


def rule_lines(
    book: Rulebook, rule: Rule, lead: Record, events: Iterable[Event], as_of: date
) -> dict[str, Line]:
    """The lines that one rule writes for one lead, by entry type."""
    last_day = None
    if rule.applies_to == "lead":
        occurrences = 1 if conditions_hold(book, rule, lead, {}, as_of) else 0
        full = decayed = rule.points * occurrences
    else:
        days = [
            event.day
            for event in events
            if event.event_type == rule.event_type
            and is_in_window(rule, (as_of - event.day).days)
            and conditions_hold(book, rule, lead, event.properties, as_of)
        ]
        counted = counted_days(rule, days)
        occurrences = len(counted)
        last_day = max(counted, default=None)
        full = rule.points * occurrences
        decayed = decayed_points(rule, [(as_of - day).days for day in counted])
    if full == 0:
        return {}
    lines = {"points": Line(decimal(full), occurrences, last_day)}
    if decayed != full:
        lines["decay"] = Line(decimal(decayed - full), occurrences, last_day)
    return lines


def limit_change(limits: Limits, total: Fraction) -> Fraction:
    """What a limit adds to a sum so that it lies inside."""
    if limits.low is not None and total < limits.low:
        return limits.low - total
    if limits.high is not None and total > limits.high:
        return limits.high - total
    return Fraction(0)


def lead_ledger(
    book: Rulebook, lead: Record, events: Sequence[Event], as_of: date
) -> dict[LineKey, Line]:
    """All lines of one lead: rules, then group limits, then score limits."""
    lead_id = lead["lead_id"] or ""
    ledger: dict[LineKey, Line] = {}
    group_sums = dict.fromkeys(book.groups, Fraction(0))
    for rule in book.rules:
        if not is_in_force(rule, as_of):
            continue
        for entry_type, line in rule_lines(book, rule, lead, events, as_of).items():
            key = LineKey(lead_id, rule.score_id, rule.group_id, rule.rule_id, entry_type)
            ledger[key] = line
            group_sums[rule.score_id, rule.group_id] += Fraction(line.points)
    score_sums = dict.fromkeys(book.scores, Fraction(0))
    for (score_id, group_id), total in group_sums.items():
        change = limit_change(book.groups[score_id, group_id], total)
        score_sums[score_id] += total + change
        if change:
            ledger[LineKey(lead_id, score_id, group_id, "", "group_limit")] = Line(decimal(change))
    for score_id, total in score_sums.items():
        change = limit_change(book.scores[score_id], total)
        if change:
            ledger[LineKey(lead_id, score_id, "", "", "score_limit")] = Line(decimal(change))
    return ledger


def band_of(bands: Sequence[tuple[Fraction | None, str]], points: Decimal) -> str | None:
    """The band whose closed start is the greatest one not above the points."""
    reached = [
        (start is not None, start or Fraction(0), band)
        for start, band in bands
        if start is None or start <= Fraction(points)
    ]
    return max(reached)[2] if reached else None


# --- Leads and events -----------------------------------------------------------------------------


def leads_of_day(rows: Iterable[Row], as_of: date) -> dict[str, Record]:
    """The leads that exist at the end of a day, one row each."""

    def recency(lead: Record) -> tuple[bool, datetime | None]:
        created = lead.get("created_at")
        return (False, None) if created is None else (True, instant(created))

    leads: dict[str, Record] = {}
    for lead in map(record, rows):
        created = lead.get("created_at")
        if created is not None and (business_day(created) or as_of) > as_of:
            continue
        lead_id = lead["lead_id"] or ""
        if lead_id not in leads or recency(leads[lead_id]) < recency(lead):
            leads[lead_id] = lead
    return leads


def is_excluded(lead: Record) -> bool:
    """Whether the lead asked not to be contacted: anything but a clear no."""
    opted_out = lead.get("opted_out")
    return opted_out is not None and fold(opted_out) not in NOT_OPTED_OUT


def events_of_day(rows: Iterable[Row], as_of: date) -> dict[str, list[Event]]:
    """The events up to the end of a day by lead; of several with one id only the earliest."""
    earliest: dict[str, Record] = {}
    for position, event in enumerate(map(record, rows)):
        event_id = event.get("event_id") or f"row {position} without an id"
        known = earliest.get(event_id)
        if known is None or _time(event) < _time(known):
            earliest[event_id] = event
    by_lead: dict[str, list[Event]] = {}
    for event in earliest.values():
        day = business_day(event["occurred_at"] or "")
        lead_id, event_type = event["lead_id"], event["event_type"]
        if day is not None and day <= as_of and lead_id and event_type:
            by_lead.setdefault(lead_id, []).append(Event(lead_id, event_type, day, event))
    return by_lead


def _time(event: Record) -> datetime:
    return instant(event["occurred_at"] or "").astimezone(UTC)


def score(book: Rulebook, leads: Iterable[Row], events: Iterable[Row], as_of: date) -> Scores:
    """Score all leads as of a day."""
    existing = leads_of_day(leads, as_of)
    happened = events_of_day(events, as_of)
    scored = {lead_id: lead for lead_id, lead in existing.items() if not is_excluded(lead)}
    ledger: dict[LineKey, Line] = {}
    points: dict[tuple[str, str], Decimal] = {}
    bands: dict[tuple[str, str], str | None] = {}
    grades: dict[tuple[str, str], Grade] = {}
    for lead_id, lead in scored.items():
        known = [e for e in happened.get(lead_id, ()) if e.event_type in book.event_types]
        lines = lead_ledger(book, lead, known, as_of)
        ledger.update(lines)
        for score_id in book.scores:
            total = sum(
                (line.points for key, line in lines.items() if key.score_id == score_id),
                start=Decimal("0.00"),
            )
            points[lead_id, score_id] = total
            bands[lead_id, score_id] = band_of(book.bands.get(score_id, ()), total)
        for grade_set, (fit, engagement) in book.grade_sets.items():
            pair = bands[lead_id, fit] or "", bands[lead_id, engagement] or ""
            grades[lead_id, grade_set] = book.grades[grade_set, *pair]
    return Scores(frozenset(existing), frozenset(scored), ledger, points, bands, grades)


# --- Seeds ----------------------------------------------------------------------------------------


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _limits(row: Record) -> Limits:
    return Limits(_fraction(row.get("min_points")), _fraction(row.get("max_points")))


def _rule(row: Record) -> Rule:
    return Rule(
        rule_id=row["rule_id"] or "",
        score_id=row["score_id"] or "",
        group_id=row["group_id"] or "",
        applies_to=row["applies_to"] or "",
        event_type=row.get("event_type"),
        points=Fraction(row["points"] or "0"),
        repeat=row.get("repeat"),
        min_count=_whole(row.get("min_count")) or 1,
        max_count=_whole(row.get("max_count")),
        window_days=_whole(row.get("window_days")),
        decay=row.get("decay") or "none",
        decay_days=_whole(row.get("decay_days")),
        decay_percent=_fraction(row.get("decay_percent")),
        valid_from=_date(row.get("valid_from")),
        valid_to=_date(row.get("valid_to")),
    )


def read_rulebook(seeds: Mapping[str, Iterable[Row]]) -> Rulebook:
    """Parse the rows of the scoring seeds, of `event_types` and of `attributes`."""
    tables = {name: [record(row) for row in rows] for name, rows in seeds.items()}
    alternatives: dict[str, dict[str, list[Condition]]] = {}
    for row in tables.get("rule_conditions", ()):
        condition = Condition((row["field"] or "").lower(), row["operator"] or "", row["value"])
        rows = alternatives.setdefault(row["rule_id"] or "", {})
        rows.setdefault(row["alternative"] or "", []).append(condition)
    bands: dict[str, list[tuple[Fraction | None, str]]] = {}
    for row in tables.get("score_bands", ()):
        start = _fraction(row["min_points"])
        bands.setdefault(row["score_id"] or "", []).append((start, row["band"] or ""))
    grade_sets = {
        row["grade_set"] or "": (row["fit_score_id"] or "", row["engagement_score_id"] or "")
        for row in tables.get("grade_sets", ())
    }
    grades = {
        (
            row.get("grade_set") or "main",
            row["fit_band"] or "",
            row["engagement_band"] or "",
        ): Grade(row["grade"], row["temperature"], row["route"], _whole(row["priority"]))
        for row in tables.get("grades", ())
    }
    return Rulebook(
        scores={row["score_id"] or "": _limits(row) for row in tables["score_definitions"]},
        groups={
            (row["score_id"] or "", row["group_id"] or ""): _limits(row)
            for row in tables["score_groups"]
        },
        rules=tuple(_rule(row) for row in tables["scoring_rules"]),
        conditions={
            rule_id: tuple(tuple(rows) for rows in of_rule.values())
            for rule_id, of_rule in alternatives.items()
        },
        bands={score_id: tuple(rows) for score_id, rows in bands.items()},
        grade_sets=grade_sets or {"main": ("fit", "engagement")},
        grades=grades,
        event_types=frozenset(row["event_type"] or "" for row in tables["event_types"]),
        multi_valued=frozenset(
            (row["attribute"] or "").lower()
            for row in tables.get("attributes", ())
            if row.get("is_multi_valued") == "true"
        ),
    )
