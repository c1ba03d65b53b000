from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.publishing import serving
from orchestration.lib.publishing.content_hashes import BLOCK_ROWS, content_hash
from orchestration.lib.publishing.identity import build_identity, refuse_other_build
from orchestration.lib.publishing.lock import build_lock, is_locked, lock_holder
from orchestration.lib.publishing.manifest import read_manifest
from orchestration.lib.publishing.marts import list_marts
from orchestration.lib.settings import Settings
from tests.orchestration.hand_made_build import (
    AS_OF,
    KEYS,
    hand_made_settings,
    publish_hand_made,
    write_build,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return hand_made_settings(tmp_path)


def query(database: Path, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def test_a_run_holds_database_parquet_and_manifest(settings: Settings) -> None:
    manifest = publish_hand_made(settings)
    current = settings.workdir.current
    assert str(current.readlink()) == f"runs/{manifest.run_id}"
    files = {file.name for file in current.iterdir()}
    assert files == {f"{name}.parquet" for name in KEYS} | {"leads.duckdb", "manifest.json"}
    assert query(current / "leads.duckdb", "select lead_id from marts.dim_leads") == [
        ("1",),
        ("10",),
        ("2",),
    ]
    with duckdb.connect() as connection:
        file = current / "dim_leads.parquet"
        parquet = connection.execute(f"select lead_id from '{file}'").fetchall()
    assert parquet == [("1",), ("10",), ("2",)]
    assert [entry.name for entry in settings.workdir.runs.iterdir()] == [manifest.run_id]


def test_the_manifest_says_what_was_published(settings: Settings) -> None:
    written = publish_hand_made(replace(settings, accept_reason="checked by hand"))
    content = json.loads((settings.workdir.current / "manifest.json").read_text())
    assert content["as_of_date"] == "2026-06-30"
    assert content["is_provisional"] is False
    assert content["rule_set_id"] == "set-1"
    assert content["agreement_id"] == "agreement-1"
    assert content["data_through"] == "2026-06-29"
    assert content["marts"]["fct_score_ledger"]["row_count"] == 9
    assert content["marts"]["dim_leads"]["columns"][0] == {"name": "lead_id", "type": "VARCHAR"}
    assert content["accepted"]["reason"] == "checked by hand"
    assert content["identity"]["sources"] == ["file"]
    assert read_manifest(settings.workdir.current) == written


def test_an_account_without_a_name_can_accept_a_build(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user id stands in no list of accounts."""

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    accepted = publish_hand_made(replace(settings, accept_reason="checked by hand")).accepted
    assert accepted is not None
    assert accepted.who == str(os.getuid())
    with build_lock(settings.workdir.lock):
        assert f"by {os.getuid()} on" in lock_holder(settings.workdir.lock)


def test_storage_is_readable_by_older_clients(settings: Settings) -> None:
    publish_hand_made(settings)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.workdir.current / 'leads.duckdb'}' as served")
        (tags,) = connection.execute(
            "select tags from duckdb_databases() where database_name = 'served'"
        ).fetchone() or ({},)
    assert tags["storage_version"].startswith("v1.0.0")


def test_content_hashes_do_not_depend_on_storage_order(settings: Settings) -> None:
    leads = ("1", "2", "10")
    first = publish_hand_made(settings, leads=leads)
    second = publish_hand_made(settings, leads=leads[::-1])
    other = publish_hand_made(settings, leads=("1", "2", "11"))
    hashes = [
        {name: mart.content_hash for name, mart in run.marts.items()} for run in (first, second)
    ]
    assert hashes[0] == hashes[1]
    assert first.run_id != second.run_id
    assert other.marts["dim_leads"].content_hash != first.marts["dim_leads"].content_hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(null, 'a')", "('', 'a')"),
        ("('ab', 'c')", "('a', 'bc')"),
        ("('-', null)", "(null, '-')"),
        ("('a', null)", "('a', '')"),
        ("('1:a', 'b')", "('1', 'a:b')"),
    ],
)
def test_different_rows_have_different_hashes(one: str, other: str) -> None:
    with duckdb.connect() as connection:
        hashes = []
        for row in (one, other):
            connection.execute(
                f"create or replace table t as select * from (values {row}) as v(x, y)"
            )
            hashes.append(content_hash(connection, "t", ["x", "y"]))
    assert hashes[0] != hashes[1]


def test_every_block_counts() -> None:
    with duckdb.connect() as connection:
        hashes = set()
        for changed in (-1, 5, BLOCK_ROWS + 5):
            connection.execute(
                "create or replace table t as select case when i = ? then -1 else i end as x"
                f" from range({BLOCK_ROWS + 10}) as r(i)",
                [changed],
            )
            hashes.add(content_hash(connection, "t", ["x"]))
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("drop table marts.fct_lead_grades;", "no table for these marts: fct_lead_grades"),
        ("delete from marts.fct_lead_scores;", "lacks or has too many leads"),
        ("delete from marts.dim_leads;", "dim_leads is empty"),
        (
            "update marts.fct_score_ledger set points = points + 0.01 where lead_id = '1'"
            " and rule_id = 'size';",
            "1 scores are not the sum of their ledger lines",
        ),
        (
            "delete from marts.fct_lead_score_values where lead_id = '1' and score_id = 'fit';",
            "1 scores are not the sum",
        ),
        ("update marts.fct_lead_scores set fit_score = 11 where lead_id = '1';", "1 leads differ"),
        ("update marts.fct_lead_scores set as_of_date = '2026-01-01';", "another as-of day"),
    ],
)
def test_a_defect_snapshot_is_not_served(settings: Settings, broken: str, said: str) -> None:
    good = publish_hand_made(settings)
    with pytest.raises(RunFailed, match=said):
        publish_hand_made(settings, extra=broken)
    assert serving.served_run(settings.workdir) == good.run_id
    assert [entry.name for entry in settings.workdir.runs.iterdir()] == [good.run_id]


def test_a_mart_needs_a_key(settings: Settings) -> None:
    write_build(settings.workdir)
    file = settings.workdir.dbt_target / "manifest.json"
    content = json.loads(file.read_text())
    content["nodes"]["model.tiny.dim_leads"]["config"]["meta"] = {}
    file.write_text(json.dumps(content))
    with pytest.raises(RunFailed, match=r"dim_leads.*\n.*meta"):
        list_marts(settings.workdir.dbt_target)


def test_five_runs_are_kept_and_the_served_one(settings: Settings) -> None:
    workdir = settings.workdir
    runs = []
    for minute in range(6):
        later = replace(settings, started_at=settings.started_at + timedelta(minutes=minute))
        runs.append(publish_hand_made(later).run_id)
    assert serving.list_runs(workdir) == runs[1:]
    serving.restore_run(workdir, runs[1])
    serving.remove_old_runs(workdir, kept=2)
    assert serving.list_runs(workdir) == [runs[1], *runs[4:]]


def test_restore_by_id_beginning_or_previous(settings: Settings) -> None:
    workdir = settings.workdir
    runs = [
        publish_hand_made(
            replace(settings, started_at=settings.started_at + timedelta(days=day))
        ).run_id
        for day in range(3)
    ]
    assert serving.restore_run(workdir, "previous").run_id == runs[1]
    assert serving.served_run(workdir) == runs[1]
    assert serving.restore_run(workdir, "previous").run_id == runs[0]
    assert serving.restore_run(workdir, runs[2][:10]).run_id == runs[2]
    for wanted, said in (
        ("2025", "is no published run"),
        ("2026", "matches 3 runs"),
        ("", "no pub"),
    ):
        with pytest.raises(InputError, match=said) as raised:
            serving.restore_run(workdir, wanted)
        assert all(run in str(raised.value) for run in runs)
    serving.restore_run(workdir, runs[0])
    with pytest.raises(InputError, match="no run before"):
        serving.restore_run(workdir, "previous")


def test_what_killed_runs_left_is_removed(settings: Settings) -> None:
    workdir = settings.workdir
    leftover = workdir.runs / ".tmp-20260101T000000Z-abcdef"
    leftover.mkdir(parents=True)
    (leftover / "leads.duckdb").touch()
    (workdir.published / ".tmp-current-x").symlink_to("runs/nowhere")
    publish_hand_made(settings)
    assert not leftover.exists()
    assert not (workdir.published / ".tmp-current-x").is_symlink()


def test_a_killed_publisher_leaves_the_served_run(settings: Settings) -> None:
    served = publish_hand_made(settings)
    script = f"""
import os
from pathlib import Path
from orchestration.lib.publishing import snapshot
from tests.orchestration.hand_made_build import hand_made_settings, publish_hand_made
snapshot._write_manifest = lambda *_: os.kill(os.getpid(), 9)
publish_hand_made(hand_made_settings(Path({str(settings.workdir.root.parent)!r})), leads=("7",))
"""
    killed = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert killed.returncode == -9
    assert len(list(settings.workdir.runs.glob(".tmp-*"))) == 1
    assert serving.served_run(settings.workdir) == served.run_id
    assert serving.list_runs(settings.workdir) == [served.run_id]


def test_the_swap_refuses_a_folder_that_somebody_made(settings: Settings) -> None:
    settings.workdir.current.mkdir(parents=True)
    with pytest.raises(RunFailed, match="no symbolic link"):
        publish_hand_made(settings)


def test_a_served_file_cannot_be_changed_nor_used_to_read_others(settings: Settings) -> None:
    publish_hand_made(settings)
    with serving.open_snapshot(settings.workdir.current / "leads.duckdb") as connection:
        with pytest.raises(duckdb.Error):
            connection.execute("delete from marts.dim_leads")
        with pytest.raises(duckdb.Error):
            connection.execute(f"select * from '{settings.workdir.current}/dim_leads.parquet'")
        with pytest.raises(duckdb.Error):
            connection.execute("set enable_external_access = true")


def test_a_reader_keeps_its_run_through_a_swap(settings: Settings) -> None:
    publish_hand_made(settings)
    with serving.open_snapshot(settings.workdir.current / "leads.duckdb") as reader:
        publish_hand_made(settings, leads=("1",))
        assert reader.execute("select count(*) from marts.dim_leads").fetchone() == (3,)


def test_replays_and_other_inputs_are_refused(settings: Settings, tmp_path: Path) -> None:
    served = publish_hand_made(settings)
    refuse_other_build(settings, served)
    refuse_other_build(settings, None)
    refuse_other_build(replace(settings, as_of_date=AS_OF + timedelta(days=1)), served)
    others = {
        "earlier day": replace(settings, as_of_date=AS_OF - timedelta(days=1)),
        "another raw folder": replace(settings, raw_dir=tmp_path / "elsewhere"),
        "another rules folder": replace(settings, rules_dir=tmp_path / "rules"),
        "another sample": replace(settings, sample_percent=10.0),
        "another source": replace(settings, sources=("file", "hubspot")),
    }
    for said, other in others.items():
        with pytest.raises(InputError, match=said) as raised:
            refuse_other_build(other, served)
        assert "--workdir" in str(raised.value)


def test_folders_inside_the_workdir_move_with_it(tmp_path: Path) -> None:
    inside = hand_made_settings(tmp_path, workdir=str(tmp_path))
    assert build_identity(inside).raw_dir == "raw"
    outside = hand_made_settings(tmp_path)
    assert build_identity(outside).raw_dir == str(tmp_path / "raw")


def test_a_damaged_manifest_is_told(settings: Settings) -> None:
    publish_hand_made(settings)
    (settings.workdir.current / "manifest.json").write_text("{")
    with pytest.raises(RunFailed, match="damaged"):
        serving.served_manifest(settings.workdir)


def test_the_lock_names_its_holder_and_ends_with_it(tmp_path: Path) -> None:
    file = tmp_path / "warehouse" / "build.lock"
    with build_lock(file):
        assert is_locked(file)
        with pytest.raises(RunFailed, match=rf"process {os.getpid()}, "), build_lock(file):
            pass
    assert not is_locked(file)
    with build_lock(file):
        pass


def test_a_provisional_day_is_marked(settings: Settings) -> None:
    assert not settings.is_provisional
    assert replace(settings, run_date=date(2026, 6, 30)).is_provisional
