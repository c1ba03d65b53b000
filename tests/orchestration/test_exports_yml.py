"""exports.yml: every mistake is told with file, entry, key and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from orchestration.lib.exports.exports_file import choose_syncs, read_syncs
from orchestration.lib.exports.sync import (
    FieldMapping,
    FileOptions,
    Limits,
    Sync,
    WebhookOptions,
)
from orchestration.lib.problems import InputError
from orchestration.lib.settings import resolve_settings
from tests.orchestration.building import REPOSITORY
from tests.orchestration.export_worlds import EXPORTS, make_world, person

WEBHOOK = """\
syncs:
  chat:
    model: sync_webhook__handoffs
    destination: webhook
    object: handoffs
    webhook: {url_variable: LEADS_WEBHOOK_URL, template: slack}
    fields: [grade]
"""
FILE = """\
syncs:
  queue:
    model: sync_file__sales_queue
    destination: file
    object: queue
    file: {format: csv}
    fields: [grade, "why_now_{language}"]
"""


def read(folder: Path, text: str) -> list[str]:
    """The problems of a file, as a person reads them."""
    file = folder / "exports.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_syncs(file)
    return [str(problem) for problem in refused.value.problems]


def test_the_shipped_file_is_in_order() -> None:
    file = REPOSITORY / "exports.yml"
    syncs = read_syncs(file)
    assert {sync.model for sync in syncs} == {
        path.stem for path in (REPOSITORY / "models" / "exports").glob("*.sql")
    }
    # What needs an account or an address is chosen by name.
    assert [sync.name for sync in choose_syncs(syncs, None, file)] == ["sales_queue"]
    assert len(choose_syncs(syncs, "hubspot", file)) == 3
    # Old data on people hold back what leaves the company, and no list inside it.
    assert {sync.destination for sync in syncs if sync.limits.stale_after is None} == {"file"}


@pytest.mark.parametrize("model", [Sync, FieldMapping, Limits, WebhookOptions, FileOptions])
def test_the_documents_tell_every_key(model: type[BaseModel]) -> None:
    page = (REPOSITORY / "docs" / "exports.md").read_text(encoding="utf-8")
    table = page.partition("| key | means |")[2].partition("\n\n")[0]
    webhooks = page.partition("## Webhooks")[2]
    told = set(re.findall(r"`(\w+)", table))
    told |= set(re.findall(r"^ +(\w+):", webhooks, re.MULTILINE))
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert keys - {"name"} <= told


def test_every_limit_can_be_off(tmp_path: Path) -> None:
    limits = (
        "max_transitions: off, max_fall: off, stale_after: off, max_rejected: off,"
        " max_backlog_age: off"
    )
    (tmp_path / "exports.yml").write_text(f"{EXPORTS}    limits: {{{limits}}}\n")
    (sync,) = read_syncs(tmp_path / "exports.yml")
    assert sync.limits == Limits()


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        (EXPORTS, "model: sync_test__people", "model: Sync People", "key model: this is no name"),
        (EXPORTS, "destination: hubspot", "destination: pipedrive", "key destination: this value"),
        (EXPORTS, "    object: contacts\n", "", "key object: it is missing. Add it."),
        (EXPORTS, "match_key:", "match_keys:", "key match_keys: it is unknown. Write 'match_key'."),
        (EXPORTS, "match_key: custom_id", "match_key: email", "Custom_id_field goes with"),
        (EXPORTS, "    custom_id_field: lead_key\n", "", "Custom_id_field goes with"),
        (EXPORTS, "min_change: 2", "min_chance: 2", "fit.min_chance: it is unknown. Write 'min_ch"),
        (EXPORTS, "min_change: 2", "min_change: 0", "key fields.fit.min_change: this value"),
        (EXPORTS, "round: 0", "round: half", "key fields.fit.round: this value is not possible."),
        (EXPORTS, "grade: grade", "'le grade': grade", "'le grade' is no field name"),
        (EXPORTS, "grade: grade", "grade: {column: grade, send_when: never}", "grade.send_when"),
        (EXPORTS, "    fields:", "    mode: replace\n    fields:", "key mode: this value"),
        (
            EXPORTS,
            "    fields:",
            "    mode: mirror\n    fields:",
            "On_gone (delete, clear or keep)",
        ),
        (EXPORTS, "    fields:", "    on_gone: clear\n    fields:", "On_gone (delete, clear"),
        (EXPORTS, "    fields:", "    batch_size: 0\n    fields:", "key batch_size: this value"),
        (EXPORTS, "    fields:", "    schedule: hourly\n    fields:", "a cron expression of five"),
        (EXPORTS, "    fields:", "    stopped_by: [mail]\n    fields:", "key stopped_by.0: this"),
        (
            EXPORTS,
            "    fields:",
            "    limits: {stale_after: soon}\n    fields:",
            "key limits.stale_after: this does not do. Write a time such as 90m, 26h or 2d, or off",
        ),
        (
            EXPORTS,
            "    fields:",
            "    limits: {max_fall: a tenth}\n    fields:",
            "key limits.max_fall: this does not do. Write a number of rows such as 5000, a share",
        ),
        (
            EXPORTS,
            "    fields:",
            "    limits: {max_rise: 1}\n    fields:",
            "max_rise: it is unknown",
        ),
        (EXPORTS, "    match_key: custom_id\n", "", "Match_key is missing: record_id"),
        (EXPORTS, "    model:", "    model: again\n    model:", "'model' stands twice"),
        (EXPORTS, "syncs:", "sync:", "Write them below `syncs:`."),
        (EXPORTS, "  people:", "  people", "This is no valid YAML"),
        (
            EXPORTS,
            "    fields:",
            "    webhook: {}\n    fields:",
            "webhook.url_variable: it is miss",
        ),
        (WEBHOOK, "LEADS_WEBHOOK_URL", "https://hooks.example.com/secret", "webhook.url_variable"),
        (WEBHOOK, "template: slack", "template: generic", "name a secret_variable"),
        (WEBHOOK, "template: slack", "template: chatwork", "needs a token_variable"),
        (
            WEBHOOK,
            "    webhook:",
            "    match_key: email\n    webhook:",
            "A webhook matches nothing",
        ),
        (FILE, "format: csv", "format: csv, answers: true", "Answers are asked for in a workbook"),
        (FILE, "    file: {format: csv}\n", "", "A part `file:` goes with destination: file"),
        (FILE, "    object: queue", "    object: ../queue", "key object: this is no name"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(
    tmp_path: Path, text: str, old: str, new: str, said: str
) -> None:
    assert old in text
    problems = read(tmp_path, text.replace(old, new, 1))
    assert all(problem.startswith("exports.yml") for problem in problems)
    assert said in "\n".join(problems)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = EXPORTS.replace("custom_id\n", "name\n", 1).replace("hubspot", "hub") + "  other: 7\n"
    problems = read(tmp_path, text)
    assert any("entry people, key match_key" in problem for problem in problems)
    assert any("entry people, key destination" in problem for problem in problems)
    assert any("entry other: it has no keys." in problem for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("column: fit_score", "column: fit_scores", "fields.fit: sync_test__people has no column"),
        ("grade: grade", "grade: {column: grade, round: 1}", "the column grade holds no numbers."),
        ("sync_test__people", "sync_test__peoples", "no table 'sync_test__peoples'. Write 'sync_t"),
        (
            "    fields:",
            "    match_column: key\n    fields:",
            "key match_column: sync_test__people",
        ),
    ],
)
def test_a_model_or_column_that_is_not_published_is_named(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    world = make_world(tmp_path, person("a"), exports=EXPORTS.replace(old, new, 1))
    with pytest.raises(InputError) as refused:
        world.export()
    assert said in str(refused.value)
    assert "exports.yml: entry people" in str(refused.value)


def test_an_unknown_name_is_answered_with_a_known_one(tmp_path: Path) -> None:
    file = tmp_path / "exports.yml"
    file.write_text(EXPORTS)
    with pytest.raises(InputError, match="Write 'hubspot'"):
        choose_syncs(read_syncs(file), "hubspott", file)


def test_a_team_keeps_its_file_outside_the_clone(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "own.yml").write_text(EXPORTS)
    (tmp_path / "leads.toml").write_text('raw_dir = "raw"\nexports = "own.yml"\n')
    settings = resolve_settings(environment={}, folder=tmp_path)
    assert settings.exports == tmp_path / "own.yml"
    environment = {"LEADS_EXPORTS": str(REPOSITORY / "exports.yml")}
    settings = resolve_settings(environment=environment, folder=tmp_path)
    assert settings.exports == REPOSITORY / "exports.yml"
    with pytest.raises(InputError, match=r"variable LEADS_EXPORTS: the file .* does not exist"):
        resolve_settings(environment={"LEADS_EXPORTS": "none.yml"}, folder=tmp_path)
