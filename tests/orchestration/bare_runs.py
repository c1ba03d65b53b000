"""Runs of the models alone: landed and transformed as `leads build` does, not tested or published.

A law compares many builds. Each costs half as much when the project is parsed once for all days of
one choice of sources, and when dbt's tests of the data are left to the tests of builds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.builds.build import land, prepare_rules
from orchestration.lib.builds.dbt_command import dbt_environment
from orchestration.lib.builds.rules import check_rules
from orchestration.lib.publishing.recovery import recover_state
from orchestration.lib.settings import Settings, resolve_settings
from tests.orchestration.building import keep_parse, reuse_parse, run_dbt
from tests.orchestration.untested_builds import without_tests


@dataclass(frozen=True)
class BareRun:
    """The build file of a run."""

    as_of: date
    database: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over the build file; marts stand in schema `marts`."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()


def bare_settings(
    raw_dir: Path,
    workdir: Path,
    as_of: date,
    rules: Path,
    source: str,
) -> Settings:
    """Settings of a run, free of what the person who runs the tests has set."""
    workdir.mkdir(parents=True, exist_ok=True)
    flags = {
        "raw_dir": str(raw_dir),
        "workdir": str(workdir),
        "as_of": as_of.isoformat(),
        "source": source,
        "rules": str(rules),
    }
    return resolve_settings(flags, environment={}, folder=workdir)


def run_bare(
    raw_dir: Path,
    workdir: Path,
    as_of: date,
    rules: Path,
    source: str,
    *,
    parsed: Path | None = None,
) -> BareRun:
    """Land and transform; `parsed` is the workdir of an earlier run of the same sources and rules.

    dbt takes the project from there as it was parsed, the seeds too.
    """
    settings = bare_settings(raw_dir, workdir, as_of, rules, source)
    checked = check_rules(settings)
    recover_state(settings)
    prepare_rules(settings, checked)
    land(settings, checked)
    known = (parsed or workdir) / "warehouse" / "target" / "partial_parse.msgpack"
    is_parsed = known.is_file()
    if not is_parsed:
        reuse_parse(workdir, source)
    environment = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
    done = run_dbt(
        [*(("--parsed", str(known)) if is_parsed else ()), *without_tests(settings)[3:]],
        settings.workdir.project,
        dbt_environment(settings, environment),
    )
    if done.returncode != 0:
        raise AssertionError(
            f"dbt ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    if not is_parsed:
        keep_parse(workdir, source)
    return BareRun(as_of, settings.workdir.database)
