"""The settings of one run, resolved and validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from orchestration.lib.settings.workdir import Workdir

BUNDLED_ORIGIN = "bundled data"
NO_FOLDER_ORIGIN = "not read"


@dataclass(frozen=True)
class Place:
    """Where a source's raw tables lie that are read where they are.

    `database` is None for the build file itself, else a name under which a file is attached.
    """

    database: str | None
    schema: str


@dataclass(frozen=True)
class Settings:
    """Everything a build needs to know; folders are absolute, symbolic links left as they are.

    `rules_dir` None means the shipped rules alone. `sample_percent` is above 0 and at most 100.
    `run_date` is the business day (in `timezone`) on which the run began, `started_at` the same
    moment in UTC. `origins` says in words where each setting came from, by setting name.
    `variables` are further vars for dbt; `attached` are database files by the name that dbt knows
    them by. `foreign_state` is a state file that is read in place of the workdir's own.
    `history_from` is the first past day whose scores are to be recorded, if they are not.
    `wait_seconds` is how long a build waits for another one to end, `time_limit_minutes` how long
    it may take until it publishes (None: as long as it takes).
    `exports_file` lists the exports, None meaning the exports.yml of the project.
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
    variables: Mapping[str, object] = field(default_factory=dict)
    attached: Mapping[str, Path] = field(default_factory=dict)
    foreign_state: Path | None = None
    history_from: date | None = None
    wait_seconds: float = 0.0
    time_limit_minutes: float | None = None
    exports_file: Path | None = None

    @property
    def is_provisional(self) -> bool:
        """Whether the as-of day is still open, so that a later build will change its scores."""
        return self.as_of_date >= self.run_date

    @property
    def is_bundled(self) -> bool:
        """Whether the bundled data are built, because nobody named a raw folder."""
        return self.origins["raw_dir"] == BUNDLED_ORIGIN

    @property
    def state(self) -> Path:
        """The state file that the build reads."""
        return self.foreign_state or self.workdir.state

    @property
    def exports(self) -> Path:
        """The file that lists the exports."""
        return self.exports_file or self.project_root / "exports.yml"

    @property
    def records_state(self) -> bool:
        """Whether publishing records anything: only in the state of the workdir itself."""
        return self.foreign_state is None

    def place(self, source: str) -> Place | None:
        """Where the tables of `source` are read in place; None for a source that is landed."""
        return place_of(source, self.variables)

    @property
    def landed_sources(self) -> tuple[str, ...]:
        """The sources whose files are landed."""
        return tuple(source for source in self.sources if self.place(source) is None)

    def source_dir(self, source: str) -> Path:
        """Folder with the files of `source`: its own one below `raw_dir` if there is one.

        The source `file` alone has its files in `raw_dir` itself, whatever folders lie there.
        """
        own = self.raw_dir / source
        return own if self.sources != ("file",) and own.is_dir() else self.raw_dir

    def in_force(self) -> list[tuple[str, str, str]]:
        """Name, value and origin of every setting, for people."""
        limit = self.time_limit_minutes
        values = {
            "source": ", ".join(self.sources),
            "raw_dir": "none" if not self.landed_sources else str(self.raw_dir),
            "rules": "the shipped rules alone" if self.rules_dir is None else str(self.rules_dir),
            "workdir": str(self.workdir.root),
            "state": f"{self.state}, only read" if self.foreign_state else str(self.state),
            "target": self.target,
            "as_of": self.as_of_date.isoformat(),
            "history_from": "none" if self.history_from is None else self.history_from.isoformat(),
            "sample": f"{self.sample_percent:g} percent",
            "language": self.language,
            "timezone": self.timezone,
            "full_refresh": "yes" if self.full_refresh else "no",
            "wait": f"{self.wait_seconds:g} seconds",
            "time_limit": "none" if limit is None else f"{limit:g} minutes",
            "exports": str(self.exports),
        }
        named = {
            **{f"vars.{name}": str(value) for name, value in self.variables.items()},
            **{f"attach.{name}": str(file) for name, file in self.attached.items()},
        }
        return [
            *((name, value, self.origins[name]) for name, value in values.items()),
            *((name, value, self.origins[name.split(".")[0]]) for name, value in named.items()),
        ]


def place_of(source: str, variables: Mapping[str, object]) -> Place | None:
    """Where the vars say that the raw tables of a source lie."""
    schema, database = variables.get(f"{source}_schema"), variables.get(f"{source}_database")
    if schema is None and database is None:
        return None
    return Place(
        None if database is None else str(database),
        f"raw_{source}" if schema is None else str(schema),
    )
