"""Files for people: what they hold, and that nothing that somebody filled in is lost."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.lib.exports.file.formats import csv_cell
from orchestration.lib.landing import land_source, load_table_specs
from orchestration.lib.problems import InputError
from orchestration.lib.seeds import column_aliases, load_seeds
from tests.orchestration.building import REPOSITORY
from tests.orchestration.export_worlds import World, make_world, person

EXPORTS = """\
syncs:
  queue:
    model: sync_test__people
    destination: file
    object: sales_queue
    language: ja
    file: {{format: {format}, answers: {answers}, order_by: [grade]}}
    limits: {{may_be_empty: true}}
    fields:
      handoff_id: sync_key
      lead_id: lead_id
      company_name: score_status
      grade: grade
      fit: {{column: fit_score, round: 0}}
"""


def exports(kind: str, answers: bool = False) -> str:
    return EXPORTS.format(format=kind, answers=str(answers).lower())


def with_seeds(world: World) -> World:
    """The seeds of texts and verdicts, as a build prepares them."""
    for folder in ("reference", "handoff"):
        target = world.settings.workdir.project / "seeds" / folder
        shutil.copytree(REPOSITORY / "seeds" / folder, target)
    return world


def test_a_csv_file_begins_no_formula_and_is_read_by_excel(tmp_path: Path) -> None:
    world = make_world(
        tmp_path,
        person("=1+1", grade="B1", fit=-3),
        person("007", grade="A1", score_status="@SUM(A1)"),
        exports=exports("csv"),
    )
    result = with_seeds(world).export()
    assert (result.outcome, result.sent["created_count"]) == ("success", 2)
    file = tmp_path / "work" / "exports" / "sales_queue.csv"
    assert result.file == str(file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows == [
        ["引き渡しID", "リードID", "会社名", "グレード", "fit"],
        ["007", "007", "'@SUM(A1)", "A1", "50"],
        ["'=1+1", "'=1+1", "scored", "B1", "-3"],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("-1.50"), "-1.50"),
        (date(2026, 4, 1), "2026-04-01"),
        ("-1", "'-1"),
        ("+81 3", "'+81 3"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
    ],
)
def test_numbers_stay_numbers_and_texts_that_would_be_formulas_do_not(
    value: object, text: str
) -> None:
    assert csv_cell(value) == text


def test_a_file_is_written_only_if_something_in_it_changed(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"), person("b"), exports=exports("parquet"))
    world.export()
    file = tmp_path / "work" / "exports" / "sales_queue.parquet"
    before = file.stat().st_mtime_ns
    world.publish(person("a"), person("b", points=99))
    assert (world.export().sent, file.stat().st_mtime_ns) == ({}, before)
    world.publish(person("a"))
    assert world.export().sent["deleted_count"] == 1
    assert duckdb.sql(f"select handoff_id, fit from '{file}'").fetchall() == [("a", Decimal(50))]
    world.news = "update fresh_records set stops_scoring = true"
    world.export()
    assert duckdb.sql(f"select count(*) from '{file}'").fetchall() == [(0,)]
    world.news = ""
    file.unlink()
    world.export()
    assert duckdb.sql(f"select count(*) from '{file}'").fetchall() == [(1,)]
    assert list(file.parent.iterdir()) == [file]
    with pytest.raises(InputError, match="is written whole"):
        world.export(limit=1)


def test_a_workbook_asks_for_answers_and_reads_them_back(tmp_path: Path) -> None:
    people = [person("=cmd", grade="A1"), person("0012", grade="B1"), person("b", grade="C1")]
    world = with_seeds(make_world(tmp_path, *people, exports=exports("xlsx", answers=True)))
    world.export()
    file = tmp_path / "work" / "exports" / "sales_queue.xlsx"
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    assert (sheet.title, sheet.freeze_panes) == ("架電リスト", "C2")
    headers = [cell.value for cell in sheet[1]]
    assert headers[5:] == [
        "判定",
        "差し戻し理由",
        "再連絡日",
        "コメント",
        "回答日時",
        "一覧作成日時",
    ]
    assert sheet["A2"].value == "=cmd"
    assert {sheet["A2"].data_type, sheet["A3"].data_type} == {"s"}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert (rules["F2:F4"].type, rules["G2:G4"].type) == ("list", "list")
    assert (rules["H2:H4"].type, rules["J2:J4"].type) == ("date", "date")
    lists = book["lists"]
    verdicts = [cell.value for cell in lists["A"] if cell.value]
    reasons = [cell.value for cell in lists["B"] if cell.value]
    assert lists.sheet_state == "hidden"
    assert "アポイント獲得" in verdicts
    assert "現時点でニーズなし" in reasons
    assert "競合" not in "".join(reasons[:3])

    # A salesperson answers two of them, and drops the file into the raw folder as it is.
    sheet["F2"], sheet["G2"], sheet["H2"] = "差し戻し(理由必須)", reasons[0], date(2026, 9, 1)
    sheet["F3"], sheet["J3"] = "アポイント獲得", date(2026, 7, 2)
    raw = tmp_path / "answers"
    raw.mkdir()
    book.save(raw / "sales_queue.xlsx")
    (raw / "leads.csv").write_text("lead_id\n0012\n")
    with duckdb.connect() as connection:
        land_source(
            connection,
            "file",
            raw,
            load_table_specs(REPOSITORY / "models", "file"),
            column_aliases(load_seeds(REPOSITORY / "seeds", None)),
        )
        rows = connection.execute(
            'select lead_id, handoff_id, disposition, reason, recontact_date, "at", listed_at'
            " from raw_file.feedback"
        ).fetchall()
    listed = "2026-06-30T23:59:59+09:00"
    assert rows == [
        ("=cmd", "=cmd", "差し戻し(理由必須)", reasons[0], "2026-09-01", None, listed),
        ("0012", "0012", "アポイント獲得", None, None, "2026-07-02", listed),
        ("b", "b", None, None, None, None, listed),
    ]


def test_a_workbook_that_was_filled_in_where_it_lies_is_kept(tmp_path: Path) -> None:
    world = make_world(tmp_path, person("a"), exports=exports("xlsx"))
    world.export()
    folder = tmp_path / "work" / "exports"
    file = folder / "sales_queue.xlsx"
    book = openpyxl.load_workbook(file)
    book.worksheets[0]["Z2"] = "an answer"
    book.save(file)
    world.publish(person("a", grade="B1"))
    notices = world.export().notices
    (kept,) = folder.glob("sales_queue.filled-*.xlsx")
    assert openpyxl.load_workbook(kept).worksheets[0]["Z2"].value == "an answer"
    assert f"it is kept as {kept.name}." in notices[-1]
    world.publish(person("a", grade="C1"))
    world.export()
    assert len(list(folder.iterdir())) == 2
