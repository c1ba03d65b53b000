"""What is sent, once; and what is not."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from orchestration.commands.export_page import print_export
from orchestration.lib.exports.export_lock import export_lock
from orchestration.lib.exports.scratch_folder import scratch_folder
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.state import copy_export_log, ensure_state
from tests.orchestration.building import REPOSITORY
from tests.orchestration.export_worlds import EXPORTS, World, make_world, person


def test_a_second_run_sends_nothing_and_one_changed_score_sends_one_row(tmp_path: Path) -> None:
    people = [person(f"p{number:05}", fit=number % 90) for number in range(10_000)]
    world = make_world(tmp_path, *people)
    first = world.export()
    assert (first.outcome, first.sent["created_count"]) == ("success", 10_000)
    assert len(set(world.sent_keys())) == 10_000
    again = world.export()
    assert (again.outcome, again.due, world.sent_keys()) == ("success", 0, [])
    people[77]["fit_score"] = 95
    world.publish(*people)
    assert world.export().sent == {"updated_count": 1}
    assert world.sent_keys() == ["p00077"]
    assert world.destination.records["p00077"]["fit"] == "95"


def test_one_poison_row_of_560_is_rejected_once_and_sent_when_it_is_mended(tmp_path: Path) -> None:
    people = [person(f"p{number:03}") for number in range(560)]
    world = make_world(tmp_path, *people)
    world.destination.rejects = {"p123"}
    first = world.export()
    assert (first.outcome, first.sent) == ("partial", {"created_count": 559, "rejected_count": 1})
    assert first.errors == {"INVALID": 1}
    world.sent_keys()
    again = world.export()
    assert (again.due, world.sent_keys(), again.backlog) == (0, [], 1)
    assert "--retry-rejected" in " ".join(again.notices)
    retried = world.export(retry_rejected=True)
    assert (retried.outcome, world.sent_keys()) == ("failed", ["p123"])
    world.destination.rejects = set()
    people[123]["grade"] = "B1"
    world.publish(*people)
    assert (world.export().outcome, world.sent_keys()) == ("success", ["p123"])
    assert world.export().backlog == 0


def test_an_excluded_lead_is_cleared_once_if_it_was_ever_sent(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("known"))
    world.export()
    world.publish(person("known", grade=None), person("stranger", grade=None))
    cleared = world.export()
    assert cleared.sent == {"cleared_count": 1}
    assert cleared.actions == {"clear": 1, "unneeded": 1}
    assert world.destination.records == {
        "known": {"status": "competitor", "grade": None, "fit": None}
    }
    world.sent_keys()
    assert (world.export().due, world.sent_keys()) == (0, [])
    world.publish(person("known", grade="B2"))
    assert world.export().sent == {"updated_count": 1}


def test_small_changes_and_fields_that_travel_along_send_no_row(tmp_path: Path) -> None:
    exports = EXPORTS + "      count: {column: points, send_when: with_others}\n"
    world = make_world(tmp_path, person("a", fit=50), exports=exports)
    world.export()
    world.sent_keys()
    world.publish(person("a", fit=51.4, points=7))
    assert (world.export().due, world.sent_keys()) == (0, [])
    world.publish(person("a", fit=52, points=8))
    world.export()
    assert world.sent_keys() == ["a"]
    assert world.destination.records["a"]["count"] == "8"
    # Held against what was accepted, not against the day before: drift adds up.
    for fit in (53, 54):
        world.publish(person("a", fit=fit, points=8))
        world.export()
    assert world.sent_keys() == ["a"]


def test_a_field_that_is_sent_when_filled_empties_nothing(tmp_path: Path) -> None:
    exports = EXPORTS.replace("grade: grade", "grade: {column: grade, send_when: filled}")
    world = make_world(tmp_path, person("a"), exports=exports)
    world.export()
    world.publish(person("a", fit=90) | {"grade": None})
    world.export()
    assert world.destination.records["a"] == {"status": "scored", "grade": "A1", "fit": "90"}
    assert "grade" in world.destination.sent[-1].fields  # the value that it has there
    world.sent_keys()
    assert (world.export().due, world.sent_keys()) == (0, [])
    world.publish(person("a", grade=None))
    world.export()
    assert world.destination.records["a"]["grade"] is None


def test_only_mapped_fields_count_and_a_changed_mapping_sends_again(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"), person("b"))
    world.export()
    world.sent_keys()
    world.publish(person("a", points=99), person("b", email="new@private.example"))
    assert (world.export().due, world.sent_keys()) == (0, [])
    world.write(EXPORTS + "      points: points\n")
    again = world.export()
    assert (again.resent, world.sent_keys()) == (2, ["a", "b"])
    assert "The mapping changed: 2 rows" in again.notices[0]
    # Thresholds and limits are no part of the mapping.
    world.write((EXPORTS + "      points: points\n").replace("min_change: 2", "min_change: 3"))
    assert world.export().due == 0


def test_a_dry_run_shows_changes_and_changes_no_byte(tmp_path: Path) -> None:
    exports = EXPORTS + "      mail: email\n"
    world = make_world(tmp_path, person("a"), person("b"), exports=exports)
    before = contents(tmp_path)
    first = world.export(is_dry_run=True)
    assert contents(tmp_path) == before
    assert (first.actions, world.sent_keys()) == ({"create": 2}, [])
    world.export()
    world.publish(
        person("a", grade="B3", email="new@private.example"),
        person("b", grade=None),
        person("c"),
        person("d", lead_id=None),
    )
    world.news = "delete from fresh_records where lead_id = 'c'"
    leave_a_log(world.settings.workdir.export_state)
    before = contents(tmp_path)
    shown = world.export(is_dry_run=True)
    assert contents(tmp_path) == before
    assert shown.actions == {"clear": 1, "suppressed": 1, "invalid": 1, "update": 1}
    changes = {
        (row.row_key, change.field): (change.old, change.new)
        for row in shown.examples
        for change in row.fields
    }
    # Without the seed of personal columns every column counts as one.
    assert changes["a", "grade"] == ("(personal)", "(personal)")
    assert "private.example" not in str(shown.to_json())
    assert "private.example" in str(world.export(is_dry_run=True, shows_values=True).to_json())


def leave_a_log(state: Path) -> None:
    """As a killed export leaves its state: with a log of writes beside the file."""
    code = (
        "import duckdb, os, sys; held = duckdb.connect(sys.argv[1]);"
        "held.execute('create table extra (a integer)'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(state)], check=True)
    assert state.with_name(f"{state.name}.wal").is_file()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_of_two_exports_at_once_the_second_says_who_runs(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"))
    with export_lock(world.settings.workdir), pytest.raises(RunFailed) as failed:
        world.export()
    assert f"process {os.getpid()}, started " in str(failed.value)
    assert world.sent_keys() == []


def test_a_dry_run_beside_an_export_says_who_runs(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"))
    world.export()
    holder = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True);"
        "sys.stdin.read()"
    )
    state = str(world.settings.workdir.export_state)
    with subprocess.Popen(
        [sys.executable, "-c", holder, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(RunFailed, match="Another export has its state open"):
            world.export(is_dry_run=True)
        process.communicate()


@pytest.mark.parametrize(
    ("limits", "rows", "code"),
    [
        ("{}", 0, "model_is_empty"),
        ("{max_fall: 10%}", 8, "rows_fell"),
        ("{max_fall: 1}", 8, "rows_fell"),
        ("{max_transitions: 20%}", 13, "too_many_transitions"),
        ("{max_transitions: 2}", 13, "too_many_transitions"),
    ],
)
def test_limits_stop_a_run_before_its_first_call(
    tmp_path: Path, limits: str, rows: int, code: str
) -> None:
    world = make_world(tmp_path, *(person(f"p{number}") for number in range(10)))
    world.export()
    world.sent_keys()
    world.write(EXPORTS + f"    limits: {limits}\n")
    world.publish(*(person(f"p{number}") for number in range(rows)))
    stopped = world.export()
    assert (stopped.outcome, world.sent_keys()) == ("failed", [])
    assert stopped.stop is not None
    assert stopped.stop[0] == code
    assert world.rows("select stop_code from exports.export_runs order by started_at")[-1] == (
        code,
    )
    assert world.export(is_dry_run=True).outcome == "failed"
    passed = world.export(accept_reason="planned import")
    assert passed.outcome == "success"
    assert world.rows("select accepted_because from exports.export_runs order by started_at")[
        -1
    ] == ("planned import",)


def test_stale_data_on_exclusions_stop_an_export_whoever_accepts_it(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"), exports=EXPORTS + "    limits: {stale_after: 26h}\n")
    world.data_at = datetime.now(UTC) - timedelta(hours=27)
    stopped = world.export(accept_reason="hurry")
    assert (stopped.outcome, world.sent_keys()) == ("failed", [])
    assert stopped.stop is not None
    assert "27 h old; the limit is 26 h" in stopped.stop[1]
    world.data_at = None
    stopped = world.export()
    assert stopped.stop is not None
    assert stopped.stop[0] == "exclusions_of_unknown_age"
    world.data_at = datetime.now(UTC) - timedelta(hours=25)
    assert world.export().outcome == "success"


def test_an_opt_out_after_the_scoring_is_not_sent(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"), person("b"), person("c"), person("d"))
    world.news = """
        update fresh_records set stops_scoring = true where lead_id = 'b';
        delete from fresh_records where lead_id = 'c';
        update fresh_records set stops_nurture = true where lead_id = 'd';
    """
    result = world.export()
    assert world.sent_keys() == ["a", "d"]
    assert (result.outcome, result.actions) == ("success", {"create": 2, "suppressed": 2})
    world.write(EXPORTS + "    stopped_by: [nurture, export]\n")
    world.publish(*(person(key, grade="C1") for key in "abcd"))
    world.news = "update fresh_records set stops_nurture = true where lead_id = 'd'"
    world.export()
    assert world.sent_keys() == ["a", "b", "c"]
    # Of an erased lead nothing is sent, an empty value neither.
    world.publish(person("a", grade=None))
    world.news = "update fresh_records set stops_export = true"
    assert (world.export().actions["suppressed"], world.sent_keys()) == (1, [])


def test_a_daily_limit_ends_a_run_as_partial_and_the_next_one_sends_the_rest(
    tmp_path: Path,
) -> None:
    world = make_world(tmp_path, *(person(f"p{number}") for number in range(10)))
    world.destination.stops_after = 4
    stopped = world.export()
    assert (stopped.outcome, stopped.sent, stopped.backlog) == ("partial", {"created_count": 4}, 6)
    assert stopped.stop == ("DAILY", "No more today.")
    assert stopped.resume_at == datetime(2030, 1, 1, tzinfo=UTC)
    first = world.sent_keys()
    world.destination.stops_after = None
    assert world.export().outcome == "success"
    assert sorted(first + world.sent_keys()) == [f"p{number}" for number in range(10)]


def test_rows_that_are_put_off_come_again_after_longer_and_longer(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"))
    world.destination.defers = {"a"}
    assert world.export().outcome == "failed"
    assert world.export().outcome == "failed"
    trace = {row.trace_id for row in world.destination.sent}
    assert len(trace) == 1
    world.sent_keys()
    waiting = world.export()
    assert (waiting.outcome, waiting.backlog, world.sent_keys()) == ("success", 1, [])
    ((attempts, due),) = world.rows("select attempts, next_attempt_at from exports.export_rows")
    assert attempts == 2
    assert due > datetime.now(UTC).replace(tzinfo=None)
    # A new value does not wait for the old one.
    world.destination.defers = set()
    world.publish(person("a", grade="B1"))
    assert (world.export().outcome, world.sent_keys()) == ("success", ["a"])


def test_what_may_have_arrived_is_sent_again_though_the_old_value_came_back(
    tmp_path: Path,
) -> None:
    world = make_world(tmp_path, person("a", grade="A1"))
    world.export()
    world.publish(person("a", grade="B1"))
    world.destination.raises_after = 0
    assert world.export().outcome == "failed"
    # The answer was lost, but the record has it.
    world.destination.records["a"]["grade"] = "B1"
    world.destination.raises_after = None
    world.publish(person("a", grade="A1"))
    world.export()
    assert world.destination.records["a"]["grade"] == "A1"
    assert world.export().due == 0


def test_a_lead_that_may_have_arrived_is_cleared(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"))
    world.destination.raises_after = 0
    world.export()
    world.destination.raises_after = None
    world.publish(person("a", grade=None))
    assert world.export().sent == {"cleared_count": 1}


MIRROR = EXPORTS.replace("    fields:", "    mode: mirror\n    on_gone: {}\n    fields:")


@pytest.mark.parametrize("policy", ["delete", "clear", "keep"])
def test_a_mirror_follows_its_policy_for_rows_that_are_gone(tmp_path: Path, policy: str) -> None:
    world = make_world(tmp_path, person("a"), person("b"), exports=MIRROR.replace("{}", policy, 1))
    world.export()
    world.publish(person("a"))
    result = world.export()
    emptied = {"status": None, "grade": None, "fit": None}
    full = {"status": "scored", "grade": "A1", "fit": "50"}
    expected = {"delete": None, "clear": emptied, "keep": full}[policy]
    assert world.destination.records.get("b") == expected
    assert sum(result.sent.values()) == (policy != "keep")
    world.sent_keys()
    assert (world.export().due, world.sent_keys()) == (0, [])
    world.publish(person("a"), person("b"))
    world.export()
    assert world.destination.records["b"] == full


def test_what_is_created_once_is_never_changed(tmp_path: Path) -> None:
    exports = EXPORTS.replace("    fields:", "    mode: create_only\n    fields:")
    world = make_world(tmp_path, person("a"), exports=exports)
    world.destination.defers = {"a"}
    world.export()
    world.destination.defers = set()
    world.publish(person("a", grade="B1"))
    world.export()
    first, second = world.destination.sent
    assert (first.operation, second.operation) == ("create", "create")
    # What a receiver has seen it knows again, whatever it says by now.
    assert first.trace_id == second.trace_id
    assert world.destination.records["a"]["grade"] == "B1"
    world.publish(person("a", grade="C1"))
    assert world.export().due == 0


def test_a_first_run_can_take_what_is_there_for_done(tmp_path: Path) -> None:
    exports = EXPORTS.replace("    fields:", "    first_run: skip\n    fields:")
    world = make_world(tmp_path, person("a"), person("b"), exports=exports)
    first = world.export()
    assert (first.actions, first.outcome) == ({"skipped": 2}, "success")
    world.publish(person("a"), person("b"), person("c"))
    world.export()
    assert world.sent_keys() == ["c"]


def test_a_person_can_send_some_rows_or_one(tmp_path: Path) -> None:
    world = make_world(tmp_path, *(person(f"p{number}") for number in range(5)))
    limited = world.export(limit=2)
    assert (limited.outcome, limited.sent, world.sent_keys()) == (
        "success",
        {"created_count": 2},
        ["p0", "p1"],
    )
    world.export(only="p4")
    assert world.sent_keys() == ["p4"]
    with pytest.raises(InputError, match="has no row of this lead"):
        world.export(only="nobody")
    world.export()
    assert world.sent_keys() == ["p2", "p3"]


COMPANIES = """
    create table marts.sync_test__companies as
    select * from (values ('c1', 'first'), ('c2', 'second')) as listed(sync_key, company_name);
"""
# In a part of the entries a lead is nobody: a company has none, and a file is written whole.
SEVERAL = (
    EXPORTS
    + """\
  companies:
    model: sync_test__companies
    destination: hubspot
    object: companies
    match_key: custom_id
    custom_id_field: company_key
    first_run: skip
    limits: {max_transitions: 1}
    fields: {name: company_name}
  list:
    model: sync_test__people
    destination: file
    object: list
    file: {format: csv}
    fields: [grade]
"""
)


def world_of_several(folder: Path) -> World:
    world = World(folder, more_models=COMPANIES)
    world.write(SEVERAL)
    world.publish(person("a"), person("b"))
    return world


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_entries_without_a_lead_are_left_out_where_others_have_it(
    tmp_path: Path, is_dry_run: bool
) -> None:
    world = world_of_several(tmp_path)
    people, companies, listed = world.export_all(only="b", is_dry_run=is_dry_run).syncs
    assert (people.sync, people.due, people.is_left_out) == ("people", 1, False)
    assert (companies.due, companies.outcome, companies.is_left_out) == (0, "success", True)
    assert "no row of this lead" in companies.notices[0]
    assert (listed.due, listed.is_left_out) == (0, True)
    assert "written whole" in listed.notices[0]
    assert world.sent_keys() == ([] if is_dry_run else ["b"])
    assert not (world.settings.workdir.exports / "list.csv").exists()
    if not is_dry_run:
        # What is left out has not run, so that its first run is still to come.
        assert world.rows("select sync_name from exports.export_runs") == [("people",)]
        assert world.export_all().syncs[1].actions == {"skipped": 2}
        assert world.sent_keys() == ["a"]
        assert world.export_all(limit=1).syncs[2].is_left_out


def test_a_lead_that_no_entry_has_ends_an_export_before_its_first_call(tmp_path: Path) -> None:
    world = world_of_several(tmp_path)
    with pytest.raises(InputError, match="companies has no row of this lead or key"):
        world.export_all(only="nobody")
    assert world.sent_keys() == []
    assert world.rows("from exports.export_runs") == []
    with pytest.raises(InputError, match="companies has no row of this lead or key"):
        world.export_all(only="a", wanted="companies")
    # A lead whose row is gone is known by what was sent.
    world.export_all(only="b")
    world.publish(person("a"))
    assert world.export_all(only="b").syncs[0].actions == {"create": 1, "gone": 1}


@pytest.mark.parametrize("part", [{"only": "a"}, {"limit": 1}])
def test_a_file_that_is_named_is_refused_in_parts(tmp_path: Path, part: dict[str, object]) -> None:
    world = world_of_several(tmp_path)
    for wanted in ("list", "file"):
        with pytest.raises(InputError, match="the file of list is written whole"):
            world.export_all(wanted=wanted, **part)
    (shown,) = world.export_all(wanted="list", is_dry_run=True, **part).syncs
    assert (shown.due, shown.is_left_out) == (1, False)
    assert world.sent_keys() == []


def break_off(*_: object) -> None:
    """As DuckDB ends a database that it cannot write any more, quoting a value."""
    raise duckdb.FatalException("Cannot write 'p1@private.example', the database is invalid")


def end_at_the_keyboard(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("breaks", "error", "code"),
    [
        (break_off, duckdb.FatalException, "unexpected"),
        (end_at_the_keyboard, KeyboardInterrupt, "interrupted"),
    ],
)
def test_a_run_that_breaks_off_does_not_stay_running(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    breaks: Callable[..., None],
    error: type[BaseException],
    code: str,
) -> None:
    world = make_world(tmp_path, person("p1"), person("p2"))

    def of_no_use(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
        connection.close()
        breaks()

    with monkeypatch.context() as broken:
        broken.setattr("orchestration.lib.exports.sending.record_outcomes", of_no_use)
        with pytest.raises(error):
            world.export()
    ((outcome, found, said, ended),) = world.rows(
        "select outcome, stop_code, stop_message, ended_at is not null from exports.export_runs"
    )
    assert (outcome, found, ended) == ("failed", code, True)
    assert "private.example" not in said
    assert world.export().outcome == "success"


def test_a_preview_of_an_update_shows_old_and_new_values(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"), person("b"))
    world.export()
    world.write(EXPORTS.replace("object: contacts", "object: people"))
    world.publish(person("a", grade="B3"), person("b"), person("c"))
    page = io.StringIO()
    result = world.export_all(is_dry_run=True, shows_values=True)
    print_export(result, Console(file=page, width=120))
    lines = [line.split() for line in page.getvalue().splitlines()]
    assert ["a", "update", "grade", "A1", "B3"] in lines
    # The mapping is another one, so that a row is sent though nothing in it differs.
    assert ["b", "update", "no", "value", "differs"] in [line[:5] for line in lines]
    assert ["c", "create", "3", "fields"] in lines


def test_what_killed_exports_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"))
    warehouse = world.settings.workdir.warehouse
    killed = (
        "import os, signal, sys; from pathlib import Path;"
        "from orchestration.lib.exports.scratch_folder import scratch_folder;"
        "held = scratch_folder(Path(sys.argv[1])); folder = held.__enter__();"
        "(folder.path / 'people.csv').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", killed, str(warehouse)], cwd=REPOSITORY, check=False)
    (left,) = warehouse.glob(".exclusions-*")
    assert (left / "people.csv").is_file()
    world.export(is_dry_run=True)
    assert left.is_dir()
    # A dry run at work holds no lock of the exports, but its folder.
    with scratch_folder(warehouse) as used:
        world.export()
        assert list(warehouse.glob(".exclusions-*")) == [used.path]
    assert list(warehouse.glob(".exclusions-*")) == []


def test_rows_that_cannot_be_told_apart_are_not_sent(tmp_path: Path) -> None:
    exports = EXPORTS.replace(
        "match_key: custom_id\n    custom_id_field: lead_key", "match_key: email"
    )
    shared = {"email": "info@private.example"}
    world = make_world(
        tmp_path,
        person("a"),
        person("b", **shared),
        person("c", **shared),
        person("d", email=None),
        exports=exports,
    )
    first = world.export()
    assert world.sent_keys() == ["a@private.example"]
    assert first.errors == {"match_value_missing": 1, "match_value_repeated": 2}
    assert (first.outcome, first.backlog) == ("partial", 3)
    assert (world.export().outcome, world.sent_keys()) == ("success", [])
    world.publish(person("a"), person("b", **shared))
    world.export()
    assert world.sent_keys() == ["info@private.example"]


def test_no_secret_and_no_personal_value_is_told_or_kept_as_an_event(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    exports = EXPORTS.replace(
        "match_key: custom_id\n    custom_id_field: lead_key", "match_key: email"
    ) + ("      mail: email\n")
    world = make_world(tmp_path, *(person(f"p{number}") for number in range(9)), exports=exports)
    world.destination.rejects = {"p1@private.example"}
    world.destination.raises_after = 5
    result = world.export()
    assert result.outcome == "partial"
    assert result.stop is not None
    told = [str(result.to_json()), *capfd.readouterr()]
    told += [
        str(world.rows(f"from exports.{table}")) for table in ("export_runs", "export_row_events")
    ]
    for text in told:
        assert "secret-token" not in text
        assert "private.example" not in text


def test_a_killed_run_is_told_as_failed(tmp_path: Path) -> None:
    world = make_world(tmp_path, *(person(f"p{number:02}") for number in range(40)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.orchestration.killed_exports", str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert world.rows(
        "select count(*) from exports.export_runs where stop_code = 'interrupted'"
    ) == [(20,)]


def test_a_build_finds_runs_and_backlog_in_its_state(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"), person("b"))
    ensure_state(world.settings)
    assert not copy_export_log(world.settings)
    world.destination.rejects = {"b"}
    world.export()
    for _ in range(2):
        assert copy_export_log(world.settings)
        with duckdb.connect(str(world.settings.state), read_only=True) as connection:
            runs = connection.execute(
                "select sync_name, outcome, created_count, rejected_count, backlog_count"
                " from export_runs"
            ).fetchall()
            backlog = connection.execute(
                "select status, error_code, row_count, attempt_count from export_backlog"
            ).fetchall()
        assert runs == [("people", "partial", 1, 1, 1)]
        assert backlog == [("rejected", "INVALID", 1, 1)]
    world.destination.rejects = set()
    world.export(retry_rejected=True)
    assert copy_export_log(world.settings)
    with duckdb.connect(str(world.settings.state), read_only=True) as connection:
        assert connection.execute("select count(*) from export_backlog").fetchall() == [(0,)]
        assert connection.execute("select count(*) from export_runs").fetchall() == [(2,)]


def test_an_export_without_a_snapshot_says_what_to_do(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write()
    with pytest.raises(RunFailed, match="Run `leads build` first"):
        world.export()
