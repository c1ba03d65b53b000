"""What somebody asks of an export."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.exports.plan import PlanOptions


@dataclass(frozen=True)
class ExportRequest:
    """What is asked for.

    `wanted` is a destination or the name of an entry, None for all that are enabled. `only` is a
    lead or the key of a row. `accept_reason` lets a run pass limits once, `shows_values` shows
    personal values in a dry run, too.
    """

    wanted: str | None = None
    is_dry_run: bool = False
    retry_rejected: bool = False
    limit: int | None = None
    only: str | None = None
    accept_reason: str | None = None
    shows_values: bool = False

    @property
    def plan_options(self) -> PlanOptions:
        """What of it concerns the plan."""
        return PlanOptions(self.retry_rejected, self.only, self.limit)
