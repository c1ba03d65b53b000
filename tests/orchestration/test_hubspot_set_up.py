"""Custom properties in HubSpot: created once, compared ever after, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
import yaml
from click.testing import Result
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands.set_up import set_up_destination
from orchestration.lib.exports.crm.answers import Waits
from orchestration.lib.exports.crm.environment import Secret
from orchestration.lib.exports.hubspot.account import HubSpotAccount
from orchestration.lib.exports.hubspot.set_up import SetUp, set_up_hubspot, set_up_properties
from orchestration.lib.exports.hubspot.wanted_properties import wanted_properties
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.seeds import SeedSet, load_seeds
from orchestration.lib.settings import resolve_settings
from tests.orchestration.building import REPOSITORY
from tests.orchestration.export_worlds import make_world, person
from tests.orchestration.fake_hubspot import TOKEN, FakeHubSpot, error, lead_status, text_property
from tests.orchestration.fake_server import Fault, Reply

SEED = "seeds/reference/crm_properties.csv"


@pytest.fixture
def hubspot() -> Iterator[FakeHubSpot]:
    """An account that has nothing but HubSpot's own properties."""
    with FakeHubSpot() as fake:
        for kind in fake.properties:
            fake.properties[kind] = {
                "hs_lead_status": lead_status(),
                "email": text_property("email"),
            }
        yield fake
    assert not fake.misunderstood


@cache
def seeds() -> SeedSet:
    return load_seeds(REPOSITORY / "seeds", None)


def set_up(fake: FakeHubSpot, *, apply: bool, language: str = "en") -> SetUp:
    account = HubSpotAccount(fake.url, Secret(TOKEN), waits=Waits(first=0.004, longest=0.02))
    return set_up_properties(account, wanted_properties(seeds(), language), apply=apply)


def actions(done: SetUp) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for step in done.steps:
        found.setdefault(step.action, []).append(f"{step.object_name}.{step.name}")
    return found


def changes(fake: FakeHubSpot) -> list[str]:
    return [each.method for each in fake.requests if each.method != "GET"]


def test_a_dry_run_changes_nothing_and_names_what_lacks(hubspot: FakeHubSpot) -> None:
    before = json.dumps([hubspot.properties, hubspot.groups])
    done = set_up(hubspot, apply=False)
    assert changes(hubspot) == []
    assert json.dumps([hubspot.properties, hubspot.groups]) == before
    assert "contacts.ls_grade" in actions(done)["create"]
    assert "companies.ls_best_grade" in actions(done)["create"]
    assert "contacts.ls_sales_feedback" in actions(done)["create_group"]
    assert done.is_ready


def test_what_was_created_is_there_the_next_time(hubspot: FakeHubSpot) -> None:
    planned = set_up(hubspot, apply=False)
    assert set_up(hubspot, apply=True).steps == planned.steps
    hubspot.requests.clear()
    again = set_up(hubspot, apply=True)
    assert set(actions(again)) == {"same"}
    assert changes(hubspot) == []
    assert hubspot.properties["contacts"]["ls_lead_id"]["hasUniqueValue"] is True


def test_options_and_labels_come_from_the_seeds(hubspot: FakeHubSpot) -> None:
    set_up(hubspot, apply=True, language="ja")
    own = hubspot.properties["contacts"]
    assert own["ls_grade"]["type"] == "enumeration"
    assert own["ls_grade"]["groupName"] == "ls_lead_scoring"
    verdicts = {each["value"]: each["label"] for each in own["ls_disposition"]["options"]}
    assert verdicts == {
        "meeting_set": "アポイント獲得",
        "nurture_requested": "担当継続・育成支援を依頼",
        "no_lead": "対象外(除外)",
    }
    reasons = {each["value"]: each["label"] for each in own["ls_return_reason"]["options"]}
    assert reasons["too_early"] == "関心はあるが時期尚早"
    rows = seeds().tables["disposition_reasons"].rows
    assert list(reasons) == [row.cells["reason_id"] for row in rows]


def test_a_type_is_never_changed(hubspot: FakeHubSpot) -> None:
    own = text_property("ls_fit_score", label="Our score")
    hubspot.properties["contacts"]["ls_fit_score"] = dict(own)
    done = set_up(hubspot, apply=True)
    assert hubspot.properties["contacts"]["ls_fit_score"] == own
    (step,) = [each for each in done.steps if each.is_blocking]
    assert (step.name, step.action) == ("ls_fit_score", "differs")
    assert "type string, wanted is number" in step.detail
    assert not done.is_ready


def test_labels_and_options_of_others_stay(hubspot: FakeHubSpot) -> None:
    options = [
        {"label": "best", "value": "A1", "displayOrder": 0, "hidden": False},
        {"label": "ours", "value": "Z9", "displayOrder": 1, "hidden": True},
    ]
    hubspot.properties["contacts"]["ls_grade"] = text_property(
        "ls_grade", label="Class", type="enumeration", fieldType="radio", options=options
    )
    done = set_up(hubspot, apply=True)
    held = hubspot.properties["contacts"]["ls_grade"]
    assert held["label"] == "Class"
    assert held["options"][:2] == options
    assert [each["value"] for each in held["options"][2:5]] == ["B1", "A2", "C1"]
    steps = [each for each in done.steps if each.name == "ls_grade"]
    assert [each.action for each in steps] == ["differs", "differs", "add_options"]
    assert done.is_ready
    assert "contacts.ls_grade" not in actions(set_up(hubspot, apply=True)).get("add_options", [])


def test_a_property_of_hubspot_is_only_compared(hubspot: FakeHubSpot) -> None:
    own = hubspot.properties["contacts"]["hs_lead_status"]
    own["options"] = own["options"][:-1]
    done = set_up(hubspot, apply=True)
    (step,) = [each for each in done.steps if each.name == "hs_lead_status"]
    assert (step.action, step.is_blocking) == ("differs", False)
    assert step.detail.endswith("to be added in HubSpot: BAD_TIMING.")
    assert len(own["options"]) == 7


def test_a_key_without_unique_values_is_told(hubspot: FakeHubSpot) -> None:
    hubspot.properties["contacts"]["ls_lead_id"] = text_property("ls_lead_id", label="Lead id")
    done = set_up(hubspot, apply=True)
    assert [each.name for each in done.steps if each.is_blocking] == ["ls_lead_id"]


def test_a_lost_answer_does_no_harm(hubspot: FakeHubSpot) -> None:
    hubspot.faults.extend([Fault(commits=True, on="groups"), Fault(commits=True, on="contacts")])
    set_up(hubspot, apply=True)
    assert set(actions(set_up(hubspot, apply=True))) == {"same"}


def test_a_refusal_says_what_and_goes_on_the_next_time(hubspot: FakeHubSpot) -> None:
    set_up(hubspot, apply=False)
    hubspot.faults.append(Fault(Reply(200, {"results": []}), on="/contacts"))
    hubspot.faults.append(Fault(Reply(200, {"results": []}), on="/groups"))
    hubspot.faults.append(Fault(Reply(201, {}), on="/groups"))
    with pytest.raises(RunFailed, match=r"ls_lead_id \(PROPERTY_GROUP_DOES_NOT_EXIST\)"):
        set_up(hubspot, apply=True)
    assert set_up(hubspot, apply=True).is_ready


def test_a_token_without_rights_is_named(hubspot: FakeHubSpot) -> None:
    hubspot.faults.append(Fault(Reply(403, error("MISSING_SCOPES"))))
    with pytest.raises(RunFailed, match="LEADS_HUBSPOT_TOKEN"):
        set_up(hubspot, apply=True)


BAD_ROWS = {
    "contacts,Grade,g,text,,,,,,": "row 2, column property_name: HubSpot takes no such name",
    "contacts,ls_a,,text,,,,,,": "row 3, column group_name: HubSpot takes no such group",
    "contacts,ls_b,g,color,,,,,,": "row 4, column value_type: There is no such type",
    "contacts,ls_c,g,choice,grades,,,,,": "row 5, column values_from: There is no such seed",
    "contacts,ls_d,g,choice,disposition_values.source_value,,,,,": "row 6, column values_from: The",
}


def test_rows_that_hubspot_cannot_take_are_named(hubspot: FakeHubSpot, tmp_path: Path) -> None:
    header = (REPOSITORY / SEED).read_text(encoding="utf-8").splitlines()[0]
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "crm_properties.csv").write_text("\n".join([header, *BAD_ROWS, ""]), encoding="utf-8")
    settings = resolve_settings({"workdir": str(tmp_path), "rules": str(rules)}, environment={})
    environment = {"LEADS_HUBSPOT_TOKEN": TOKEN, "LEADS_HUBSPOT_URL": hubspot.url}
    with pytest.raises(InputError) as wrong:
        set_up_hubspot(settings, environment, apply=True)
    said = [str(problem) for problem in wrong.value.problems]
    assert len(said) == len(BAD_ROWS)
    for problem, expected in zip(said, BAD_ROWS.values(), strict=True):
        assert problem.startswith(f"rules/crm_properties.csv, {expected}")
    assert hubspot.requests == []


def test_the_command_plans_and_applies(
    hubspot: FakeHubSpot,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEADS_HUBSPOT_TOKEN", TOKEN)
    monkeypatch.setenv("LEADS_HUBSPOT_URL", hubspot.url)
    set_up_destination("hubspot", apply=False, workdir=str(tmp_path))
    said = capsys.readouterr().out
    assert "+ contacts.ls_grade: to create: Grade (enumeration, 9 options)" in said
    assert "nothing was changed yet. Make them with --apply." in said
    set_up_destination("hubspot", apply=True, workdir=str(tmp_path))
    assert "+ contacts.ls_grade: created: Grade" in capsys.readouterr().out
    set_up_destination("hubspot", apply=True, workdir=str(tmp_path), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert {step["action"] for step in told["steps"]} == {"same"}
    hubspot.properties["contacts"]["ls_grade"]["type"] = "string"
    with pytest.raises(typer.Exit) as ended:
        set_up_destination("hubspot", apply=False, workdir=str(tmp_path))
    assert ended.value.exit_code == 1
    with pytest.raises(typer.Exit) as ended:
        set_up_destination("salesforce", apply=False, workdir=str(tmp_path))
    assert ended.value.exit_code == 2


def test_options_are_those_of_the_rules_that_exports_send_by(
    hubspot: FakeHubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADS_HUBSPOT_TOKEN", TOKEN)
    monkeypatch.setenv("LEADS_HUBSPOT_URL", hubspot.url)
    reasons = (REPOSITORY / "seeds/handoff/disposition_reasons.csv").read_text(encoding="utf-8")
    for name in ("of_snapshot", "of_flag"):
        (tmp_path / name).mkdir()
        own = reasons.replace("too_early,", f"reason_{name},")
        (tmp_path / name / "disposition_reasons.csv").write_text(own, encoding="utf-8")
    world = make_world(tmp_path, person("a"))
    manifest = world.settings.workdir.current / "manifest.json"
    content = json.loads(manifest.read_text())
    content["identity"]["rules_dir"] = str(tmp_path / "of_snapshot")
    manifest.write_text(json.dumps(content))

    def set_up_by(*flags: str) -> Result:
        workdir = str(world.settings.workdir.root)
        command = ["export", "--set-up", "hubspot", "--workdir", workdir, *flags]
        return CliRunner().invoke(app, command)

    done = set_up_by("--apply")
    assert done.exit_code == 0, done.output
    held = hubspot.properties["contacts"]["ls_return_reason"]["options"]
    assert held[0]["value"] == "reason_of_snapshot"
    planned = set_up_by("--rules", str(tmp_path / "of_flag")).output
    assert "! contacts.ls_return_reason: differs: has 1 option that no seed names" in planned
    assert "+ contacts.ls_return_reason: options to add: reason_of_flag" in planned
    (tmp_path / "of_snapshot").rename(tmp_path / "moved")
    lost = set_up_by()
    assert lost.exit_code == 2
    assert "of the published snapshot does not exist" in lost.output
    refused = CliRunner().invoke(app, ["export", "--rules", str(tmp_path / "of_flag")])
    assert refused.exit_code == 2
    assert "follows the rules of the published snapshot" in refused.output


def test_every_mapped_property_is_one_that_the_set_up_creates() -> None:
    file = REPOSITORY / "exports.yml"
    created = {(each.object_name, each.name) for each in wanted_properties(seeds(), "en")}
    syncs = yaml.safe_load(file.read_text(encoding="utf-8"))["syncs"].values()
    mapped = {
        (sync["object"], name)
        for sync in syncs
        if sync["destination"] == "hubspot"
        for name in sync["fields"]
        if name.startswith("ls_")
    }
    assert mapped
    assert mapped <= created
