"""The dbt command of a build."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from orchestration.lib.settings import Settings
from orchestration.lib.working_database import default_memory_limit


def dbt_variables(settings: Settings) -> dict[str, Any]:
    """The vars that dbt gets. `timezone` is left to the project unless somebody chose one.

    dbt parses everything anew when a var changes, so the days that are scored are none.
    """
    percent = settings.sample_percent
    variables: dict[str, Any] = {
        **settings.variables,
        "sources": list(settings.sources),
        "sample_percent": int(percent) if percent.is_integer() else percent,
    }
    if settings.is_timezone_chosen:
        variables["timezone"] = settings.timezone
    return variables


def dbt_days(settings: Settings, history_days: Sequence[date] = ()) -> dict[str, str]:
    """The day that is scored, past days beside it and the day of the run, for the environment.

    All that models ask of the day of the run is whether the scored day is over. Told so, they are
    the same on every day after it.
    """
    run_date = min(settings.run_date, settings.as_of_date + timedelta(days=1))
    return {
        "LEADS_AS_OF": settings.as_of_date.isoformat(),
        "LEADS_HISTORY_DAYS": ",".join(day.isoformat() for day in history_days),
        "LEADS_RUN_DATE": run_date.isoformat(),
    }


def dbt_arguments(
    settings: Settings,
    selectors: Sequence[str] | None = None,
    *,
    history_alone: bool = False,
    python: str = sys.executable,
) -> list[str]:
    """The command line that builds and tests what `selectors` choose, by default everything.

    With `history_alone` nothing is built that past days do not need, and nothing is tested.
    """
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
    if history_alone:
        arguments += ["--select", "+path:models/intermediate/history", "+int_handoffs"]
        arguments += ["--exclude-resource-type", "test"]
    if settings.full_refresh:
        arguments.append("--full-refresh")
    if selectors:
        arguments += ["--select", *selectors]
    return arguments


def dbt_environment(
    settings: Settings, environment: Mapping[str, str], history_days: Sequence[date] = ()
) -> dict[str, str]:
    """The environment for dbt: where the build file is, how much memory it may take, which days.

    Machines with little memory give DuckDB less than the profile's own limit. The build file is
    named as seen from the project folder, so that what dbt parsed holds in any workdir; so is the
    state beside it.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("DBT_")}
    return {
        "LEADS_MEMORY_LIMIT": default_memory_limit(),
        **kept,
        "LEADS_ATTACH": _attachments(settings, kept.get("LEADS_ATTACH")),
        "LEADS_WAREHOUSE": _seen_from_project(settings, settings.workdir.database),
        **dbt_days(settings, history_days),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "PYTHONUNBUFFERED": "1",
    }


def attached_files(settings: Settings) -> dict[str, Path]:
    """Database files that are only read, by name; the state is one of them."""
    files = dict(settings.attached)
    if settings.state.is_file():
        files["state"] = settings.state
    return dict(sorted(files.items()))


def _attachments(settings: Settings, given: str | None) -> str:
    """What profiles.yml attaches, as JSON.

    What the variable names (`given`) holds where the settings attach nothing.
    """
    others = json.loads(given) if given and not settings.attached else []
    return json.dumps(
        [
            *others,
            *(
                {"alias": name, "path": _seen_from_project(settings, file), "read_only": True}
                for name, file in attached_files(settings).items()
            ),
        ]
    )


def _seen_from_project(settings: Settings, file: Path) -> str:
    """A file of the workdir as dbt sees it, which runs in the project folder; others as named."""
    if not file.is_relative_to(settings.workdir.root):
        return str(file)
    return os.path.relpath(file, settings.workdir.project)
