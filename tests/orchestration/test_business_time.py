"""Business time against a count of minutes by the wall clock.

The warehouse turns the hours of a calendar into periods in UTC and counts on them. Here it is the
other way round: every minute is looked up on the wall clock of the calendar, open or not, and open
minutes are counted one by one. The SQL is what dbt makes of the project's own model and macros,
compiled once without a build.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestration.lib.builds.calendar_end import calendar_end_notices
from orchestration.lib.builds.rules import check_rules
from orchestration.lib.problems import InputError
from orchestration.lib.seeds import load_seeds
from orchestration.lib.settings import resolve_settings
from tests.orchestration.building import run_dbt

REPOSITORY = Path(__file__).resolve().parents[2]
SEEDS = REPOSITORY / "seeds" / "handoff"
AS_OF = date(2026, 10, 31)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

# How the other models ask: a CTE of theirs, read by name.
QUESTIONS = {
    "due": "due_times",
    "between": "business_minutes_between",
}


# --- The compiled SQL -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Compiled:
    """Compiled SQL by the name of its file."""

    sql: Mapping[str, str] = field(repr=False)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """What dbt makes of the model and of questions to the macros."""
    project = tmp_path_factory.mktemp("business_time")
    shipped = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))
    written = {key: shipped[key] for key in ("name", "version", "config-version", "profile")}
    (project / "dbt_project.yml").write_text(yaml.safe_dump(written | {"vars": shipped["vars"]}))
    (project / "profiles.yml").symlink_to(REPOSITORY / "profiles.yml")
    (project / "macros").symlink_to(REPOSITORY / "macros")
    for folder in ("models", "seeds"):
        (project / folder).mkdir()
    for name in ("business_hours.csv", "business_holidays.csv"):
        (project / "seeds" / name).symlink_to(SEEDS / name)
    model = REPOSITORY / "models" / "intermediate" / "handoff" / "int_business_periods.sql"
    (project / "models" / model.name).symlink_to(model)
    for name, macro in QUESTIONS.items():
        (project / "models" / f"{name}.sql").write_text(
            "with requests as (select * from requests_of_the_test), "
            f"answers as ({{{{ {macro}('requests') }}}}) select * from answers"
        )
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "LEADS_"))
    }
    environment |= {
        "LEADS_WAREHOUSE": ":memory:",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONPATH": str(REPOSITORY),
    }
    done = run_dbt(
        ["--no-use-colors", "compile", "--vars", json.dumps({"as_of": AS_OF.isoformat()})],
        project,
        environment,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    found = (project / "target" / "compiled").rglob("*.sql")
    return Compiled({file.stem: file.read_text(encoding="utf-8") for file in found})


@dataclass(frozen=True)
class Hours:
    """An interval of a weekday (Monday 1), in minutes since midnight."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True)
class Calendar:
    """Hours of a place, without its holidays."""

    time_zone: str
    hours: Sequence[Hours]
    holidays: Sequence[date] = ()


class Warehouse:
    """The compiled SQL over calendars of a test."""

    def __init__(self, compiled: Compiled, calendars: Mapping[str, Calendar]) -> None:
        self.compiled = compiled
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute(
            "create schema if not exists main;"
            "create table business_hours (calendar_id varchar, weekday integer, opens_at varchar, "
            "closes_at varchar, time_zone varchar);"
            "create table business_holidays (calendar_id varchar, holiday_date date)"
        )
        for calendar_id, calendar in calendars.items():
            for hours in calendar.hours:
                row = [calendar_id, hours.weekday, written(hours.opens), written(hours.closes)]
                self.connection.execute(
                    "insert into business_hours values (?, ?, ?, ?, ?)", [*row, calendar.time_zone]
                )
            for day in set(calendar.holidays):
                self.connection.execute(
                    "insert into business_holidays values (?, ?)", [calendar_id, day]
                )
        self.connection.execute(
            f"create table int_business_periods as {compiled.sql['int_business_periods']}"
        )

    def ask(
        self, question: str, last: str, requests: Sequence[tuple[str | None, object, object]]
    ) -> list[object]:
        """The answers to requests (calendar, from_at, the value of the last column), in order."""
        kind = "timestamp" if last == "until_at" else "bigint"
        self.connection.execute(
            "create or replace table requests_of_the_test (request_key integer, "
            f"calendar_id varchar, from_at timestamp, {last} {kind})"
        )
        if requests:
            self.connection.executemany(
                "insert into requests_of_the_test values (?, ?, ?, ?)",
                [(key, *request) for key, request in enumerate(requests)],
            )
        rows = self.connection.execute(self.compiled.sql[question]).fetchall()
        answers = dict(rows)
        assert len(rows) == len(answers) == len(requests), "one row a request"
        return [answers[key] for key in range(len(requests))]

    def due_times(
        self, requests: Sequence[tuple[str | None, datetime | None, int | None]]
    ) -> list[object]:
        return self.ask("due", "business_minutes", requests)

    def minutes_between(
        self, requests: Sequence[tuple[str | None, datetime | None, datetime | None]]
    ) -> list[object]:
        return self.ask("between", "until_at", requests)


def written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# --- The independent count ------------------------------------------------------------------------


@cache
def offset(time_zone: str, quarter: datetime) -> timedelta:
    """What the wall clock is ahead of UTC; no zone changes its clocks within a quarter of an hour.

    The other direction than the warehouse's, so there is no time of day that is skipped or doubled.
    """
    found = quarter.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).utcoffset()
    assert found is not None
    return found


def open_minutes(calendar: Calendar, start: datetime, days: int) -> Iterator[int]:
    """The numbers of the minutes from a start on at which the wall clock shows an open time."""
    open_times = {
        weekday: {
            minute
            for hours in calendar.hours
            if hours.weekday == weekday
            for minute in range(hours.opens, hours.closes)
        }
        for weekday in range(1, 8)
    }
    for quarter in range(days * 96):
        moment = start + quarter * 15 * MINUTE
        wall = moment + offset(calendar.time_zone, moment)
        if open_times[wall.isoweekday()] and wall.date() not in calendar.holidays:
            since_midnight = wall.hour * 60 + wall.minute
            for minute in range(15):
                if since_midnight + minute in open_times[wall.isoweekday()]:
                    yield quarter * 15 + minute


@dataclass
class Count:
    """The open minutes of a calendar in a window, counted one by one."""

    calendar: Calendar
    start: datetime
    days: int
    open_minutes: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.open_minutes = list(open_minutes(self.calendar, self.start, self.days))

    def rest(self, moment: datetime) -> tuple[int, int, timedelta]:
        """The minute of a moment, how many open ones lie before it, what of its own is over."""
        number = (moment - self.start) // MINUTE
        before = bisect_left(self.open_minutes, number)
        is_within = before < len(self.open_minutes) and self.open_minutes[before] == number
        over = moment - self.start - number * MINUTE
        return number, before, over if is_within else timedelta(0)

    def due(self, moment: datetime, minutes: int) -> datetime | None:
        """When so many more minutes were open; None if that is not within the window."""
        _, before, over = self.rest(moment)
        if over or not minutes:
            # Some of a minute is over: due when as much is over of the one so many after it. And
            # what needs no time is due at the first open moment.
            index = before + minutes
            if index >= len(self.open_minutes):
                return None
            due = self.start + self.open_minutes[index] * MINUTE
            return max(moment, due) if not minutes else due + over
        # Else the last of the minutes is over.
        index = before + minutes - 1
        if index >= len(self.open_minutes):
            return None
        return self.start + (self.open_minutes[index] + 1) * MINUTE

    def between(self, moment: datetime, until: datetime) -> int:
        """How many minutes were open from one moment to another, a begun one as a whole."""
        if until <= moment:
            return 0
        _, before, over = self.rest(moment)
        _, before_until, over_until = self.rest(until)
        open_time = (before_until - before) * MINUTE + over_until - over
        return -(-open_time // MINUTE)


# --- Random calendars -----------------------------------------------------------------------------

# With and without changes of clocks, on both halves of the globe, with odd offsets, a change of
# half an hour, and changes at midnight.
ZONES = (
    "Asia/Tokyo",
    "America/New_York",
    "Europe/London",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Santiago",
    "UTC",
)
# No zone above skips or doubles these times of day but midnight; what the warehouse makes of hours
# that do begin there, the unit tests of the model say.
TIMES_OF_DAY = (0, 270, 360, 510, 540, 720, 765, 780, 1080, 1081, 1320, 1440)
# Days on which something happens: year ends, changes of clocks, Golden Week, a leap day.
WINDOWS = (
    datetime(2025, 12, 20),
    datetime(2026, 2, 27),
    datetime(2026, 3, 20),
    datetime(2026, 4, 24),
    datetime(2026, 8, 30),
    datetime(2026, 9, 25),
    datetime(2026, 10, 20),
    datetime(2027, 12, 22),
    datetime(2028, 2, 20),
)
REQUESTED_DAYS = 20
COUNTED_DAYS = 40


@st.composite
def hours_of_a_week(draw: st.DrawFn) -> list[Hours]:
    weeks = []
    days = draw(st.sets(st.integers(1, 7), min_size=1))
    same_every_day = draw(st.booleans())
    times: list[int] = []
    for weekday in sorted(days):
        if not (times and same_every_day):
            count = draw(st.sampled_from((2, 4, 4, 6)))
            times = sorted(
                draw(st.sets(st.sampled_from(TIMES_OF_DAY), min_size=count, max_size=count))
            )
            if draw(st.booleans()) and count > 2:
                # One interval begins where the one before it ends.
                times[2] = times[1]
        weeks += [
            Hours(weekday, opens, closes)
            for opens, closes in zip(times[::2], times[1::2], strict=True)
        ]
    return weeks


@dataclass(frozen=True)
class Case:
    calendar: Calendar
    window: datetime
    requests: Sequence[tuple[datetime, int]]
    spans: Sequence[tuple[datetime, datetime]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    window = draw(st.sampled_from(WINDOWS))
    days_on = st.integers(0, REQUESTED_DAYS)
    holidays = draw(st.sets(days_on.map(lambda days: (window + days * DAY).date()), max_size=5))
    calendar = Calendar(
        draw(st.sampled_from(ZONES)), draw(hours_of_a_week()), tuple(sorted(holidays))
    )
    # Moments of a whole minute are often the edge of a period, others never.
    quarters = st.integers(96, REQUESTED_DAYS * 96).map(lambda quarter: quarter * 15 * MINUTE)
    others = st.integers(86_400_000_000, REQUESTED_DAYS * 86_400_000_000).map(
        lambda number: number * MICROSECOND
    )
    moments = (quarters | others).map(lambda length: window + length)
    minutes = st.sampled_from((0, 1, 30, 60, 180, 240, 480, 960, 2400)) | st.integers(0, 3000)
    return Case(
        calendar,
        window,
        draw(st.lists(st.tuples(moments, minutes), min_size=1, max_size=20)),
        draw(st.lists(st.tuples(moments, moments), max_size=20)),
    )


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
@given(several=st.lists(cases(), min_size=1, max_size=2))
def test_due_times_and_minutes_agree_with_a_count_by_the_wall_clock(
    compiled: Compiled, several: list[Case]
) -> None:
    names = [f"calendar_{number}" for number in range(len(several))]
    warehouse = Warehouse(
        compiled, dict(zip(names, (case.calendar for case in several), strict=True))
    )
    asked = []
    wanted = []
    spans: list[tuple[str, datetime, datetime]] = []
    lengths: list[int] = []
    for name, case in zip(names, several, strict=True):
        count = Count(case.calendar, case.window, COUNTED_DAYS)
        for moment, minutes in case.requests:
            due = count.due(moment, minutes)
            if due is not None:
                asked.append((name, moment, minutes))
                wanted.append(due)
                # Just as many minutes lie before what is due, and one more as soon as it is late.
                spans.append((name, moment, due))
                lengths.append(minutes)
        for moment, until in case.spans:
            spans.append((name, moment, until))
            lengths.append(count.between(moment, until))
    assert warehouse.due_times(asked) == wanted
    assert warehouse.minutes_between(spans) == lengths


# --- The shipped calendar, by hand ----------------------------------------------------------------


def tokyo(text: str) -> datetime:
    """A moment in Japan as a UTC timestamp."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    return local.astimezone(UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def shipped(compiled: Compiled) -> Warehouse:
    """The hours and holidays that the project ships."""
    warehouse = Warehouse(compiled, {})
    for name in ("business_hours", "business_holidays"):
        columns = "calendar_id, holiday_date" if name == "business_holidays" else "*"
        warehouse.connection.execute(
            f"insert into {name} select {columns} "
            f"from read_csv('{SEEDS / name}.csv', all_varchar = true)"
        )
    warehouse.connection.execute(
        f"insert into int_business_periods {warehouse.compiled.sql['int_business_periods']}"
    )
    return warehouse


@pytest.mark.parametrize(
    ("moment", "minutes", "due"),
    [
        pytest.param("2026-10-28 10:05", 60, "2026-10-28 11:05", id="within the morning"),
        pytest.param("2026-10-28 11:30", 60, "2026-10-28 13:30", id="over lunch"),
        pytest.param("2026-10-28 11:00", 60, "2026-10-28 12:00", id="due at a close"),
        pytest.param("2026-10-28 12:20", 60, "2026-10-28 14:00", id="asked at lunch"),
        pytest.param("2026-10-28 12:00", 0, "2026-10-28 13:00", id="a close is not open"),
        pytest.param("2026-10-30 17:30", 60, "2026-11-02 09:30", id="over a weekend"),
        pytest.param("2026-10-31 23:59", 60, "2026-11-02 10:00", id="asked on a Saturday"),
        pytest.param("2026-11-02 17:30", 60, "2026-11-04 09:30", id="over Culture Day"),
        pytest.param("2026-12-28 17:30", 60, "2027-01-04 09:30", id="over the turn of the year"),
        pytest.param("2026-04-28 17:59:30", 480, "2026-04-30 17:59:30", id="a day, to the second"),
        pytest.param("2026-05-01 18:00", 1, "2026-05-07 09:01", id="over Golden Week"),
    ],
)
def test_due_times_of_the_shipped_calendar(
    shipped: Warehouse, moment: str, minutes: int, due: str
) -> None:
    assert shipped.due_times([("jp_default", tokyo(moment), minutes)]) == [tokyo(due)]
    assert shipped.minutes_between([("jp_default", tokyo(moment), tokyo(due))]) == [minutes]


def test_a_begun_minute_counts_as_a_whole(shipped: Warehouse) -> None:
    asked, due = tokyo("2026-10-28 10:05:20"), tokyo("2026-10-28 11:05:20")
    late = [due - MICROSECOND, due, due + MICROSECOND, due + MINUTE, due + MINUTE + MICROSECOND]
    assert shipped.due_times([("jp_default", asked, 60)]) == [due]
    assert shipped.minutes_between([("jp_default", asked, until) for until in late]) == [
        60,
        60,
        61,
        61,
        62,
    ]


def test_an_answer_before_the_question_took_no_time(shipped: Warehouse) -> None:
    moment = tokyo("2026-10-28 10:05")
    asked = [("jp_default", moment, moment), ("jp_default", moment, moment - DAY)]
    assert shipped.minutes_between(asked) == [0, 0]


def test_what_reaches_out_of_the_known_periods_is_unknown(shipped: Warehouse) -> None:
    (first, last), *_ = shipped.connection.execute(
        "select min(opens_at), max(closes_at) from int_business_periods"
    ).fetchall()
    hour = timedelta(hours=1)
    assert shipped.due_times(
        [
            ("jp_default", last - hour, 60),
            ("jp_default", last - hour, 61),
            ("jp_default", last, 0),
            ("jp_default", last + 900 * DAY, 0),
            ("jp_default", first, 60),
            ("jp_default", first - MICROSECOND, 60),
            ("jp_default", first - 9000 * DAY, 60),
            ("nowhere", first + DAY, 60),
            (None, first + DAY, 60),
            ("jp_default", None, 60),
            ("jp_default", first + DAY, None),
            ("jp_default", first + DAY, -1),
        ]
    ) == [last, None, None, None, first + hour, *[None] * 7]
    assert shipped.minutes_between(
        [
            ("jp_default", last - hour, last),
            ("jp_default", last - hour, last + MICROSECOND),
            ("jp_default", first, first + hour),
            ("jp_default", first - MICROSECOND, first + hour),
            ("nowhere", first, first + hour),
            (None, first, first + hour),
            ("jp_default", None, first + hour),
            ("jp_default", first, None),
        ]
    ) == [60, None, 60, *[None] * 5]
    assert shipped.due_times([]) == shipped.minutes_between([]) == []


# --- The calendar of the company ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "is_refused"),
    [({}, True), ({"business_calendar": "osaka"}, False), ({"business_calendar": "kyoto"}, True)],
)
def test_the_calendar_of_the_company_has_hours(
    tmp_path: Path, variables: dict[str, str], is_refused: bool
) -> None:
    rules, raw = tmp_path / "rules", tmp_path / "raw"
    rules.mkdir()
    raw.mkdir()
    (raw / "leads.csv").write_text("lead_id\na\n")
    for name in ("business_hours.csv", "sales_teams.csv"):
        shipped_rows = (SEEDS / name).read_text(encoding="utf-8")
        (rules / name).write_text(shipped_rows.replace("jp_default", "osaka"), encoding="utf-8")
    lines = [f'{name} = "{value}"' for name, value in variables.items()]
    (tmp_path / "leads.toml").write_text("\n".join(["[vars]", *lines]))
    given_settings = {"source": "file", "raw_dir": str(raw), "rules": str(rules)}
    chosen = resolve_settings(given_settings, environment={}, folder=tmp_path)
    if not is_refused:
        check_rules(chosen)
        return
    with pytest.raises(InputError) as refused:
        check_rules(chosen)
    said = [str(problem) for problem in refused.value.problems]
    assert any("business_hours.csv" in text and "business_calendar" in text for text in said), said


@pytest.mark.parametrize(
    ("as_of", "missing"),
    [("2028-11-10", None), ("2028-12-20", "Add those of 2029."), ("2030-01-10", "2029 and 2030.")],
)
def test_a_calendar_that_ends_before_what_is_promised_is_told(
    as_of: str, missing: str | None
) -> None:
    # 15 business days to decide, in weeks of five, and two weeks of closures.
    found = calendar_end_notices(load_seeds(SEEDS.parent, None), date.fromisoformat(as_of))
    assert len(found) == (0 if missing is None else 1)
    for notice in found:
        assert notice.file is not None
        assert notice.file.endswith("business_holidays.csv")
        assert "'jp_default' end with 2028" in notice.message
        assert notice.message.endswith(str(missing))
