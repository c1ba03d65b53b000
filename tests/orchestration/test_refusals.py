"""Wrong input says where and what to do, ends with exit code 2, and changes nothing served."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from tests.orchestration.building import REPOSITORY, read_rows, run_quick_leads, write_rows

PERSONS = REPOSITORY / "tests" / "golden" / "test_persons"
AS_OF = date(2026, 10, 30)


def _refused(workdir: Path, *arguments: str | Path) -> str:
    """What the command says while it refuses; what is served must stay."""
    before = (workdir / "published" / "current").resolve()
    done = run_quick_leads(
        "build", "--source", "file", *arguments, "--workdir", workdir, folder=workdir
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (workdir / "published" / "current").resolve() == before
    return done.stderr


def test_a_replay_needs_another_workdir(persons: Path) -> None:
    said = _refused(persons, "--raw-dir", PERSONS, "--as-of", "2026-10-29")
    assert "2026-10-30" in said
    assert "--workdir" in said


def test_another_raw_folder_needs_another_workdir(persons: Path, tmp_path: Path) -> None:
    shutil.copytree(PERSONS, tmp_path / "raw")
    said = _refused(persons, "--raw-dir", tmp_path / "raw", "--as-of", AS_OF.isoformat())
    assert "another raw folder" in said
    assert "--workdir" in said


def test_a_cut_file_is_named_before_the_folder_is_refused(persons: Path, tmp_path: Path) -> None:
    shutil.copytree(PERSONS, tmp_path / "raw")
    events = tmp_path / "raw" / "events.csv"
    events.write_bytes(events.read_bytes()[:3000])
    said = _refused(persons, "--raw-dir", tmp_path / "raw", "--as-of", AS_OF.isoformat())
    assert "events.csv, row 31, column event_type" in said


def test_a_bad_rule_is_named_before_the_folder_is_refused(persons: Path, tmp_path: Path) -> None:
    rows = read_rows(REPOSITORY / "seeds" / "scoring" / "rule_conditions.csv")
    rows[0]["operator"] = "equal"
    write_rows(tmp_path / "rules" / "rule_conditions.csv", list(rows[0]), rows)
    said = _refused(
        persons,
        *("--raw-dir", PERSONS),
        *("--rules", tmp_path / "rules"),
        *("--as-of", AS_OF.isoformat()),
    )
    assert "rule_conditions.csv, row 2, column operator" in said
