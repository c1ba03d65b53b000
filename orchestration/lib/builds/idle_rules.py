"""Rules that gave nobody a point in the served build."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from orchestration.lib.problems import Notice
from orchestration.lib.publishing.identity import build_identity
from orchestration.lib.publishing.serving import open_snapshot, served_manifest
from orchestration.lib.publishing.snapshot import SNAPSHOT_DATABASE
from orchestration.lib.settings import Settings

_NAMES_SHOWN = 12


def idle_rules_notice(settings: Settings) -> Notice | None:
    """Which rules of the last build are in no ledger line.

    None without a served build of the same sources, folders and sample. The rules are those that
    were built, so a rule just added is not accused.
    """
    built = settings.workdir.project / "seeds" / "scoring" / "scoring_rules.csv"
    manifest = served_manifest(settings.workdir)
    if manifest is None or manifest.identity != build_identity(settings).to_json():
        return None
    if not built.is_file():
        return None
    with open_snapshot(settings.workdir.runs / manifest.run_id / SNAPSHOT_DATABASE) as connection:
        rows = connection.execute("select distinct rule_id from marts.fct_score_ledger").fetchall()
    idle = sorted(_rules_in_force(built, manifest.as_of_date) - {rule for (rule,) in rows})
    if not idle:
        return None
    more = len(idle) - _NAMES_SHOWN
    names = ", ".join(idle[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return Notice(f"as of {manifest.as_of_date} nobody met these rules: {names}.")


def _rules_in_force(file: Path, day: date) -> set[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            row["rule_id"]
            for row in csv.DictReader(lines)
            if (row["valid_from"] or "") <= day.isoformat() < (row["valid_to"] or "9999-12-31")
        }
