"""The gate before publishing: what it holds, what a reason releases, and what it leaves behind."""

from __future__ import annotations

import shutil
import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.lib.failures import RunFailed
from orchestration.lib.publishing.manifest import RunManifest, read_manifest
from orchestration.lib.publishing.marts import list_marts
from orchestration.lib.publishing.serving import served_run
from orchestration.lib.publishing.snapshot import publish
from orchestration.lib.quality import judging
from orchestration.lib.quality.findings import QualityFailed, QualityFinding, worst_findings
from orchestration.lib.quality.gate import check_snapshot
from orchestration.lib.quality.record import (
    QualityRecord,
    forget_quality,
    quality_of,
    read_quality,
    write_quality,
)
from orchestration.lib.settings import Settings, Workdir
from tests.orchestration.building import REPOSITORY
from tests.orchestration.hand_made_build import AS_OF, hand_made_settings, write_build

LEADS = 600
QUEUE_KEYS = {"rpt_sales_queue": ["lead_id"]}
RAW_IN_ORDER = QualityRecord(
    raw=(
        QualityFinding(
            "raw_day_rows", "raw", "file.events", "error", True, 1.0, 0.6, "file.events: usual."
        ),
    ),
    profile={"as_of_date": "2026-06-30"},
)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A workdir that serves its first snapshot; nobody may change it."""
    made = replace(hand_made_settings(tmp_path_factory.mktemp("first")), project_root=REPOSITORY)
    seeds = made.workdir.project / "seeds"
    for name in ("reference/quality_limits", "handoff/business_hours", "handoff/business_holidays"):
        (seeds / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / "seeds" / f"{name}.csv", seeds / f"{name}.csv")
    write_quality(made.workdir, RAW_IN_ORDER)
    publish_leads(made)
    return made


@pytest.fixture
def settings(first: Settings, tmp_path: Path) -> Settings:
    """A copy of it."""
    shutil.copytree(first.workdir.root, tmp_path / "work", symlinks=True)
    return replace(first, workdir=Workdir(tmp_path / "work"))


def marts(*, points: str = "10 + number % 40", queue: int = 60) -> str:
    """SQL that gives the leads other scores and grades; `number` is the id of the lead."""
    return f"""
        update marts.fct_score_ledger set points = {points.replace("number", "lead_id::integer")}
        where rule_id = 'size';
        create or replace table marts.fct_lead_score_values as
            select
                lead_id, score_id, 'A' as band, sum(points)::decimal(12, 2) as points,
                any_value(rule_set_id) as rule_set_id, any_value(as_of_date) as as_of_date,
                any_value(data_through) as data_through
            from marts.fct_score_ledger group by lead_id, score_id;
        update marts.fct_lead_scores as scores set
            fit_score = points.points,
            grade = case
                when points.points > 30 then 'A1' when points.points > 15 then 'B1' else 'C1'
            end
        from marts.fct_lead_score_values as points
        where points.lead_id = scores.lead_id and points.score_id = 'fit';
        create table marts.rpt_sales_queue as
            select lead_id, 'is_east' as team_id, 60 as team_capacity, 1 as queue_rank
            from marts.fct_lead_scores order by lead_id limit {queue};
    """


def publish_leads(settings: Settings, *, leads: int = LEADS, sql: str | None = None) -> RunManifest:
    names = [str(number) for number in range(1, leads + 1)]
    write_build(settings.workdir, names, marts() if sql is None else sql, QUEUE_KEYS)
    return publish(settings, list_marts(settings.workdir.dbt_target), gate=check_snapshot)


def held(settings: Settings, *, leads: int = LEADS, sql: str | None = None) -> QualityFailed:
    """Publish what is held, and see that nothing was published."""
    before = served_run(settings.workdir)
    with pytest.raises(QualityFailed) as failed:
        publish_leads(settings, leads=leads, sql=sql)
    assert served_run(settings.workdir) == before
    runs = settings.workdir.runs
    assert not list(runs.glob(".tmp-*"))
    return failed.value


def checks_of(failed: QualityFailed) -> set[str]:
    return {finding.check_id for finding in failed.findings if finding.holds}


def test_the_first_snapshot_is_compared_with_nothing_and_says_so(settings: Settings) -> None:
    manifest = read_manifest(settings.workdir.current)
    record = read_quality(settings.workdir)
    assert record is not None
    notice, *others = record.gate
    assert (notice.check_id, notice.severity, notice.is_ok) == ("served_snapshot", "notice", True)
    assert [finding.check_id for finding in others] == ["gate_queue_weeks"]
    assert manifest.quality["findings"] == []
    assert manifest.quality["raw"] == RAW_IN_ORDER.profile


def test_a_wrong_seed_is_held_once_and_released_by_a_reason(settings: Settings) -> None:
    before = served_run(settings.workdir)
    again = publish_leads(settings)
    assert again.run_id != before
    assert read_manifest(settings.workdir.current) == again
    assert all(finding.is_ok for finding in quality_of(settings.workdir))

    collapsed = marts(points="0")
    failed = held(settings, sql=collapsed)
    wanted = {"gate_score_psi", "gate_score_quantile", "gate_regraded_share", "gate_grade_share"}
    assert checks_of(failed) == wanted
    text = "\n".join(failed.lines)
    assert "gate_score_psi, score fit: population stability index over 600 leads" in text
    assert "below 0.1 stable, above 0.25 another population" in text
    assert "`leads build --accept REASON`" in text
    worst = worst_findings(failed.findings)
    assert len(worst) == 3
    assert [finding.excess for finding in worst] == sorted((f.excess for f in worst), reverse=True)

    accepted = publish_leads(replace(settings, accept_reason="new weights"), sql=collapsed)
    assert accepted.accepted is not None
    assert accepted.accepted.reason == "new weights"
    assert {finding["check_id"] for finding in accepted.quality["findings"]} == wanted
    assert all(finding["is_accepted"] for finding in accepted.quality["findings"])
    # Once: what is served now is what the next build is compared with.
    assert publish_leads(settings, sql=collapsed).quality["findings"] == []


def test_no_reason_releases_a_score_that_is_not_its_ledger(settings: Settings) -> None:
    accepting = replace(settings, accept_reason="it will be fine")
    broken = marts() + "update marts.fct_score_ledger set points = 1 where lead_id = '7';"
    failed = held(accepting, sql=broken)
    assert checks_of(failed) == {"integrity"}
    assert "not the sum of their ledger lines" in str(failed)


def test_leads_that_vanish_or_appear_are_held_unless_they_were_planned(settings: Settings) -> None:
    assert "gate_mart_rows" in checks_of(held(settings, leads=500))
    # 1,500 cards of an exhibition.
    assert "gate_mart_rows" in checks_of(held(settings, leads=LEADS + 1500))
    seeds = settings.workdir.project / "seeds" / "reference"
    (seeds / "planned_events.csv").write_text(
        "planned_event_id,first_date,last_date,table_name,expected_rows,expected_factor\n"
        "fair,2026-06-29,2026-06-30,,1500,\n"
    )
    assert publish_leads(settings, leads=LEADS + 1500).quality["findings"] == []


def test_a_queue_that_swells_is_held_and_a_long_one_is_told(settings: Settings) -> None:
    failed = held(settings, sql=marts(queue=300))
    assert checks_of(failed) == {"gate_queue_growth"}
    queue = next(f for f in failed.findings if f.check_id == "gate_queue_weeks")
    assert (queue.is_ok, queue.severity, queue.value) == (False, "warning", 5.0)


def test_limits_are_wider_the_longer_nothing_was_built(settings: Settings) -> None:
    # A fifth of the leads swaps grades.
    regraded = (
        marts()
        + """
        update marts.fct_lead_scores set
            grade = case grade when 'A1' then 'B1' when 'B1' then 'A1' else grade end
        where lead_id::integer % 4 = 0;
    """
    )
    assert checks_of(held(settings, sql=regraded)) == {"gate_regraded_share"}
    later = replace(settings, as_of_date=date(2026, 7, 20), run_date=date(2026, 7, 21))
    stamped = regraded + "".join(
        f"update marts.{mart} set as_of_date = date '2026-07-20';"
        for mart in ("fct_lead_scores", "fct_lead_score_values", "fct_score_ledger")
    )
    publish_leads(later, sql=stamped)
    record = read_quality(settings.workdir)
    assert record is not None
    limits = {finding.check_id: finding.limit for finding in record.gate}
    assert limits["gate_regraded_share"] == pytest.approx(0.15 + 0.02 * 19)


def test_a_failed_check_of_raw_data_holds_whoever_publishes(settings: Settings) -> None:
    raw = replace(RAW_IN_ORDER.raw[0], is_ok=False, value=0.1)
    write_quality(settings.workdir, QualityRecord((raw,)))
    assert checks_of(held(settings)) == {"raw_day_rows"}
    forget_quality(settings.workdir)
    with pytest.raises(RunFailed, match="were not checked"):
        publish_leads(settings)


def test_checks_that_break_off_hold_and_tell_no_value(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_leads(settings)

    def break_off(*_: object) -> list[bool]:
        raise ValueError("taro@customer.example")

    monkeypatch.setattr(judging, "judge", break_off)
    failed = held(replace(settings, accept_reason="whatever"))
    assert checks_of(failed) == {"checks_ran"}
    assert "ValueError" in str(failed)
    assert "taro" not in str(failed)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    asked: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        asked.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return asked


def test_the_pages_are_all_that_is_written_and_nobody_is_called(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[object]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    publish_leads(settings)
    assert no_network == []
    assert list(home.iterdir()) == []
    pages = settings.workdir.data_docs / "gate"
    text = "".join(page.read_text() for page in pages.rglob("*.html"))
    assert "Population stability index of a score" in text
    # Pages are those of the last build.
    assert len(list(pages.glob("validations/**/*.html"))) == 1
    assert AS_OF.isoformat() in text
    assert "Company 2" not in text
