"""Whether the exports could send: exports.yml, and what each destination needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from orchestration.lib.exports.destinations import open_destination
from orchestration.lib.exports.exports_file import read_syncs
from orchestration.lib.exports.sync import Sync
from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.findings import Finding, findings_of, message_of
from orchestration.lib.problems import InputError
from orchestration.lib.settings import Settings

TOPIC = "exports"


def export_findings(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Read exports.yml and open the destination of each enabled entry; nothing is called.

    What several entries lack, such as the token of one account, is one finding.
    """
    try:
        syncs = read_syncs(settings.exports)
    except InputError as error:
        yield from findings_of(TOPIC, error)
        return
    enabled = [sync for sync in syncs if sync.enabled]
    lacking: dict[tuple[str, str], list[str]] = {}
    for sync in enabled:
        for need in _needs(sync, settings, environment):
            lacking.setdefault(need, []).append(sync.name)
    for (message, remedy), names in lacking.items():
        said = f"{settings.exports.name}, {_entries(names)}: {message}"
        yield Finding(TOPIC, "problem", said, remedy)
    if not lacking:
        shown = ", ".join(f"{sync.name} ({sync.destination})" for sync in enabled)
        said = f"{len(enabled)} of {len(syncs)} entries of {settings.exports.name} are enabled"
        yield Finding(TOPIC, "ok", f"{said}: {shown}" if shown else said)


def _needs(sync: Sync, settings: Settings, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """What keeps the destination from being opened, each with its remedy."""
    # A file needs nothing that a build does not need too.
    if sync.destination == "file":
        return []
    try:
        with ExitStack() as stack:
            close = getattr(open_destination(sync, settings, environment), "close", None)
            if close is not None:
                stack.callback(close)
    except InputError as error:
        return [(message_of(problem), problem.remedy) for problem in error.problems]
    except RunFailed as error:
        first, *others = error.lines
        return [(first, " ".join(others) or "Install it, or disable the entry.")]
    return []


def _entries(names: list[str]) -> str:
    return f"{'entry' if len(names) == 1 else 'entries'} {', '.join(names)}"
