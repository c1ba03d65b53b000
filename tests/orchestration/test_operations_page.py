"""The tables of docs/operations.md say what code and deploy/ say."""

from __future__ import annotations

import re

import yaml

from orchestration.lib.scheduling.environments import RUNNING
from orchestration.lib.settings.options import (
    DESTINATION_PREFIXES,
    INTERNAL_VARIABLES,
    OPTIONS,
    unknown_variables,
)
from tests.orchestration.building import REPOSITORY

PAGE = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
DEPLOY = REPOSITORY / "deploy"
VARIABLE = r"\b(?:LEADS|DAGSTER)_[A-Z_]+\b"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose first cell of the heading is this one."""
    (_, _, below) = PAGE.partition(f"\n| {heading} |")
    lines = below.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_variable_is_in_the_table() -> None:
    told = {name for row in rows("variable") for name in re.findall(VARIABLE, row[0])}
    told -= set(DESTINATION_PREFIXES)
    files = [file for file in DEPLOY.rglob("*") if file.is_file()]
    deployed = {
        name for file in files for name in re.findall(VARIABLE, file.read_text(encoding="utf-8"))
    }
    clients = (REPOSITORY / "orchestration" / "lib" / "exports").rglob("*.py")
    of_destinations = {
        name
        for file in clients
        for name in re.findall(VARIABLE, file.read_text(encoding="utf-8"))
        if name.startswith(DESTINATION_PREFIXES) and name not in DESTINATION_PREFIXES
    }
    known = {option.variable for option in OPTIONS} | INTERNAL_VARIABLES | of_destinations
    assert sorted((known | deployed) - told) == []
    assert sorted(told - known - deployed) == []


def test_the_first_rows_are_what_leads_toml_takes() -> None:
    names = [re.findall(VARIABLE, row[0]) for row in rows("variable")]
    keys = names[: names.index(["LEADS_EXPORTS"]) + 1]
    assert sorted(name for row in keys for name in row) == sorted(
        option.variable for option in OPTIONS
    )
    assert "Those down to `LEADS_EXPORTS` are keys of `leads.toml` too" in PAGE


def test_every_variable_that_dbt_reads_is_known() -> None:
    files = [
        *(REPOSITORY / "macros").rglob("*"),
        *(REPOSITORY / "models").rglob("*.sql"),
        *REPOSITORY.glob("*.yml"),
    ]
    read = {
        name
        for file in files
        if file.is_file()
        for name in re.findall(r"env_var\(\s*'(\w+)'", file.read_text(encoding="utf-8"))
    }
    assert "LEADS_WAREHOUSE" in read
    assert unknown_variables(frozenset(read)) == []


def test_the_map_of_environments_is_that_of_the_code() -> None:
    columns = ("hourly_build", "daily_build", "new_raw_files", "exports")
    shown = {
        row[0].split("`")[1]: {
            name for name, cell in zip(columns, row[1:], strict=True) if cell == "on"
        }
        for row in rows("`LEADS_ENVIRONMENT`")
    }
    assert shown == {name: set(running) for name, running in RUNNING.items()}


def test_what_is_deployed_can_be_read() -> None:
    for file in DEPLOY.rglob("*.yaml"):
        assert yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in (DEPLOY / "systemd").iterdir():
        if file.suffix == ".timer":
            assert file.with_suffix(".service").is_file()
        started = re.findall(r"ExecStart=/opt/leads/.venv/bin/([\w-]+)", file.read_text())
        assert set(started) <= {"leads", "dagster", "dagster-webserver", "dagster-daemon"}


def test_builds_without_the_orchestrator_are_followed_by_exports() -> None:
    services = {
        file.name: file.read_text(encoding="utf-8")
        for file in (DEPLOY / "systemd").glob("*.service")
    }
    building = {name: text for name, text in services.items() if "bin/leads build" in text}
    assert len(building) == 2
    for text in building.values():
        (then,) = re.findall(r"^OnSuccess=(.+)$", text.partition("[Service]")[0], re.MULTILINE)
        assert "ExecStart=/opt/leads/.venv/bin/leads export\n" in services[then]
    lines = (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if "leads build" in line and not line.startswith("#")]
    assert len(jobs) == 2
    assert all(re.search(r"leads build.* && .*bin/leads export", job) for job in jobs)
