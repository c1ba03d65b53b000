"""The settings with which the published snapshot was built, whoever asks for it now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.settings import Settings, resolve_settings
from orchestration.lib.settings.settings import BUNDLED_ORIGIN


def settings_of_snapshot(settings: Settings, manifest: RunManifest) -> Settings:
    """The settings with which the snapshot was built, for the day of `settings`.

    Sources, folders and sample are those of the snapshot, whoever asks; the day is never an earlier
    one than the snapshot's, and the day of the bundled data counts for these alone.
    """
    day = max(_asked_day(settings, manifest), manifest.as_of_date)
    if build_identity(settings).to_json() == dict(manifest.identity):
        return replace(settings, as_of_date=day)
    identity = manifest.identity
    flags = {
        "source": ",".join(identity["sources"]),
        "raw_dir": _folder(settings, manifest, "raw_dir"),
        "rules": _folder(settings, manifest, "rules_dir"),
        "workdir": str(settings.workdir.root),
        "sample": str(identity.get("sample_percent") or 100),
        "language": settings.language,
        "as_of": day.isoformat(),
    }
    resolved = resolve_settings(flags, project_root=settings.project_root, now=settings.started_at)
    return replace(resolved, wait_seconds=settings.wait_seconds)


def with_rules_of_snapshot(settings: Settings, manifest: RunManifest) -> Settings:
    """`settings` with the rules folder of the snapshot; all else stays.

    Raises:
        InputError: the folder is gone.
    """
    folder = _folder(settings, manifest, "rules_dir")
    if folder is not None and not Path(folder).is_dir():
        raise InputError(
            Problem(
                f"The rules folder {folder} of the published snapshot does not exist.",
                "Bring it back, or name another one with --rules.",
            )
        )
    return replace(settings, rules_dir=None if folder is None else Path(folder))


def _asked_day(settings: Settings, manifest: RunManifest) -> date:
    """The day somebody named, else today; of bundled data their own day."""
    if settings.origins["as_of"] != BUNDLED_ORIGIN:
        return settings.as_of_date
    workdir = settings.workdir
    bundled = workdir.bundled_data.relative_to(workdir.root).as_posix()
    is_bundled = manifest.identity.get("raw_dir") == bundled
    return settings.as_of_date if is_bundled else settings.run_date


def _folder(settings: Settings, manifest: RunManifest, name: str) -> str | None:
    """A folder of the manifest; one inside the workdir stands there relative to it."""
    value = manifest.identity.get(name)
    return None if value is None else str(settings.workdir.root / str(value))
