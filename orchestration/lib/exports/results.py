"""What an export did or would do, for people and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from orchestration.lib.exports.sync import Limits, Sync

Outcome = Literal["success", "partial", "failed"]


@dataclass(frozen=True)
class FieldChange:
    """One field of one row that would change; values are hidden unless they were asked for."""

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class RowChange:
    """One row that would be sent."""

    row_key: str
    action: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class SyncResult:
    """One sync of an export.

    Attributes:
        actions: rows by what was or would be done: create, update, clear, delete, unchanged,
            unneeded, invalid, suppressed, waiting, rejected_before, skipped, gone.
        sent: rows by answer: columns of `export_runs`.
        errors: rows by code of what is wrong with them.
        stop: code and sentence of what ended the run before its end.
        changed: files and seeds that changed since the snapshot, so that exclusions were judged
            on them.
        examples: some of the rows of a dry run.
        backlog_since: when the oldest row that waits became due (UTC).
        limits: those of the entry.
        is_left_out: whether the entry was not run, for the reason in `notices`.
    """

    sync: str
    destination: str
    object_name: str
    is_dry_run: bool
    outcome: Outcome
    run_id: str | None
    snapshot_run_id: str
    rows: int
    due: int
    resent: int
    backlog: int
    actions: Mapping[str, int] = field(default_factory=dict)
    sent: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)
    stop: tuple[str, str] | None = None
    resume_at: datetime | None = None
    notices: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    file: str | None = None
    examples: tuple[RowChange, ...] = ()
    backlog_since: datetime | None = None
    limits: Limits = field(default_factory=Limits)
    is_left_out: bool = False

    @classmethod
    def left_out(
        cls, sync: Sync, reason: str, snapshot_run_id: str, *, is_dry_run: bool
    ) -> SyncResult:
        """An entry that was not run: nothing was compared, nothing is due."""
        return cls(
            sync=sync.name,
            destination=sync.destination,
            object_name=sync.object_name,
            is_dry_run=is_dry_run,
            outcome="success",
            run_id=None,
            snapshot_run_id=snapshot_run_id,
            rows=0,
            due=0,
            resent=0,
            backlog=0,
            notices=(reason,),
            is_left_out=True,
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"limits": self.limits.model_dump()}

    @property
    def rejected(self) -> int:
        """Rows that the destination refused for good in this run."""
        return self.sent.get("rejected_count", 0)

    @property
    def is_rejected_too_often(self) -> bool:
        """Whether more rows were refused than `max_rejected` allows."""
        limit = self.limits.max_rejected
        allowed = None if limit is None else limit.of(self.due)
        return allowed is not None and self.rejected > allowed

    def backlog_age(self, now: datetime) -> timedelta | None:
        """How long the oldest row has waited; None if none waits."""
        return None if self.backlog_since is None else now - self.backlog_since

    def has_backlog_too_old(self, now: datetime) -> bool:
        """Whether a row has waited longer than `max_backlog_age` allows."""
        age, most = self.backlog_age(now), self.limits.max_backlog_age
        return age is not None and most is not None and age > timedelta(minutes=most)


@dataclass(frozen=True)
class ExportResult:
    """All syncs of an export."""

    syncs: tuple[SyncResult, ...]

    @property
    def outcome(self) -> Outcome:
        """The whole: success only if every sync was one."""
        outcomes = {sync.outcome for sync in self.syncs}
        if outcomes <= {"success"}:
            return "success"
        return "failed" if outcomes == {"failed"} else "partial"
