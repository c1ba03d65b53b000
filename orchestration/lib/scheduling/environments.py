"""Which automations run where: an explicit map, chosen by one variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from orchestration.lib.problems import InputError, Problem

VARIABLE = "LEADS_ENVIRONMENT"
DEFAULT_ENVIRONMENT = "development"

Automation = Literal["hourly_build", "daily_build", "new_raw_files", "exports"]

# What is not named here is defined everywhere and switched off. Where `exports` is missing, builds
# send nothing, those started by hand neither.
RUNNING: Mapping[str, frozenset[Automation]] = {
    "development": frozenset(),
    "staging": frozenset({"daily_build"}),
    "production": frozenset({"hourly_build", "daily_build", "new_raw_files", "exports"}),
}


def running_automations(environment: Mapping[str, str]) -> frozenset[Automation]:
    """The automations that run in the environment that the variable names.

    Raises:
        InputError: the map has no such environment.
    """
    name = environment.get(VARIABLE, "").strip().lower() or DEFAULT_ENVIRONMENT
    if name not in RUNNING:
        raise InputError(
            Problem(
                f"variable {VARIABLE}: '{name}' is no environment.",
                f"Possible: {', '.join(RUNNING)}.",
            )
        )
    return RUNNING[name]
