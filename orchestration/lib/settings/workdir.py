"""Where a run writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workdir:
    """The folder that holds everything a run writes. `root` is absolute."""

    root: Path

    @property
    def warehouse(self) -> Path:
        """Folder of the build: nobody but the build opens it."""
        return self.root / "warehouse"

    @property
    def database(self) -> Path:
        """The DuckDB file that is being built."""
        return self.warehouse / "leads.duckdb"

    @property
    def state(self) -> Path:
        """What past builds recorded; it outlives the build file."""
        return self.warehouse / "state.duckdb"

    @property
    def export_state(self) -> Path:
        """What exports sent and what was accepted; it outlives the build file as the state does."""
        return self.warehouse / "exports.duckdb"

    @property
    def export_spill(self) -> Path:
        """What does not fit into the memory of an export, while it runs."""
        return self.warehouse / "export_spill"

    @property
    def export_lock(self) -> Path:
        """The file whose lock an export holds."""
        return self.warehouse / "export.lock"

    @property
    def exports(self) -> Path:
        """Folder of the files that exports write."""
        return self.root / "exports"

    @property
    def bundled_data(self) -> Path:
        """Raw data of the simulated company, made when they are built for the first time."""
        return self.warehouse / "raw" / "simulated_company"

    @property
    def lock(self) -> Path:
        """The file whose lock a build holds."""
        return self.warehouse / "build.lock"

    @property
    def project(self) -> Path:
        """The dbt project that runs: links to the repository, and the merged seeds."""
        return self.warehouse / "project"

    @property
    def dbt_target(self) -> Path:
        """What dbt writes about its own run (manifest, compiled SQL)."""
        return self.warehouse / "target"

    @property
    def dbt_logs(self) -> Path:
        """The folder dbt insists on, though its log file is off."""
        return self.warehouse / "logs"

    @property
    def quality(self) -> Path:
        """What the checks of the data of the last build found."""
        return self.warehouse / "quality.json"

    @property
    def data_docs(self) -> Path:
        """Pages on the checks of the data, for people."""
        return self.root / "reports" / "data_quality"

    @property
    def landing(self) -> Path:
        """Copies of raw files in a form that DuckDB reads, while they are landed."""
        return self.warehouse / "landing"

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit into memory."""
        return self.warehouse / "spill"

    @property
    def published(self) -> Path:
        """Folder of what BI reads."""
        return self.root / "published"

    @property
    def runs(self) -> Path:
        """One folder a published run."""
        return self.published / "runs"

    @property
    def current(self) -> Path:
        """The symbolic link to the served run."""
        return self.published / "current"
