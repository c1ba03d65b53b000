"""Parquet and xlsx files: every value in its text form, and damage as one clear error."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.lib.landing import LandingReport, TableSpec, land_source, read_source_columns
from orchestration.lib.problems import InputError, Problem

SPECS = (TableSpec("leads", True, ("lead_id",), ("lead_id",)),)
Rows = list[tuple[str | None, ...]]
Land = Callable[[str, bytes], tuple[Rows, LandingReport]]
Refuse = Callable[[str, bytes], Problem]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    # Whatever the time zone of the machine is, times are landed in UTC.
    connection.execute("set timezone = 'Asia/Tokyo'")
    return connection


@pytest.fixture
def land(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Land:
    def land_bytes(name: str, content: bytes) -> tuple[Rows, LandingReport]:
        (tmp_path / name).write_bytes(content)
        report = land_source(connection, "file", tmp_path, SPECS, {})
        rows = connection.sql("from raw_file.leads order by rowid").fetchall()
        assert read_source_columns(tmp_path, SPECS, {})["leads"] == report.tables[0].columns
        return rows, report

    return land_bytes


@pytest.fixture
def refuse(land: Land) -> Refuse:
    def refuse_bytes(name: str, content: bytes) -> Problem:
        with pytest.raises(InputError) as raised:
            land(name, content)
        (problem,) = raised.value.problems
        assert problem.file == name
        assert problem.remedy
        return problem

    return refuse_bytes


@pytest.fixture
def parquet(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[[str], bytes]:
    def write(query: str) -> bytes:
        path = tmp_path / "written.bin"
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
        return path.read_bytes()

    return write


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def edited(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with the XML of its first sheet changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name.endswith("sheet1.xml") else part)
    return written.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("true", "true"),
        ("false", "false"),
        ("7::tinyint", "7"),
        ("9007199254740993::bigint", "9007199254740993"),
        ("18446744073709551615::ubigint", "18446744073709551615"),
        ("1.0::double", "1"),
        ("1.5::double", "1.5"),
        ("-0.0::double", "0"),
        ("0.1::float", "0.1"),
        ("1e20::double", "1e+20"),
        ("10.0::double", "10"),
        ("'nan'::double", None),
        ("12.50::decimal(9, 2)", "12.50"),
        ("date '2026-01-02'", "2026-01-02"),
        ("timestamp '2026-01-02 03:04:05'", "2026-01-02 03:04:05"),
        ("timestamp '2026-01-02 00:00:00'", "2026-01-02 00:00:00"),
        ("timestamp '2026-01-02 03:04:05.678901'", "2026-01-02 03:04:05.678901"),
        ("timestamp_ns '2026-01-02 03:04:05.5'", "2026-01-02 03:04:05.5"),
        ("timestamptz '2026-01-02 03:04:05+09:00'", "2026-01-01 18:04:05Z"),
        ("time '10:00:00'", "10:00:00"),
        ("[1.0::double, null, 2.5]", "1;2.5"),
        ("['\u3000a ', '', 'b']", "a;b"),
        ("[true, false]", "true;false"),
        ("[date '2026-01-02']", "2026-01-02"),
        ("[]::varchar[]", None),
        ("{'x': 1}", '{"x":1}'),
        ("'ab'::blob", "ab"),
        ("'\u3000 x \u00a0\t'", "x"),
        ("' \u3000'", None),
        ("''", None),
        ("null::integer", None),
        ("'007'", "007"),
        ("'NULL'", "NULL"),
        ("'x'::enum('x', 'y')", "x"),
    ],
)
def test_parquet_values_take_their_text_form(
    land: Land, parquet: Callable[[str], bytes], value: str, text: str | None
) -> None:
    rows, _ = land("leads.parquet", parquet(f"select '1' as lead_id, {value} as b"))
    assert rows == [("1", text)]


def test_parquet_names_fold_and_keep_their_order(
    land: Land, parquet: Callable[[str], bytes]
) -> None:
    query = "select {'q': 1, 'r': [2]} as S, 1 as \" Lead_ID　\", [{'a': 1}] as l, 'x' as Last"
    rows, report = land("leads.parquet", parquet(query))
    assert report.tables[0].columns == ("s", "lead_id", "l", "last")
    assert rows == [('{"q":1,"r":[2]}', "1", '{"a":1}', "x")]


def test_parquet_rows_keep_their_order_and_empty_ones_are_ignored(
    land: Land, parquet: Callable[[str], bytes]
) -> None:
    query = (
        "select case when i != 5 then i::varchar else ' ' end as lead_id, null as b "
        "from range(150000) as numbers(i)"
    )
    rows, report = land("leads.parquet", parquet(query))
    assert [row[0] for row in rows] == [str(i) for i in range(150_000) if i != 5]
    assert [notice.message for notice in report.notices] == ["1 empty row was ignored."]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[:-100], id="cut"),
        pytest.param(lambda whole: whole[: len(whole) // 2], id="cut in half"),
        pytest.param(lambda whole: whole[:1000] + whole[1100:], id="a piece missing"),
        pytest.param(lambda whole: whole[:1000] + b"\0" * 500 + whole[1500:], id="overwritten"),
        pytest.param(lambda _: b"PAR1", id="only the mark"),
        pytest.param(lambda _: b"lead_id\n1\n", id="no Parquet"),
    ],
)
def test_a_damaged_parquet_file_is_one_clear_error(
    refuse: Refuse, parquet: Callable[[str], bytes], damage: Callable[[bytes], bytes]
) -> None:
    whole = parquet("select md5(i::varchar) as lead_id from range(20000) as numbers(i)")
    assert "cut or damaged" in refuse("leads.parquet", damage(whole)).message


def test_files_of_typed_values_without_rows_are_refused(
    refuse: Refuse, parquet: Callable[[str], bytes], tmp_path: Path
) -> None:
    empty = parquet("select 1 as lead_id where false")
    assert "no rows" in refuse("leads.parquet", empty).message
    (tmp_path / "leads.parquet").unlink()
    for rows in ([["lead_id"]], [[]], [["lead_id"], [" "], [None]]):
        assert "no rows" in refuse("leads.xlsx", workbook(rows)).message


def test_doubled_parquet_columns_are_refused(
    refuse: Refuse, parquet: Callable[[str], bytes]
) -> None:
    problem = refuse("leads.parquet", parquet('select 1 as lead_id, 2 as a, 3 as " A"'))
    assert "2 and 3 have the same name" in problem.message


def test_workbook_cells_take_their_text_form(land: Land) -> None:
    cells: list[tuple[object, str | None]] = [
        (1, "1"),
        (1.0, "1"),
        (2.5, "2.5"),
        (True, "true"),
        (False, "false"),
        ("007", "007"),
        ("\u3000 株 式\u00a0", "株 式"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.datetime(2026, 1, 2), "2026-01-02"),
        (datetime.datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05"),
        (datetime.datetime(2026, 1, 2, 3, 4, 5, 500_000), "2026-01-02 03:04:05.5"),
        (datetime.time(3, 4), "03:04:00"),
        ('two\n"lines", one', 'two\n"lines", one'),
        (None, None),
        ("", None),
        ("last", "last"),
    ]
    headers = ["Lead_ID", *[f"c{index}" for index in range(len(cells))]]
    rows, _ = land("leads.xlsx", workbook([headers, ["L1", *[cell for cell, _ in cells]]]))
    assert rows == [("L1", *[text for _, text in cells])]


def test_only_the_first_sheet_is_read_and_empty_rows_are_ignored(land: Land) -> None:
    first = [["lead_id", "b"], ["1", "x"], [None, " "], [], ["2"], [None], ["\u3000"]]
    rows, report = land("LEADS.XLSX", workbook(first, [["lead_id"], ["9"]]))
    assert rows == [("1", "x"), ("2", None)]
    assert [str(notice) for notice in report.notices] == ["LEADS.XLSX: 2 empty rows were ignored."]


def test_workbook_values_without_a_header_are_kept(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    sheet = [["lead_id", None, "b"], ["1", 2, 3, 4.0], ["5"]]
    (tmp_path / "leads.xlsx").write_bytes(workbook(sheet))
    report = land_source(connection, "file", tmp_path, SPECS, {})
    assert report.tables[0].columns == ("lead_id", "column_2", "b", "column_4")
    assert connection.sql("from raw_file.leads").fetchall() == [
        ("1", "2", "3", "4"),
        ("5", None, None, None),
    ]
    assert len(report.notices) == 2


def test_a_wrong_size_written_into_a_sheet_loses_nothing(land: Land) -> None:
    content = edited(
        workbook([["lead_id", "b"], ["1", "x"], ["2", "y"]]),
        lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', xml),
    )
    assert land("leads.xlsx", content)[0] == [("1", "x"), ("2", "y")]


def test_a_formula_without_a_saved_result_is_refused(refuse: Refuse) -> None:
    rows = [["lead_id", "b"], ["1", 2], ["2", "=1+1"]]
    problem = refuse("leads.xlsx", workbook(rows))
    assert "formula" in problem.message
    assert (problem.row, problem.column) == (3, "b")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b'<c r="B2"><v>1.0</v></c>', "1"),
        (b'<c r="B2"><v>1.5E3</v></c>', "1500"),
        (b'<c r="B2"><f>1+1</f><v>2</v></c>', "2"),
        (b'<c r="B2" t="str"><f>1&amp;1</f><v>11</v></c>', "11"),
        (b'<c r="B2" t="str"><f>""</f><v></v></c>', None),
    ],
)
def test_saved_numbers_and_results_of_formulas_are_read(
    land: Land, cell: bytes, text: str | None
) -> None:
    content = edited(
        workbook([["lead_id", "b"], ["1", "=1+1"]]),
        lambda xml: re.sub(rb'<c r="B2".*?</c>', lambda _: cell, xml),
    )
    assert land("leads.xlsx", content)[0] == [("1", text)]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[: len(whole) // 2], id="cut"),
        pytest.param(lambda whole: whole[:400] + b"\xff\0\xff" + whole[403:], id="damaged"),
        pytest.param(lambda _: b"lead_id\n1\n", id="no workbook"),
        pytest.param(lambda _: b"\xd0\xcf\x11\xe0" + b"\0" * 600, id="old or protected"),
    ],
)
def test_a_damaged_workbook_is_one_clear_error(
    refuse: Refuse, damage: Callable[[bytes], bytes]
) -> None:
    whole = workbook([["lead_id", "b"], *[[str(i), f"{i * 7919}"] for i in range(500)]])
    assert "workbook cannot be read" in refuse("leads.xlsx", damage(whole)).message
