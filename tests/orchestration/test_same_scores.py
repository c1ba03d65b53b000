"""The same people and rules give the same scores, however the files are written."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from orchestration.lib.landing import land_source, load_table_specs
from orchestration.lib.seeds import column_aliases, load_seeds
from tests.orchestration.building import REPOSITORY, Published, read_rows, served, write_rows

pytestmark = pytest.mark.law

PERSONS = REPOSITORY / "tests" / "golden" / "test_persons"
AS_OF = date(2026, 10, 30)
SCORES = """
select lead_id, fit_score, engagement_score, grade, reason_1_ja
from fct_lead_scores
order by 1
"""
JAPANESE = {
    "lead_id": "リードID",
    "created_at": "登録日",
    "employee_count": "従業員数",
    "phone": "電話番号",
    "job_title": "役職",
    "company_name": "会社名",
    "inquiry_type": "問い合わせ種別",
    "opted_out": "連絡不要",
}


def _people() -> list[dict[str, str]]:
    """The test persons with days instead of times, as a spreadsheet keeps them."""
    return [
        row | {"created_at": row["created_at"][:10]} for row in read_rows(PERSONS / "leads.csv")
    ]


def _write_text(folder: Path, encoding: str) -> None:
    write_rows(folder / "leads.csv", list(_people()[0]), _people())
    text = (folder / "leads.csv").read_text(encoding="utf-8")
    (folder / "leads.csv").write_bytes(text.encode(encoding))


def _write_gzip(folder: Path) -> None:
    _write_text(folder, "utf-8")
    content = (folder / "leads.csv").read_bytes()
    (folder / "leads.csv").unlink()
    (folder / "leads.csv.gz").write_bytes(gzip.compress(content, mtime=0))


def _write_parquet(folder: Path) -> None:
    _write_text(folder, "utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (try_cast(employee_count as double) as employee_count)"
            f" from read_csv('{folder}/leads.csv', all_varchar = true))"
            f" to '{folder}/leads.parquet'"
        )
    (folder / "leads.csv").unlink()


def _write_workbook(folder: Path) -> None:
    people = _people()
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(people[0]))
    for row in people:
        cells: dict[str, Any] = dict(row)
        cells["created_at"] = date.fromisoformat(row["created_at"])
        cells["employee_count"] = int(row["employee_count"]) if row["employee_count"] else None
        sheet.append(list(cells.values()))
    folder.mkdir(parents=True, exist_ok=True)
    book.save(folder / "leads.xlsx")


FORMS: dict[str, Callable[[Path], None]] = {
    "utf-16": lambda folder: _write_text(folder, "utf-16"),
    "utf-8 with a byte-order mark": lambda folder: _write_text(folder, "utf-8-sig"),
    "gzip": _write_gzip,
    "parquet": _write_parquet,
    "xlsx": _write_workbook,
}


def _landed(folder: Path) -> list[tuple[Any, ...]]:
    seeds = load_seeds(REPOSITORY / "seeds", None)
    with duckdb.connect() as connection:
        specs = load_table_specs(REPOSITORY / "models", "file")
        land_source(connection, "file", folder, specs, column_aliases(seeds))
        return connection.execute("select * from raw_file.leads").fetchall()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_lands_the_same_rows(form: str, tmp_path: Path) -> None:
    _write_text(tmp_path / "plain", "utf-8")
    FORMS[form](tmp_path / "form")
    assert _landed(tmp_path / "form") == _landed(tmp_path / "plain")


@pytest.fixture(scope="module")
def base(persons: Path) -> Published:
    """The test persons as they are."""
    return served(persons)


def _hashes(published: Published) -> dict[str, str]:
    manifest = json.loads((published.folder / "manifest.json").read_text(encoding="utf-8"))
    return {name: mart["content_hash"] for name, mart in manifest["marts"].items()}


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_japanese_spreadsheet_export_scores_the_same(
    base: Published, tmp_path: Path, build: Callable[..., Published]
) -> None:
    raw = tmp_path / "raw"
    people = [
        {JAPANESE.get(name, name): value for name, value in row.items()}
        | {"登録日": "{}年{}月{}日".format(*(int(part) for part in row["created_at"].split("-")))}
        for row in _people()
    ]
    write_rows(raw / "leads.csv", list(people[0]), people)
    text = (raw / "leads.csv").read_text(encoding="utf-8")
    (raw / "leads.csv").write_bytes(text.encode("cp932"))
    shutil.copy(PERSONS / "events.csv", raw / "events.csv")
    again = build(raw, tmp_path / "work", AS_OF)
    assert again.rows(SCORES) == base.rows(SCORES)


def test_order_marks_and_line_ends_change_no_content_hash(
    base: Published, tmp_path: Path, build: Callable[..., Published]
) -> None:
    shuffled = random.Random(7)
    for name in ("leads", "events"):
        rows = read_rows(PERSONS / f"{name}.csv")
        shuffled.shuffle(rows)
        write_rows(tmp_path / "raw" / f"{name}.csv", list(rows[0]), rows)
    rules = tmp_path / "rules"
    for seed in ("scoring_rules", "rule_conditions", "score_groups", "grades", "event_types"):
        file = next((REPOSITORY / "seeds").glob(f"*/{seed}.csv"))
        rows = read_rows(file)
        shuffled.shuffle(rows)
        write_rows(rules / f"{seed}.csv", list(rows[0]), rows)
        text = (rules / f"{seed}.csv").read_text(encoding="utf-8").replace("\n", "\r\n")
        (rules / f"{seed}.csv").write_bytes(text.encode("utf-8-sig"))
    before = _tree(rules)
    again = build(tmp_path / "raw", tmp_path / "work", AS_OF, rules)
    assert _hashes(again) == _hashes(base)
    assert _tree(rules) == before, "the rules folder is only read"
