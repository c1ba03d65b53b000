"""An export whose end is told: by alerts where the state of a sync changes.

`leads export` and Dagster come by here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from orchestration.lib.alerts.observations import Observation, trouble
from orchestration.lib.alerts.telling import tell
from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.exports.broken_off import lines_of
from orchestration.lib.exports.export import export
from orchestration.lib.exports.export_lock import AnotherExportRuns
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import ExportResult, SyncResult
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.settings import Settings


def guarded_export(
    settings: Settings,
    request: ExportRequest,
    reporter: Reporter | None = None,
    *,
    say: Callable[[str], None],
) -> ExportResult:
    """Export, and tell how it ended; not of a dry run, nor of one that found another at work.

    What nobody foresaw comes out as RunFailed, without the message and the chain of exceptions
    that may quote values; LEADS_DEBUG leaves it as it is.

    Args:
        settings: as for a build.
        request: what is asked for.
        reporter: hears about progress.
        say: hears in one line of an alert that could not be sent.

    Raises:
        InputError: exports.yml, a variable, the rules or raw files are wrong.
        RunFailed: nothing is published, another export or build runs, or whatever else went wrong.
    """
    subject = request.wanted or ""
    try:
        result = export(settings, request, reporter)
    except AnotherExportRuns:
        raise
    except Exception as error:
        lines = lines_of(error)
        if not request.is_dry_run:
            tell(settings, [trouble("export", lines, subject=subject)], say)
        if os.environ.get("LEADS_DEBUG"):
            raise
        if isinstance(error, InputError | RunFailed):
            raise error from None
        raise RunFailed(lines) from None
    if not request.is_dry_run:
        # Of an entry that was left out nothing is known that was not known before.
        run = [sync for sync in result.syncs if not sync.is_left_out]
        seen = [seen_in_sync(sync, datetime.now(UTC)) for sync in run]
        if subject not in {each.subject for each in seen}:
            seen.append(Observation("export", subject=subject))
        tell(settings, seen, say)
    return result


def seen_in_sync(sync: SyncResult, now: datetime) -> Observation:
    """How a sync stands after a run that was to send: in trouble if not all that was due went."""
    causes: dict[str, str] = {}
    if sync.outcome != "success":
        codes = ", ".join(f"{rows:,} {code}" for code, rows in sorted(sync.errors.items()))
        causes[sync.outcome] = f"The outcome is {sync.outcome}{f': {codes}' if codes else ''}."
    if sync.stop is not None:
        code, sentence = sync.stop
        causes[code] = sentence
    if sync.is_rejected_too_often:
        causes["rejected"] = (
            f"{sync.rejected:,} of {sync.due:,} rows were rejected, more than the limit allows."
        )
    if (age := sync.backlog_age(now)) is not None and sync.has_backlog_too_old(now):
        causes["backlog"] = f"{sync.backlog:,} rows wait, the oldest for {_words(age)}."
    if not causes:
        return Observation("export", subject=sync.sync)
    return trouble("export", list(causes.values()), causes, sync.sync)


def _words(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
