"""The command `leads`, building with a quick dbt, without tests of the data unless asked.

Those of dbt and the checks of raw data and snapshot are left out: they change no table and take
half of the time of a small build. Builds of the golden data and of the simulated company run them,
with `--tested` as the first argument. `leads` as it is builds what the pages and commands of the
documentation say.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from orchestration import cli
from orchestration.lib.builds import build as builds
from orchestration.lib.builds.dbt_command import dbt_arguments
from orchestration.lib.quality.findings import QualityFinding
from orchestration.lib.settings import Settings


def without_tests(
    settings: Settings, selectors: Sequence[str] | None = None, *, history_alone: bool = False
) -> list[str]:
    """The dbt command of a build, without tests of data."""
    arguments = dbt_arguments(settings, selectors, history_alone=history_alone)
    return quick([*arguments, "--exclude-resource-type", "test"])


def with_tests(
    settings: Settings, selectors: Sequence[str] | None = None, *, history_alone: bool = False
) -> list[str]:
    """The dbt command of a build."""
    return quick(dbt_arguments(settings, selectors, history_alone=history_alone))


def quick(arguments: Sequence[str]) -> list[str]:
    """The same dbt command, run by `quick_dbt`."""
    python, option, _, *others = arguments
    return [python, option, "tests.orchestration.quick_dbt", *others]


def check_nothing(_: Settings) -> tuple[QualityFinding, ...]:
    """In place of the checks of the raw data."""
    return ()


def pass_snapshot(*_: Any) -> Mapping[str, Any]:
    """In place of the gate before publishing."""
    return {}


def main() -> None:
    """The command `leads`."""
    if sys.argv[1:2] == ["--tested"]:
        del sys.argv[1]
        builds.dbt_arguments = with_tests
    else:
        builds.dbt_arguments = without_tests
        builds.check_raw = check_nothing
        builds.check_snapshot = pass_snapshot
    cli.main()


if __name__ == "__main__":
    main()
