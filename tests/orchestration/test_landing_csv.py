"""CSV files: what is read is what the file says, and what cannot be read is named by its place."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.lib.landing import LandingReport, TableSpec, land_source
from orchestration.lib.landing.byte_scan import scan_bytes
from orchestration.lib.landing.csv_records import read_csv_header
from orchestration.lib.landing.text_files import TextFile
from orchestration.lib.landing.white_space import WHITE_SPACE
from orchestration.lib.problems import InputError, Problem

ALIASES = {
    "leads": {"リードid": "lead_id", "会社名": "company", "作成日": "created_at"},
}
SPECS = (TableSpec("leads", True, ("lead_id",), ("lead_id",)),)
Rows = list[tuple[str | None, ...]]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.fixture
def land(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> Callable[..., tuple[Rows, LandingReport]]:
    def land_bytes(content: bytes, name: str = "leads.csv") -> tuple[Rows, LandingReport]:
        (tmp_path / name).write_bytes(content)
        report = land_source(connection, "file", tmp_path, SPECS, ALIASES)
        return connection.sql("from raw_file.leads order by rowid").fetchall(), report

    return land_bytes


@pytest.fixture
def refuse(land: Callable[..., tuple[Rows, LandingReport]]) -> Callable[..., Problem]:
    def refuse_bytes(content: bytes, name: str = "leads.csv") -> Problem:
        with pytest.raises(InputError) as raised:
            land(content, name)
        (problem,) = raised.value.problems
        assert problem.file == name
        assert problem.remedy
        return problem

    return refuse_bytes


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("lead_id,b\n1,2\n3,4\n", [("1", "2"), ("3", "4")], id="lf"),
        pytest.param("lead_id,b\r\n1,2\r\n3,4\r\n", [("1", "2"), ("3", "4")], id="crlf"),
        pytest.param("lead_id,b\r1,2\r3,4\r", [("1", "2"), ("3", "4")], id="cr"),
        pytest.param("lead_id,b\r\n1,2\n3,4\r\n", [("1", "2"), ("3", "4")], id="mixed line ends"),
        pytest.param("lead_id,b\n1,2\r3,4\r\n", [("1", "2"), ("3", "4")], id="all line ends"),
        pytest.param("\ufefflead_id,b\n1,2\n", [("1", "2")], id="bom"),
        pytest.param('\ufeff"lead_id","b"\n1,2\n', [("1", "2")], id="bom before a quote"),
        pytest.param("lead_id,b\n1,2\n3,4", [("1", "2"), ("3", "4")], id="no line end at the end"),
        pytest.param("lead_id,b\n1,2\n3,", [("1", "2"), ("3", None)], id="ends in a separator"),
        pytest.param('lead_id,b\n1,"x,y"\n', [("1", "x,y")], id="quoted comma"),
        pytest.param('lead_id,b\n1,"x\ny"\n', [("1", "x\ny")], id="quoted lf"),
        pytest.param('lead_id,b\r\n1,"x\ny"\r\n', [("1", "x\ny")], id="quoted lf within crlf"),
        pytest.param('lead_id,b\n1,"x\r\ny"\n', [("1", "x\r\ny")], id="quoted crlf within lf"),
        pytest.param('lead_id,b\n1,"x""y"\n2,""""\n', [("1", 'x"y'), ("2", '"')], id="doubled"),
        pytest.param('lead_id,b\n1,5" pipe\n', [("1", '5" pipe')], id="stray quote"),
        pytest.param('lead_id,b\n1,5" or 6"\n', [("1", '5" or 6"')], id="two stray quotes"),
        pytest.param('lead_id,b\n1, "x"\n', [("1", '"x"')], id="white space before a quote"),
        pytest.param('lead_id,"b\nc"\n1,2\n', [("1", "2")], id="line break in the header"),
        pytest.param(
            "lead_id,b\nNULL,NA\n1.0,007\ntrue,\\N\n1_000,inf\n",
            [("NULL", "NA"), ("1.0", "007"), ("true", "\\N"), ("1_000", "inf")],
            id="nothing is sniffed",
        ),
        pytest.param('lead_id,b\n#1,"x\\"\n', [("#1", "x\\")], id="no comment and no escape"),
        pytest.param("lead_id;b\n1;2,5\n", [("1", "2,5")], id="semicolon"),
        pytest.param("lead_id\tb\n1\t2,5\n", [("1", "2,5")], id="tab"),
        pytest.param('lead_id;"b,c,d"\n1;2\n', [("1", "2")], id="known names decide the separator"),
        pytest.param("lead_id\n1\n\n2\n", [("1",), ("2",)], id="one column"),
        pytest.param(
            "lead_id,b\n \u3000\u00a01\t,　株 式　\n2,\u3000\n",
            [("1", "株 式"), ("2", None)],
            id="white space",
        ),
        pytest.param("lead_id,b\n\u00a11\u00a1,é\n、,~\n", [("¡1¡", "é"), ("、", "~")], id="edges"),
    ],
)
def test_legal_files_are_simply_read(
    land: Callable[..., tuple[Rows, LandingReport]], content: str, expected: Rows
) -> None:
    assert land(content.encode())[0] == expected


@pytest.mark.parametrize("space", WHITE_SPACE)
@pytest.mark.parametrize("value", ["a", "é", "株", "a b", "~"])
def test_each_kind_of_white_space_is_removed_at_both_ends(
    land: Callable[..., tuple[Rows, LandingReport]], space: str, value: str
) -> None:
    content = f'lead_id,b\n"{space}{value}","{value}{space}"\n"{space}{value}{space}","{space}"\n'
    assert land(content.encode())[0] == [(value, value), (value, None)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("blank", ["", "  ", ",,", " ,\u3000"])
def test_empty_rows_are_ignored_and_counted(
    land: Callable[..., tuple[Rows, LandingReport]], line_end: str, blank: str
) -> None:
    lines = ["lead_id,b", "1,2", blank, blank, "3,4", blank]
    rows, report = land(line_end.join([*lines, ""]).encode())
    assert rows == [("1", "2"), ("3", "4")]
    assert [str(notice) for notice in report.notices] == ["leads.csv: 3 empty rows were ignored."]
    assert report.tables[0].rows == 2


@pytest.mark.parametrize("content", ["lead_id\n1\n\n2\n  \n\n", 'lead_id\n1\n\n2\n""\n\n'])
def test_empty_rows_of_one_column_are_ignored_and_counted(
    land: Callable[..., tuple[Rows, LandingReport]], content: str
) -> None:
    rows, report = land(content.encode())
    assert rows == [("1",), ("2",)]
    assert [notice.message for notice in report.notices] == ["3 empty rows were ignored."]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("known", [set(), {"b"}])
def test_quoted_headers_tell_the_separator(tmp_path: Path, separator: str, known: set[str]) -> None:
    path = tmp_path / "quoted.csv"
    path.write_text(separator.join(['"a, one"', '"b"', "c"]) + "\n", encoding="utf-8")
    header = read_csv_header(TextFile(path.name, path, is_gzip=False), known)
    assert (header.separator, header.cells) == (separator, ("a, one", "b", "c"))


@pytest.mark.parametrize(
    "content",
    [
        "lead_id,b\n1,2\n\n3,4\n,\n",
        "lead_id\n1\n\n2\n  \n\n",
        '\ufeff"lead_id",b\r\n"1","x\n""y"""\r\n"",""\r\n2,z',
        "lead_id\tb\r1\t2\r",
        "lead_id;b\r\n1;2\r\n\r\n3;4",
    ],
)
def test_regular_files_take_the_fast_way(
    land: Callable[..., tuple[Rows, LandingReport]],
    content: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("orchestration.lib.landing.csv_files.write_plain_csv")
    assert land(content.encode())[0]


def test_a_quoted_line_break_at_row_60000_is_read(
    land: Callable[..., tuple[Rows, LandingReport]],
) -> None:
    lines = [f"{number},plain,007" for number in range(70_000)]
    lines[59_998] = '59998,"two\nlines",007'
    rows, report = land("\n".join(["lead_id,b,c", *lines]).encode())
    assert len(rows) == report.tables[0].rows == 70_000
    assert rows[59_998] == ("59998", "two\nlines", "007")
    assert [row[0] for row in rows] == [str(number) for number in range(70_000)]
    assert report.notices == ()


def test_very_long_values_are_read_whole(
    land: Callable[..., tuple[Rows, LandingReport]],
) -> None:
    long = "あ" * 800_000
    rows, _ = land(f'lead_id,b\n1,{long}\n2,"{long}"\n'.encode())
    assert rows == [("1", long), ("2", long)]


@pytest.mark.parametrize(
    ("content", "row", "column", "message"),
    [
        ("lead_id,b\n1,2\n3\n4,5\n", 3, "b", "1 of 2 values"),
        ("lead_id,b\n1,2\n\n\n3\n", 5, "b", "1 of 2 values"),
        ('lead_id,b\n1,"x\ny"\n3\n', 3, "b", "1 of 2 values"),
        ("lead_id,b\n1,2\n3,4,5\n", 3, None, "3 values"),
        ("lead_id,b\n1,2\n3,4,\n", 3, None, "3 values"),
        ("lead_id,b\n1\n", 2, "b", "1 of 2 values"),
        ("lead_id,b,c\n1,2,3\n1,2", 3, "c", "seems to be cut"),
        ('lead_id,b,c\n1,2,3\n4,"5,6\n7,8,9\n', 3, "b", "never closed"),
        ('lead_id,b\n1,2\n3,"4', 3, "b", "never closed"),
        ('lead_id,b\n1,"2"x\n', 2, "b", "follows the closing quote"),
        ('lead_id,b\n"1" ,2\n', 2, "lead_id", "follows the closing quote"),
        ('lead_id,b\n1,"2" \n', 2, "b", "follows the closing quote"),
        ("lead_id,b\n1,2\n3,4\0\n", 3, "b", "zero byte"),
        ('lead_id,"b\n1,2\n', 1, None, "header cannot be read"),
    ],
)
def test_broken_rows_are_named(
    refuse: Callable[..., Problem], content: str, row: int, column: str | None, message: str
) -> None:
    problem = refuse(content.encode())
    assert (problem.row, problem.column) == (row, column)
    assert message in problem.message


@pytest.mark.parametrize(
    "content",
    [b"", b"\xef\xbb\xbf", b"\n\n", b"lead_id,b", b"lead_id,b\r\n", b"lead_id,b\n,\n  \n"],
)
@pytest.mark.parametrize("name", ["leads.csv", "leads.csv.gz"])
def test_a_file_without_rows_is_refused(
    refuse: Callable[..., Problem], content: bytes, name: str
) -> None:
    content = gzip.compress(content, mtime=0) if name.endswith("gz") else content
    assert "no rows" in refuse(content, name).message


JAPANESE = (
    'リードID,会社名,作成日\r\n001,株式会社テスト㈱,2026年4月1日\r\n002,"ﾃｽﾄ,山田",2026/4/1\r\n'
)


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (JAPANESE.encode(), None),
        (JAPANESE.encode("utf-8-sig"), None),
        (JAPANESE.encode("cp932"), "CP932"),
        (JAPANESE.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + JAPANESE.encode("utf-16-be"), "UTF-16"),
        (JAPANESE.replace("\r\n", "\n").encode("cp932"), "CP932"),
        (JAPANESE.replace(",", "\t").encode("utf-16"), "UTF-16"),
    ],
)
@pytest.mark.parametrize("is_gzip", [False, True])
def test_encodings_give_the_same_rows(
    land: Callable[..., tuple[Rows, LandingReport]],
    content: bytes,
    label: str | None,
    is_gzip: bool,
) -> None:
    rows, report = (
        land(gzip.compress(content, mtime=0), "leads.csv.gz")
        if is_gzip
        else land(content, "leads.csv")
    )
    second = "ﾃｽﾄ\t山田" if b"\t\0" in content else "ﾃｽﾄ,山田"
    assert report.tables[0].columns == ("lead_id", "company", "created_at")
    assert rows == [
        ("001", "株式会社テスト㈱", "2026年4月1日"),
        ("002", second, "2026/4/1"),
    ]
    assert [notice.message for notice in report.notices] == (
        [] if label is None else [f"Read as {label}."]
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_a_file_that_ends_within_a_character_is_cut(
    refuse: Callable[..., Problem], encoding: str
) -> None:
    whole = JAPANESE[: JAPANESE.index("山") + 1].encode(encoding)
    problem = refuse(whole[:-1])
    assert "is cut" in problem.message
    assert (problem.row, problem.column) == (3, "会社名")


@pytest.mark.parametrize(
    ("content", "row", "column"),
    [
        (JAPANESE.encode().replace("テ".encode(), b"\xe3\x83"), 2, "会社名"),
        (JAPANESE.encode("utf-8-sig").replace("テ".encode(), b"\x8e\x52"), 2, "会社名"),
        (JAPANESE.encode("cp932").replace("㈱".encode("cp932"), b"\xff"), 2, "会社名"),
        (b"\xef\xbb\xbflead_id,b\n1,2\n3,\x8e\x52\x8e\x52\x8e\x52\n", 3, "b"),
        (b"lead_id,b\n1,2\n3,caf\xff\n", 3, "b"),
        (b"lead_id,b\n1,2\n3,caf\xe9\n", 3, "b"),
    ],
)
def test_broken_characters_are_named(
    refuse: Callable[..., Problem], content: bytes, row: int, column: str
) -> None:
    problem = refuse(content)
    assert (problem.row, problem.column) == (row, column)
    assert "no part of a character" in problem.message


NUMBERS = b"lead_id,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919 % 104729) for n in range(5000))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(NUMBERS, mtime=0)[:-1], "ends too early"),
        (gzip.compress(NUMBERS, mtime=0)[:15_000], "ends too early"),
        (gzip.compress(NUMBERS, mtime=0)[:5], "ends too early"),
        (
            gzip.compress(NUMBERS, mtime=0)[:9000]
            + b"\0\1"
            + gzip.compress(NUMBERS, mtime=0)[9002:],
            "is damaged",
        ),
        (NUMBERS, "is damaged"),
    ],
)
def test_a_cut_or_damaged_gzip_stream_is_refused(
    refuse: Callable[..., Problem], content: bytes, message: str
) -> None:
    assert message in refuse(content, "leads.csv.gz").message


@pytest.mark.parametrize("end", [b"", b"\0" * 9])
def test_a_gzip_file_of_several_streams_is_read_whole(
    land: Callable[..., tuple[Rows, LandingReport]], end: bytes
) -> None:
    parts = gzip.compress(b"lead_id,b\n1,2\n", mtime=0) + gzip.compress(b"3,4\n", mtime=0) + end
    assert land(parts, "leads.csv.gz")[0] == [("1", "2"), ("3", "4")]


REGULAR = [
    ("a,b\n1,2\n", 2, 0),
    ('\ufeff"a",b\r\n1,"x\n"\r\n', 2, 0),
    ('a,b\n"1","x""y"\n\n\n"""",""', 3, 2),
]
IRREGULAR = [
    "\na,b\n1,2\n",
    "a,b\r\n1,2\n",
    "a,b\n1,2,\n",
    "a,b\n1\n",
    'a,b\n1,"2\n',
    'a,b\n"1" ,2\n',
    'a,b\n1, "2"\n',
    'a,b\n1,2" or 3"\n',
]


@pytest.mark.parametrize("size", [*range(3, 16), 1000])
def test_only_files_without_two_opinions_take_the_fast_way(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.lib.landing.text_files.CHUNK_BYTES", size)
    for content, records, blank_lines in REGULAR:
        scan = scan_bytes(io.BytesIO(content.encode()), ",", 2)
        assert (scan.is_regular, scan.records, scan.blank_lines) == (True, records, blank_lines)
    for content in IRREGULAR:
        assert not scan_bytes(io.BytesIO(content.encode()), ",", 2).is_regular, content


def _strict_reading(content: str, separator: str, width: int) -> Rows | None:
    """The rows that Python's strict reader finds in a file, None if it is broken."""
    rows: Rows = []
    try:
        for record in csv.reader(
            io.StringIO(content, newline=""), delimiter=separator, strict=True
        ):
            cells = tuple(cell.strip(WHITE_SPACE) or None for cell in record)
            if any(cells):
                rows.append(cells)
    except csv.Error:
        return None
    return rows[1:] if len(rows) > 1 and all(len(row) == width for row in rows) else None


@st.composite
def _csv_files(draw: st.DrawFn) -> tuple[str, str, int]:
    separator = draw(st.sampled_from(",;\t"))
    line_end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    width = draw(st.integers(1 if separator == "," else 2, 3))
    pieces = ["a", "é", "\u3000", " ", '"', '""', separator, "\n", line_end]
    quoted = st.lists(st.sampled_from([piece for piece in pieces if piece != '"']), max_size=3).map(
        lambda parts: '"' + "".join(parts) + '"'
    )
    plain = st.text("aé 　1", max_size=3)
    wild = st.lists(st.sampled_from(pieces), max_size=3).map("".join)
    cell = st.one_of(plain, plain, quoted, quoted, wild)
    row = st.lists(cell, min_size=width, max_size=width).map(separator.join)
    odd = st.sampled_from(["", "  ", separator * (width - 1), separator * width])
    rows = draw(st.lists(st.one_of(row, row, row, row, odd), min_size=1, max_size=5))
    header = separator.join(["lead_id", "b", "c"][:width])
    return line_end.join([header, *rows]), separator, width


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(file=_csv_files())
def test_random_files_are_read_as_a_strict_reader_reads_them_or_refused(
    land: Callable[..., tuple[Rows, LandingReport]], file: tuple[str, str, int]
) -> None:
    content, separator, width = file
    try:
        rows: Rows | None = land(content.encode())[0]
    except InputError:
        rows = None
    assert rows == _strict_reading(content, separator, width)


@settings(max_examples=60, deadline=None)
@given(file=_csv_files(), size=st.integers(1, 7))
def test_the_scan_does_not_depend_on_where_chunks_end(
    file: tuple[str, str, int], size: int
) -> None:
    content, separator, width = file
    with pytest.MonkeyPatch.context() as patch:
        whole = scan_bytes(io.BytesIO(content.encode()), separator, width)
        patch.setattr("orchestration.lib.landing.text_files.CHUNK_BYTES", size)
        assert scan_bytes(io.BytesIO(content.encode()), separator, width) == whole
