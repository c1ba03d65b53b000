"""When builds start by themselves, and for which day."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration.lib.builds import parsed_project
from orchestration.lib.builds.dbt_run import DbtResult
from orchestration.lib.builds.parsed_project import parse_project
from orchestration.lib.problems import InputError
from orchestration.lib.quality.listed_checks import list_checks
from orchestration.lib.scheduling.build_days import BackfillDays, backfill_days, of_closed_day
from orchestration.lib.scheduling.business_calendar import (
    BusinessCalendar,
    OpenTime,
    read_business_calendar,
    shown_hours,
)
from orchestration.lib.scheduling.environments import RUNNING, running_automations
from orchestration.lib.scheduling.raw_watch import (
    SETTLING_SECONDS,
    RawFile,
    Watch,
    fingerprint,
    list_raw_files,
    look,
    raw_fingerprint,
)
from orchestration.lib.settings import Settings, resolve_settings

TOKYO = ZoneInfo("Asia/Tokyo")
HOURS = "calendar_id,weekday,opens_at,closes_at,time_zone\n"
NOW = 1_800_000_000.0


def settings_of(folder: Path, now: datetime | None = None, **flags: str) -> Settings:
    """Settings of the source file, whose folder is `raw`."""
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    given = {"source": "file", "raw_dir": str(folder / "raw"), "workdir": str(folder / "work")}
    return resolve_settings({**given, **flags}, environment={}, folder=folder, now=now)


def with_hours(folder: Path, rows: str) -> Settings:
    rules = folder / "rules"
    rules.mkdir()
    (rules / "business_hours.csv").write_text(HOURS + rows, encoding="utf-8")
    return settings_of(folder, rules=str(rules))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24 09:00", True),
        ("2026-11-24 08:59", False),
        ("2026-11-24 12:00", True),
        ("2026-11-24 12:30", False),
        ("2026-11-24 18:00", True),
        ("2026-11-24 18:01", False),
        ("2026-11-22 10:00", False),  # a Sunday
        ("2026-11-23 10:00", False),  # Labor Thanksgiving Day
        ("2026-08-13 10:00", False),  # Obon
        ("2026-12-30 10:00", False),  # end of the year
    ],
)
def test_the_shipped_calendar_is_open(tmp_path: Path, moment: str, is_open: bool) -> None:
    assert read_business_calendar(settings_of(tmp_path)).is_open(at(moment)) is is_open


def test_a_moment_of_another_zone_is_taken_to_the_company(tmp_path: Path) -> None:
    calendar = read_business_calendar(settings_of(tmp_path))
    assert calendar.is_open(datetime(2026, 11, 24, 0, 0, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))


def test_full_hours_of_opening_times_make_the_cron_text(tmp_path: Path) -> None:
    settings = with_hours(
        tmp_path,
        "jp_default,1,08:30,12:00,Asia/Tokyo\njp_default,1,13:15,17:45,Asia/Tokyo\n"
        "jp_default,2,08:30,12:00,Asia/Tokyo\njp_default,2,13:15,17:45,Asia/Tokyo\n"
        "jp_default,7,22:00,24:00,Asia/Tokyo\nother,3,09:00,10:00,Asia/Tokyo\n",
    )
    calendar = read_business_calendar(settings)
    assert calendar.hourly_cron() == ("0 9-12,14-17 * * 1-2", "0 22-23 * * 0")
    assert shown_hours(calendar)["Monday"] == "08:30 to 12:00, 13:15 to 17:45"
    assert calendar.is_open(at("2026-11-29 23:59"))


def test_a_calendar_that_is_never_open_on_the_hour_has_no_cron_text() -> None:
    calendar = BusinessCalendar("Asia/Tokyo", (OpenTime(1, 9 * 60 + 10, 9 * 60 + 50),), frozenset())
    assert calendar.hourly_cron() == ()


@pytest.mark.parametrize(
    ("rows", "column", "said"),
    [
        ("other,1,09:00,10:00,Asia/Tokyo\n", "calendar_id", "No row is of 'jp_default'"),
        ("jp_default,1,25:00,26:00,Asia/Tokyo\n", "opens_at", "row 2, column opens_at"),
        ("jp_default,1,09:00,noon,Asia/Tokyo\n", "closes_at", "row 2, column closes_at"),
        ("jp_default,1,09:00,10:00,Asia/Edo\n", "time_zone", "row 2, column time_zone"),
        (
            "jp_default,1,09:00,10:00,Asia/Tokyo\njp_default,2,09:00,10:00,Asia/Seoul\n",
            "time_zone",
            "2 time zones",
        ),
    ],
)
def test_opening_times_that_cannot_be_followed(
    tmp_path: Path, rows: str, column: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_business_calendar(with_hours(tmp_path, rows))
    (problem,) = caught.value.problems
    assert problem.column == column
    assert said in str(problem)
    assert problem.file == "rules/business_hours.csv"


def test_a_mistake_in_another_seed_does_not_hide_the_calendar(tmp_path: Path) -> None:
    settings = with_hours(tmp_path, "jp_default,1,09:00,10:00,Asia/Tokyo\n")
    assert settings.rules_dir is not None
    (settings.rules_dir / "scoring_rules.csv").write_text("rule_id\nx\n", encoding="utf-8")
    assert read_business_calendar(settings).open_times == (OpenTime(1, 540, 600),)


def test_the_closed_day_is_the_business_day_before(tmp_path: Path) -> None:
    # 23:30 in UTC is the next morning in Tokyo.
    settings = settings_of(tmp_path, datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    assert settings.as_of_date == date(2026, 11, 24)
    closed = of_closed_day(settings)
    assert closed.as_of_date == date(2026, 11, 23)
    assert not closed.is_provisional
    earlier = replace(settings, as_of_date=date(2026, 11, 1))
    assert of_closed_day(earlier) is earlier


DAY = [date(2026, 10, number) for number in range(1, 31)]


@pytest.mark.parametrize(
    ("first", "last", "served", "recorded", "expected"),
    [
        # A later day is served: it is scored again, and the range beside it.
        (DAY[3], DAY[5], DAY[9], {DAY[8], DAY[9]}, BackfillDays(DAY[9], DAY[3])),
        # Builds were missed: the last day of the range is published.
        (DAY[10], DAY[12], DAY[9], {DAY[9]}, BackfillDays(DAY[12], DAY[10])),
        # An earlier run was restored: the newest recorded day counts.
        (DAY[3], DAY[3], DAY[5], {DAY[9]}, BackfillDays(DAY[9], DAY[3])),
        # Nothing was built yet.
        (DAY[3], DAY[3], None, set(), BackfillDays(DAY[3], None)),
    ],
)
def test_what_a_backfill_scores(
    first: date, last: date, served: date | None, recorded: set[date], expected: BackfillDays
) -> None:
    assert backfill_days(first, last, served, recorded) == expected


def test_an_environment_says_what_runs() -> None:
    assert running_automations({}) == frozenset()
    assert running_automations({"LEADS_ENVIRONMENT": " Production "}) == RUNNING["production"]
    assert RUNNING["production"] == {"hourly_build", "daily_build", "new_raw_files", "exports"}
    assert RUNNING["staging"] == {"daily_build"}
    with pytest.raises(InputError, match=r"'prod' is no environment\. Possible: development"):
        running_automations({"LEADS_ENVIRONMENT": "prod"})


def raw_files(*sizes: int, age: float = 3600) -> tuple[RawFile, ...]:
    changed = int((NOW - age) * 1e9)
    return tuple(
        RawFile("file", f"{number}.csv", size, changed) for number, size in enumerate(sizes)
    )


def watched(
    *looks: Sequence[RawFile], landed: str | None = None, is_building: bool = False
) -> list[str | None]:
    """The keys of the builds that looks in a row start."""
    cursor: str | None = None
    keys = []
    for files in looks:
        found = look(Watch.from_cursor(cursor), files, NOW, landed=landed, is_building=is_building)
        assert found.reason
        cursor = found.watch.to_cursor()
        keys.append(found.start_key)
    return keys


def starts(keys: Sequence[str | None]) -> list[str | None]:
    """The states of the files for which builds started."""
    return [None if key is None else key.partition("-")[0] for key in keys]


def test_new_files_start_one_build_when_they_rest() -> None:
    files = raw_files(1, 2)
    keys = watched(files, files, files, files)
    assert starts(keys) == [None, fingerprint(files), None, None]


def test_files_that_change_between_looks_wait() -> None:
    growing = [raw_files(size) for size in (1, 2, 3)]
    keys = watched(*growing, growing[-1])
    assert starts(keys) == [None, None, None, fingerprint(growing[-1])]


def test_a_young_file_waits() -> None:
    young = raw_files(1, age=SETTLING_SECONDS - 1)
    assert watched(young, young, young) == [None, None, None]
    assert watched(*[raw_files(1, age=SETTLING_SECONDS)] * 2)[1] is not None


def test_a_time_in_the_future_does_not_wait_for_ever() -> None:
    assert watched(*[raw_files(1, age=-3600)] * 2)[1] is not None


def test_every_further_delivery_starts_a_build() -> None:
    first, second = raw_files(1), raw_files(1, 2)
    keys = watched(first, first, second, second, second)
    assert starts(keys) == [None, fingerprint(first), None, fingerprint(second), None]


def test_files_that_come_back_start_a_build_under_a_key_of_its_own() -> None:
    """The orchestrator starts nothing under a key that it has seen."""
    right, wrong = raw_files(1), raw_files(2)
    keys = [key for key in watched(right, right, wrong, wrong, right, right) if key is not None]
    assert starts(keys) == [fingerprint(right), fingerprint(wrong), fingerprint(right)]
    assert len(set(keys)) == 3
    # A cursor that somebody reset later takes up no key either.
    again = look(Watch(), right, NOW + 60, landed=None, is_building=False).watch
    assert look(again, right, NOW + 60, landed=None, is_building=False).start_key not in keys


def test_a_look_whose_watch_was_not_kept_has_the_same_key() -> None:
    seen = look(Watch(), raw_files(1), NOW, landed=None, is_building=False).watch
    keys = {
        look(seen, raw_files(1), NOW + late, landed=None, is_building=False).start_key
        for late in (0, 60)
    }
    assert len(keys) == 1


def test_what_another_build_landed_starts_none() -> None:
    files = raw_files(1)
    assert watched(files, files, landed=fingerprint(files)) == [None, None]
    assert watched(files, files, landed="something else")[1] is not None


def test_the_watch_waits_for_a_build_that_runs() -> None:
    files = raw_files(1)
    assert watched(files, files, files, is_building=True) == [None, None, None]
    # It did not take the files for built: the next look starts the build.
    waited = Watch(fingerprint(files))
    assert look(waited, files, NOW, landed=None, is_building=False).start_key is not None


def test_files_that_come_back_while_a_build_lands_others_start_a_build() -> None:
    right, wrong = raw_files(1), raw_files(2)
    before = Watch(fingerprint(wrong), fingerprint(right), fingerprint(right), 1)
    # The build that runs has landed the wrong ones, and nobody can know it yet.
    for watch in (before, replace(before, started=fingerprint(wrong))):
        landed = fingerprint(right)
        waiting = look(watch, right, NOW, landed=landed, is_building=True)
        assert waiting.start_key is None
        again = look(waiting.watch, right, NOW, landed=fingerprint(wrong), is_building=False)
        assert again.start_key is not None
        # That build fails: what was landed stays, and it is not tried again and again.
        failed = look(again.watch, right, NOW, landed=fingerprint(wrong), is_building=False)
        assert failed.start_key is None


def test_no_files_start_nothing() -> None:
    assert watched((), ()) == [None, None]


@pytest.mark.parametrize("cursor", [None, "", "no json", "[]", '{"seen": 1}', '"text"'])
def test_a_cursor_that_holds_no_watch_begins_anew(cursor: str | None) -> None:
    assert Watch.from_cursor(cursor) == Watch()


def test_names_sizes_and_times_of_landed_files_count(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    leads = settings.raw_dir / "leads.csv"
    leads.write_text("lead_id\n1\n")
    (settings.raw_dir / "notes.txt").write_text("not landed")
    (file,) = list_raw_files(settings)
    assert (file.source, file.name, file.size) == ("file", "leads.csv", 10)
    before = raw_fingerprint(settings)
    (settings.raw_dir / "more notes.txt").write_text("not landed")
    assert raw_fingerprint(settings) == before
    os.utime(leads, ns=(file.changed_at, file.changed_at + 1))
    assert raw_fingerprint(settings) != before


def test_files_that_a_build_would_refuse_have_no_fingerprint(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with pytest.raises(InputError, match="needs the table leads"):
        list_raw_files(settings)
    assert raw_fingerprint(settings) is None


def test_bundled_data_that_are_not_made_yet_are_no_files(tmp_path: Path) -> None:
    bundled = resolve_settings({"workdir": str(tmp_path)}, environment={}, folder=tmp_path)
    assert list_raw_files(bundled) == ()


def test_a_limit_is_a_check_at_its_place(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "quality_limits.csv").write_text(
        "limit_id,subject,severity,kind,max_value,rationale\n"
        "raw_day_rows,all,warning,relative,1,Half is a cut export.\n"
        "raw_day_rows,file.events,error,relative,2,\n"
        "gate_grade_share,all,warning,relative,1,Grades move slowly.\n"
        "unreadable_event_time_share,all,error,absolute,0.05,A test of dbt.\n",
        encoding="utf-8",
    )
    listed = list_checks(settings_of(tmp_path, rules=str(rules)))
    assert [(check.check_id, check.place, check.may_hold) for check in listed] == [
        ("raw_day_rows", "raw", True),
        ("gate_grade_share", "gate", False),
    ]
    assert "Half is a cut export." in listed[0].description


def test_the_project_is_parsed_again_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    (root / "models").mkdir(parents=True)
    (root / "seeds" / "scoring").mkdir(parents=True)
    (root / "seeds" / "scoring" / "grades.csv").write_text("grade\n")
    (root / "models" / "a.sql").write_text("select 1")
    runs = []

    def run_dbt(arguments: Sequence[str], *others: object) -> DbtResult:
        runs.append(arguments)
        (Path(arguments[arguments.index("--target-path") + 1]) / "manifest.json").write_text("{}")
        return DbtResult(0, 0, (), (), ())

    monkeypatch.setattr(parsed_project, "run_dbt", run_dbt)
    settings = replace(settings_of(tmp_path), project_root=root)
    manifest = parse_project(settings)
    assert manifest == parse_project(settings)
    assert manifest.is_file()
    assert len(runs) == 1
    # Rows of seeds are no matter of the manifest; its files are.
    (root / "seeds" / "scoring" / "grades.csv").write_text("grade\nA1\n")
    parse_project(settings)
    assert len(runs) == 1
    (root / "models" / "a.sql").write_text("select 12")
    parse_project(settings)
    parse_project(replace(settings, sources=("hubspot",)))
    (root / "seeds" / "scoring" / "new.csv").write_text("a\n")
    parse_project(settings)
    assert len(runs) == 4
    manifest.unlink()
    parse_project(settings)
    assert len(runs) == 5
