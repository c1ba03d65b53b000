"""`leads fields`: what can be written as `field`, and how well it is filled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.fields import Field, list_fields
from orchestration.lib.inspection.personal_fields import PersonalFields
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.settings import Settings, resolve_settings
from tests.orchestration.building import Published, run_leads, shipped_seeds
from tests.orchestration.inspected_world import built_world

# One build serves both modules that look into it.


@pytest.fixture(scope="module")
def workdir(build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_world(build, tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def settings(workdir: Path) -> Settings:
    return resolve_settings({"workdir": str(workdir)}, environment={}, folder=workdir)


@pytest.fixture(scope="module")
def fields(settings: Settings) -> dict[str, Field]:
    return {field.name: field for field in list_fields(settings)}


def test_columns_listed_attributes_and_event_properties_are_fields(
    fields: dict[str, Field],
) -> None:
    assert {"plan", "tags", "email", "opted_out", "job_level", "do_not_contact"} <= set(fields)
    assert {"event.page_path", "event.form_kind", "event.call_outcome"} <= set(fields)
    # What identifies a row is none.
    assert not {"lead_id", "event.lead_id", "event.event_type", "event.occurred_at"} & set(fields)


@pytest.mark.parametrize(
    ("name", "kind", "value_type", "share"),
    [
        ("plan", "source", "text", "1.0000"),
        ("seats", "source", "number", "1.0000"),
        ("created_at", "source", "date", "1.0000"),
        ("job_level", "derived", "text", "0.7500"),
        ("employee_count", "source", "number", "0.7500"),
        ("tags", "source", "text", "0.2500"),
        ("event.form_kind", "event", "text", "0.3076"),
        ("event.page_path", "event", "text", "0.5384"),
    ],
)
def test_a_field_says_its_kind_its_type_and_how_well_it_is_filled(
    fields: dict[str, Field], name: str, kind: str, value_type: str, share: str
) -> None:
    field = fields[name]
    assert field.filling is not None
    assert (field.kind, field.value_type, str(field.filling.known_share)) == (
        kind,
        value_type,
        share,
    )


def test_values_stand_as_rules_see_them_most_frequent_first(fields: dict[str, Field]) -> None:
    def values(name: str) -> list[tuple[str, int]]:
        filling = fields[name].filling
        assert filling is not None
        return [(each.value, each.rows) for each in filling.frequent_values]

    assert values("plan") == [("gold", 2), ("silver", 2)]
    assert values("event.page_path") == [("/pricing", 4)]
    assert values("event.form_kind") == [("demo", 3)]
    # `no` of the file means false to a rule; a value that one row alone has is not listed.
    assert values("do_not_contact") == []
    assert fields["do_not_contact"].filling is not None
    assert fields["do_not_contact"].filling.known_rows == 2


def test_a_field_counts_the_rules_that_name_it(fields: dict[str, Field]) -> None:
    used = {name: field.rules for name, field in fields.items() if field.rules}
    assert used == {
        "employee_count": 2,
        "job_level": 2,
        "plan": 2,
        "email": 1,
        "phone": 1,
        "seats": 1,
        "tags": 1,
        "event.form_kind": 1,
        "event.page_path": 1,
    }
    assert (fields["do_not_contact"].other_conditions, fields["plan"].other_conditions) == (1, 0)


def test_numbers_show_their_range(fields: dict[str, Field]) -> None:
    seats = fields["seats"].to_json()
    assert (seats["lowest"], seats["highest"]) == ("10", "1000")
    assert fields["phone"].to_json()["highest"] is None


def test_values_of_personal_fields_are_never_shown(workdir: Path, fields: dict[str, Field]) -> None:
    assert fields["email"].is_personal
    assert fields["phone"].is_personal
    for extra in ((), ("--json",), ("--all",)):
        done = run_leads("fields", "--workdir", workdir, *extra, folder=workdir)
        assert done.returncode == 0
        # The domain of an address alone names nobody.
        for value in ("@private.example", "kenji", "1234", "2222"):
            assert value not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("field", "is_personal"),
    [
        ("E-Mail 2", True),
        ("携帯番号", True),
        ("contact_phone", True),
        ("Tel", True),
        ("ＦＡＸ", True),
        ("name", True),
        ("hotel", False),
        ("campaign_name", False),
        ("plan", False),
        ("email_domain", False),
        ("event.visitor_email", True),
        ("event.page_path", False),
    ],
)
def test_columns_that_nobody_listed_are_judged_by_their_name(field: str, is_personal: bool) -> None:
    names = tuple(
        (row["match"], row["pattern"]) for row in shipped_seeds("reference")["personal_columns"]
    )
    listed = {"email_domain": False, "event.page_path": False}
    assert PersonalFields(listed, names).is_personal(field) is is_personal
    # Without the seed nothing is shown that is not listed.
    assert PersonalFields(listed, ()).is_personal(field) is (field not in listed)


def test_all_adds_the_fields_that_the_source_does_not_fill(workdir: Path) -> None:
    def names(*extra: str) -> set[str]:
        done = run_leads("fields", "--workdir", workdir, "--json", *extra, folder=workdir)
        return {field["name"] for field in json.loads(done.stdout)["fields"]}

    assert "prefecture" not in names()
    assert "prefecture" in names("--all")
    assert {"plan", "do_not_contact", "event.page_path"} <= names()


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_is_readable_at_usual_widths(
    workdir: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run_leads("fields", "--workdir", workdir, folder=workdir).stdout.splitlines()
    assert max(map(len, lines)) <= width
    (plan,) = [line for line in lines if line.split()[:1] == ["plan"]]
    assert "100.0%" in plan
    assert "gold (2), silver (2)" in plan
    assert any("Properties of events" in line for line in lines)


def test_before_the_first_build_the_message_names_the_command(tmp_path: Path) -> None:
    done = run_leads("fields", "--workdir", tmp_path, folder=tmp_path)
    assert done.returncode == 2
    assert "Nothing has been built yet" in done.stderr
    assert "Run `leads build`" in done.stderr


def test_while_a_build_runs_it_says_so(settings: Settings) -> None:
    with build_lock(settings.workdir.lock), pytest.raises(RunFailed, match="A build runs"):
        list_fields(settings)
