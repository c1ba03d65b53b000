"""What the checks of a build found, kept beside its build file until the next landing.

Steps of a build may run in processes of their own; this is how the later ones know of the earlier.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.lib.quality.findings import QualityFinding, finding_from_json
from orchestration.lib.settings import Workdir


@dataclass(frozen=True)
class QualityRecord:
    """The findings of a build, those that are in order included, and the profile of its raw data.

    `profile` is what the next builds compare their raw data with, see `raw_profile`.
    """

    raw: tuple[QualityFinding, ...]
    gate: tuple[QualityFinding, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[QualityFinding, ...]:
        """All of them, in the order in which they were found."""
        return (*self.raw, *self.gate)


def read_quality(workdir: Workdir) -> QualityRecord | None:
    """What the checks of the last build found; None where none has run since the last landing."""
    try:
        content = json.loads(workdir.quality.read_text(encoding="utf-8"))
        return QualityRecord(
            raw=tuple(finding_from_json(finding) for finding in content["raw"]),
            gate=tuple(finding_from_json(finding) for finding in content["gate"]),
            profile=content["profile"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_quality(workdir: Workdir, record: QualityRecord) -> None:
    """Keep what was found; a kill leaves the old record or the new one, whole."""
    content = {
        "raw": [finding.to_json() for finding in record.raw],
        "gate": [finding.to_json() for finding in record.gate],
        "profile": record.profile,
    }
    beside = workdir.quality.with_suffix(".tmp")
    workdir.warehouse.mkdir(parents=True, exist_ok=True)
    beside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    beside.replace(workdir.quality)


def forget_quality(workdir: Workdir) -> None:
    """What was found says nothing of raw data that land now."""
    workdir.quality.unlink(missing_ok=True)


def quality_of(workdir: Workdir) -> Sequence[QualityFinding]:
    """The findings of the last build, empty where there are none."""
    record = read_quality(workdir)
    return () if record is None else record.findings
