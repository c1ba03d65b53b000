"""The reference against examples worked by hand, and the drawn cases against wrong readings.

Both need no build: they show that the judge of the property test is right, and that its cases would
notice each of many mistakes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.orchestration import reference_scoring as reference
from tests.orchestration.building import read_rows, shipped_seeds
from tests.orchestration.reference_scoring import Condition, Limits, LineKey, Rule, Rulebook, Scores
from tests.orchestration.strategies import AS_OF, LATER, Case
from tests.orchestration.worlds import CASE_COUNT, case_scores, shared_cases

GOLDEN = Path(__file__).parents[1] / "golden"
D = date(2026, 6, 30)


# --- Worked by hand -------------------------------------------------------------------------------


def test_test_persons_get_the_expected_scores_and_grades() -> None:
    persons = GOLDEN / "test_persons"
    book = reference.read_rulebook(shipped_seeds("scoring", "reference"))
    leads, events = read_rows(persons / "leads.csv"), read_rows(persons / "events.csv")
    scores = reference.score(book, leads, events, date(2026, 10, 30))
    expected = {
        row["lead_id"]: (
            Decimal(row["fit_score"]),
            Decimal(row["engagement_score"]),
            row["grade"],
        )
        for row in read_rows(persons / "expected_2026-10-30.csv")
    }
    actual = {
        lead_id: (
            scores.points[lead_id, "fit"],
            scores.points[lead_id, "engagement"],
            scores.grades[lead_id, "main"].grade,
        )
        for lead_id in scores.scored
    }
    assert actual == expected


def test_ledger_worked_by_hand() -> None:
    folder = GOLDEN / "hand_computed"
    seeds = shipped_seeds("scoring", "reference")
    seeds |= {file.stem: read_rows(file) for file in (folder / "rules").glob("*.csv")}
    leads, events = read_rows(folder / "leads.csv"), read_rows(folder / "events.csv")
    scores = reference.score(reference.read_rulebook(seeds), leads, events, D)
    expected = {tuple(row.values()) for row in read_rows(folder / "expected_ledger.csv")}
    assert expected == {
        (
            key.lead_id,
            key.score_id,
            key.group_id,
            key.rule_id,
            key.entry_type,
            str(line.points),
            "" if line.occurrences is None else str(line.occurrences),
            "" if line.last_event_date is None else line.last_event_date.isoformat(),
        )
        for key, line in scores.ledger.items()
    }
    assert scores.existing == {"001", "002", "003", "005", "006"}
    assert scores.scored == scores.existing - {"003"}
    for row in read_rows(folder / "expected_scores.csv"):
        lead_id = row["lead_id"]
        assert scores.points[lead_id, "fit"] == Decimal(row["fit_score"])
        assert scores.points[lead_id, "engagement"] == Decimal(row["engagement_score"])
        assert scores.bands[lead_id, "fit"] == row["fit_band"]
        assert scores.bands[lead_id, "engagement"] == row["engagement_band"]
        assert scores.grades[lead_id, "main"].grade == row["grade"]


@pytest.mark.parametrize(
    ("value", "operator", "wanted", "is_met"),
    [
        # Numbers compare as doubles where both sides are numbers, else as text.
        ("5.0", "equals", "5", True),
        ("+05.", "equals", "5e0", True),
        ("-0", "equals", "0", True),
        ("9007199254740993", "equals", "9007199254740992", True),
        ("1e-400", "equals", "0", True),
        ("1e999", "equals", "1E999", True),
        ("1e999", "equals", "1e998", False),
        ("1_000", "equals", "1000", False),
        ("1_000", "gt", "1", False),
        ("inf", "gt", "1", False),
        ("1e0001", "gt", "0", False),
        ("１０", "equals", "10", True),
        ("１０", "equals", "10.0", False),
        ("１０", "gt", "9", False),
        ("10", "gt", "9", True),
        ("10", "gte", "10.0", True),
        ("10", "lt", "10.0", False),
        ("10", "lte", "1e1", True),
        ("5.0", "in", "x|5", True),
        ("5.0", "not_in", "x|5", False),
        ("7", "not_in", "x|5", True),
        ("5", "not_equals", "5.0", False),
        ("300", "between", "300|999", True),
        ("999.0", "between", "300|999", True),
        ("999.01", "between", "300|999", False),
        # Text compares without case and width; half-width kana stay.
        ("ＡＣＭＥ", "equals", "acme", True),
        ("A\u3000B", "equals", "a b", True),
        ("ﾌﾞﾁｮｳ", "equals", "ブチョウ", False),
        ("a|b", "equals", "A|B", True),
        ("a", "equals", "a|b", False),
        ("Acme Works", "contains", "ＭＥ", True),
        ("Acme", "not_contains", "x", True),
        ("Acme", "starts_with", "aC", True),
        ("Acme", "ends_with", "ME", True),
        ("営業部長", "ends_with", "部長", True),
        # Patterns see the value as it stands.
        ("Acme", "matches", "cm", True),
        ("Acme", "matches", "CM", False),
        ("Ａcme", "matches", "^A", False),
        ("a\nb", "matches", "a.b", False),
        # Days: a date is never shifted, a date-time falls on its business day.
        ("2026-06-29T15:00:00Z", "gte", "2026-06-30", True),
        ("2026-06-29T14:59:59.999Z", "gte", "2026-06-30", False),
        ("2026-06-29 15:00", "gte", "2026-06-30", True),
        ("2026-06-30T00:00+09:00", "lt", "2026-06-30", False),
        ("2026-06-30", "equals", "2026-06-30T00:00:00Z", False),
        ("2026-06-30", "between", "2026-06-30|2026-06-30", True),
        ("2026-06-31", "lt", "2026-12-31", False),
        ("2026", "lt", "2026-12-31", False),
        ("2026-06-30", "within_days", "0", True),
        ("2026-06-23", "within_days", "7", True),
        ("2026-06-22", "within_days", "7", False),
        ("2026-06-30T15:00Z", "within_days", "7", False),
        ("soon", "within_days", "7", False),
        ("x", "is_known", "", True),
        ("x", "is_unknown", "", False),
    ],
)
def test_condition_on_one_value(value: str, operator: str, wanted: str, is_met: bool) -> None:
    values = reference.values_of(value, is_multi_valued=False)
    assert reference.meets(values, Condition("field", operator, wanted or None), D) is is_met


@pytest.mark.parametrize(
    ("value", "operator", "wanted", "is_met"),
    [
        ("red; Blue", "equals", "blue", True),
        ("red;blue", "not_equals", "blue", False),
        ("red;blue", "not_equals", "green", True),
        ("red;blue", "not_in", "green|blue", False),
        ("red;blue", "not_contains", "e", False),
        ("1;200", "gt", "100", True),
        ("red;;", "is_unknown", "", False),
        (";", "is_unknown", "", True),
        (None, "not_equals", "green", False),
        (None, "is_unknown", "", True),
    ],
)
def test_condition_on_several_values(
    value: str | None, operator: str, wanted: str, is_met: bool
) -> None:
    values = reference.values_of(value, is_multi_valued=True)
    assert reference.meets(values, Condition("field", operator, wanted or None), D) is is_met


RULE = Rule(
    rule_id="r",
    score_id="s",
    group_id="g",
    applies_to="event",
    event_type="looked",
    points=Fraction(10),
    repeat="each",
    min_count=1,
    max_count=None,
    window_days=None,
    decay="none",
    decay_days=None,
    decay_percent=None,
    valid_from=None,
    valid_to=None,
)


@pytest.mark.parametrize(
    ("decay", "days", "percent", "age", "factor"),
    [
        ("none", None, None, 900, "1"),
        ("linear", 15, "25", 14, "1"),
        ("linear", 15, "25", 15, "0.75"),
        ("linear", 15, "33", 45, "0.01"),
        ("linear", 15, "33", 60, "0"),
        ("exponential", 14, None, 14, "0.5"),
        ("exponential", 14, None, 7, "0.707106781187"),
        ("exponential", 3, None, 1, "0.793700525984"),
    ],
)
def test_decay_factor(
    decay: str, days: int | None, percent: str | None, age: int, factor: str
) -> None:
    share = None if percent is None else Fraction(percent)
    rule = replace(RULE, decay=decay, decay_days=days, decay_percent=share)
    assert reference.decay_factor(rule, age) == Fraction(factor)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.375", "0.38"), ("-0.375", "-0.38"), ("0.005", "0.01"), ("-0.0049", "0"), ("2.5", "2.5")],
)
def test_rounding_is_half_away_from_zero(amount: str, rounded: str) -> None:
    assert reference.round_cents(Fraction(amount)) == Fraction(rounded)


def test_points_are_rounded_once_for_all_events_of_a_rule() -> None:
    rule = replace(
        RULE, points=Fraction("0.01"), decay="linear", decay_days=1, decay_percent=Fraction(75)
    )
    assert reference.decayed_points(rule, [1, 1, 1]) == Fraction("0.01")


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, 4),
        ({"repeat": "once"}, 1),
        ({"repeat": "once", "max_count": 3}, 1),
        ({"max_count": 3}, 3),
        ({"min_count": 4}, 4),
        ({"min_count": 5}, 0),
        ({"min_count": 4, "max_count": 2}, 2),
    ],
)
def test_counts(changes: Mapping[str, Any], counted: int) -> None:
    days = [date(2026, 6, day) for day in (3, 1, 9, 9)]
    expected = [date(2026, 6, day) for day in (9, 9, 3, 1)][:counted]
    assert reference.counted_days(replace(RULE, **changes), days) == expected


def test_window_and_period_have_a_closed_start_and_an_open_end() -> None:
    rule = replace(RULE, window_days=7, valid_from=D, valid_to=date(2026, 7, 2))
    assert [age for age in range(-2, 10) if reference.is_in_window(rule, age)] == list(range(7))
    days = [date(2026, 6, 29), D, date(2026, 7, 1), date(2026, 7, 2)]
    assert [reference.is_in_force(rule, day) for day in days] == [False, True, True, False]


# --- Would the drawn cases notice? ----------------------------------------------------------------


def test_the_same_cases_are_drawn_each_time() -> None:
    assert len(shared_cases()) == CASE_COUNT


def test_cases_hold_every_operator_entry_and_kind_of_lead() -> None:
    cases = shared_cases()
    operators = {row["operator"] for case in cases for row in case.seeds["rule_conditions"]}
    assert operators == {
        *("equals", "not_equals", "in", "not_in", "contains", "not_contains"),
        *("starts_with", "ends_with", "matches", "gt", "gte", "lt", "lte", "between"),
        *("within_days", "is_known", "is_unknown"),
    }
    for as_of in (AS_OF, LATER):
        found = [case_scores(case, as_of) for case in cases]
        entries = [key.entry_type for scores in found for key in scores.ledger]
        for entry_type in ("points", "decay", "group_limit", "score_limit"):
            assert entries.count(entry_type) >= 20
        assert any(scores.existing - scores.scored for scores in found)
        assert any(
            len({row["lead_id"] for row in case.leads}) > len(scores.existing)
            for case, scores in zip(cases, found, strict=True)
        )


def text_only_case(text: str) -> str:
    return text.lower()


def text_only_width(text: str) -> str:
    return text.translate(reference.WIDTHS)


def any_float(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return None


def wide_number(text: str) -> Any:
    return original("number")(reference.fold(text))


def day_in_utc(text: str) -> date | None:
    found = reference.moment(text)
    return reference.plain_day(text) if found is None else found.astimezone(UTC).date()


def local_without_offset(text: str) -> Any:
    return original("moment")(text if re.search(r"(Z|[+-]\d\d:\d\d)$", text) else text + "+09:00")


def date_as_utc_midnight(text: str) -> Any:
    return original("business_day")(f"{text}T23:00Z" if reference.plain_day(text) else text)


def open_at_high_end(value: str, wanted: str) -> bool:
    low, high = reference.items(wanted)
    return reference.order(value, low) in (0, 1) and reference.order(value, high) == -1


def open_at_low_end(value: str, wanted: str) -> bool:
    low, high = reference.items(wanted)
    return reference.order(value, low) == 1 and reference.order(value, high) in (-1, 0)


def days_end_open(value: str, wanted: str, as_of: date) -> bool:
    day = reference.business_day(value)
    return day is not None and 0 <= (as_of - day).days < int(wanted)


def days_ahead_too(value: str, wanted: str, as_of: date) -> bool:
    day = reference.business_day(value)
    return day is not None and (as_of - day).days <= int(wanted)


def order_numbers_only(value: str, wanted: str) -> int | None:
    left, right = reference.number(value), reference.number(wanted)
    return None if left is None or right is None else (left > right) - (left < right)


def order_else_as_text(value: str, wanted: str) -> int | None:
    found = original("order")(value, wanted)
    return (value > wanted) - (value < wanted) if found is None else found


def equal_as_text(value: str, wanted: str) -> bool:
    return reference.fold(value) == reference.fold(wanted)


def equal_as_days(value: str, wanted: str) -> bool:
    found: bool = original("equal")(value, wanted)
    return found or reference.order(value, wanted) == 0


def whole_value_matches(value: str, pattern: str) -> bool:
    return re.fullmatch(pattern, value, re.ASCII) is not None


def pattern_without_case(value: str, pattern: str) -> bool:
    return re.search(pattern, value, re.ASCII | re.IGNORECASE) is not None


def pattern_without_width(value: str, pattern: str) -> bool:
    return re.search(pattern, value.translate(reference.WIDTHS), re.ASCII) is not None


def pattern_across_lines(value: str, pattern: str) -> bool:
    return re.search(pattern, value, re.ASCII | re.DOTALL) is not None


def never_split(text: str | None, *, is_multi_valued: bool) -> list[str]:
    return [] if text is None else [text]


def always_split(text: str | None, *, is_multi_valued: bool) -> list[str]:
    found: list[str] = original("values_of")(text, is_multi_valued=True)
    return found


def not_if_any_is_not(values: Sequence[str], condition: Condition, as_of: date) -> bool:
    if not condition.operator.startswith("not_"):
        return bool(original("meets")(values, condition, as_of))
    return any(original("meets")([value], condition, as_of) for value in values)


def unknown_meets_not(values: Sequence[str], condition: Condition, as_of: date) -> bool:
    if not values and condition.operator.startswith("not_"):
        return True
    return bool(original("meets")(values, condition, as_of))


def all_alternatives(book: Rulebook, rule: Rule, *others: Any) -> bool:
    return all(
        original("conditions_hold")(
            replace(book, conditions={rule.rule_id: (rows,)}), rule, *others
        )
        for rows in book.conditions.get(rule.rule_id, ())
    )


def any_condition(book: Rulebook, rule: Rule, *others: Any) -> bool:
    rows = tuple((row,) for rows in book.conditions.get(rule.rule_id, ()) for row in rows)
    changed = replace(book, conditions={rule.rule_id: rows})
    return bool(original("conditions_hold")(changed, rule, *others))


def lead_and_event_mixed_up(
    book: Rulebook, rule: Rule, lead: Mapping[str, Any], properties: Any, as_of: date
) -> bool:
    return bool(original("conditions_hold")(book, rule, {**lead, **properties}, properties, as_of))


def last_day_in_force(rule: Rule, as_of: date) -> bool:
    ends = rule.valid_to is None or as_of <= rule.valid_to
    return ends and (rule.valid_from is None or rule.valid_from <= as_of)


def first_day_not_in_force(rule: Rule, as_of: date) -> bool:
    return bool(original("is_in_force")(rule, as_of)) and rule.valid_from != as_of


def window_end_closed(rule: Rule, age: int) -> bool:
    return age >= 0 and (rule.window_days is None or age <= rule.window_days)


def window_from_valid_from(rule: Rule, age: int) -> bool:
    starts = rule.valid_from is None or (AS_OF - rule.valid_from).days >= age
    return bool(original("is_in_window")(rule, age)) and starts


def linear_without_steps(rule: Rule, age: int) -> Fraction:
    if rule.decay != "linear":
        return Fraction(original("decay_factor")(rule, age))
    lost = Fraction(rule.decay_percent or 0) / 100 * Fraction(age, rule.decay_days or 1)
    return max(Fraction(0), 1 - lost)


def linear_below_zero(rule: Rule, age: int) -> Fraction:
    if rule.decay != "linear":
        return Fraction(original("decay_factor")(rule, age))
    return 1 - Fraction(rule.decay_percent or 0) / 100 * (age // (rule.decay_days or 1))


def exponential_in_steps(rule: Rule, age: int) -> Fraction:
    if rule.decay == "exponential" and rule.decay_days:
        age = age // rule.decay_days * rule.decay_days
    return Fraction(original("decay_factor")(rule, age))


def exponential_of_e(rule: Rule, age: int) -> Fraction:
    if rule.decay != "exponential":
        return Fraction(original("decay_factor")(rule, age))
    return Fraction(math.exp(-age / (rule.decay_days or 1)))


def rounded_per_event(rule: Rule, ages: Sequence[int]) -> Fraction:
    parts = (reference.round_cents(rule.points * reference.decay_factor(rule, a)) for a in ages)
    return sum(parts, start=Fraction(0))


def half_to_even(amount: Fraction) -> Fraction:
    return Fraction(round(amount * 100), 100)


def half_up(amount: Fraction) -> Fraction:
    return Fraction(math.floor(amount * 100 + Fraction(1, 2)), 100)


def cut_off(amount: Fraction) -> Fraction:
    return Fraction(math.trunc(amount * 100), 100)


def oldest_count(rule: Rule, days: Sequence[date]) -> list[date]:
    found: list[date] = original("counted_days")(rule, days)
    return sorted(days)[: len(found)]


def min_count_ignored(rule: Rule, days: Sequence[date]) -> list[date]:
    found: list[date] = original("counted_days")(replace(rule, min_count=1), days)
    return found


def max_count_first(rule: Rule, days: Sequence[date]) -> list[date]:
    found: list[date] = original("counted_days")(rule, sorted(days)[::-1][: rule.max_count])
    return found


def max_count_ignored(rule: Rule, days: Sequence[date]) -> list[date]:
    found: list[date] = original("counted_days")(replace(rule, max_count=None), days)
    return found


def once_per_day(rule: Rule, days: Sequence[date]) -> list[date]:
    found: list[date] = original("counted_days")(rule, sorted(set(days)))
    return found


def each_only(rule: Rule, days: Sequence[date]) -> list[date]:
    found: list[date] = original("counted_days")(replace(rule, repeat="each"), days)
    return found


def no_limits(limits: Limits, total: Fraction) -> Fraction:
    return Fraction(0)


def upper_limit_only(limits: Limits, total: Fraction) -> Fraction:
    return Fraction(original("limit_change")(replace(limits, low=None), total))


def lower_limit_only(limits: Limits, total: Fraction) -> Fraction:
    return Fraction(original("limit_change")(replace(limits, high=None), total))


def open_band_start(bands: Sequence[tuple[Fraction | None, str]], points: Decimal) -> str | None:
    found: str | None = original("band_of")(bands, points - Decimal("0.001"))
    return found


def nobody_excluded(lead: Mapping[str, Any]) -> bool:
    return False


def only_a_clear_yes_excludes(lead: Mapping[str, Any]) -> bool:
    return reference.fold(lead["opted_out"] or "") in {"true", "t", "yes", "y", "1", "on"}


def ids_ignored(rows: Any, as_of: date) -> Any:
    return original("events_of_day")([row | {"event_id": ""} for row in rows], as_of)


def latest_of_an_id(rows: Any, as_of: date) -> Any:
    latest = sorted(rows, key=lambda row: reference.instant(row["occurred_at"].strip()))
    kept = {row["event_id"] or str(place): row for place, row in enumerate(latest)}
    return original("events_of_day")(list(kept.values()), as_of)


def future_leads_exist(rows: Any, as_of: date) -> Any:
    return original("leads_of_day")(rows, date(2100, 1, 1))


def first_row_of_a_lead(rows: Any, as_of: date) -> Any:
    return original("leads_of_day")({row["lead_id"]: row for row in rows[::-1]}.values(), as_of)


def ids_without_case(rows: Any, as_of: date) -> Any:
    by_lead: dict[str, list[Any]] = {}
    for events in original("events_of_day")(rows, as_of).values():
        for event in events:
            by_lead.setdefault(event.lead_id.lower(), []).append(event)
            by_lead.setdefault(event.lead_id.upper(), []).append(event)
    return by_lead


def exponential_rounded_to_even(rule: Rule, age: int) -> Fraction:
    factor = Decimal(0.5 ** (age / (rule.decay_days or 1)))
    if rule.decay != "exponential":
        return Fraction(original("decay_factor")(rule, age))
    return Fraction(factor.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN))


ORIGINALS = {
    name: value
    for name, value in vars(reference).items()
    if callable(value) and getattr(value, "__module__", "") == reference.__name__
}


def original(name: str) -> Any:
    """The right reading that a wrong one bends."""
    return ORIGINALS[name]


WRONG_READINGS: list[tuple[str, Callable[..., Any]]] = [
    ("trim", lambda text: text or None),
    ("fold", str),
    ("fold", text_only_case),
    ("fold", text_only_width),
    ("number", any_float),
    ("number", wide_number),
    ("business_day", day_in_utc),
    ("business_day", date_as_utc_midnight),
    ("moment", local_without_offset),
    ("is_between", open_at_high_end),
    ("is_between", open_at_low_end),
    ("is_within_days", days_end_open),
    ("is_within_days", days_ahead_too),
    ("order", order_numbers_only),
    ("order", order_else_as_text),
    ("equal", equal_as_text),
    ("equal", equal_as_days),
    ("has_pattern", whole_value_matches),
    ("has_pattern", pattern_without_case),
    ("has_pattern", pattern_without_width),
    ("has_pattern", pattern_across_lines),
    ("values_of", never_split),
    ("values_of", always_split),
    ("meets", not_if_any_is_not),
    ("meets", unknown_meets_not),
    ("conditions_hold", all_alternatives),
    ("conditions_hold", any_condition),
    ("conditions_hold", lead_and_event_mixed_up),
    ("is_in_force", last_day_in_force),
    ("is_in_force", first_day_not_in_force),
    ("is_in_window", window_end_closed),
    ("is_in_window", window_from_valid_from),
    ("decay_factor", linear_without_steps),
    ("decay_factor", linear_below_zero),
    ("decay_factor", exponential_in_steps),
    ("decay_factor", exponential_of_e),
    ("decay_factor", exponential_rounded_to_even),
    ("decayed_points", rounded_per_event),
    ("round_cents", half_to_even),
    ("round_cents", half_up),
    ("round_cents", cut_off),
    ("counted_days", oldest_count),
    ("counted_days", min_count_ignored),
    ("counted_days", max_count_first),
    ("counted_days", max_count_ignored),
    ("counted_days", once_per_day),
    ("counted_days", each_only),
    ("limit_change", no_limits),
    ("limit_change", upper_limit_only),
    ("limit_change", lower_limit_only),
    ("band_of", open_band_start),
    ("is_excluded", nobody_excluded),
    ("is_excluded", only_a_clear_yes_excludes),
    ("events_of_day", ids_ignored),
    ("events_of_day", latest_of_an_id),
    ("events_of_day", ids_without_case),
    ("leads_of_day", future_leads_exist),
    ("leads_of_day", first_row_of_a_lead),
]


@pytest.fixture(scope="module")
def right_readings() -> list[tuple[Case, Scores]]:
    return [(case, case_scores(case, AS_OF)) for case in shared_cases()]


@pytest.mark.parametrize(
    ("function", "wrong"),
    WRONG_READINGS,
    ids=[f"{name}-{wrong.__name__.strip('<>')}" for name, wrong in WRONG_READINGS],
)
def test_cases_notice_a_wrong_reading(
    function: str,
    wrong: Callable[..., Any],
    right_readings: list[tuple[Case, Scores]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reference, function, wrong)
    assert any(case_scores(case, AS_OF) != right for case, right in right_readings)


def test_every_line_of_a_rule_names_it_and_limits_do_not(
    right_readings: list[tuple[Case, Scores]],
) -> None:
    keys: list[LineKey] = [key for _, scores in right_readings for key in scores.ledger]
    for key in keys:
        assert bool(key.rule_id) == (key.entry_type in ("points", "decay"))
        assert bool(key.group_id) == (key.entry_type != "score_limit")
