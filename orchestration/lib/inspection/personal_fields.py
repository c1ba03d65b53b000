"""Which fields hold personal values, so that their values are not shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orchestration.lib.inspection.prepared_seeds import read_prepared_seed
from orchestration.lib.seeds.names import fold_name, narrow
from orchestration.lib.settings import Workdir

PERSONAL_KNOWN = "(known, personal)"
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class PersonalFields:
    """`listed` is what attributes.csv says of its fields; `names` judge all others.

    `names` are rows of personal_columns.csv as (match, pattern). Without any, every field that is
    not listed counts as personal: rather one value too few.
    """

    listed: dict[str, bool]
    names: tuple[tuple[str, str], ...]

    def is_personal(self, field: str) -> bool:
        """Whether the values of `field` identify or reach a person."""
        folded = fold_name(field)
        if folded in self.listed:
            return self.listed[folded]
        if not self.names:
            return True
        column = narrow(folded.removeprefix("event."))
        return any(_matches(column, match, pattern) for match, pattern in self.names)

    def shown(self, field: str, value: str | None) -> str:
        """The value for a person to read; of a personal field only whether it is known."""
        if value is None:
            return UNKNOWN
        return PERSONAL_KNOWN if self.is_personal(field) else value


def read_personal_fields(workdir: Workdir) -> PersonalFields:
    """As the last build's seeds have it."""
    attributes = read_prepared_seed(workdir, "reference", "attributes")
    columns = read_prepared_seed(workdir, "reference", "personal_columns")
    return PersonalFields(
        {fold_name(row["attribute"] or ""): row["is_personal"] == "true" for row in attributes},
        tuple((row["match"] or "", narrow(fold_name(row["pattern"] or ""))) for row in columns),
    )


def _matches(column: str, match: str, pattern: str) -> bool:
    match match:
        case "equals":
            return column == pattern
        case "starts_with":
            return column.startswith(pattern)
        case "ends_with":
            return column.endswith(pattern)
        case "word":
            return pattern in re.split(r"[\W_]+", column)
        case _:
            return pattern in column
