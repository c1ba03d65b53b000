"""`leads explain --since` and `--as-of`: why a score moved, and what is recorded of a past day."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands.since_page import print_change
from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.explain_day import day_sentences, explain_day, kept_ledger
from orchestration.lib.inspection.explain_since import Change, explain_since
from orchestration.lib.inspection.since_sentences import sentences
from orchestration.lib.inspection.texts import Texts, filled, name_of_label, number
from orchestration.lib.problems import InputError
from orchestration.lib.settings import Settings, resolve_settings
from tests.orchestration.building import REPOSITORY, read_rows, run_leads
from tests.orchestration.hand_made_build import AS_OF, hand_made_settings, publish_hand_made

NUMBER = re.compile(r"[+-]?\d+\.\d\d")
# lead, grade, fit, engagement, from, to
Period = tuple[str, str | None, str, str, str, str | None]
PERIODS: tuple[Period, ...] = (
    ("1", "B2", "10", "2", "2026-01-01", "2026-06-01"),
    ("1", "A1", "10", "6.5", "2026-06-01", "2026-06-20"),
    ("1", "A1", "10", "5", "2026-06-20", None),
    # Came into being within the time.
    ("2", "A1", "10", "5", "2026-06-10", None),
    # Excluded from 2 to 8 June.
    ("10", "C3", "4", "1", "2026-01-01", "2026-06-02"),
    ("10", "A1", "10", "5", "2026-06-08", None),
    # Excluded since 5 June, but a lead.
    ("out", "B2", "10", "3", "2026-01-01", "2026-06-05"),
    # Merged away.
    ("gone", "C3", "7", "0", "2026-01-01", "2026-06-05"),
    ("still", "A1", "10", "5", "2026-01-01", None),
)
# lead, score, cause, points, day
Part = tuple[str, str, str, str, str]
PARTS: tuple[Part, ...] = (
    ("1", "engagement", "new_event", "4", "2026-06-01"),
    ("1", "engagement", "new_event", "1", "2026-06-03"),
    ("1", "engagement", "decay", "-0.5", "2026-06-03"),
    ("1", "engagement", "decay", "-1.5", "2026-06-20"),
    ("2", "fit", "attribute", "12", "2026-06-10"),
    ("2", "fit", "limits", "-2", "2026-06-10"),
    ("2", "engagement", "new_event", "5", "2026-06-10"),
    ("10", "fit", "attribute", "-4", "2026-06-02"),
    ("10", "engagement", "attribute", "-1", "2026-06-02"),
    ("10", "fit", "attribute", "10", "2026-06-08"),
    ("10", "engagement", "new_event", "5", "2026-06-08"),
    ("out", "fit", "attribute", "-10", "2026-06-05"),
    ("out", "engagement", "attribute", "-3", "2026-06-05"),
    ("gone", "fit", "merge", "-7", "2026-06-05"),
)


def quoted(rows: Sequence[Sequence[str | None]]) -> str:
    return ", ".join(
        "(" + ", ".join("null" if cell is None else f"'{cell}'" for cell in row) + ")"
        for row in rows
    )


def history_sql(periods: Sequence[Period] = PERIODS, parts: Sequence[Part] = PARTS) -> str:
    return f"""
        insert into marts.dim_leads values ('out', 'Company out', 'competitor', false);
        alter table marts.fct_score_ledger add column occurrences integer;
        alter table marts.fct_score_ledger add column last_event_date date;
        update marts.fct_score_ledger set occurrences = 3, last_event_date = '2026-06-03'
        where rule_id = 'visits';
        create table marts.fct_lead_score_history as
        select
            lead_id, 'A' as fit_band, '1' as engagement_band, grade, 'hot' as temperature,
            'sales' as route, 'set-1' as rule_set_id,
            if(valid_from = '2026-01-01', 'back_filled', 'published') as origin,
            cast(fit as decimal(12, 2)) as fit_score,
            cast(engagement as decimal(12, 2)) as engagement_score, 1 as priority,
            false as is_provisional, cast(valid_from as date) as valid_from,
            cast(valid_to as date) as valid_to
        from (values {quoted(periods)})
            as given(lead_id, grade, fit, engagement, valid_from, valid_to);
        create table marts.fct_score_changes as
        select
            lead_id, score_id, cause, cast(points as decimal(12, 2)) as points,
            cast(day as date) as changed_date
        from (values {quoted(parts)}) as given(lead_id, score_id, cause, points, day);
    """


def published_settings(
    root: Path, periods: Sequence[Period] = PERIODS, parts: Sequence[Part] = PARTS
) -> Settings:
    settings = hand_made_settings(root)
    publish_hand_made(
        settings,
        leads=("1", "2", "10", "still"),
        extra=history_sql(periods, parts),
        extra_keys={
            "fct_lead_score_history": ["lead_id", "valid_from"],
            "fct_score_changes": ["lead_id", "changed_date", "score_id", "cause"],
        },
    )
    # What a build prepares: the labels of scores, rules and exclusions.
    shutil.copytree(REPOSITORY / "seeds", settings.workdir.project / "seeds")
    return settings_of(settings.workdir.root)


def settings_of(workdir: Path, **flags: object) -> Settings:
    return resolve_settings({"workdir": str(workdir), **flags}, environment={}, folder=workdir)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return published_settings(tmp_path_factory.mktemp("since"))


def ask(settings: Settings, lead: str, since: str, as_of: str | None = None) -> Change:
    end = None if as_of is None else date.fromisoformat(as_of)
    return explain_since(settings, lead, date.fromisoformat(since), end)


def said(change: Change, settings: Settings) -> tuple[str, str]:
    return sentences(change, Texts(settings))


def split(change: Change) -> dict[str, tuple[str, dict[str, str], str]]:
    return {
        score.score_id: (
            str(score.before),
            {part.cause: str(part.points) for part in score.parts},
            str(score.after),
        )
        for score in change.scores
    }


def test_a_change_is_told_in_two_sentences(settings: Settings) -> None:
    assert said(ask(settings, "1", "2026-05-31"), settings) == (
        "From 2026-05-31 to 2026-06-30: Fit stayed at 10, Engagement rose from 2 to 5; the grade"
        " went from B2 to A1.",
        "Main causes: new activity added 5 points to Engagement (visits, 3 times in all, last on"
        " 2026-06-03); and Engagement lost 2 points as earlier activity grew old (on 2 days,"
        " 2026-06-03 to 2026-06-20).",
    )


def test_the_sentences_come_in_japanese(settings: Settings) -> None:
    japanese = settings_of(settings.workdir.root, language="ja")
    assert said(ask(japanese, "1", "2026-05-31"), japanese) == (
        "2026/5/31から2026/6/30まで:適合度は10点のまま、関心度は2点から5点へ上昇。"
        "グレードはB2からA1に変わりました。",
        "主な理由:新しい行動により関心度が5点増加(visits・最新2026/6/3・計3回)。"
        "次に、過去の行動から時間がたち関心度が2点減少(2026/6/3から2026/6/20までの2日)。",
    )


def test_the_causes_stand_in_their_order_and_sum_to_the_change(settings: Settings) -> None:
    assert split(ask(settings, "1", "2026-05-31")) == {
        "fit": ("10.00", {}, "10.00"),
        "engagement": ("2.00", {"new_event": "5.00", "decay": "-2.00"}, "5.00"),
    }


def test_an_earlier_end_leaves_out_what_came_later_and_names_no_rule(settings: Settings) -> None:
    change = ask(settings, "1", "2026-05-31", "2026-06-10")
    assert split(change)["engagement"] == ("2.00", {"new_event": "5.00", "decay": "-0.50"}, "6.50")
    assert [part.rules for score in change.scores for part in score.parts] == [(), ()]


def test_an_event_from_before_the_time_is_no_new_rule(settings: Settings) -> None:
    change = ask(settings, "1", "2026-06-03")
    assert said(change, settings)[1] == (
        "Main cause: Engagement lost 1.5 points as earlier activity grew old (on 2026-06-20)."
    )


def test_a_lead_that_came_into_being_counts_from_zero(settings: Settings) -> None:
    change = ask(settings, "2", "2026-05-31")
    assert split(change) == {
        "fit": ("0.00", {"attribute": "12.00", "limits": "-2.00"}, "10.00"),
        "engagement": ("0.00", {"new_event": "5.00"}, "5.00"),
    }
    assert said(change, settings)[0] == (
        "The lead had no score on 2026-05-31; on 2026-06-30 it has Fit 10, Engagement 5, and its"
        " grade is A1."
    )


def test_a_lead_that_was_excluded_for_a_time_has_all_its_parts(settings: Settings) -> None:
    change = ask(settings, "10", "2026-05-31")
    assert split(change) == {
        "fit": ("4.00", {"attribute": "6.00"}, "10.00"),
        "engagement": ("1.00", {"attribute": "-1.00", "new_event": "5.00"}, "5.00"),
    }
    assert split(ask(settings, "10", "2026-06-05")) == {
        "fit": ("0.00", {"attribute": "10.00"}, "10.00"),
        "engagement": ("0.00", {"new_event": "5.00"}, "5.00"),
    }


def test_a_lead_that_is_excluded_now_is_told_with_the_reason(settings: Settings) -> None:
    change = ask(settings, "out", "2026-05-31")
    assert split(change) == {
        "fit": ("10.00", {"attribute": "-10.00"}, "0.00"),
        "engagement": ("3.00", {"attribute": "-3.00"}, "0.00"),
    }
    assert said(change, settings)[0] == (
        "On 2026-05-31 the lead had Fit 10, Engagement 3 and the grade B2; on 2026-06-30 it has no"
        " score (Confirmed competitor)."
    )
    assert said(ask(settings, "out", "2026-06-20"), settings) == (
        "The lead had no score on 2026-06-20 and has none on 2026-06-30 (Confirmed competitor).",
        "Nothing moved a score in this time.",
    )


def test_nothing_that_moved_is_said_to_be_so(settings: Settings) -> None:
    assert said(ask(settings, "still", "2026-05-31"), settings) == (
        "From 2026-05-31 to 2026-06-30: Fit stayed at 10, Engagement stayed at 5; the grade is"
        " still A1.",
        "Nothing moved a score in this time.",
    )


@pytest.mark.parametrize(
    ("lead", "since", "as_of", "message"),
    [
        ("1", "2025-12-31", None, "the first recorded day is 2026-01-01"),
        ("1", "2026-06-30", None, "not before 2026-06-30"),
        ("1", "2026-06-01", "2026-07-01", "as of 2026-06-30, which is before 2026-07-01"),
        ("nobody", "2026-06-01", None, "there is no lead nobody"),
        ("Still", "2026-06-01", None, "Did you mean still"),
        ("gone", "2026-06-01", None, "is no lead any more; its own scores end with 2026-06-05"),
    ],
)
def test_what_cannot_be_answered_is_one_message(
    settings: Settings, lead: str, since: str, as_of: str | None, message: str
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        ask(settings, lead, since, as_of)
    assert len(raised.value.problems) == 1


def test_parts_that_do_not_sum_are_no_explanation(tmp_path: Path) -> None:
    settings = published_settings(tmp_path, parts=PARTS[1:])
    with pytest.raises(RunFailed, match=r"sum to -1\.00, but it moved from 2\.00 to 5\.00"):
        ask(settings, "1", "2026-05-31")


def test_a_snapshot_without_history_says_what_to_do(tmp_path: Path) -> None:
    settings = hand_made_settings(tmp_path)
    publish_hand_made(settings)
    with pytest.raises(InputError, match="records no history"):
        ask(settings, "1", "2026-05-31")
    with pytest.raises(InputError, match="leads build --as-of 2026-05-31 --workdir OTHER"):
        explain_day(settings, "1", date(2026, 5, 31))


# A past day


@pytest.mark.parametrize(
    ("lead", "day", "expected"),
    [
        ("1", "2026-05-31", "the lead had Fit 10, Engagement 2, and its grade was B2."),
        ("1", "2026-06-01", "the lead had Fit 10, Engagement 6.5, and its grade was A1."),
        ("10", "2026-06-01", "the lead had Fit 4, Engagement 1, and its grade was C3."),
        ("10", "2026-06-02", "the lead had no score."),
        # The history of a lead that was merged away stays.
        ("gone", "2026-06-04", "the lead had Fit 7, Engagement 0, and its grade was C3."),
    ],
)
def test_a_recorded_day_is_answered(settings: Settings, lead: str, day: str, expected: str) -> None:
    recorded = explain_day(settings, lead, date.fromisoformat(day))
    assert recorded is not None
    told = day_sentences(settings, recorded)
    assert told[0] == f"At the end of {day} {expected}"
    assert f"leads build --as-of {day} --workdir OTHER" in told[-1]


def test_the_origin_of_a_recorded_day_is_told(settings: Settings) -> None:
    for day, origin in (("2026-05-31", "computed later"), ("2026-06-02", "was published")):
        recorded = explain_day(settings, "1", date.fromisoformat(day))
        assert recorded is not None
        assert origin in day_sentences(settings, recorded)[1]


def test_a_replay_is_of_the_data_that_were_built(settings: Settings) -> None:
    """The fixture was built with flags, and is asked without."""
    workdir = settings.workdir.root
    raw = workdir.parent / "raw"
    told = []
    for asked in (settings, settings_of(workdir, source="file", raw_dir=str(raw))):
        recorded = explain_day(asked, "1", date(2026, 5, 31))
        assert recorded is not None
        told.append(day_sentences(asked, recorded)[-1])
    state = f"--workdir OTHER --state {settings.workdir.state}"
    assert f"{state} --source file --raw-dir {raw} && leads explain 1" in told[0]
    assert f"{state} && leads explain 1 --workdir OTHER" in told[1]


def keep_run(settings: Settings, day: str) -> str:
    """A run of an earlier day beside the served one; it says the same of every lead."""
    runs = settings.workdir.runs
    run_id = f"{day.replace('-', '')}T010000Z-aaaaaa"
    shutil.copytree(settings.workdir.current, runs / run_id)
    manifest = runs / run_id / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(content | {"run_id": run_id, "as_of_date": day}))
    with duckdb.connect(str(runs / run_id / "leads.duckdb")) as connection:
        connection.execute("""
            alter table marts.dim_leads add column motion varchar;
            alter table marts.fct_lead_grades add column temperature varchar;
            alter table marts.fct_lead_grades add column route varchar;
            alter table marts.fct_lead_grades add column priority integer;
        """)
    return run_id


def test_the_ledger_of_a_past_day_comes_from_a_kept_run_that_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in os.environ:
        if name.startswith("LEADS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    settings = published_settings(tmp_path)
    kept = keep_run(settings, "2026-06-20")
    # Of that day something else stands recorded: 6.5 for engagement, where this run says 5.
    keep_run(settings, "2026-06-02")

    def asked(day: str, lead: str = "1", *flags: str) -> str:
        place = ("--workdir", str(settings.workdir.root))
        result = CliRunner().invoke(app, ["explain", lead, "--as-of", day, *place, *flags])
        assert result.exit_code == 0, result.output
        return result.stdout

    day = json.loads(asked("2026-06-20", "1", "--json"))["day"]
    assert day["ledger"]["run_id"] == kept
    assert {score["score_id"]: score["points"] for score in day["ledger"]["scores"]} == (
        day["scores"]
    )
    page = " ".join(asked("2026-06-20").split())
    assert "At the end of 2026-06-20 the lead had Fit 10, Engagement 5" in page
    assert "visits" in page
    assert "leads build" not in page
    for other in ("2026-06-02", "2026-06-21"):
        assert json.loads(asked(other, "1", "--json"))["day"]["ledger"] is None
        assert f"leads build --as-of {other}" in " ".join(asked(other).split())
    recorded = explain_day(settings, "gone", date(2026, 6, 20))
    assert recorded is not None
    assert kept_ledger(settings, recorded) is None


def test_the_published_day_is_left_to_the_ledger(settings: Settings) -> None:
    assert explain_day(settings, "1", AS_OF) is None


# The command


def test_the_page_fits_and_adds_up(settings: Settings) -> None:
    change, texts = ask(settings, "1", "2026-05-31"), Texts(settings)
    for width in (80, 120):
        page = io.StringIO()
        print_change(change, sentences(change, texts), texts, Console(file=page, width=width))
        lines = page.getvalue().splitlines()
        assert max(map(len, lines)) <= width
        points = [word for line in lines if NUMBER.fullmatch(word := line.rpartition(" ")[2])]
        assert points == ["10.00", "10.00", "2.00", "+5.00", "-2.00", "5.00"]


def test_the_command_prints_json_with_points_as_text(settings: Settings) -> None:
    workdir = settings.workdir.root
    asked = ("explain", "1", "--workdir", workdir, "--json")
    done = run_leads(*asked, "--since", "2026-05-31", folder=workdir)
    change = json.loads(done.stdout)["change"]
    assert (done.returncode, len(change["sentences"])) == (0, 2)
    engagement = change["scores"][1]
    assert (engagement["before"], engagement["after"]) == ("2.00", "5.00")
    assert sum(Decimal(part["points"]) for part in engagement["parts"]) == 3
    assert engagement["parts"][0]["rules"][0]["last_event_date"] == "2026-06-03"
    done = run_leads(*asked, "--as-of", "2026-05-31", folder=workdir)
    day = json.loads(done.stdout)["day"]
    assert (day["scores"], day["grade"]) == ({"fit": "10.00", "engagement": "2.00"}, "B2")


def test_the_command_refuses_what_makes_no_sense(settings: Settings) -> None:
    workdir = settings.workdir.root
    for flags, message in (
        (("--since", "yesterday"), "flag --since: this is no day."),
        (("--since", "2026-06-01", "--rule", "visits"), "--since and --rule go apart."),
    ):
        done = run_leads("explain", "1", *flags, "--workdir", workdir, folder=workdir)
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr


# Words


def test_every_text_has_both_languages_and_the_same_names() -> None:
    folder = REPOSITORY / "seeds" / "reference"

    def names(template: str) -> set[str]:
        return {piece.partition("}")[0] for piece in template.split("{")[1:]}

    for row in read_rows(folder / "change_causes.csv"):
        for kind in ("gain", "loss"):
            assert names(row[f"{kind}_en"]) == names(row[f"{kind}_ja"]) == {"points", "score"}
    for row in read_rows(folder / "texts.csv"):
        if row["text_id"].startswith(("change_", "recorded_")) and row["text_id"] != "change_day":
            assert row["text_en"]
            assert row["text_ja"]
            assert names(row["text_en"]) == names(row["text_ja"]), row["text_id"]


def test_a_team_that_words_some_texts_anew_keeps_the_others(tmp_path: Path) -> None:
    settings = published_settings(tmp_path)
    file = settings.workdir.project / "seeds" / "reference" / "texts.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(
            [("text_id", "text_en", "text_ja"), ("change_no_cause", "All quiet.", "変化なし。")]
        )
    moved, why = said(ask(settings, "still", "2026-05-31"), settings)
    assert why == "All quiet."
    assert moved.endswith("the grade is still A1.")


def test_templates_leave_other_braces_alone() -> None:
    assert filled("{a}{b} {c", a="1{b}") == "1{b}{b} {c"
    assert [number(Decimal(text)) for text in ("10.00", "0.50", "-3.25", "100")] == [
        "10",
        "0.5",
        "-3.25",
        "100",
    ]
    labels = ("Fit: who the lead is", "適合度(会社・人)", "Fit", ": odd")
    assert [name_of_label(label) for label in labels] == ["Fit", "適合度", "Fit", ": odd"]
