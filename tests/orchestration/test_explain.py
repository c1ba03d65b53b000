"""`leads explain`: the ledger of a lead, and why a rule gave points or did not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.explain import explain_lead
from orchestration.lib.inspection.explain_rule import explain_rule
from orchestration.lib.inspection.explain_values import RuleExplanation
from orchestration.lib.inspection.explain_verdict import verdict
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.settings import Settings, resolve_settings
from tests.orchestration.building import Published, run_leads
from tests.orchestration.inspected_world import AS_OF, BEST, EXCLUDED, STAFF, built_world

# One build serves both modules that look into it.
PERSONAL = ("private.example", "03-1234-5678", "090-1111-2222")


@pytest.fixture(scope="module")
def workdir(build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_world(build, tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def settings(workdir: Path) -> Settings:
    return settings_of(workdir)


def settings_of(workdir: Path, **flags: object) -> Settings:
    return resolve_settings({"workdir": str(workdir), **flags}, environment={}, folder=workdir)


def marts(workdir: Path, query: str) -> list[tuple[object, ...]]:
    file = workdir / "published" / "current" / "leads.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_ledger_has_every_line_of_the_lead_and_sums_to_the_score(settings: Settings) -> None:
    lead = explain_lead(settings, BEST)
    fit, engagement = lead.scores
    lines = {
        rule.rule_id: (rule.occurrences, rule.last_event_date, rule.points, rule.decay, rule.net)
        for score in lead.scores
        for group in score.groups
        for rule in group.rules
    }
    assert lines == {
        "head": (1, None, Decimal("25.00"), 0, Decimal("25.00")),
        "tagged": (1, None, Decimal("3.00"), 0, Decimal("3.00")),
        "dated": (1, None, Decimal("2.00"), 0, Decimal("2.00")),
        "mailed": (1, None, Decimal("1.00"), 0, Decimal("1.00")),
        "size": (1, None, Decimal("30.00"), 0, Decimal("30.00")),
        "phone": (1, None, Decimal("5.00"), 0, Decimal("5.00")),
        "demo": (1, date(2026, 10, 14), Decimal("50.00"), Decimal("-12.50"), Decimal("37.50")),
        "pages": (2, date(2026, 10, 29), Decimal("4.00"), 0, Decimal("4.00")),
    }
    limits = {group.group_id: group.limit for score in lead.scores for group in score.groups}
    assert limits == {"role": 0, "size": Decimal("-5.00"), "web": Decimal("-1.50")}
    assert (fit.points, fit.sum_of_lines, fit.band) == (Decimal("61.00"), Decimal("61.00"), "A")
    assert engagement.points == engagement.sum_of_lines == Decimal("40.00")
    assert (lead.grades[0].grade, lead.as_of_date, lead.is_provisional) == ("A2", AS_OF, False)


def test_every_lead_of_the_snapshot_adds_up(settings: Settings, workdir: Path) -> None:
    published = marts(workdir, "select lead_id, score_id, points from marts.fct_lead_score_values")
    explained = {
        (lead_id, score.score_id, score.sum_of_lines)
        for lead_id in {row[0] for row in published}
        for score in explain_lead(settings, str(lead_id)).scores
    }
    assert explained == set(published)


def test_labels_come_in_the_language_that_is_asked_for(workdir: Path) -> None:
    lead = explain_lead(settings_of(workdir, language="ja"), BEST)
    group = lead.scores[0].groups[0]
    assert (group.label, group.rules[0].label) == ("役職", "部門長")
    assert lead.reasons[0] == "規模"


def test_an_excluded_lead_has_no_score_but_a_reason(workdir: Path) -> None:
    lead = explain_lead(settings_of(workdir), EXCLUDED)
    assert lead.exclusion is not None
    assert (lead.scores, lead.grades) == ((), ())
    assert (lead.exclusion.reason, lead.exclusion.conditions) == (
        "do_not_contact",
        ("do_not_contact equals true",),
    )
    done = run_leads("explain", EXCLUDED, "--workdir", workdir, folder=workdir)
    assert done.returncode == 0
    assert "No score: Asked not to be contacted (do_not_contact)." in " ".join(done.stdout.split())


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_is_readable_at_usual_widths(
    workdir: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    done = run_leads("explain", BEST, "--workdir", workdir, folder=workdir)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= width
    sums = [line.split()[-1] for line in lines if "Sum = score" in line]
    assert sums == ["61.00", "40.00"]
    assert any("limit of the group: at most 30.00" in line for line in lines)
    assert any(line.split()[-3:] == ["50.00", "-12.50", "37.50"] for line in lines)


def test_json_holds_points_as_text(workdir: Path) -> None:
    done = run_leads("explain", BEST, "--workdir", workdir, "--json", folder=workdir)
    lead = json.loads(done.stdout)["lead"]
    web = lead["scores"][1]["groups"][0]
    assert (lead["scores"][1]["points"], web["limit"], web["net"]) == ("40.00", "-1.50", "40.00")
    assert web["rules"][0] == {
        "rule_id": "demo",
        "label": "Asked for a demo",
        "occurrences": 1,
        "last_event_date": "2026-10-14",
        "points": "50.00",
        "decay": "-12.50",
        "net": "37.50",
    }


def test_an_unknown_lead_is_one_message_and_ids_that_differ_in_case_are_proposed(
    workdir: Path,
) -> None:
    for arguments in (["abc-1"], ["abc-1", "--rule", "head"]):
        done = run_leads("explain", *arguments, "--workdir", workdir, folder=workdir)
        assert done.returncode == 2
        assert "there is no lead abc-1. Did you mean Abc-1?" in done.stderr
    done = run_leads("explain", "7", "--workdir", workdir, folder=workdir)
    assert done.returncode == 2
    assert "with leading zeros" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("rule", [(), ("--rule", "head")])
def test_another_day_is_refused_with_the_way_to_replay_it(
    workdir: Path, rule: tuple[str, ...]
) -> None:
    asked = ("explain", BEST, *rule, "--workdir", workdir, "--as-of")
    done = run_leads(*asked, "2026-06-30", folder=workdir)
    assert done.returncode == 2
    assert "leads build --as-of 2026-06-30 --workdir OTHER" in done.stderr
    assert "leads explain 007 --workdir OTHER" in done.stderr
    assert run_leads(*asked, AS_OF.isoformat(), folder=workdir).returncode == 0


def test_a_ledger_that_does_not_add_up_is_no_explanation(workdir: Path, tmp_path: Path) -> None:
    shutil.copytree(workdir / "published", tmp_path / "published", symlinks=True)
    file = tmp_path / "published" / "current" / "leads.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("update marts.fct_score_ledger set points = 26 where rule_id = 'head'")
    with pytest.raises(RunFailed, match=r"sum to 62\.00, but the score is 61\.00"):
        explain_lead(settings_of(tmp_path), BEST)


def test_every_rule_is_explained_as_the_ledger_has_it(settings: Settings, workdir: Path) -> None:
    ledger = set(marts(workdir, "select lead_id, rule_id from marts.fct_score_ledger"))
    leads = marts(workdir, "select lead_id from marts.dim_leads")
    seeds = workdir / "warehouse" / "project" / "seeds" / "scoring" / "scoring_rules.csv"
    rules = {line.split(",")[0].strip('"') for line in seeds.read_text().splitlines()[1:]}
    assert len(leads) == 4
    assert len(rules) == 12
    for (lead_id,) in leads:
        for rule_id in rules:
            rule = explain_rule(settings, str(lead_id), rule_id)
            where = (lead_id, rule_id)
            assert (rule.given is not None) == (where in ledger), where
            if rule.points and not rule.exclusion_reasons:
                assert rule.are_conditions_met == (rule.given is not None), where
            # What the conditions say one by one is what the build says of their alternative.
            for alternative in rule.alternatives if rule.is_in_force else ():
                on_lead = [each.holds for each in alternative.conditions if not each.is_on_event]
                assert alternative.is_open == all(on_lead), where


@pytest.mark.parametrize(
    ("lead_id", "rule_id", "said"),
    [
        (BEST, "head", "It gives 25.00 points: its conditions hold."),
        (BEST, "tagged", "It gives 3.00 points: its conditions hold."),
        (STAFF, "head", "It gives nothing: job_level is staff, so `equals head` does not hold."),
        (
            STAFF,
            "tagged",
            "It gives nothing: tags is (unknown), so `equals vip` does not hold.",
        ),
        (
            STAFF,
            "phone",
            "It gives nothing: phone is (unknown), so `is_known` does not hold.",
        ),
        (
            STAFF,
            "size",
            "It gives nothing: none of its 2 alternatives holds; the nearest fails because"
            " employee_count is 40, so `gte 300` does not hold.",
        ),
        ("quiet", "size", "It gives 30.00 points: its conditions hold."),
        ("quiet", "unknown_size", "It gives -4.00 points: its conditions hold."),
        (
            BEST,
            "future",
            "It gives nothing: the rule is not in force on 2026-10-30 (in force from 2027-01-01)."
            " Its conditions are not evaluated outside its period.",
        ),
        (BEST, "dated", "It gives 2.00 points: its conditions hold."),
        (
            BEST,
            "demo",
            "It gives 37.50 points for 1 event, the last on 2026-10-14; 50.00 before decay.",
        ),
        (BEST, "pages", "It gives 4.00 points for 2 events, the last on 2026-10-29."),
        (
            STAFF,
            "pages",
            "It gives nothing: the rule needs 2 events page_viewed in the last 30 days, and 1 meets"
            " the conditions.",
        ),
        (
            STAFF,
            "demo",
            "It gives nothing: the only event form_submitted in the last 60 days does not meet the"
            " conditions.",
        ),
        (
            "quiet",
            "demo",
            "It gives nothing: the lead's last event form_submitted was on 2026-01-10, outside the"
            " window of 60 days.",
        ),
        (
            "quiet",
            "chat",
            "It gives nothing: the lead has no event chat_started up to 2026-10-30; 1 event could"
            " not be read.",
        ),
        (
            STAFF,
            "chat",
            "Its conditions are met, but the rule is worth 0 points, so the ledger has no line.",
        ),
        (
            EXCLUDED,
            "demo",
            "It gives nothing: the lead is excluded from scoring (do_not_contact). Apart from that"
            " its conditions are met.",
        ),
    ],
)
def test_the_verdict_says_in_a_sentence_why(
    settings: Settings, lead_id: str, rule_id: str, said: str
) -> None:
    assert verdict(explain_rule(settings, lead_id, rule_id)) == said


def test_conditions_show_the_value_seen_and_whether_it_holds(settings: Settings) -> None:
    size = explain_rule(settings, STAFF, "size")
    assert [
        (each.field, each.operator, each.operand, each.seen, each.holds)
        for alternative in size.alternatives
        for each in alternative.conditions
    ] == [
        ("employee_count", "gte", "300", "40", False),
        ("plan", "equals", "gold", "silver", False),
        ("seats", "gt", "500", "20", False),
    ]
    assert [
        (each.seen, each.holds)
        for each in explain_rule(settings, "quiet", "size").alternatives[1].conditions
    ] == [("gold", True), ("1e3", True)]


def test_events_are_counted_by_window_and_condition(settings: Settings) -> None:
    rule = explain_rule(settings, BEST, "pages")
    events = rule.events
    assert events is not None
    assert (events.total, events.in_window, events.met, events.needed) == (4, 3, 2, 2)
    assert (events.later, events.last_date) == (1, date(2026, 10, 29))
    first, second = rule.alternatives
    assert (first.is_open, first.events_met, second.events_met) == (True, 2, 0)
    seen = {value.value: value.events for value in first.conditions[0].seen_values}
    assert seen == {"/pricing": 1, "/pricing/teams": 1, "/other": 1}
    assert explain_rule(settings, STAFF, "pages").alternatives[0].is_open is False


def test_a_rule_that_is_not_in_force_is_shown_without_a_judgement(settings: Settings) -> None:
    rule = explain_rule(settings, BEST, "future")
    (condition,) = rule.alternatives[0].conditions
    assert (condition.seen, condition.holds, rule.is_in_force) == ("gold", None, False)
    dated = explain_rule(settings, BEST, "dated")
    assert [(period.points, period.is_in_force) for period in dated.periods] == [
        (Decimal("1.00"), False),
        (Decimal("2.00"), True),
    ]


@pytest.mark.parametrize("rule_id", ["phone", "mailed"])
def test_personal_values_are_never_shown(workdir: Path, rule_id: str) -> None:
    for extra in ((), ("--json",)):
        done = run_leads(
            "explain", BEST, "--rule", rule_id, "--workdir", workdir, *extra, folder=workdir
        )
        assert done.returncode == 0
        assert "(known, personal)" in done.stdout
        shown = done.stdout.replace("ends_with @private.example", "")
        shown = shown.replace('"operand": "@private.example"', "")
        assert not [value for value in PERSONAL if value in shown]


def test_an_unknown_rule_is_one_message_with_the_nearest_name(workdir: Path) -> None:
    done = run_leads("explain", BEST, "--rule", "page", "--workdir", workdir, folder=workdir)
    assert done.returncode == 2
    assert "There is no rule 'page'" in done.stderr
    assert "Did you mean 'pages'?" in done.stderr


def test_the_page_of_a_rule_ends_with_the_verdict(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = run_leads("explain", BEST, "--rule", "pages", "--workdir", workdir, folder=workdir)
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("It gives 4.00 points for 2 events")
    assert any("after the as-of day" in line for line in lines)
    assert sum("✓" in line for line in lines) == 2
    done = run_leads(
        "explain", BEST, "--rule", "pages", "--workdir", workdir, "--json", folder=workdir
    )
    rule = json.loads(done.stdout)["rule"]
    assert (rule["has_given_points"], rule["given"]["decayed_points"]) == (True, "4.00")
    assert rule["verdict"] == lines[-1].strip()


def test_while_a_build_runs_the_ledger_answers_and_a_rule_says_what_to_do(
    workdir: Path, settings: Settings
) -> None:
    with build_lock(settings.workdir.lock):
        done = run_leads("explain", BEST, "--rule", "head", "--workdir", workdir, folder=workdir)
        assert done.returncode == 1
        assert "A build runs in this working folder" in done.stderr
        assert "Ask again when it has ended." in done.stderr
        done = run_leads("explain", BEST, "--workdir", workdir, folder=workdir)
        assert done.returncode == 0


def test_a_build_that_did_not_finish_is_no_explanation(workdir: Path, tmp_path: Path) -> None:
    shutil.copytree(workdir / "warehouse", tmp_path / "warehouse", symlinks=True)
    with duckdb.connect(str(tmp_path / "warehouse" / "leads.duckdb")) as connection:
        connection.execute("drop table intermediate.int_rule_points")
    with pytest.raises(RunFailed, match="did not finish"):
        explain_rule(settings_of(tmp_path), BEST, "head")


def test_a_build_that_is_not_the_served_one_is_said_to_be_so(
    workdir: Path, settings: Settings, tmp_path: Path
) -> None:
    def is_as_published(place: Settings) -> RuleExplanation:
        return explain_rule(place, BEST, "head")

    assert is_as_published(settings).is_as_published
    shutil.copytree(workdir / "warehouse", tmp_path / "warehouse", symlinks=True)
    assert not is_as_published(settings_of(tmp_path)).is_as_published
    done = run_leads("explain", BEST, "--rule", "head", "--workdir", tmp_path, folder=tmp_path)
    assert "what is published is another run" in " ".join(done.stdout.split())


@pytest.mark.parametrize("arguments", [["explain", "1"], ["explain", "1", "--rule", "head"]])
def test_before_the_first_build_the_message_names_the_command(
    tmp_path: Path, arguments: list[str]
) -> None:
    done = run_leads(*arguments, "--workdir", tmp_path, folder=tmp_path)
    assert done.returncode == 2
    assert "Run `leads build`" in done.stderr
    assert not list(tmp_path.iterdir())
