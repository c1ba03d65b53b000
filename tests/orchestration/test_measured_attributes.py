"""Measured attributes of random histories against a small independent reading of the contract.

Many leads stand in one build; the same files are built as of two days, so that the earlier build is
a replay which must know only what was known then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import duckdb
import pytest

from tests.orchestration.building import Published, write_rows
from tests.orchestration.seed_folders import RULE_COLUMNS

pytestmark = pytest.mark.law

EARLIER = date(2026, 3, 1)
LATER = date(2026, 6, 30)
DAYS = (EARLIER, LATER)
LEADS = 400
BUSINESS_ZONE = ZoneInfo("Asia/Tokyo")

VISIT = "visit_started"
OFFLINE = ("exhibition_visited", "seminar_attended")
WEBINAR = ("webinar_registered", "webinar_attended")
SENT, CLICKED = "email_sent", "email_clicked"
ACTIVITIES = (VISIT, *OFFLINE, *WEBINAR, CLICKED, "page_viewed", "call_connected")
NO_ACTIVITIES = (SENT, "email_opened", "call_attempted", "no_such_type")

MEASURES = (
    "active_days_30d",
    "days_since_last_activity",
    "days_since_last_offline_event",
    "days_since_last_visit",
    "days_since_last_webinar",
    "email_click_share_90d",
    "quiet_days_before_last_visit",
)

Event = tuple[str, date]


# --- The reading ----------------------------------------------------------------------------------


def business_day(moment: datetime) -> date:
    """The day in the business time zone."""
    return moment.astimezone(BUSINESS_ZONE).date()


def days_since(days: Iterable[date], day: date) -> str | None:
    """Days since the last of some days."""
    last = max(days, default=None)
    return None if last is None else str((day - last).days)


def measured(history: list[Event], day: date) -> dict[str, str | None]:
    """The measured attributes of one lead at the end of a day, as text."""
    known = [(kind, on) for kind, on in history if on <= day]
    acts = [(kind, on) for kind, on in known if kind in ACTIVITIES]
    visits = [on for kind, on in acts if kind == VISIT]
    before = [on for _, on in acts if visits and on < max(visits)]
    recent = Counter(kind for kind, on in known if (day - on).days < 90)
    share = None
    if recent[SENT] >= 3:
        exact = min(Decimal(1), Decimal(recent[CLICKED]) / recent[SENT])
        share = str(exact.quantize(Decimal("0.000001"), ROUND_HALF_UP))
    return {
        "active_days_30d": str(len({on for _, on in acts if (day - on).days < 30})),
        "days_since_last_activity": days_since((on for _, on in acts), day),
        "days_since_last_offline_event": days_since((on for k, on in acts if k in OFFLINE), day),
        "days_since_last_visit": days_since(visits, day),
        "days_since_last_webinar": days_since((on for k, on in acts if k in WEBINAR), day),
        "email_click_share_90d": share,
        "quiet_days_before_last_visit": days_since(before, max(visits)) if before else None,
    }


# --- The histories --------------------------------------------------------------------------------


@cache
def histories() -> dict[str, list[tuple[str, str, date]]]:
    """Of each lead its events: type, time as written, business day."""
    dice = Random(20260630)
    return {
        f"l{number:04}": [draw_event(dice) for _ in range(dice.choice((0, 1, 2, 4, 8, 16, 30)))]
        for number in range(LEADS)
    }


def draw_event(dice: Random) -> tuple[str, str, date]:
    """An event near one of the days or near the edge of a window, written in one of three forms."""
    kind = dice.choice((VISIT, VISIT, SENT, SENT, SENT, CLICKED, *ACTIVITIES, *NO_ACTIVITIES))
    age = dice.choice((0, 0, 1, 2, 29, 30, 31, 89, 90, 91, -1, -2, dice.randint(-40, 400)))
    day = dice.choice(DAYS) - timedelta(days=age)
    if dice.random() < 0.3:
        return kind, day.isoformat(), day
    # An hour around the change of the business day, which is 15:00 in UTC.
    moment = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
    moment += timedelta(minutes=dice.randint(0, 60))
    if dice.random() < 0.5:
        return kind, moment.strftime("%Y-%m-%d %H:%M:%S"), business_day(moment)
    local = moment.astimezone(ZoneInfo("America/New_York"))
    return kind, local.isoformat(), business_day(moment)


def write_world(folder: Path) -> tuple[Path, Path]:
    """The histories as files, and rules that name every measured attribute."""
    raw_dir, rules = folder / "raw", folder / "rules"
    write_rows(raw_dir / "leads.csv", ["lead_id"], [{"lead_id": lead} for lead in histories()])
    events = [
        {"lead_id": lead, "event_type": kind, "occurred_at": text}
        for lead, history in histories().items()
        for kind, text, _ in history
    ]
    Random(1).shuffle(events)
    write_rows(raw_dir / "events.csv", ["lead_id", "event_type", "occurred_at"], events)
    columns = RULE_COLUMNS.split(",")
    rule = {"score_id": "fit", "group_id": "all", "applies_to": "lead", "points": "1"}
    write_rows(
        rules / "scoring_rules.csv", columns, [rule | {"rule_id": name} for name in MEASURES]
    )
    write_rows(
        rules / "rule_conditions.csv",
        ["rule_id", "alternative", "field", "operator", "value"],
        [
            {"rule_id": name, "alternative": "1", "field": name, "operator": "gte", "value": "0"}
            for name in MEASURES
        ],
    )
    write_rows(
        rules / "score_groups.csv",
        ["score_id", "group_id"],
        [{"score_id": "fit", "group_id": "all"}],
    )
    return raw_dir, rules


@pytest.fixture(scope="module")
def workdirs(
    build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory
) -> dict[date, Path]:
    """The workdir of the build of each day."""
    folder = tmp_path_factory.mktemp("measured")
    raw_dir, rules = write_world(folder)

    def build_day(day: date) -> Path:
        build(raw_dir, folder / f"work_{day}", day, rules)
        return folder / f"work_{day}"

    with ThreadPoolExecutor() as pool:
        return dict(zip(DAYS, pool.map(build_day, DAYS), strict=True))


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_measured_attributes_equal_the_reading(workdirs: dict[date, Path], day: date) -> None:
    with duckdb.connect(workdirs[day] / "warehouse" / "leads.duckdb", read_only=True) as connection:
        rows = connection.execute(
            """
            select lead_id, field, field_value from intermediate.int_lead_attributes
            where list_contains($fields, field)
            """,
            {"fields": list(MEASURES)},
        ).fetchall()
    actual = {(lead, field): value for lead, field, value in rows}
    assert len(actual) == len(rows) == LEADS * len(MEASURES)
    expected = {
        (lead, field): value
        for lead, history in histories().items()
        for field, value in measured([(kind, on) for kind, _, on in history], day).items()
    }
    differing = sorted(key for key in expected if expected[key] != actual[key])
    assert not differing, [(key, expected[key], actual[key]) for key in differing[:10]]


def test_the_histories_know_and_lack_every_measure() -> None:
    # What never varies proves nothing.
    for day in DAYS:
        values: dict[str, set[str | None]] = {}
        for history in histories().values():
            for field, value in measured([(kind, on) for kind, _, on in history], day).items():
                values.setdefault(field, set()).add(value)
        assert all(len(found) > 4 for found in values.values())
        assert all(None in found for field, found in values.items() if field != "active_days_30d")
