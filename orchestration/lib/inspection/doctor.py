"""What may keep builds and exports from working, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from orchestration.lib.builds.redaction import redact
from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.findings import Finding, findings_of
from orchestration.lib.problems import InputError
from orchestration.lib.publishing.lock import is_locked, lock_holder
from orchestration.lib.publishing.serving import list_runs, served_manifest
from orchestration.lib.settings import Settings, resolve_settings
from orchestration.lib.settings.options import unknown_variables

PYTHON_VERSIONS = ((3, 11), (3, 12), (3, 13))
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "typer", "openpyxl", "PyYAML")
PROFILE = "lead_scoring"
_GIGABYTE = 1024**3
_NEEDED_DISK = 1 * _GIGABYTE
_ADVISED_DISK = 10 * _GIGABYTE
_ADVISED_MEMORY = 4 * _GIGABYTE
_STALE_DAYS = 2


@dataclass(frozen=True)
class Examination:
    """All findings, and the settings in force as (name, value, origin)."""

    settings: tuple[tuple[str, str, str], ...]
    findings: tuple[Finding, ...]

    @property
    def is_healthy(self) -> bool:
        """Whether nothing would stop a build or an export."""
        return all(finding.status != "problem" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "ok": self.is_healthy,
            "settings": {
                name: {"value": value, "from": origin} for name, value, origin in self.settings
            },
            "findings": [asdict(finding) for finding in self.findings],
        }


def examine(
    flags: Mapping[str, object] | None = None, settings: Settings | None = None
) -> Examination:
    """Look at everything that builds and exports need.

    `settings` are resolved from `flags` if not given.
    """
    findings = [*_python(), *_variables()]
    if settings is None:
        try:
            settings = resolve_settings(flags)
        except InputError as error:
            findings += findings_of("settings", error)
            return Examination((), tuple(findings))
    for look in (_machine, _project, _sources_and_rules, _lock, _served, _alerts, _exports):
        findings += _guarded(look, settings)
    return Examination(tuple(settings.in_force()), tuple(findings))


def _guarded(look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> list[Finding]:
    """What `look` finds; a doctor must not die of what it examines."""
    try:
        return list(look(settings))
    except Exception as error:
        topic = look.__name__.strip("_").replace("_", " ")
        said = f"This could not be examined: {type(error).__name__}: {redact(str(error))}"
        return [Finding(topic, "problem", said, "Compare the project with its repository.")]


def _python() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] in PYTHON_VERSIONS:
        yield Finding("python", "ok", version)
    else:
        yield Finding(
            "python",
            "problem",
            f"{version} is not supported.",
            "Remove .venv and run `make build` with Python 3.11, 3.12 or 3.13.",
        )
    found: list[str] = []
    missing: list[str] = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        yield Finding(
            "packages",
            "problem",
            f"Missing: {', '.join(missing)}.",
            "Remove .venv and run `make build`.",
        )
    else:
        yield Finding("packages", "ok", ", ".join(found))


def _variables() -> Iterator[Finding]:
    for name in unknown_variables(frozenset(os.environ)):
        yield Finding(
            "settings",
            "notice",
            f"The variable {name} is no setting and has no effect.",
            "Correct its name, or remove it.",
        )


def _machine(settings: Settings) -> Iterator[Finding]:
    place = _nearest_existing(settings.workdir.root)
    free = shutil.disk_usage(place).free
    said = f"{free / _GIGABYTE:.1f} GB free at {place}"
    if free < _NEEDED_DISK:
        yield Finding("disk", "problem", said, "Free some space, or use another --workdir.")
    elif free < _ADVISED_DISK:
        yield Finding("disk", "notice", said, "Millions of events need 10 GB or more.")
    else:
        yield Finding("disk", "ok", said)
    if not os.access(place, os.W_OK):
        yield Finding(
            "workdir",
            "problem",
            f"Nothing can be written to {place}.",
            "Correct its permissions, or use another --workdir.",
        )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    said = f"{cores} cores, {memory / _GIGABYTE:.1f} GB memory"
    if memory < _ADVISED_MEMORY:
        yield Finding(
            "machine", "notice", said, "Set LEADS_MEMORY_LIMIT to about half of it, as in 1GB."
        )
    else:
        yield Finding("machine", "ok", said)


def _project(settings: Settings) -> Iterator[Finding]:
    import yaml

    missing = [
        name
        for name in ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds")
        if not (settings.project_root / name).exists()
    ]
    if missing:
        yield Finding(
            "project",
            "problem",
            f"{settings.project_root} lacks {', '.join(missing)}.",
            "Restore them from version control.",
        )
        return
    try:
        text = (settings.project_root / "profiles.yml").read_text(encoding="utf-8")
        outputs = yaml.safe_load(text)[PROFILE]["outputs"]
    except (yaml.YAMLError, KeyError, TypeError):
        outputs = {}
    if settings.target in outputs:
        yield Finding("profile", "ok", f"{PROFILE}, target {settings.target}")
    else:
        yield Finding(
            "profile",
            "problem",
            f"profiles.yml has no target {settings.target} in the profile {PROFILE}.",
            "Add it, or choose another --target.",
        )


def _sources_and_rules(settings: Settings) -> Iterator[Finding]:
    from orchestration.lib.builds.rules import check_rules
    from orchestration.lib.builds.source_tables import read_columns

    for source in settings.sources:
        place = settings.place(source)
        where = settings.source_dir(source) if place is None else f"schema {place.schema}"
        try:
            tables = read_columns(settings, source, {})
            found = ", ".join(
                f"{table} ({len(columns)} columns)" for table, columns in tables.items()
            )
            yield Finding("source", "ok", f"{source} in {where}: {found}")
        except InputError as error:
            yield from findings_of("source", error)
        except RunFailed as error:
            yield Finding("source", "problem", error.lines[0], " ".join(error.lines[1:]))
            return
    try:
        rules = check_rules(settings)
    except InputError as error:
        yield from findings_of("rules", error)
    else:
        said = f"{len(rules.seed_set.tables)} seeds in order, notices: {len(rules.notices)}"
        yield Finding("rules", "ok", said)


def _lock(settings: Settings) -> Iterator[Finding]:
    file = settings.workdir.lock
    if is_locked(file):
        yield Finding("lock", "notice", f"A build runs now ({lock_holder(file)}).", "Let it end.")
    else:
        yield Finding("lock", "ok", "no build runs")


def _served(settings: Settings) -> Iterator[Finding]:
    try:
        manifest = served_manifest(settings.workdir)
    except RunFailed as error:
        yield Finding("published", "problem", error.lines[0], " ".join(error.lines[1:]))
        return
    if manifest is None:
        yield Finding("published", "notice", "nothing yet", "Run `leads build`.")
        return
    hours = (datetime.now(UTC) - manifest.started_at).total_seconds() / 3600
    age = f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
    kept = len(list_runs(settings.workdir))
    said = f"run {manifest.run_id}, as of {manifest.as_of_date}, {age} old, runs kept: {kept}"
    late = (settings.run_date - manifest.as_of_date).days
    if late > _STALE_DAYS and not settings.is_bundled:
        yield Finding(
            "published", "notice", said, f"It is {late} days behind: check the schedule, or build."
        )
    else:
        yield Finding("published", "ok", said)


def _alerts(_: Settings) -> Iterator[Finding]:
    from orchestration.lib.alerts.channels import read_channels

    channels, complaints = read_channels(os.environ)
    for complaint in complaints:
        yield Finding("alerts", "problem", f"{complaint}.", "Correct it; docs/alerts.md lists all.")
    if not complaints:
        said = ", ".join(channel.name for channel in channels) or "sent nowhere"
        yield Finding("alerts", "ok", said)


def _exports(settings: Settings) -> Iterator[Finding]:
    from orchestration.lib.inspection.export_findings import export_findings

    yield from export_findings(settings, os.environ)


def _nearest_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
