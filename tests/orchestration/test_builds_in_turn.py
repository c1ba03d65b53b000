"""Builds in turn end where one fresh build ends, and what they published on the way stays told.

The world is built as it stood on one day after the other. Some rows come a build late, some come
twice, records merge, fields of files without a history are written over, rules are closed, added
and corrected. The last build is also made in an empty working folder with the state as it was.
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zlib import crc32

import duckdb
import pytest

from tests.orchestration.building import Published, build, read_rows, write_rows
from tests.orchestration.reference_scoring import WHITE_SPACE, business_day
from tests.orchestration.score_history import broken_periods, parts_that_do_not_sum
from tests.orchestration.strategies import Row
from tests.orchestration.time_travel import write_past
from tests.orchestration.time_worlds import (
    SOURCES,
    RawTables,
    cut_off,
    write_time_rules,
    write_time_world,
)

pytestmark = pytest.mark.law

DAYS = (date(2026, 9, 30), date(2026, 10, 2), date(2026, 10, 8))
# Event tables of which rows come late or twice, with their ids and times.
ARRIVING = (
    ("segment.pages", "id", "timestamp"),
    ("segment.tracks", "id", "timestamp"),
    ("hubspot.email_event", "id", "created"),
    ("hubspot.contact_form_submission", "conversion_id", "timestamp"),
)


@dataclass(frozen=True)
class Turns:
    """What the builds of each day published, and the fresh build of the last one.

    Beside it the build files of both.
    """

    published: dict[date, Published]
    fresh: Published
    build_files: tuple[Path, ...]

    @property
    def last(self) -> Published:
        return self.published[DAYS[-1]]


def arrive(tables: RawTables, number: int) -> None:
    """Of the last three days a fifth has not come yet; a tenth of everything comes twice."""
    end = cut_off(DAYS[number] - timedelta(days=3))
    for name, key, moment in ARRIVING:
        if number < len(DAYS) - 1:
            tables.run(
                f"delete from {name} where {moment} >= '{end}' and hash({key}) % 5 = {number}"
            )
        tables.run(f"insert into {name} from {name} where hash({key}) % 10 = {number}")


def write_files_of_turn(folder: Path, number: int) -> None:
    """Fields of some leads were written over since; some events come late, some twice."""
    leads, events = (read_rows(folder / f"{name}.csv") for name in ("leads", "events"))
    words = [row["word"] for row in leads]
    for place, row in enumerate(leads):
        if crc32(row["lead_id"].encode()) % 4 < number:
            row["word"] = words[(place + 7 * number) % len(words)]
            row["Order"] = str(3 * number)
    arrived = [row for place, row in enumerate(events) if not is_late(row, place, number)]
    doubled = [row for row in arrived if row["event_id"].strip(WHITE_SPACE)][number::10]
    write_rows(folder / "leads.csv", list(leads[0]), leads)
    write_rows(folder / "events.csv", list(events[0]), [*arrived, *doubled])


def is_late(row: Row, place: int, number: int) -> bool:
    day = business_day(row["occurred_at"].strip(WHITE_SPACE))
    is_new = day is not None and day > DAYS[number] - timedelta(days=3)
    return number < len(DAYS) - 1 and is_new and place % 5 == number


def edit_rules(rules: Path, day: date) -> None:
    """Close a rule and add its next period, correct another one in place, narrow a limit."""
    file = rules / "scoring_rules.csv"
    rows = read_rows(file)
    closed = next(row for row in rows if row["rule_id"] == "eng_pricing_page")
    rows.append(closed | {"points": "31", "valid_from": day.isoformat()})
    closed["valid_to"] = day.isoformat()
    next(row for row in rows if row["rule_id"] == "fit_business_email")["points"] = "6.5"
    write_rows(file, list(rows[0]), rows)
    file = rules / "score_groups.csv"
    rows = read_rows(file)
    limited = next(row for row in rows if row["score_id"] == "engagement" and row["max_points"])
    limited["max_points"] = str(int(limited["max_points"]) - 3)
    write_rows(file, list(rows[0]), rows)


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> Turns:
    folder = tmp_path_factory.mktemp("turns")
    write_time_world(folder)
    rules = write_time_rules(folder / "rules")
    raw, workdir, fresh = folder / "now", folder / "work", folder / "fresh"
    published = {}
    for number, day in enumerate(DAYS):
        write_past(folder / "raw", raw, day, lambda tables, number=number: arrive(tables, number))  # type: ignore[misc]
        write_files_of_turn(raw / "file", number)
        if day == DAYS[-1]:
            edit_rules(rules, day - timedelta(days=2))
            (fresh / "warehouse").mkdir(parents=True)
            shutil.copy(workdir / "warehouse" / "state.duckdb", fresh / "warehouse")
            break
        published[day] = build(raw, workdir, day, rules, SOURCES)
    with ThreadPoolExecutor() as pool:
        last = pool.submit(build, raw, workdir, day, rules, SOURCES)
        afresh = pool.submit(build, raw, fresh, day, rules, SOURCES)
        files = tuple(place / "warehouse" / "leads.duckdb" for place in (workdir, fresh))
        return Turns(published | {day: last.result()}, afresh.result(), files)


def content_hashes(published: Published) -> dict[str, str]:
    manifest = json.loads((published.folder / "manifest.json").read_text(encoding="utf-8"))
    return {name: mart["content_hash"] for name, mart in manifest["marts"].items()}


def test_a_chain_of_builds_ends_where_a_fresh_build_does(turns: Turns) -> None:
    in_turn, fresh = content_hashes(turns.last), content_hashes(turns.fresh)
    assert {name for name in in_turn | fresh if in_turn.get(name) != fresh.get(name)} == set()


@pytest.mark.parametrize("table", ["int_events", "int_rejected_events"])
def test_events_read_again_by_parts_are_those_of_a_fresh_build(turns: Turns, table: str) -> None:
    with duckdb.connect() as connection:
        for name, file in zip(("in_turn", "fresh"), turns.build_files, strict=True):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        for one, other in (("in_turn", "fresh"), ("fresh", "in_turn")):
            differing = connection.sql(
                f"from {one}.intermediate.{table} except all from {other}.intermediate.{table}"
            ).fetchall()
            assert len(differing) == 0, f"{len(differing)} rows only in {one}"


def test_what_was_published_on_a_day_is_never_rewritten(turns: Turns) -> None:
    for day in DAYS:
        query = "select lead_id, fit_score, engagement_score, grade from {} where {}"
        then = turns.published[day].rows(query.format("fct_lead_scores", "true"))
        told = turns.last.rows(
            query.format(
                "fct_lead_score_history",
                f"valid_from <= date '{day}' and coalesce(valid_to > date '{day}', true)",
            )
        )
        assert sorted(set(then) ^ set(told)) == [], day


def test_parts_sum_to_the_change_of_every_lead_and_day(turns: Turns) -> None:
    for published in turns.published.values():
        differing = parts_that_do_not_sum(published)
        assert not differing, f"{len(differing)} changes differ:\n" + "\n".join(differing[:12])
        assert broken_periods(published) == []


def test_every_cause_has_moved_a_score(turns: Turns) -> None:
    causes = {cause for (cause,) in turns.last.rows("select cause from fct_score_changes")}
    assert causes == {
        *("merge", "rule_change", "late_data", "attribute", "new_event", "decay", "limits")
    }
