"""Twelve broken days against builds as they are: held, nothing published, and over by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.lib.publishing.manifest import read_manifest
from tests.orchestration import test_quality_raw as broken
from tests.orchestration.building import REPOSITORY, run_quick_leads
from tests.orchestration.quality_world import NEXT_DAY, QualityWorld

pytestmark = pytest.mark.law

DAYS: list[tuple[str, Callable[[QualityWorld], None], str]] = [
    ("empty file", lambda w: w.events.write_text("") and None, "events.csv"),
    ("half", lambda w: broken.rewrite(w, "events", broken.halve_the_day), "raw_day_rows"),
    ("twice", lambda w: broken.rewrite(w, "events", broken.double_the_day), "raw_day_rows"),
    ("shifted", lambda w: broken.rewrite(w, "events", broken.shift_all), "raw_hours"),
    ("column", lambda w: broken.rewrite(w, "events", broken.remove_column), "raw_vanished_columns"),
    ("types", lambda w: broken.rewrite(w, "events", broken.to_words), "raw_column_forms"),
    ("null", lambda w: w.change(lead_id=""), "raw_missing_ids"),
    ("one type", lambda w: w.change(event_type="page_viewed"), "raw_single_type"),
    ("future", lambda w: w.change(occurred_at="2099-02-01T01:00:00Z"), "raw_future_rows"),
    ("stale", broken.as_it_was, "raw_missed_business_days"),
    (
        "file twice",
        lambda w: broken.rewrite(w, "events", broken.write_twice),
        "raw_doubled_keys",
    ),
]


def build(world: QualityWorld, day: object, *more: str) -> tuple[int, str]:
    arguments = ["build", "--source", "file", "--raw-dir", str(world.raw), *more]
    arguments += ["--rules", str(world.root / "rules"), "--as-of", str(day)]
    done = run_quick_leads(
        "--tested", *arguments, "--workdir", str(world.root / "work"), folder=world.root
    )
    return done.returncode, f"{done.stdout}\n{done.stderr}"


def test_broken_days_are_held_and_the_next_good_day_recovers(tmp_path: Path) -> None:
    world = QualityWorld(tmp_path)
    (world.root / "rules").mkdir()
    today = NEXT_DAY
    world.write(today - timedelta(days=1))
    code, output = build(world, today - timedelta(days=1))
    assert code == 0, output
    current = tmp_path / "work" / "published" / "current"
    served = current.readlink()

    for name, spoil, check_id in DAYS:
        world.write(today)
        spoil(world)
        code, output = build(world, today)
        assert code != 0, name
        assert check_id in output, (name, output)
        assert current.readlink() == served, name
        assert "@" not in output

    # The twelfth: a rule that takes all points away.
    world.write(today)
    rules = (REPOSITORY / "seeds" / "scoring" / "score_definitions.csv").read_text()
    wrong = rules.replace("fit,0,100,", "fit,0,1,").replace("engagement,0,100,", "engagement,0,1,")
    (world.root / "rules" / "score_definitions.csv").write_text(wrong)
    assert wrong != rules
    code, output = build(world, today)
    assert code == 1, output
    assert "gate_score_quantile" in output
    assert "the rules have changed since" in output
    assert current.readlink() == served

    (world.root / "rules" / "score_definitions.csv").unlink()
    world.write(today + timedelta(days=1))
    code, output = build(world, today + timedelta(days=1))
    assert code == 0, output
    assert "all of them in order" in output
    assert current.readlink() != served

    # New weights on purpose: held once, released by a reason.
    (world.root / "rules" / "score_definitions.csv").write_text(wrong)
    assert build(world, today + timedelta(days=1))[0] == 1
    code, output = build(world, today + timedelta(days=1), "--accept", "narrow scores")
    assert code == 0, output
    manifest = read_manifest(current.resolve())
    assert manifest.accepted is not None
    assert manifest.accepted.reason == "narrow scores"
    assert manifest.quality["findings"]
