"""A folder of files becomes a raw schema: which files, which columns, all or nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from orchestration.lib.builds.build import build
from orchestration.lib.builds.build import land as land_of_build
from orchestration.lib.builds.reporting import SilentReporter
from orchestration.lib.landing import (
    LandedTable,
    LandingReport,
    TableSpec,
    land_source,
    load_table_specs,
    read_source_columns,
)
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings import Settings, resolve_settings

MODELS = Path(__file__).parents[2] / "models"
SPECS = load_table_specs(MODELS, "file")
LEADS = b"lead_id,company\n1,a\n2,b\n"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def fill(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def land(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    aliases: Mapping[str, Mapping[str, str]] | None = None,
) -> LandingReport:
    return land_source(connection, "file", folder, SPECS, aliases or {})


def problems_of(
    connection: duckdb.DuckDBPyConnection, folder: Path, specs: tuple[TableSpec, ...] = SPECS
) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as raised:
        land_source(connection, "file", folder, specs, {})
    return raised.value.problems


def test_the_catalogue_holds_the_contract() -> None:
    specs = {spec.name: spec for spec in SPECS}
    assert [spec.name for spec in SPECS if spec.is_required] == ["leads"]
    assert {name: spec.required_columns for name, spec in specs.items()} == {
        "leads": ("lead_id",),
        "events": ("lead_id", "event_type", "occurred_at"),
        "outcomes": ("lead_id", "outcome"),
        "companies": (),
        "owners": (),
        "deals": ("deal_id",),
        "touches": ("occurred_at", "kind"),
        "feedback": ("lead_id", "at", "disposition"),
    }
    assert specs["touches"].required_any == ("lead_id", "company")
    assert {"created_at", "email", "company", "amount", "opted_out"} < set(specs["leads"].columns)


def test_a_source_that_is_not_defined_is_told() -> None:
    with pytest.raises(OSError, match="_other__sources"):
        load_table_specs(MODELS, "other")


def test_columns_of_the_file_come_first_then_those_it_lacks(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = fill(tmp_path, {"leads.csv": b"custom, Company ,LEAD_ID\nx,a,1\n"})
    report = land(connection, folder)
    expected = (
        "custom",
        "company",
        "lead_id",
        "created_at",
        "email",
        "amount",
        "opted_out",
    )
    assert report.tables[0] == LandedTable("leads", "leads.csv", 1, expected)
    described = connection.sql("describe raw_file.leads").fetchall()
    assert [(row[0], row[1]) for row in described] == [(name, "VARCHAR") for name in expected]
    assert connection.sql("select lead_id, custom, email from raw_file.leads").fetchall() == [
        ("1", "x", None)
    ]


def test_a_table_without_a_file_is_there_and_empty(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    report = land(connection, fill(tmp_path, {"leads.csv": LEADS}))
    assert [table.table for table in report.tables] == [spec.name for spec in SPECS]
    assert report.tables[1] == LandedTable("events", None, 0, SPECS[1].columns)
    assert connection.sql("from raw_file.feedback").columns == list(SPECS[7].columns)
    landed = connection.sql("select * exclude (landing) from raw_file._landed_files")
    assert landed.fetchall() == [("leads", "leads.csv", 2)]


def test_other_files_and_folders_are_ignored(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    names = [".leads.csv", "~$leads.xlsx", ".~lock.leads.csv#", "leads.txt", "notes.csv", "as_of"]
    folder = fill(tmp_path, {"Leads.CSV": LEADS, **dict.fromkeys(names, b"\0")})
    (folder / "events.csv").mkdir()
    (folder / "rules").mkdir()
    report = land(connection, folder)
    assert [table.file for table in report.tables if table.file] == ["Leads.CSV"]


@pytest.mark.parametrize("folder_name", ["a=b", "x[1]*?", "it's", "日本 語"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_folders_of_any_name_are_read(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, folder_name: str, form: str
) -> None:
    folder = fill(tmp_path / folder_name, {"leads.csv": LEADS})
    # What the name would match, were it a pattern.
    fill(tmp_path / "x1*?", {"leads.csv": b"lead_id\n7\n8\n9\n"})
    if form == "parquet":
        connection.execute(f"copy (from '{_plain(tmp_path)}') to '{tmp_path}/leads.parquet'")
        (folder / "leads.csv").unlink()
        (tmp_path / "leads.parquet").rename(folder / "leads.parquet")
    report = land(connection, folder)
    assert report.tables[0].rows == 2
    assert report.tables[0].columns[:2] == ("lead_id", "company")
    assert "a" not in report.tables[0].columns


def _plain(folder: Path) -> Path:
    path = folder / "plain.csv"
    path.write_bytes(LEADS)
    return path


def test_links_to_files_are_followed(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    fill(tmp_path / "elsewhere", {"export-77": LEADS})
    folder = fill(tmp_path / "raw", {})
    (folder / "leads.csv").symlink_to(tmp_path / "elsewhere" / "export-77")
    assert land(connection, folder).tables[0].file == "leads.csv"


def test_two_forms_of_a_table_are_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = fill(tmp_path, {"leads.csv": LEADS, "leads.Parquet": b"", "LEADS.csv.gz": b""})
    (problem,) = problems_of(connection, folder)
    assert all(name in problem.message for name in ("leads.csv", "leads.Parquet", "LEADS.csv.gz"))


def test_a_missing_folder_and_a_missing_table_are_told(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (problem,) = problems_of(connection, tmp_path / "nowhere")
    assert "nowhere" in problem.message
    (problem,) = problems_of(connection, fill(tmp_path, {"events.csv": b"x\n"}))
    assert problem.file == "leads.csv"
    assert "leads.xlsx" in problem.remedy


def test_all_problems_of_all_files_are_told_at_once(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    files = {
        "leads.csv": b"lead_id,b\n1\n",
        "events.csv": b"Event_Type,b\nx,1\n",
        "outcomes.csv": b"",
        "touches.csv": b"occurred_at,kind\n1,2\n",
    }
    problems = problems_of(connection, fill(tmp_path, files))
    assert [(problem.file, problem.row, problem.column) for problem in problems] == [
        ("leads.csv", 2, "b"),
        ("events.csv", None, "lead_id"),
        ("events.csv", None, "occurred_at"),
        ("outcomes.csv", None, None),
        ("touches.csv", None, "lead_id or company"),
    ]
    assert "event_type, b" in problems[1].message


def test_what_may_be_personal_is_not_repeated(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    # Without a header line the first person stands where names should be.
    content = b"x,hanako@example.com,09012345678," + b"y" * 70 + b"\n1,2,3,4\n"
    (problem,) = problems_of(connection, fill(tmp_path, {"leads.csv": content}))
    assert "x, number 2, number 3, number 4" in str(problem)
    (tmp_path / "leads.csv").write_bytes(b"lead_id,phone\n1,hanako@example.com,090\n")
    (problem,) = problems_of(connection, tmp_path)
    assert "hanako" not in str(problem)


def test_doubled_columns_are_refused(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    folder = fill(tmp_path, {"leads.csv": "lead_id,B,\u3000b\n1,2,3\n".encode()})
    (problem,) = problems_of(connection, folder)
    assert problem.column == "b"
    assert "2 and 3" in problem.message


def test_a_column_without_a_header_is_numbered(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = fill(tmp_path, {"leads.csv": b"lead_id, ,b,\n1,2,3,\n"})
    report = land(connection, folder)
    assert report.tables[0].columns[:4] == ("lead_id", "column_2", "b", "column_4")
    assert ["column_2" in str(notice) for notice in report.notices] == [True, False]


ALIASES = {"leads": {"リードid": "lead_id", "会社名": "company", "貴社名": "company"}}


@pytest.mark.parametrize(
    ("header", "columns", "notices"),
    [
        ("リードID, 会社名　", ("lead_id", "company"), 0),
        ("リードID,Company,会社名", ("lead_id", "company", "会社名"), 1),
        ("リードID,貴社名,会社名", ("lead_id", "company", "会社名"), 1),
        ("Lead_ID,リードID", ("lead_id", "リードid"), 1),
    ],
)
def test_aliases_give_way_to_the_name_itself(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    header: str,
    columns: tuple[str, ...],
    notices: int,
) -> None:
    row = ",".join("x" for _ in columns)
    folder = fill(tmp_path, {"leads.csv": f"{header}\n{row}\n".encode()})
    report = land(connection, folder, ALIASES)
    assert report.tables[0].columns[: len(columns)] == columns
    assert len(report.notices) == notices
    assert read_source_columns(folder, SPECS, ALIASES) == {"leads": columns}


def test_headers_are_read_without_rows(tmp_path: Path) -> None:
    files = {
        "leads.csv": "\ufeffLead_ID;Größe\n1\n".encode(),
        "outcomes.csv": "lead_id,OUTCOME,理由\n".encode("cp932"),
    }
    assert read_source_columns(fill(tmp_path, files), SPECS, {}) == {
        "leads": ("lead_id", "größe"),
        "outcomes": ("lead_id", "outcome", "理由"),
    }
    (tmp_path / "events.csv").write_bytes(b"lead_id\n")
    with pytest.raises(InputError, match="event_type"):
        read_source_columns(tmp_path, SPECS, {})


BROKEN = {
    "a row too short": ("events.csv", b"lead_id,event_type,occurred_at\n1,x\n"),
    "no rows": ("outcomes.csv", b"lead_id,outcome\n"),
    "only empty rows": ("outcomes.csv", b"lead_id,outcome\n ,\n"),
    "a cut stream": ("events.csv.gz", b"\x1f\x8b\x08"),
    "a cut Parquet file": ("events.parquet", b"PAR1PAR1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_failed_landing_leaves_the_tables_as_they_were(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    folder = fill(tmp_path, {"leads.csv": LEADS, "deals.csv": b"deal_id\n1\n"})
    land(connection, folder)
    file, content = BROKEN[name]
    fill(folder, {"leads.csv": b"lead_id\n7\n", file: content})
    (folder / "deals.csv").unlink()
    assert [problem.file for problem in problems_of(connection, folder)] == [file]
    assert connection.sql("select lead_id from raw_file.leads").fetchall() == [("1",), ("2",)]
    assert connection.sql("select deal_id from raw_file.deals").fetchall() == [("1",)]
    (folder / file).unlink()
    land(connection, folder)
    assert connection.sql("select lead_id from raw_file.leads").fetchall() == [("7",)]
    assert connection.sql("from raw_file.deals").fetchall() == []


def test_a_file_that_duckdb_refuses_is_read_the_slow_way(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    # A value that is longer than DuckDB's longest line, in the second file that is landed.
    long = b"x" * 2_200_000
    files = {"leads.csv": LEADS, "deals.csv": b"deal_id,b\n1," + long + b"\n2,y\n"}
    said: list[str] = []
    folder = fill(tmp_path, files)
    report = land_source(connection, "file", folder, SPECS, {}, said.append)
    assert [table.rows for table in report.tables if table.file] == [2, 2]
    assert connection.sql("select length(b) from raw_file.deals").fetchall() == [
        (len(long),),
        (1,),
    ]
    assert "Checking every row of deals.csv" in said


def test_a_wrong_number_of_rows_is_never_committed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.lib.landing import csv_files

    read_all = csv_files.csv_relation
    monkeypatch.setattr(
        csv_files,
        "csv_relation",
        lambda *args, **options: f"(from {read_all(*args, **options)} limit 1)",
    )
    (problem,) = problems_of(connection, fill(tmp_path, {"leads.csv": LEADS}))
    assert "cannot be read as a table" in problem.message
    assert connection.sql("select 1 from duckdb_tables()").fetchall() == []


def test_a_file_that_changes_while_it_is_read_is_told(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = fill(tmp_path, {"leads.csv": LEADS})

    def change(step: str) -> None:
        if step.startswith("Landing"):
            os.utime(folder / "leads.csv", (1, 1))

    with pytest.raises(InputError, match="changed while it was read"):
        land_source(connection, "file", folder, SPECS, {}, change)


def test_rows_keep_the_order_of_the_file_and_the_setting_comes_back(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set threads = 4")
    # Short and long row groups by turns, so that threads would finish them in another order.
    connection.execute(
        "copy (select i::varchar as lead_id, repeat('x', if(i // 20000 % 2 = 0, 300, 1)) as b "
        f"from range(200000) as numbers(i)) to '{tmp_path}/leads.parquet' "
        "(format parquet, row_group_size 20000)"
    )
    land(connection, tmp_path)
    out_of_place = "select count(*) from raw_file.leads where lead_id != rowid::varchar"
    assert connection.sql(out_of_place).fetchall() == [(0,)]
    setting = "select current_setting('preserve_insertion_order')"
    assert connection.sql(setting).fetchall() == [(False,)]


def test_nothing_is_left_in_the_temporary_folder(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = fill(tmp_path / "scratch", {})
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    seen: list[Path] = []
    raw = fill(tmp_path / "raw", {"leads.csv": "lead_id,名前\n1,山田\n".encode("cp932")})
    land_source(connection, "file", raw, SPECS, {}, lambda _: seen.extend(scratch.rglob("*.csv")))
    assert seen
    assert list(scratch.iterdir()) == []


def settings_of(folder: Path, **flags: str) -> Settings:
    """Settings of a build of CP932 in `raw`, and what a killed one left of such a file."""
    raw = fill(folder / "raw", {"leads.csv": "lead_id,名前\n1,山田\n".encode("cp932")})
    given = {"source": "file", "raw_dir": str(raw), "workdir": str(folder / "work"), **flags}
    settings = resolve_settings(given, environment={}, folder=folder)
    fill(settings.workdir.landing, {"feedback.utf8.csv": b"left"})
    return settings


def test_a_build_decodes_raw_data_in_its_working_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    place = settings.workdir.landing
    seen: dict[str, int] = {}

    class Watcher(SilentReporter):
        def advance(self, *_: object) -> None:
            seen.update({file.name: place.stat().st_mode & 0o777 for file in place.iterdir()})

    rules: Any = SimpleNamespace(aliases={})
    land_of_build(settings, rules, Watcher())
    # Nobody else may look into it, and what was left is gone.
    assert seen == {"leads.utf8.csv": 0o700}
    assert not place.exists()


def test_a_build_removes_decoded_data_that_a_killed_one_left(tmp_path: Path) -> None:
    rules = fill(tmp_path / "rules", {"scoring_rules.csv": b"rule_id\nx\n"})
    settings = settings_of(tmp_path, rules=str(rules))
    with pytest.raises(InputError, match="scoring_rules"):
        build(settings)
    assert not settings.workdir.landing.exists()


@pytest.mark.parametrize("name", ["select", 'quo"te', "c0", "it's", "a b", "列"])
def test_columns_of_any_name_are_landed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    header = '"' + name.replace('"', '""') + '"'
    land(connection, fill(tmp_path, {"leads.csv": f"lead_id,{header}\n1,x\n".encode()}))
    assert connection.sql("from raw_file.leads").columns[1] == name
