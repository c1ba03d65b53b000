"""The dbt command of a build."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from orchestration.lib.settings import Settings


def dbt_variables(settings: Settings) -> dict[str, Any]:
    """The vars that dbt gets. `timezone` is left to the project unless somebody chose one."""
    percent = settings.sample_percent
    variables: dict[str, Any] = {
        **settings.variables,
        "as_of": settings.as_of_date.isoformat(),
        "run_date": settings.run_date.isoformat(),
        "sources": list(settings.sources),
        "sample_percent": int(percent) if percent.is_integer() else percent,
    }
    if settings.is_timezone_chosen:
        variables["timezone"] = settings.timezone
    return variables


def dbt_arguments(settings: Settings, python: str = sys.executable) -> list[str]:
    """The command line that builds and tests everything in the project folder."""
    workdir = settings.workdir
    arguments = [
        python,
        "-m",
        "dbt.cli.main",
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--project-dir",
        str(workdir.project),
        "--profiles-dir",
        str(workdir.project),
        "--target",
        settings.target,
        "--target-path",
        str(workdir.dbt_target),
        "--log-path",
        str(workdir.dbt_logs),
        "--log-format",
        "json",
        "--log-level-file",
        "none",
        "--no-use-colors",
        "--vars",
        json.dumps(dbt_variables(settings)),
    ]
    if settings.full_refresh:
        arguments.append("--full-refresh")
    return arguments


def dbt_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for dbt: where the build file is, how much memory it may take.

    Machines with little memory give DuckDB less than the profile's own limit.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("DBT_")}
    return {
        "LEADS_MEMORY_LIMIT": f"{min(8.0, _physical_memory_gb() * 0.6):.1f}GB",
        **kept,
        **({"LEADS_ATTACH": _attachments(settings)} if settings.attached else {}),
        "LEADS_WAREHOUSE": str(settings.workdir.database),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "PYTHONUNBUFFERED": "1",
    }


def _attachments(settings: Settings) -> str:
    """What profiles.yml attaches: files that are only read."""
    return json.dumps(
        [
            {"alias": name, "path": str(file), "read_only": True}
            for name, file in sorted(settings.attached.items())
        ]
    )


def _physical_memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
