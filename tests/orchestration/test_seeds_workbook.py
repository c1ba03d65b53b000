"""Seeds as a workbook and back: nothing changes by itself, nothing is written half."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.seeds import (
    export_workbook,
    fit_seeds,
    import_workbook,
    load_catalog,
    load_seeds,
)
from tests.orchestration.seed_folders import FILES, KNOWN, SEEDS, with_cells, write_folder

RULES_SHEET = "scoring_rules"
# Sheets that most tests need; a workbook need not hold them all.
FEW = ("scoring_rules", "rule_conditions", "score_bands", "grades", "exclusions")


@pytest.fixture(scope="module")
def full_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("full") / "rules.xlsx"
    export_workbook(load_seeds(SEEDS, None), file)
    return file


@pytest.fixture(scope="module")
def few_sheets(full_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("few") / "rules.xlsx"
    keep_few(full_book, file)
    return file


@pytest.fixture
def book_file(few_sheets: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(few_sheets, tmp_path / "rules.xlsx"))


@pytest.fixture
def seeds_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


def keep_few(source: Path, target: Path) -> None:
    book = load_workbook(source)
    for sheet in book.worksheets:
        if sheet.title not in FEW:
            book.remove(sheet)
    book.save(target)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def change(
    file: Path, *changes: tuple[str, str, int, Any], number_format: str | None = None
) -> None:
    """Set cells, each given as sheet, column, row and value."""
    book = load_workbook(file)
    for sheet, column, row, value in changes:
        place = load_catalog(SEEDS)[sheet].column_names.index(column) + 1
        cell = book[sheet].cell(row=row, column=place)
        cell.value = value
        if number_format is not None:
            cell.number_format = number_format
    book.save(file)


def refused(file: Path, seeds_dir: Path, rules_dir: Path | None = None) -> tuple[Problem, ...]:
    before = snapshot(seeds_dir)
    with pytest.raises(InputError) as caught:
        import_workbook(file, seeds_dir, rules_dir, KNOWN)
    assert snapshot(seeds_dir) == before
    return caught.value.problems


def test_a_workbook_has_a_sheet_per_seed_with_text_cells_and_choices(full_book: Path) -> None:
    book = load_workbook(full_book)
    assert book.sheetnames == list(load_catalog(SEEDS))
    sheet = book["scoring_rules"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
    assert book["prefectures"]["A2"].value == "01"
    choices = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert '"once,each"' in choices
    assert '"none,linear,exponential"' in choices


def test_an_unchanged_workbook_changes_no_byte(full_book: Path, seeds_dir: Path) -> None:
    before = snapshot(seeds_dir)
    assert import_workbook(full_book, seeds_dir, None, KNOWN) == []
    assert snapshot(seeds_dir) == before


def test_texts_that_a_spreadsheet_would_spoil_come_back(tmp_path: Path, seeds_dir: Path) -> None:
    spoilt = {
        **with_cells("rule_conditions.csv", 2, value="=1+1"),
        **with_cells("scoring_rules.csv", 2, label_en="007", label_ja="2026/4/1", rationale="-x"),
    }
    folder = write_folder(tmp_path / "rules", spoilt)
    file = tmp_path / "book.xlsx"
    export_workbook(load_seeds(seeds_dir, folder), file)
    before = snapshot(folder)
    assert import_workbook(file, seeds_dir, folder, KNOWN) == []
    assert snapshot(folder) == before


def test_only_the_changed_seed_is_written(book_file: Path, seeds_dir: Path) -> None:
    before = snapshot(seeds_dir)
    change(book_file, (RULES_SHEET, "points", 2, 26))
    assert import_workbook(book_file, seeds_dir, None, KNOWN) == ["scoring_rules"]
    after = snapshot(seeds_dir)
    changed = [name for name in after if after[name] != before.get(name)]
    rules = seeds_dir / "scoring" / "scoring_rules.csv"
    assert changed == [str(rules)]
    old, new = before[str(rules)].decode().splitlines(), rules.read_text("utf-8").splitlines()
    assert [line for line in new if line not in old] == [old[1].replace(",25,", ",26,", 1)]
    assert not list(seeds_dir.rglob("*.part"))


def test_a_rules_folder_receives_what_changed(book_file: Path, seeds_dir: Path) -> None:
    folder = seeds_dir.parent / "team"
    folder.mkdir()
    before = snapshot(seeds_dir)
    change(book_file, ("score_bands", "min_points", 3, 36))
    assert import_workbook(book_file, seeds_dir, folder, KNOWN) == ["score_bands"]
    assert [path.name for path in folder.iterdir()] == ["score_bands.csv"]
    assert snapshot(seeds_dir) == before
    assert load_seeds(seeds_dir, folder).tables["score_bands"].rows[1].cells["min_points"] == "36"


def test_rows_that_a_rules_folder_leaves_out_are_no_change(tmp_path: Path, seeds_dir: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    columns = "rule_id,score_id,group_id,applies_to,event_type,points,repeat\n"
    (folder / "scoring_rules.csv").write_text(f"{columns}everybody,fit,role,lead,,10,\n")
    (folder / "attributes.csv").write_text("attribute\nplan\n")
    file = tmp_path / "book.xlsx"
    export_workbook(fit_seeds(load_seeds(seeds_dir, folder), None), file)
    assert import_workbook(file, seeds_dir, folder, KNOWN) == []
    change(file, (RULES_SHEET, "points", 2, 12))
    assert import_workbook(file, seeds_dir, folder, KNOWN) == ["scoring_rules"]
    assert {path.name for path in folder.iterdir()} == {"scoring_rules.csv", "attributes.csv"}


def test_a_shipped_rule_that_is_deleted_must_not_leave_its_conditions(
    book_file: Path, seeds_dir: Path
) -> None:
    change(book_file, (RULES_SHEET, "rule_id", 2, "renamed"))
    (problem,) = refused(book_file, seeds_dir)
    assert (problem.file, problem.column) == ("rules.xlsx, sheet rule_conditions", "rule_id")


def test_a_file_that_excel_reads_by_its_mark_keeps_it(tmp_path: Path, seeds_dir: Path) -> None:
    folder = write_folder(tmp_path / "rules")
    marked, japanese = folder / "score_bands.csv", folder / "grades.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + marked.read_bytes())
    japanese.write_bytes(FILES["grades.csv"].replace("hot", "熱").encode("cp932"))
    file = tmp_path / "book.xlsx"
    export_workbook(load_seeds(seeds_dir, folder), file)
    keep_few(file, file)
    change(file, ("score_bands", "min_points", 3, "51"), ("grades", "priority", 2, "9"))
    assert import_workbook(file, seeds_dir, folder, KNOWN) == ["score_bands", "grades"]
    assert marked.read_bytes().startswith(b"\xef\xbb\xbf")
    assert japanese.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "熱" in japanese.read_text("utf-8-sig")


def test_cells_that_a_spreadsheet_typed_are_read_sensibly(book_file: Path, seeds_dir: Path) -> None:
    rules, exclusions = RULES_SHEET, "exclusions"
    change(
        book_file,
        (rules, "points", 2, 0.1 + 0.2),
        (rules, "valid_to", 2, datetime(2026, 4, 1)),
        (rules, "rationale", 3, datetime(2026, 4, 1, 9)),
        (rules, "window_days", 27, 31.0),
        (exclusions, "stops_queue", 7, True),
        ("rule_conditions", "value", 10, 1000),
    )
    changed = import_workbook(book_file, seeds_dir, None, KNOWN)
    assert set(changed) == {exclusions, rules}
    seeds = load_seeds(seeds_dir, None)
    row = seeds.tables[rules].rows[0].cells
    assert (row["points"], row["valid_to"]) == ("0.3", "2026-04-01")
    assert seeds.tables[rules].rows[1].cells["rationale"] == "2026-04-01T09:00:00"
    assert seeds.tables[rules].rows[25].cells["window_days"] == "31"
    assert seeds.tables[exclusions].rows[5].cells["stops_queue"] == "true"


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [("=1+1", "General", "formula"), (0.25, "0%", "no number"), ("many", "@", "no number")],
)
def test_a_wrong_cell_names_sheet_row_and_column(
    book_file: Path, seeds_dir: Path, value: Any, number_format: str, words: str
) -> None:
    change(book_file, ("score_bands", "min_points", 3, 36))
    change(book_file, (RULES_SHEET, "points", 3, value), number_format=number_format)
    (problem,) = refused(book_file, seeds_dir)
    assert problem.file == "rules.xlsx, sheet scoring_rules"
    assert (problem.row, problem.column) == (3, "points")
    assert words in problem.message


def test_a_bad_rule_in_a_workbook_writes_nothing(book_file: Path, seeds_dir: Path) -> None:
    change(
        book_file,
        ("rule_conditions", "field", 2, "job_levle"),
        ("rule_conditions", "operator", 3, "like"),
        ("score_bands", "min_points", 3, 36),
    )
    found = refused(book_file, seeds_dir)
    assert [(problem.file, problem.row, problem.column) for problem in found] == [
        ("rules.xlsx, sheet rule_conditions", 2, "field"),
        ("rules.xlsx, sheet rule_conditions", 3, "operator"),
    ]


def test_a_failed_write_leaves_every_seed_as_it_was(
    book_file: Path, seeds_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(book_file, (RULES_SHEET, "points", 2, 26), ("score_bands", "min_points", 3, 36))
    write_bytes = Path.write_bytes

    def fill_the_disk(path: Path, content: bytes) -> int:
        if "score_bands" in path.name:
            raise OSError(28, "No space left on device")
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", fill_the_disk)
    (problem,) = refused(book_file, seeds_dir)
    assert "No space left" in problem.message
    assert not list(seeds_dir.rglob("*.part"))


def test_rows_and_sheets_may_be_added_and_left_out(tmp_path: Path, seeds_dir: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Score_Bands"
    for row in (
        ["score_id", "band", "min_points"],
        [None, None, None],
        ["fit", "C", None],
        ["fit", "B", 35],
        ["fit", "A", 65],
        ["engagement", "3"],
        ["engagement", "2", 20],
        ["engagement", 1, 50],
    ):
        sheet.append(row)
    book.create_sheet("My notes").append(["anything"])
    file = tmp_path / "small.xlsx"
    book.save(file)
    assert import_workbook(file, seeds_dir, None, KNOWN) == ["score_bands"]
    expected = (SEEDS / "scoring" / "score_bands.csv").read_text("utf-8").replace("A,60", "A,65")
    assert (seeds_dir / "scoring" / "score_bands.csv").read_text("utf-8") == expected


def test_a_misspelt_sheet_is_not_overlooked(book_file: Path, seeds_dir: Path) -> None:
    book = load_workbook(book_file)
    book["scoring_rules"].title = "scoring_rule"
    book.save(book_file)
    (problem,) = refused(book_file, seeds_dir)
    assert "scoring_rules" in problem.message


@pytest.mark.parametrize("kind", ["missing", "text", "cut", "no seeds"])
def test_a_file_that_is_no_workbook_of_seeds_is_refused(
    tmp_path: Path, book_file: Path, seeds_dir: Path, kind: str
) -> None:
    file = tmp_path / "other.xlsx"
    if kind == "text":
        file.write_text("rule_id,points\n")
    elif kind == "cut":
        file.write_bytes(book_file.read_bytes()[:5000])
    elif kind == "no seeds":
        Workbook().save(file)
    (problem,) = refused(file, seeds_dir)
    assert problem.file == "other.xlsx"


def test_a_control_character_is_refused_with_its_place(tmp_path: Path) -> None:
    files = with_cells("scoring_rules.csv", 2, rationale="bell \x07")
    seeds = load_seeds(SEEDS, write_folder(tmp_path / "rules", files))
    with pytest.raises(InputError) as caught:
        export_workbook(seeds, tmp_path / "book.xlsx")
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (2, "rationale")
    assert not (tmp_path / "book.xlsx").exists()
