"""The settings of one run, resolved and validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from orchestration.lib.settings.workdir import Workdir

BUNDLED_ORIGIN = "bundled data"


@dataclass(frozen=True)
class Settings:
    """Everything a build needs to know; folders are absolute, symbolic links left as they are.

    `rules_dir` None means the shipped rules alone. `sample_percent` is above 0 and at most 100.
    `run_date` is the business day (in `timezone`) on which the run began, `started_at` the same
    moment in UTC. `origins` says in words where each setting came from, by setting name.
    """

    sources: tuple[str, ...]
    raw_dir: Path
    rules_dir: Path | None
    workdir: Workdir
    target: str
    as_of_date: date
    run_date: date
    started_at: datetime
    sample_percent: float
    language: str
    timezone: str
    is_timezone_chosen: bool
    full_refresh: bool
    accept_reason: str | None
    project_root: Path
    origins: Mapping[str, str]

    @property
    def is_provisional(self) -> bool:
        """Whether the as-of day is still open, so that a later build will change its scores."""
        return self.as_of_date >= self.run_date

    @property
    def is_bundled(self) -> bool:
        """Whether the bundled data are built, because nobody named a raw folder."""
        return self.origins["raw_dir"] == BUNDLED_ORIGIN

    @property
    def chosen_rules_dir(self) -> Path | None:
        """The rules folder that somebody named; None if it only belongs to the bundled data."""
        return None if self.origins["rules"] == BUNDLED_ORIGIN else self.rules_dir

    def source_dir(self, source: str) -> Path:
        """Folder with the files of `source`: its own folder below `raw_dir` if several run."""
        own = self.raw_dir / source
        return own if len(self.sources) > 1 and own.is_dir() else self.raw_dir

    def in_force(self) -> list[tuple[str, str, str]]:
        """Name, value and origin of every setting, for people."""
        values = {
            "source": ", ".join(self.sources),
            "raw_dir": str(self.raw_dir),
            "rules": "the shipped rules alone" if self.rules_dir is None else str(self.rules_dir),
            "workdir": str(self.workdir.root),
            "target": self.target,
            "as_of": self.as_of_date.isoformat(),
            "sample": f"{self.sample_percent:g} percent",
            "language": self.language,
            "timezone": self.timezone,
            "full_refresh": "yes" if self.full_refresh else "no",
        }
        return [(name, value, self.origins[name]) for name, value in values.items()]
