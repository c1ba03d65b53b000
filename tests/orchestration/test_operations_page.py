"""The tables of docs/operations.md say what code and deploy/ say."""

from __future__ import annotations

import re

import yaml

from orchestration.lib.scheduling.environments import RUNNING
from orchestration.lib.settings.options import DESTINATION_PREFIXES, INTERNAL_VARIABLES, OPTIONS
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
