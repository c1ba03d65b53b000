"""The manifest of a published run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orchestration.lib.failures import RunFailed

FILE_NAME = "manifest.json"
MANIFEST_VERSION = 1


@dataclass(frozen=True)
class MartContent:
    """One published mart: rows, hash of its content, columns as (name, DuckDB type)."""

    row_count: int
    content_hash: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Acceptance:
    """Who published a held build, when (UTC) and why."""

    who: str
    when: datetime
    reason: str


@dataclass(frozen=True)
class RunManifest:
    """What a run published. `data_through` is the newest event day, None without events.

    `quality` holds how many checks ran, what was not in order, and the profile of the raw data that
    the next builds compare theirs with; it is empty for runs of versions without checks.
    `inputs` are hashes of the files and seeds that were read, by name.

    Equal inputs give equal `content_hash` values; the run id and the times differ.
    """

    run_id: str
    started_at: datetime
    as_of_date: date
    is_provisional: bool
    rule_set_id: str | None
    agreement_id: str | None
    data_through: date | None
    identity: Mapping[str, Any]
    marts: Mapping[str, MartContent]
    accepted: Acceptance | None
    project_version: str
    quality: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The manifest as plain values."""
        accepted = self.accepted
        return {
            "manifest_version": MANIFEST_VERSION,
            "run_id": self.run_id,
            "started_at": self.started_at.isoformat(),
            "as_of_date": self.as_of_date.isoformat(),
            "is_provisional": self.is_provisional,
            "rule_set_id": self.rule_set_id,
            "agreement_id": self.agreement_id,
            "data_through": None if self.data_through is None else self.data_through.isoformat(),
            "identity": dict(self.identity),
            "marts": {
                name: {
                    "row_count": mart.row_count,
                    "content_hash": mart.content_hash,
                    "columns": [{"name": column, "type": kind} for column, kind in mart.columns],
                }
                for name, mart in self.marts.items()
            },
            "accepted": accepted
            and {
                "who": accepted.who,
                "when": accepted.when.isoformat(),
                "reason": accepted.reason,
            },
            "project_version": self.project_version,
            "quality": dict(self.quality),
            "inputs": dict(self.inputs),
        }


def read_manifest(folder: Path) -> RunManifest:
    """The manifest in the folder of a run.

    Raises:
        RunFailed: there is none, or it cannot be read.
    """
    file = folder / FILE_NAME
    try:
        return _from_json(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise RunFailed(
            (
                f"The manifest {file} is missing or damaged.",
                "Serve another run with `leads restore RUN`, or use another --workdir.",
            )
        ) from None


def _from_json(content: Mapping[str, Any]) -> RunManifest:
    accepted = content["accepted"]
    through = content["data_through"]
    return RunManifest(
        run_id=content["run_id"],
        started_at=datetime.fromisoformat(content["started_at"]),
        as_of_date=date.fromisoformat(content["as_of_date"]),
        is_provisional=content["is_provisional"],
        rule_set_id=content["rule_set_id"],
        agreement_id=content["agreement_id"],
        data_through=None if through is None else date.fromisoformat(through),
        identity=content["identity"],
        marts={
            name: MartContent(
                row_count=mart["row_count"],
                content_hash=mart["content_hash"],
                columns=tuple((column["name"], column["type"]) for column in mart["columns"]),
            )
            for name, mart in content["marts"].items()
        },
        accepted=None
        if accepted is None
        else Acceptance(
            accepted["who"], datetime.fromisoformat(accepted["when"]), accepted["reason"]
        ),
        project_version=content["project_version"],
        quality=content.get("quality", {}),
        inputs=content.get("inputs") or {},
    )
