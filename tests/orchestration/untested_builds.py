"""The command `leads`, building without dbt's tests of the data.

They change no table and take half of the time of a small build. Builds of the golden data and of
the simulated company run them.
"""

from __future__ import annotations

from collections.abc import Sequence

from orchestration import cli
from orchestration.lib.builds import build as builds
from orchestration.lib.builds.dbt_command import dbt_arguments
from orchestration.lib.settings import Settings


def without_tests(
    settings: Settings, selectors: Sequence[str] | None = None, *, history_alone: bool = False
) -> list[str]:
    """The dbt command of a build, without tests of data."""
    arguments = dbt_arguments(settings, selectors, history_alone=history_alone)
    return [*arguments, "--exclude-resource-type", "test"]


if __name__ == "__main__":
    builds.dbt_arguments = without_tests
    cli.main()
