"""What makes two builds comparable, and the refusal of those that are not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.settings import Settings

_NAMES = {
    "sources": "source",
    "raw_dir": "raw folder",
    "in_place": "schema that is read in place",
    "rules_dir": "rules folder",
    "sample_percent": "sample",
}


@dataclass(frozen=True)
class Identity:
    """Sources, folders and sample of a build; a folder inside the workdir is relative to it.

    `raw_dir` is None where every source is read in place; `in_place` says where, else it is None.

    Editing seeds inside the same rules folder keeps the identity.
    """

    sources: tuple[str, ...]
    raw_dir: str | None
    in_place: str | None
    rules_dir: str | None
    sample_percent: float

    def to_json(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return {**asdict(self), "sources": list(self.sources)}


def build_identity(settings: Settings) -> Identity:
    """The identity of the build that `settings` ask for."""
    root = settings.workdir.root
    return Identity(
        sources=tuple(sorted(settings.sources)),
        raw_dir=_portable(settings.raw_dir, root) if settings.landed_sources else None,
        in_place=_places(settings, root),
        rules_dir=None if settings.rules_dir is None else _portable(settings.rules_dir, root),
        sample_percent=settings.sample_percent,
    )


def refuse_other_build(settings: Settings, served: RunManifest | None) -> None:
    """Stop a build that would replace something it cannot be compared with.

    Raises:
        InputError: an earlier as-of day than the served one's, or another identity.
    """
    if served is None:
        return
    problems = []
    if settings.as_of_date < served.as_of_date:
        problems.append(
            Problem(
                f"The published scores are as of {served.as_of_date}; this build would put the"
                f" earlier day {settings.as_of_date} in their place.",
                "Use another --workdir for a replay.",
            )
        )
    mine = build_identity(settings).to_json()
    for field, name in _NAMES.items():
        theirs = served.identity.get(field)
        if theirs != mine[field]:
            problems.append(
                Problem(
                    f"What is published was built with another {name}: {_words(theirs)};"
                    f" this build has {_words(mine[field])}.",
                    "Use another --workdir for it.",
                )
            )
    if problems:
        raise InputError(problems)


def is_other_raw_folder(settings: Settings, served: RunManifest) -> bool:
    """Whether the build reads another folder than the served one did."""
    return served.identity.get("raw_dir") != build_identity(settings).raw_dir


def _places(settings: Settings, root: Path) -> str | None:
    """Every source that is read in place, with the file where it is not the build file."""
    said = []
    for source in sorted(settings.sources):
        if (place := settings.place(source)) is not None:
            file = settings.attached.get(place.database or "")
            name = place.database if file is None else _portable(file, root)
            said.append(f"{source} {place.schema}" + (f" in {name}" if name else ""))
    return ", ".join(said) or None


def _portable(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
