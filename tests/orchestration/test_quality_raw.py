"""Broken days of raw data: each is caught by the check that should catch it, good ones by none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.problems import InputError
from orchestration.lib.quality.measures import Measure
from orchestration.lib.quality.raw_checks import measure_raw
from tests.orchestration.building import read_rows, write_rows
from tests.orchestration.quality_world import (
    FIRST_DAY,
    GOOD_DAY,
    NEXT_DAY,
    QualityWorld,
    holding,
    out_of_limits,
)

Break = Callable[[QualityWorld], None]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> QualityWorld:
    """A world that served two good days, with the files of a third; nobody may change it."""
    world = QualityWorld(tmp_path_factory.mktemp("good"))
    world.write(GOOD_DAY - timedelta(days=1))
    assert holding(world.serve(GOOD_DAY - timedelta(days=1))) == set()
    world.write(GOOD_DAY)
    assert holding(world.serve(GOOD_DAY)) == set()
    world.write(NEXT_DAY)
    return world


@pytest.fixture
def world(good: QualityWorld, tmp_path: Path) -> QualityWorld:
    """A copy of it to break."""
    shutil.copytree(good.root, tmp_path / "world", symlinks=True)
    return QualityWorld(tmp_path / "world", served=good.served)


def rewrite(
    world: QualityWorld, table: str, change: Callable[[list[dict[str, str]]], None]
) -> None:
    file = world.raw / f"{table}.csv"
    rows = read_rows(file)
    change(rows)
    write_rows(file, list(rows[0]), rows)


def keep_half(rows: list[dict[str, str]]) -> None:
    del rows[::2]


def halve_the_day(rows: list[dict[str, str]]) -> None:
    newest = [row for row in rows if row["event_id"].startswith("20260625")]
    for row in newest[::2]:
        rows.remove(row)


def double_the_day(rows: list[dict[str, str]]) -> None:
    newest = [row for row in rows if row["event_id"].startswith("20260625")]
    rows += [{**row, "event_id": f"again-{row['event_id']}"} for row in newest]


def double_the_past(rows: list[dict[str, str]]) -> None:
    rows += [{**row, "event_id": f"again-{row['event_id']}"} for row in rows]


def write_twice(rows: list[dict[str, str]]) -> None:
    rows += rows[:]


def shifted(hours: int) -> Callable[[str], str]:
    def shift(text: str) -> str:
        moment = datetime.fromisoformat(text) + timedelta(hours=hours)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    return shift


def shift_all(rows: list[dict[str, str]]) -> None:
    shift = shifted(-9)
    for row in rows:
        row["occurred_at"] = shift(row["occurred_at"])


def empty_column(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["page_path"] = ""


def remove_column(rows: list[dict[str, str]]) -> None:
    for row in rows:
        del row["duration_seconds"]


def to_words(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["duration_seconds"] = f"{row['duration_seconds']} sec"


def to_doubles(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["lead_id"] = f"{row['lead_id']}.0"


def same_type(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["event_type"] = "page_viewed"


def as_it_was(world: QualityWorld) -> None:
    """The export of days ago lies there still."""
    rewrite(world, "events", lambda rows: drop_after(rows, "20260623"))


def drop_after(rows: list[dict[str, str]], day: str) -> None:
    rows[:] = [row for row in rows if row["event_id"][:8] < day]


BROKEN: list[tuple[str, Break, str]] = [
    ("half of the day", lambda w: rewrite(w, "events", halve_the_day), "raw_day_rows"),
    ("half of the file", lambda w: rewrite(w, "events", keep_half), "raw_past_rows"),
    ("twice the day", lambda w: rewrite(w, "events", double_the_day), "raw_day_rows"),
    ("twice the past", lambda w: rewrite(w, "events", double_the_past), "raw_past_rows"),
    ("times of the day shifted", lambda w: w.change(occurred_at=shifted(-9)), "raw_hours"),
    ("all times shifted", lambda w: rewrite(w, "events", shift_all), "raw_hours"),
    ("a column empty", lambda w: rewrite(w, "events", empty_column), "raw_vanished_columns"),
    ("a column gone", lambda w: rewrite(w, "events", remove_column), "raw_vanished_columns"),
    ("numbers become words", lambda w: rewrite(w, "events", to_words), "raw_column_forms"),
    ("ids become doubles", lambda w: rewrite(w, "events", to_doubles), "raw_unknown_persons"),
    ("times become numbers", lambda w: w.change(occurred_at="46198.5"), "raw_unreadable_times"),
    ("people null", lambda w: w.change(lead_id=""), "raw_missing_ids"),
    ("ids null", lambda w: w.change(event_id=""), "raw_missing_ids"),
    ("all of one type", lambda w: w.change(event_type="page_viewed"), "raw_single_type"),
    ("the file of one type", lambda w: rewrite(w, "events", same_type), "raw_single_type"),
    ("unknown types", lambda w: w.change(event_type=lambda t: f"x_{t}"), "raw_unknown_types"),
    ("future", lambda w: w.change(occurred_at="2027-02-01T01:00:00Z"), "raw_future_rows"),
    ("stale", as_it_was, "raw_missed_business_days"),
    ("a file twice", lambda w: rewrite(w, "events", write_twice), "raw_doubled_keys"),
    ("people twice", lambda w: rewrite(w, "leads", write_twice), "raw_doubled_keys"),
    ("half of the people", lambda w: rewrite(w, "leads", keep_half), "raw_past_rows"),
]


@pytest.mark.parametrize(
    ("spoil", "check_id"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_a_broken_day_is_caught_by_the_check_that_should_catch_it(
    world: QualityWorld, spoil: Break, check_id: str
) -> None:
    spoil(world)
    found = out_of_limits(world.measures(NEXT_DAY))
    assert check_id in {entry.limit.check_id for entry in found if entry.severity == "error"}, found
    # No value of the data: not of people, and none of the cells that were written.
    for entry in found:
        assert "@" not in entry.sentence()
        assert "Person" not in entry.sentence()
        assert "46198.5" not in entry.sentence()


def test_a_good_day_and_a_rebuild_of_it_are_in_order(world: QualityWorld) -> None:
    assert out_of_limits(world.measures(NEXT_DAY)) == []
    # Once more on the same day, as hourly builds do, and days later without one in between.
    assert out_of_limits(world.serve(NEXT_DAY)) == []
    assert out_of_limits(world.serve(NEXT_DAY)) == []
    world.write(NEXT_DAY + timedelta(days=33))
    assert out_of_limits(world.measures(NEXT_DAY + timedelta(days=33))) == []


def test_an_empty_file_says_so_before_any_check(world: QualityWorld) -> None:
    world.events.write_text("")
    with pytest.raises(InputError, match=r"events\.csv"):
        world.measures(NEXT_DAY)


def test_a_table_that_is_gone_is_caught(world: QualityWorld) -> None:
    world.events.unlink()
    assert "raw_past_rows" in holding(world.measures(NEXT_DAY))


def test_today_is_judged_only_by_what_is_certain(world: QualityWorld) -> None:
    def few(rows: list[dict[str, str]]) -> None:
        drop_after(rows, "20260626")
        newest = [row for row in rows if row["event_id"].startswith("20260625")]
        for row in newest[20:]:
            rows.remove(row)

    rewrite(world, "events", few)
    open_day = {"run_date": NEXT_DAY}
    world.land(NEXT_DAY)
    settings = world.settings(NEXT_DAY)
    assert holding(measure_raw(replace(settings, **open_day), world.served)[1]) == set()
    assert holding(measure_raw(settings, world.served)[1]) == {"raw_day_rows"}
    # What is too much already will not become less.
    world.write(NEXT_DAY)
    rewrite(world, "events", double_the_day)
    world.land(NEXT_DAY)
    assert "raw_day_rows" in holding(measure_raw(replace(settings, **open_day), world.served)[1])


def test_a_first_build_is_told_and_not_held_by_what_compares(
    good: QualityWorld, tmp_path: Path
) -> None:
    shutil.copytree(good.root, tmp_path / "world", symlinks=True)
    world = QualityWorld(tmp_path / "world")
    rewrite(world, "events", halve_the_day)
    found = out_of_limits(world.measures(NEXT_DAY))
    assert [(entry.limit.check_id, entry.severity) for entry in found] == [
        ("raw_day_rows", "warning")
    ]
    rewrite(world, "leads", write_twice)
    assert holding(world.measures(NEXT_DAY)) == {"raw_doubled_keys"}


def test_data_that_stood_still_already_are_told_and_not_held(world: QualityWorld) -> None:
    later = NEXT_DAY + timedelta(days=20)
    world.served = None
    assert holding(world.serve(later)) == set()
    (stale,) = out_of_limits(world.measures(later + timedelta(days=1)))
    assert (stale.limit.check_id, stale.severity) == ("raw_missed_business_days", "warning")


def test_tables_that_are_read_where_they_are_are_judged_too(
    world: QualityWorld, tmp_path: Path
) -> None:
    lake = tmp_path / "lake.duckdb"
    with duckdb.connect(str(lake)) as connection:
        connection.execute(f"""
            create schema crm;
            create table crm.leads as from read_csv('{world.raw / "leads.csv"}');
            create table crm.events as
                select * replace (cast(occurred_at as timestamptz) as occurred_at)
                from read_csv('{world.events}');
        """)
    place = {"file_database": "lake", "file_schema": "crm"}
    settings = replace(world.settings(NEXT_DAY), variables=place, attached={"lake": lake})
    world.land(NEXT_DAY)
    profile, measures = measure_raw(settings, None)
    landed, _ = measure_raw(world.settings(NEXT_DAY), None)
    assert out_of_limits(measures) == []
    for table in ("file.leads", "file.events"):
        here, there = profile.tables[table], landed.tables[table]
        assert replace(here, columns={}) == replace(there, columns={})
    assert holding(measure_raw(settings, world.served)[1]) <= {"raw_column_forms"}


def test_golden_week_obon_and_new_year_hold_nothing(tmp_path: Path) -> None:
    world = QualityWorld(tmp_path)
    world.write(date(2026, 8, 31), first=date(2025, 9, 1))
    world.land(date(2026, 8, 31))
    periods = [
        (date(2025, 12, 26), date(2026, 1, 9)),
        (date(2026, 4, 27), date(2026, 5, 12)),
        (date(2026, 8, 7), date(2026, 8, 21)),
    ]
    for first, last in periods:
        served = measure_raw(world.settings(first - timedelta(days=1)), None)[0]
        # Each build judges all days since the one before.
        for step in range(2, (last - first).days + 1, 3):
            day = first + timedelta(days=step)
            served, measures = measure_raw(world.settings(day), served)
            assert out_of_limits(measures) == [], day


def cards(world: QualityWorld, number: int, day: date = NEXT_DAY) -> None:
    """Cards of an exhibition, read in on one day."""
    with world.events.open("a", encoding="utf-8") as file:
        for card in range(number):
            file.write(
                f"{day:%Y%m%d}-card-{card},{card % 300 + 1},exhibition_visited,{day}T00:30:00Z,,\n"
            )


def test_what_came_before_may_come_again(world: QualityWorld) -> None:
    mailing = NEXT_DAY - timedelta(days=28)
    cards(world, 1500, mailing)
    world.serve(GOOD_DAY)
    cards(world, 1600)
    assert "raw_day_rows" not in holding(world.measures(NEXT_DAY))
    cards(world, 1500)
    assert "raw_day_rows" in holding(world.measures(NEXT_DAY))


def test_a_planned_import_of_cards_holds_nothing_and_an_unplanned_one_does(
    good: QualityWorld, world: QualityWorld, tmp_path: Path
) -> None:
    cards(world, 1500)
    assert "raw_day_rows" in holding(world.measures(NEXT_DAY))
    plan = "spring_fair,2026-06-25,,file.events,1500"
    shutil.rmtree(world.root / "work" / "warehouse" / "project")
    planned = QualityWorld(world.root, planned=plan, served=good.served)
    measures = planned.measures(NEXT_DAY)
    assert "raw_day_rows" not in holding(measures), out_of_limits(measures)
    assert first_of(measures, "raw_day_rows").high == pytest.approx(1.7 + 1500 / 270, rel=0.2)
    # The day after is compared with days that brought no cards.
    planned.served = measure_raw(planned.settings(NEXT_DAY), good.served)[0]
    after = NEXT_DAY + timedelta(days=1)
    planned.write(after)
    cards(planned, 1500)
    assert holding(planned.measures(after)) == set()


def first_of(measures: list[Measure], check_id: str) -> Measure:
    return next(entry for entry in measures if entry.limit.check_id == check_id)


def test_rows_before_the_first_day_of_a_source_are_no_days_without_rows(tmp_path: Path) -> None:
    world = QualityWorld(tmp_path)
    last = FIRST_DAY + timedelta(days=9)
    world.write(last)
    assert out_of_limits(world.measures(last)) == []
