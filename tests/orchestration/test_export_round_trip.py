"""What salespeople fill into the exported workbook is what the next build knows of hand-offs."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from orchestration.lib.exports.export import export
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.settings import resolve_settings
from tests.orchestration.building import build
from tests.orchestration.conftest import PERSONS, PERSONS_DAY

pytestmark = pytest.mark.law
RETURNED, ADVANCED = "01 head, fit company, demo today", "05 same, survey: within 3 months"


def test_answers_in_the_workbook_become_verdicts(persons: Path, tmp_path: Path) -> None:
    workdir, raw = tmp_path / "work", tmp_path / "raw"
    shutil.copytree(persons, workdir, symlinks=True)
    shutil.copytree(PERSONS, raw)
    manifest = workdir / "published" / "current" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["identity"]["raw_dir"] = str(raw)
    manifest.write_text(json.dumps(content))
    settings = resolve_settings(
        {"workdir": str(workdir), "as_of": PERSONS_DAY.isoformat(), "language": "ja"},
        environment={},
        folder=tmp_path,
    )
    assert export(settings, ExportRequest()).outcome == "success"
    book = openpyxl.load_workbook(workdir / "exports" / "sales_queue.xlsx")
    sheet = book.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        match sheet.cell(row, place["リードID"]).value:
            case lead if lead == RETURNED:
                sheet.cell(row, place["判定"]).value = "差し戻し(理由必須)"
                sheet.cell(row, place["差し戻し理由"]).value = "現時点でニーズなし"
            case lead if lead == ADVANCED:
                sheet.cell(row, place["判定"]).value = "アポイント獲得"
                sheet.cell(row, place["回答日時"]).value = date(2026, 10, 30)
    book.save(raw / "sales_queue.xlsx")
    published = build(raw, workdir, PERSONS_DAY)
    verdicts = published.rows(
        "select lead_id, status, verdict, verdict_reason_id from fct_handoffs where verdict <> ''"
        " order by lead_id"
    )
    assert verdicts == [
        (RETURNED, "returned", "returned", "no_need"),
        (ADVANCED, "advanced", "meeting_set", None),
    ]
    # Rows without an answer are no rejected ones.
    assert "not used as they stand" not in published.output
    assert published.rows("select sync_name, outcome, row_count from rpt_export_syncs") == [
        ("sales_queue", "success", 4)
    ]
