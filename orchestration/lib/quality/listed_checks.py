"""Which checks there are: those that have a limit."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.quality.findings import Place
from orchestration.lib.seeds.one_seed import load_seed
from orchestration.lib.settings import Settings

# The id of a limit begins with the place of its check; the limits of dbt's own tests do not.
_PLACES: dict[str, Place] = {"raw": "raw", "gate": "gate"}


@dataclass(frozen=True)
class ListedCheck:
    """A check by its place; `may_hold` says that it can keep a build from being published."""

    check_id: str
    place: Place
    may_hold: bool
    description: str


def list_checks(settings: Settings) -> tuple[ListedCheck, ...]:
    """The checks of `quality_limits.csv`, one for all rows of the same limit.

    Raises:
        InputError: the seed cannot be read.
    """
    seeds_dir = settings.project_root / "seeds"
    listed: dict[str, ListedCheck] = {}
    for row in load_seed(seeds_dir, settings.rules_dir, "quality_limits").rows:
        check_id = row.get("limit_id") or ""
        place = _PLACES.get(check_id.partition("_")[0])
        if place is None:
            continue
        may_hold = row.get("severity") == "error"
        earlier = listed.get(check_id)
        if earlier is None:
            words = (row.cells.get("label_en"), row.cells.get("rationale"))
            description = ": ".join(word for word in words if word)
            listed[check_id] = ListedCheck(check_id, place, may_hold, description)
        elif may_hold and not earlier.may_hold:
            listed[check_id] = ListedCheck(check_id, place, True, earlier.description)
    return tuple(listed.values())
