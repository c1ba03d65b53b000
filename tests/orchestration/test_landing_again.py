"""Landing again: what did not change stays, what changed never does."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.landing import (
    ColumnAliases,
    LandingReport,
    earlier_landings,
    land_source,
    load_table_specs,
)
from orchestration.lib.state.versions import write_versions
from orchestration.lib.versions import hash_rows

REPOSITORY = Path(__file__).resolve().parents[2]
SPECS = load_table_specs(REPOSITORY / "models", "file")
LEADS = b"lead_id,mail,column\n1,a,x\n\n2,b,y\n"
OTHER_LEADS = LEADS.replace(b"1,a", b"1,c")
LONG_AGO = 1_000_000_000


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    file = tmp_path / "leads.csv"
    file.write_bytes(LEADS)
    return file


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled as soon as they are written."""
    monkeypatch.setattr(earlier_landings, "_SETTLED_NS", -1_000_000_000_000)


class Reader:
    """Lands a folder and knows which files were read for it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.connection, self.folder = connection, folder
        self.read: list[str] = []

    def land(
        self, aliases: ColumnAliases | None = None, *, is_full_refresh: bool = False
    ) -> LandingReport:
        said: list[str] = []
        report = land_source(
            self.connection,
            "file",
            self.folder,
            SPECS,
            aliases or {},
            said.append,
            is_full_refresh=is_full_refresh,
        )
        self.read = [line.removeprefix("Landing ") for line in said if line[:8] == "Landing "]
        return report

    def version(self, table: str = "leads") -> str:
        (row,) = self.connection.execute(
            "select comment from duckdb_tables() where table_name = ?", [table]
        ).fetchall()
        return str(row[0])


def test_an_unchanged_file_is_not_read_again_and_reported_as_before(
    connection: duckdb.DuckDBPyConnection, leads: Path, settled: None
) -> None:
    reader = Reader(connection, leads.parent)
    first = reader.land()
    assert reader.read == ["leads.csv"]
    assert first.notices
    version = reader.version()
    assert reader.land() == first
    assert reader.read == []
    assert reader.version() == version
    assert reader.land(is_full_refresh=True) == first
    assert reader.read == ["leads.csv"]


def test_a_file_written_again_with_the_same_bytes_is_not_landed_again(
    connection: duckdb.DuckDBPyConnection, leads: Path, settled: None
) -> None:
    reader = Reader(connection, leads.parent)
    reader.land()
    leads.unlink()
    leads.write_bytes(LEADS)
    reader.land()
    assert reader.read == []


def test_other_bytes_of_the_same_size_and_time_are_landed(
    connection: duckdb.DuckDBPyConnection, leads: Path, settled: None
) -> None:
    os.utime(leads, ns=(LONG_AGO, LONG_AGO))
    reader = Reader(connection, leads.parent)
    reader.land()
    leads.write_bytes(OTHER_LEADS)
    os.utime(leads, ns=(LONG_AGO, LONG_AGO))
    reader.land()
    assert reader.read == ["leads.csv"]
    assert connection.sql("select mail from raw_file.leads").fetchall() == [("c",), ("b",)]


def test_a_file_that_was_just_written_is_told_by_its_bytes(
    connection: duckdb.DuckDBPyConnection, leads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(connection, leads.parent)
    reader.land()
    kept = earlier_landings.read_landings(connection, "raw_file")["leads"]
    assert not kept.state.is_settled
    # A write that the file's times do not show.
    leads.write_bytes(OTHER_LEADS)
    module = sys.modules["orchestration.lib.landing.land_source"]
    monkeypatch.setattr(module, "file_state", lambda _: kept.state)
    reader.land()
    assert reader.read == ["leads.csv"]


@pytest.mark.parametrize(
    "statement",
    [
        "drop table raw_file.leads",
        "delete from raw_file.leads where lead_id = '1'",
        "alter table raw_file.leads rename mail to post",
        "drop table raw_file._landed_files",
        "update raw_file._landed_files set landing = '{}'",
    ],
)
def test_a_table_that_was_changed_by_hand_is_landed(
    connection: duckdb.DuckDBPyConnection, leads: Path, settled: None, statement: str
) -> None:
    reader = Reader(connection, leads.parent)
    first = reader.land()
    connection.execute(statement)
    assert reader.land() == first
    assert reader.read == ["leads.csv"]


def test_aliases_and_the_code_of_the_landing_count(
    connection: duckdb.DuckDBPyConnection,
    leads: Path,
    settled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = Reader(connection, leads.parent)
    reader.land()
    reader.land({"leads": {"mail": "email"}})
    assert reader.read == ["leads.csv"]
    assert connection.sql("select email from raw_file.leads").fetchall() == [("a",), ("b",)]
    monkeypatch.setattr(earlier_landings, "_code_version", lambda: "another")
    reader.land({"leads": {"mail": "email"}})
    assert reader.read == ["leads.csv"]


def test_a_file_that_goes_or_changes_takes_nothing_else_with_it(
    connection: duckdb.DuckDBPyConnection, leads: Path, settled: None
) -> None:
    deals, owners = leads.with_name("deals.csv"), leads.with_name("owners.csv")
    deals.write_bytes(b"deal_id\n1\n")
    owners.write_bytes(b"owner_id\n1\n")
    reader = Reader(connection, leads.parent)
    reader.land()
    versions = [reader.version(name) for name in ("leads", "deals", "owners")]
    deals.unlink()
    owners.write_bytes(b"owner_id\n2\n")
    report = reader.land()
    assert reader.read == ["owners.csv"]
    assert {table.table: table.rows for table in report.tables if table.rows} == {
        "leads": 2,
        "owners": 1,
    }
    changed = [reader.version(name) for name in ("leads", "deals", "owners")]
    assert changed[0] == versions[0]
    assert changed[1] != versions[1]
    assert changed[2] != versions[2]
    listed = connection.sql("select table_name, landing from raw_file._landed_files").fetchall()
    assert [name for name, _ in listed] == ["leads", "owners"]
    assert all(json.loads(text)["content_hash"] for _, text in listed)


def test_rows_hash_by_what_they_hold_and_where_they_stand(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("create table one as from (values (1, 'a'), (2, 'b')) as rows(k, v)")
    connection.execute("create table turned as from (values (2, 'b'), (1, 'a')) as rows(k, v)")
    connection.execute("create table swapped as from (values (1, 'b'), (2, 'a')) as rows(k, v)")
    connection.execute("create table wide as select cast(k as bigint) as k, v from one")
    connection.execute("create table nobody as from one where false")
    tables = ("one", "turned", "swapped", "wide", "nobody")
    plain = {name: hash_rows(connection, name, is_ordered=False) for name in tables}
    assert plain["one"] == plain["turned"]
    assert len(set(plain.values())) == 4
    assert len({hash_rows(connection, name, is_ordered=True) for name in tables}) == 5


def test_tables_of_the_state_say_their_version(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create table one as select 1 as k, 'first' as run_id")
    connection.execute("create table two as select 1 as k, 'second' as run_id")
    said = "select comment from duckdb_tables() order by table_name"
    write_versions(connection)
    first = connection.execute(said).fetchall()
    assert first[0] == first[1]
    connection.execute("insert into two values (2, 'third')")
    write_versions(connection)
    second = connection.execute(said).fetchall()
    assert second[0] == first[0]
    assert second[1] != first[1]
    assert str(second[1][0]).startswith("leads_version - ")
