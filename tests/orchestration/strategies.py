"""Random scoring cases, many of which share one build.

A case has its own leads, events, scores, groups, rules, bands and grade set; its ids carry its
number, so that hundreds of cases stand in the same files without touching each other. All columns
are shared, and so is the as-of day: days are drawn by their distance to it. Values come from small
pools around a few values per case, because independent random text never meets a condition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.orchestration.reference_scoring import (
    BUSINESS_ZONE,
    WHITE_SPACE,
    business_day,
    fold,
    has_pattern,
    number,
)

T = TypeVar("T")
Row = dict[str, str]

# The day after a leap day, and a later one on which events and leads come into being.
AS_OF = date(2024, 3, 1)
LATER = date(2024, 3, 18)

EVENT_TYPES = ("looked", "asked", "called")

# Columns as the files spell them. Names in rules compare without case; some are awkward on purpose:
# a word of SQL, a blank, Japanese, the same name on leads and on events.
LEAD_FIELDS = {
    "word": "text",
    "Order": "number",
    "最終 面談日": "day",
    "tags": "many",
    "amount": "number",
    "created_at": "day",
    "remark": "any",
}
EVENT_FIELDS = {
    "Word": "text",
    "order": "number",
    "day": "day",
    "topics": "many",
    "page_path": "text",
}
LEAD_COLUMNS = ("lead_id", *LEAD_FIELDS, "opted_out")
EVENT_COLUMNS = ("event_id", "lead_id", "event_type", "occurred_at", *EVENT_FIELDS)
MULTI_VALUED = ("tags", "event.topics")

# Families of values that some reading could confuse; a case draws from one or two of each kind.
TEXTS = (
    ("Acme", "acme works", "My Acme"),
    ("営業部長", "部長", "ﾌﾞﾁｮｳ", "ブチョウ"),
    ("A\u3000B", "a b", "AB"),
    ("a\nb", "a\nB", "a.b", "Ａ.b"),
    ("a|b", "a", "b"),
    ("x;y", "x\ny", "y", "x"),
    ("red;Blue", "red", "blue", "red;", "Red\nblue"),
    ("/pricing", "/pricing/plan", "/ja/pricing"),
    ("null", "NA", "true", "none"),
    ("it's", 'say "hi"', "x,y", "100%", "a_b"),
    ("{{ x }}", "{% y %}", "-- z", "[x]", r"a\b", "C++"),
    ("Émile", "émile", "Emile"),
    ("2024-02-30", "2024-02", "5 days"),
)
# Each fits RE2 and Python's `re` alike: ASCII classes, no look-around, no back-reference.
PATTERNS = (
    "^A",
    "(?i)red.b",
    "cme",
    "a.b",
    "x.y",
    "(?i)ACME",
    r"\bacme\b",
    r"^[0-9]+$",
    r"^\d{2,}$",
    r"\.",
    "Acme|部長",
    "部長$",
    "^.{2}$",
    "it's",
    r"\{\{ x \}\}",
    "^[^a-z]+$",
    "^/pricing(/|$)",
    r"C\+\+",
    "100%",
    '"hi"',
    r"a\\b",
    "^2024-0[12]",
    r"[+-]?\d+(\.\d+)?$",
)
# Forms of one double, and texts that only look like numbers.
NUMBERS = (
    ("5", "5.", "+5", "05", "5.0", "500e-2"),
    ("10", "1e1", "1E+01", "１０", "10.0"),
    ("0", "-0", "0.0", "1e-400"),
    ("0.1", ".1", "0.1000000000000000055", "0.11"),
    ("12.5", "12.50", "1.25e1", "12"),
    ("-3", "-3.0", "-2.99", "--3"),
    ("300", "3e2", "300-999", "299.99"),
    ("1000", "1_000", "1,000", "1e003", "1e0003"),
    ("9007199254740992", "9007199254740993"),
    ("1e999", "1E999", "inf", "nan", "1e308"),
    ("0x10", "16", ".", "+", "1e"),
)
POINTS = ("1", "2", "5", "10", "0.5", "0.01", "0.05", "-0.25", "-1", "-4.5", "12.34", "7.77", "0")
LIMITS = ("", "", "0", "1", "4.5", "5.25", "10", "100")


@dataclass(frozen=True, eq=False)
class Case:
    """The raw rows and seed rows of one case, as they stand in files."""

    number: int
    leads: tuple[Row, ...]
    events: tuple[Row, ...]
    seeds: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Palette:
    """The values that a case's leads, events and conditions draw from, by kind."""

    values: Mapping[str, tuple[str, ...]]
    ages: tuple[int, ...]
    window: int
    decay_days: int


# --- Drawing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dice:
    """Short words for the choices that cases are made of.

    One generator per case, seeded by Hypothesis: hundreds of small draws would cost ten times as
    much, and half of the cases would be near copies of another one. Nothing shrinks here anyway,
    because the cases share a build.
    """

    random: Random

    def below(self, count: int) -> int:
        """A whole number from 0."""
        return self.random.randrange(count)

    def one(self, options: Sequence[T]) -> T:
        """One of several options."""
        return options[self.below(len(options))]

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        """Different options, so many at least and at most."""
        return self.random.sample(options, self.random.randint(least, most))

    def once_in(self, times: int) -> bool:
        """True once in so many times."""
        return self.below(times) == 0


# --- Values ---------------------------------------------------------------------------------------


def widen(text: str) -> str:
    """The same text in full-width forms; the separators stay, they separate as they stand."""
    return "".join(
        chr(ord(char) - 0x21 + 0xFF01) if "!" <= char <= "~" and char not in "|;" else char
        for char in text
    )


def text_form(dice: Dice, base: str) -> str:
    """A text as it is, or differing in case or width only."""
    forms = [base, base, base.upper(), base.lower(), base.swapcase(), widen(base), widen(base)]
    return dice.one(forms)


def day_form(dice: Dice, day: date) -> str:
    """A business day as a date, or as a date-time that falls on it, often by a hair."""
    if dice.once_in(3):
        return day.isoformat()
    clocks = [time(0), time(0, 0, 1), time(8, 59), time(9), time(12, 30), time(23, 59, 59)]
    clock = dice.one(clocks)
    hours, minutes = dice.one([(0, 0), (0, 0), (9, 0), (-5, 0), (-11, -30), (5, 45)])
    offset = timedelta(hours=hours, minutes=minutes)
    moment = datetime.combine(day, clock, BUSINESS_ZONE).astimezone(UTC) + offset
    text = moment.strftime(f"%Y-%m-%d{dice.one('T ')}%H:%M")
    if moment.second or dice.once_in(2):
        text += moment.strftime(":%S")
        text += dice.one(["", "", ".5", ".999", ".999999", ".999999999"])
    if offset:
        return f"{text}{'-' if hours < 0 else '+'}{abs(hours):02}:{abs(minutes):02}"
    return text + dice.one(["Z", "", "+00:00"])


def days_before(age: int) -> date:
    """The day that lies so many days before the first as-of day."""
    return AS_OF - timedelta(days=age)


def one_line(text: str) -> str:
    """A text for a seed's cell: one line, no white space at its ends."""
    return text.split("\n")[0].strip(WHITE_SPACE)


def make_palette(dice: Dice) -> Palette:
    """A few values of each kind, and the ages of events around a window and a decay step."""
    window = 1 + dice.below(30)
    decay_days = 1 + dice.below(20)
    ages = {-18, -17, -1, 0, 1, window - 1, window, decay_days - 1, decay_days, 2 * decay_days}
    ages |= {dice.below(60), dice.below(60)}
    words = [value for family in dice.some(TEXTS, 1, 2) for value in family]
    numbers = [value for family in dice.some(NUMBERS, 1, 2) for value in family]
    days = [day_form(dice, days_before(age)) for age in dice.some(sorted(ages), 2, 3) * 2]
    return Palette(
        values={
            "text": tuple(words),
            "number": tuple(numbers),
            "day": tuple(days),
            "any": (*words[:4], *numbers[:4], *days[:3]),
        },
        ages=tuple(sorted(ages)),
        window=window,
        decay_days=decay_days,
    )


def raw_value(dice: Dice, palette: Palette, kind: str) -> str:
    """A cell of a raw file: mostly of its kind, sometimes unknown, padded or something else."""
    if dice.once_in(7):
        return dice.one(["", "", " ", "\u3000\t"])
    if kind == "many":
        parts = [raw_value(dice, palette, "any") for _ in range(1 + dice.below(3))]
        return dice.one([";", "; ", ";;"]).join(parts)
    kind = "any" if dice.once_in(8) else kind
    value = dice.one(palette.values[kind])
    if kind == "text":
        value = text_form(dice, value)
    return dice.one(["{}", "{}", "{}", "{}", " {}", "{}\u3000", "\u00a0{}\t"]).format(value)


# --- Rules ----------------------------------------------------------------------------------------

OPERATORS = {
    "number": ("gt", "gte", "lt", "lte", "between", "equals", "not_equals", "in", "not_in"),
    "day": ("gt", "gte", "lt", "lte", "between", "equals", "in", *["within_days"] * 3),
    "text": (
        *("equals", "not_equals", "in", "not_in", "contains", "not_contains"),
        *("starts_with", "ends_with"),
        *["matches"] * 4,
    ),
}


def seen_values(rows: Sequence[Row], prefix: str = "") -> dict[str, list[str]]:
    """The known values that stand in each field of raw rows, those of a list one by one."""
    seen: dict[str, list[str]] = {}
    for row in rows:
        for name, text in row.items():
            field_name = prefix + name
            parts = text.split(";") if field_name in MULTI_VALUED else [text]
            known = [part.strip(WHITE_SPACE) for part in parts]
            seen.setdefault(field_name, []).extend(part for part in known if part)
    return seen


def condition_row(dice: Dice, palette: Palette, field_name: str, seen: Sequence[str]) -> Row:
    """A condition on a field, mostly near a value that stands there."""
    tricky = [value for value in seen if "\n" in value or ";" in value or not value.isascii()]
    value = dice.one(tricky if tricky and dice.once_in(3) else seen or palette.values["any"])
    kind = "text"
    if number(value) is not None or value in palette.values["number"]:
        kind = "number"
    elif business_day(value) is not None:
        kind = "day"
    operator = dice.one(OPERATORS["text" if dice.once_in(6) else kind])
    if dice.once_in(10):
        operator, wanted = dice.one(["is_known", "is_unknown"]), ""
    elif operator == "matches":
        wanted = wanted_pattern(dice, value)
    elif kind == "day":
        wanted = wanted_days(dice, operator, business_day(value) or AS_OF)
    elif operator in ("gt", "gte", "lt", "lte", "between"):
        wanted = wanted_numbers(dice, operator, [value, *palette.values["number"]])
    else:
        wanted = wanted_text(dice, operator, value, palette.values[kind])
    if not wanted and not operator.endswith("known"):
        operator = "is_known"
    return {
        "field": field_name.upper() if dice.once_in(3) else field_name,
        "operator": operator,
        "value": wanted,
    }


def wanted_pattern(dice: Dice, value: str) -> str:
    """A pattern that the value meets, or that it would meet without case, width or line breaks."""
    loose = re.ASCII | re.IGNORECASE | re.DOTALL
    near = [pattern for pattern in PATTERNS if re.search(pattern, fold(value), loose)]
    telling = [pattern for pattern in near if not has_pattern(value, pattern)]
    return dice.one(telling if telling and not dice.once_in(4) else near or PATTERNS)


def wanted_days(dice: Dice, operator: str, day: date) -> str:
    """A condition's value on or beside a day."""
    near_day = day + timedelta(days=dice.one([-1, 0, 0, 0, 1]))
    near = day_form(dice, near_day)
    if operator == "within_days":
        return str(max(0, (AS_OF - day).days + dice.one([-1, 0, 0, 1])))
    if operator == "between":
        low = min(day, near_day) - timedelta(days=dice.below(4))
        return dice.one([f"{low}|{near}", f"{day}|2999-12-31"])
    if operator in ("in", "not_in"):
        return f"x|{near}"
    return near


def wanted_numbers(dice: Dice, operator: str, options: Sequence[str]) -> str:
    """A number, or a range of two, that surely are numbers: nothing else may stand there."""
    sure = [text for text in options if number(text) is not None] or ["7"]
    if operator != "between":
        return dice.one([sure[0], dice.one(sure)])
    return "|".join(sorted([sure[0], dice.one(sure)], key=float))


def wanted_text(dice: Dice, operator: str, value: str, others: Sequence[str]) -> str:
    """The value in another form, another one of its family, a list of both, or a part of it."""
    text = text_form(dice, one_line(value))
    other = one_line(dice.one(others))
    if operator in ("in", "not_in"):
        return f"{other}|{text}" if dice.once_in(2) else f"{text}|zz"
    if operator in ("equals", "not_equals"):
        return dice.one([text, text, other])
    cut = 1 + dice.below(len(text))
    if operator == "starts_with":
        return one_line(text[:cut])
    return one_line(text[-cut:])


def rule_periods(dice: Dice) -> list[tuple[str, str]]:
    """Consecutive periods of a rule around the two as-of days, sometimes with a gap."""
    day = timedelta(days=1)
    bounds = [AS_OF - 30 * day, AS_OF, AS_OF + day, LATER, LATER + day]
    if not dice.once_in(4):
        return [("", "")]
    days = [day.isoformat() for day in sorted(dice.some(bounds, 1, 3))]
    pairs = list(pairwise(["", *days, ""]))
    return dice.some(pairs, 1, len(pairs))


def rule_rows(
    dice: Dice,
    palette: Palette,
    rule_id: str,
    groups: Sequence[tuple[str, str]],
    seen: Mapping[str, Sequence[str]],
) -> tuple[list[Row], list[Row]]:
    """A rule in one or more periods, and its conditions."""
    applies_to = dice.one(["lead", "event", "event"])
    event_type = dice.one(["looked", "looked", "asked"]) if applies_to == "event" else ""
    periods = []
    for valid_from, valid_to in rule_periods(dice):
        score_id, group_id = dice.one(groups)
        row = {
            "rule_id": rule_id,
            "score_id": score_id,
            "group_id": group_id,
            "applies_to": applies_to,
            "event_type": event_type,
            "points": dice.one(POINTS),
            "valid_from": valid_from,
            "valid_to": valid_to,
        }
        periods.append(row | event_terms(dice, palette) if event_type else row)
    fields = list(LEAD_FIELDS)
    if event_type:
        # Event properties twice, so that most conditions of event rules are on them.
        fields += 2 * [f"event.{name}" for name in EVENT_FIELDS]
    rows: dict[tuple[str, ...], Row] = {}
    for alternative in dice.one([[], ["1"], ["1"], ["1"], ["1", "2"], ["2", "7", "10"]]):
        for _ in range(dice.one([1, 1, 1, 2])):
            name = dice.one(fields)
            row = {"rule_id": rule_id, "alternative": alternative}
            row |= condition_row(dice, palette, name, seen.get(name, ()))
            # The whole row is the key, and names compare without case.
            rows[tuple(fold(value) for value in row.values())] = row
    return periods, list(rows.values())


def event_terms(dice: Dice, palette: Palette) -> Row:
    """Repeat, counts, window and decay of an event rule."""
    decay = dice.one(["none", "linear", "linear", "exponential"])
    percent = dice.one(["25", "33", "50", "12.5", "33.33", "100"])
    return {
        "repeat": dice.one(["once", "each", "each"]),
        "min_count": dice.one(["", "", "", "", "1", "2", "2", "3"]),
        "max_count": dice.one(["", "", "1", "2", "3"]),
        "window_days": dice.one(["", "", str(palette.window), str(palette.window), "61"]),
        "decay": decay,
        "decay_days": "" if decay == "none" else str(palette.decay_days),
        "decay_percent": percent if decay == "linear" else "",
    }


def limit_pair(dice: Dice) -> Row:
    """A lower limit not above zero and an upper one not below."""
    low, high = dice.one(LIMITS), dice.one(LIMITS)
    return {"min_points": low if low in ("", "0") else f"-{low}", "max_points": high}


def band_rows(dice: Dice, score_id: str) -> list[Row]:
    """Bands of a score, the lowest without a start."""
    starts = dice.some(["-4.5", "-0.01", "0", "0.01", "1", "5", "10"], 0, 3)
    names = dice.some(["top", "2", "mid", "Ｃ"], 4, 4)
    return [
        {"score_id": score_id, "band": band, "min_points": start}
        for start, band in zip(["", *sorted(starts, key=Decimal)], names, strict=False)
    ]


def grade_rows(dice: Dice, grade_set: str, fit: list[Row], engagement: list[Row]) -> list[Row]:
    """A grade for each pair of bands."""
    return [
        {
            "grade_set": grade_set,
            "fit_band": one["band"],
            "engagement_band": two["band"],
            "grade": f"{one['band']}{two['band']}",
            "temperature": dice.one(["hot", "warm", "cold"]),
            "route": dice.one(["sales", "nurture", "recycle", "none"]),
            "priority": dice.one("123456789"),
        }
        for one in fit
        for two in engagement
    ]


def seed_rows(
    dice: Dice, palette: Palette, seen: Mapping[str, Sequence[str]]
) -> dict[str, list[Row]]:
    """The scoring seeds of a case."""
    score_ids = dice.one([["case_s1"], ["case_s1", "case_s2"], ["case_s1", "case_s2"]])
    seeds: dict[str, list[Row]] = {name: [] for name in SHARED_SEEDS}
    groups = []
    for score_id in score_ids:
        seeds["score_definitions"].append({"score_id": score_id} | limit_pair(dice))
        # Groups of different scores bear the same ids: the key is the pair.
        for group_id in dice.one([["g1"], ["g1", "g2"]]):
            groups.append((score_id, group_id))
            row = {"score_id": score_id, "group_id": group_id}
            seeds["score_groups"].append(row | limit_pair(dice))
    for place in range(2 + dice.below(3)):
        rules, rows = rule_rows(dice, palette, f"case_r{place}", groups, seen)
        seeds["scoring_rules"] += rules
        seeds["rule_conditions"] += rows
    if len(score_ids) == 2 and dice.once_in(2):
        fit, engagement = (band_rows(dice, score_id) for score_id in score_ids)
        seeds["score_bands"] += fit + engagement
        pair = {"fit_score_id": score_ids[0], "engagement_score_id": score_ids[1]}
        seeds["grade_sets"].append({"grade_set": "case_set"} | pair)
        seeds["grades"] += grade_rows(dice, "case_set", fit, engagement)
    return seeds


# --- Leads and events -----------------------------------------------------------------------------


def lead_rows(dice: Dice, palette: Palette) -> list[Row]:
    """A few leads, some opted out, created later, or standing twice in the file."""
    rows = []
    # Ids are text: they differ by case, by leading zeros, and hold blanks.
    for lead_id in dice.one([["1"], ["1"], ["1", "01"], ["a", "A", "b , c"]]):
        row = {name: raw_value(dice, palette, kind) for name, kind in LEAD_FIELDS.items()}
        row["lead_id"] = f"case-{lead_id}"
        row["created_at"] = ""
        age = dice.one([400, 400, 3, 3, 1, 1, 0, 0, -1, -17, -18])
        if not dice.once_in(4):
            row["created_at"] = day_form(dice, days_before(age))
        opted_out = ["", "", "", "false", "FALSE", "no", "0", "off", "n", "f"]
        if dice.once_in(8):
            opted_out = ["true", "T", "yes", "Y", "1", "on", "perhaps"]
        row["opted_out"] = dice.one(opted_out)
        if row["created_at"] and age > 1 and dice.once_in(3):
            # An older row of the same lead gives way as a whole.
            older = {name: raw_value(dice, palette, kind) for name, kind in LEAD_FIELDS.items()}
            older |= {"lead_id": row["lead_id"], "created_at": "2022-12-31", "opted_out": "true"}
            rows.append(older)
        rows.append(row)
    return rows


def event_rows(dice: Dice, palette: Palette, lead_ids: Sequence[str]) -> list[Row]:
    """Events of the case's leads, some of unknown leads or types, some standing twice."""
    rows: list[Row] = []
    owners = [*lead_ids, *lead_ids, *lead_ids, "case-nobody"]
    types = [*["looked"] * 6, *["asked"] * 3, "called", "unheard_of"]
    past = [age for age in palette.ages if age >= 0]
    for place in range(dice.one([0, 8, 16, 24, 24])):
        age = dice.one(palette.ages if dice.once_in(4) else past)
        row = {name: raw_value(dice, palette, kind) for name, kind in EVENT_FIELDS.items()}
        row |= {
            "event_id": "" if dice.once_in(3) else f"case-e{place}",
            "lead_id": dice.one(["{}", "{}", " {}", "{}\u3000"]).format(dice.one(owners)),
            "event_type": dice.one(types),
            "occurred_at": day_form(dice, days_before(age)),
        }
        rows.append(row)
        if row["event_id"] and dice.once_in(6):
            # The same event again, at least a day later: only the earlier one happened.
            again = days_before(age - dice.one([2, 5]))
            changes = {"lead_id": dice.one(lead_ids), "occurred_at": day_form(dice, again)}
            rows.insert(dice.below(len(rows) + 1), row | changes)
    return rows


# --- Cases ----------------------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One case; its ids bear the word `case` where its number will stand."""
    dice = Dice(draw(st.randoms(use_true_random=True)))
    palette = make_palette(dice)
    leads = lead_rows(dice, palette)
    events = event_rows(dice, palette, sorted({row["lead_id"] for row in leads}))
    looked = [row for row in events if row["event_type"] == "looked"]
    seen = seen_values(leads) | seen_values(looked, "event.")
    seeds = {name: tuple(rows) for name, rows in seed_rows(dice, palette, seen).items()}
    return Case(0, tuple(leads), tuple(events), seeds)


ID_COLUMNS = (
    "lead_id",
    "event_id",
    "score_id",
    "rule_id",
    "grade_set",
    "fit_score_id",
    "engagement_score_id",
)


def numbered(case: Case, number: int) -> Case:
    """The same case with ids of its own."""

    def renamed(rows: Sequence[Row]) -> tuple[Row, ...]:
        return tuple(
            {
                name: value.replace("case", f"{number:03}", 1) if name in ID_COLUMNS else value
                for name, value in row.items()
            }
            for row in rows
        )

    return replace(
        case,
        number=number,
        leads=renamed(case.leads),
        events=renamed(case.events),
        seeds={name: renamed(rows) for name, rows in case.seeds.items()},
    )


def draw_cases(count: int) -> list[Case]:
    """The same so many cases on every run."""
    drawn: list[Case] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def collect(case: Case) -> None:
        drawn.append(case)

    collect()
    return [numbered(case, number) for number, case in enumerate(drawn[:count])]


# The two scores that must exist, with rules that score the leads of all cases.
SHARED_SEEDS: Mapping[str, tuple[Row, ...]] = {
    "score_definitions": (
        {"score_id": "fit", "min_points": "0", "max_points": "100"},
        {"score_id": "engagement", "min_points": "-5", "max_points": "12.5"},
    ),
    "score_groups": (
        {"score_id": "fit", "group_id": "g1", "min_points": "-20", "max_points": "80"},
        {"score_id": "fit", "group_id": "g2", "min_points": "", "max_points": "50"},
        {"score_id": "engagement", "group_id": "g1", "min_points": "", "max_points": ""},
    ),
    "scoring_rules": tuple(
        {
            "rule_id": rule_id,
            "score_id": score_id,
            "group_id": group_id,
            "applies_to": "event" if event_type else "lead",
            "event_type": event_type,
            "points": points,
        }
        | (
            {
                "repeat": "each",
                "max_count": "4",
                "window_days": "60",
                "decay": decay,
                "decay_days": "7",
                "decay_percent": "12.5" if decay == "linear" else "",
            }
            if event_type
            else {}
        )
        for rule_id, score_id, group_id, event_type, points, decay in (
            ("any_word", "fit", "g1", "", "35.5", ""),
            ("big_order", "fit", "g1", "", "60", ""),
            ("no_remark", "fit", "g2", "", "-24.25", ""),
            ("everybody", "fit", "g2", "", "10", ""),
            ("looks", "engagement", "g1", "looked", "3.33", "linear"),
            ("asks", "engagement", "g1", "asked", "-2.5", "exponential"),
        )
    ),
    "rule_conditions": (
        {
            "rule_id": "any_word",
            "alternative": "1",
            "field": "word",
            "operator": "is_known",
            "value": "",
        },
        {
            "rule_id": "big_order",
            "alternative": "1",
            "field": "order",
            "operator": "gte",
            "value": "10",
        },
        {
            "rule_id": "no_remark",
            "alternative": "1",
            "field": "remark",
            "operator": "is_unknown",
            "value": "",
        },
    ),
    "score_bands": (
        {"score_id": "fit", "band": "C", "min_points": ""},
        {"score_id": "fit", "band": "B", "min_points": "10"},
        {"score_id": "fit", "band": "A", "min_points": "45.5"},
        {"score_id": "engagement", "band": "3", "min_points": ""},
        {"score_id": "engagement", "band": "2", "min_points": "0"},
        {"score_id": "engagement", "band": "1", "min_points": "6.66"},
    ),
    "grade_sets": (
        {"grade_set": "main", "fit_score_id": "fit", "engagement_score_id": "engagement"},
    ),
    "grades": tuple(
        {
            "grade_set": "main",
            "fit_band": fit,
            "engagement_band": engagement,
            "grade": fit + engagement,
            "temperature": {"1": "hot", "2": "warm", "3": "cold"}[engagement],
            "route": {"A": "sales", "B": "nurture", "C": "none"}[fit],
            "priority": str("ABC".index(fit) * 3 + int(engagement)),
        }
        for fit in "ABC"
        for engagement in "123"
    ),
}
