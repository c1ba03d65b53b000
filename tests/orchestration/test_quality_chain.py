"""Days in turn, landed, judged and published: broken ones stop, the next good one goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.publishing.marts import list_marts
from orchestration.lib.publishing.serving import served_manifest, served_run
from orchestration.lib.publishing.snapshot import publish
from orchestration.lib.quality.findings import QualityFailed
from orchestration.lib.quality.gate import check_snapshot
from orchestration.lib.quality.raw_checks import check_raw
from tests.orchestration.building import read_rows, write_rows
from tests.orchestration.hand_made_build import write_build
from tests.orchestration.quality_world import LEADS, NEXT_DAY, QualityWorld

FIRST = NEXT_DAY - timedelta(days=1)


def run(
    world: QualityWorld, day: date, *, accept: str | None = None, is_open: bool = False
) -> RunManifest:
    """A build of a day with marts made by hand in the place of dbt's."""
    settings = replace(world.settings(day), accept_reason=accept)
    if is_open:
        settings = replace(settings, run_date=day)
    leads = [str(number) for number in range(1, LEADS + 1)]
    stamps = "".join(
        f"update marts.{mart} set as_of_date = date '{day}';"
        for mart in ("fct_lead_scores", "fct_lead_score_values", "fct_score_ledger")
    )
    write_build(settings.workdir, leads, stamps)
    world.land(day)
    check_raw(settings)
    return publish(settings, list_marts(settings.workdir.dbt_target), gate=check_snapshot)


def held(world: QualityWorld, day: date, *, accept: str | None = None) -> QualityFailed:
    """What holds the build of a day; what was served stays served."""
    workdir = world.settings(day).workdir
    before = served_run(workdir)
    with pytest.raises(QualityFailed) as failed:
        run(world, day, accept=accept)
    assert served_run(workdir) == before
    return failed.value


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> QualityWorld:
    """A world that serves its first day and holds the files of the next one."""
    world = QualityWorld(tmp_path_factory.mktemp("served"))
    world.write(FIRST)
    run(world, FIRST)
    world.write(NEXT_DAY)
    return world


@pytest.fixture
def world(served: QualityWorld, tmp_path: Path) -> QualityWorld:
    """A copy of it, which a test may change."""
    shutil.copytree(served.root, tmp_path / "world", symlinks=True)
    return QualityWorld(tmp_path / "world")


def rewrite(world: QualityWorld, change: Callable[[list[dict[str, str]]], None]) -> None:
    rows = read_rows(world.events)
    change(rows)
    write_rows(world.events, list(rows[0]), rows)


def cut(rows: list[dict[str, str]]) -> None:
    del rows[::2]


def test_a_broken_day_is_held_and_the_next_good_one_recovers_by_itself(
    world: QualityWorld,
) -> None:
    rewrite(world, cut)
    failed = held(world, NEXT_DAY)
    text = "\n".join(failed.lines)
    assert "raw_past_rows, file.events: " in text
    assert f"rows dated before {FIRST}; the served build had" in text
    assert "Half of it gone is a cut export." in text
    assert "`leads build --accept REASON`" in text
    # A second try changes nothing, nor does a morning of hourly ones.
    assert held(world, NEXT_DAY).lines == failed.lines
    world.write(NEXT_DAY + timedelta(days=1))
    manifest = run(world, NEXT_DAY + timedelta(days=1))
    assert manifest.quality["findings"] == []


def test_a_reason_releases_what_compares_and_nothing_else(world: QualityWorld) -> None:
    rewrite(world, cut)
    released = run(world, NEXT_DAY, accept="the CRM was tidied up")
    assert released.accepted is not None
    said = [(f["check_id"], f["is_accepted"]) for f in released.quality["findings"]]
    assert ("raw_past_rows", True) in said
    # From now on this is what the past looks like, without a reason.
    assert run(world, NEXT_DAY).quality["findings"] == []

    def lose_people(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["lead_id"] = ""

    rewrite(world, lose_people)
    failed = held(world, NEXT_DAY, accept="it will be fine")
    assert {finding.check_id for finding in failed.findings if finding.holds} == {"raw_missing_ids"}
    assert "--accept does not release raw_missing_ids" in "\n".join(failed.lines)


def test_nothing_personal_is_told_or_kept(
    world: QualityWorld, capfd: pytest.CaptureFixture[str]
) -> None:
    def spoil(rows: list[dict[str, str]]) -> None:
        for number, row in enumerate(rows):
            row["event_type"] = f"taro{number % 9}@customer.example"
            row["lead_id"] = "090-1234-5678"
            row["occurred_at"] = "Yamada Taro"

    rewrite(world, spoil)
    failed = held(world, NEXT_DAY)
    settings = world.settings(NEXT_DAY)
    told = capfd.readouterr()
    texts = [*failed.lines, told.out, told.err, settings.workdir.quality.read_text()]
    texts += [
        file.read_text(errors="replace")
        for file in settings.workdir.data_docs.rglob("*")
        if file.suffix in {".html", ".json"}
    ]
    assert len(texts) > 5
    for text in texts:
        assert not {value for value in PERSONAL if value in text}
    # Neither does what is served.
    manifest = served_manifest(settings.workdir)
    assert manifest is not None
    assert not {value for value in PERSONAL if value in json.dumps(manifest.to_json())}


PERSONAL = ("@customer", "Person Number", "090-1234", "Yamada", "taro1")


def test_hourly_builds_of_one_day_hold_nothing(world: QualityWorld) -> None:
    rows = read_rows(world.events)
    today = [row for row in rows if row["event_id"].startswith(f"{NEXT_DAY:%Y%m%d}")]
    past = [row for row in rows if row not in today]
    for hours in (1, 6):
        kept = [row for row in today if int(row["occurred_at"][11:13]) < hours]
        write_rows(world.events, list(rows[0]), [*past, *kept])
        assert run(world, NEXT_DAY, is_open=True).quality["findings"] == []
    world.write(NEXT_DAY)
    assert run(world, NEXT_DAY).quality["findings"] == []
