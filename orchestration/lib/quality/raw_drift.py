"""Whether tables still have the columns, and these the form, that the served build had."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.lib.quality.limits import Limits
from orchestration.lib.quality.measures import Measure, measure
from orchestration.lib.quality.raw_columns import ColumnProfile
from orchestration.lib.quality.raw_profile import RawProfile, TableProfile

# A column has a form if nearly all of its values have; other ones may hold anything.
_CLEAR_FORM_SHARE = 0.95
_MOST_NAMED = 5


def drift_measures(
    limits: Limits, now: Mapping[str, TableProfile], served: RawProfile
) -> list[Measure]:
    """Vanished and new columns of each table, and those whose values have another form."""
    measures = []
    for name, table in now.items():
        before = served.tables.get(name)
        if before is None or not table.rows or not before.rows:
            continue
        measures += _column_measures(limits, name, table, before)
        measures += _form_measures(limits, name, table, before)
    return measures


def _column_measures(
    limits: Limits, name: str, now: TableProfile, before: TableProfile
) -> list[Measure]:
    limit = limits.get("raw_vanished_columns", name)
    vanished = [
        column
        for column, profile in before.columns.items()
        if profile.filled_share * before.rows >= limit.min_count and column not in now.columns
    ]
    new = [column for column in now.columns if column not in before.columns]
    return [
        measure(limit, name, len(vanished), _named(vanished, "had values and have none any more")),
        measure(limits.get("raw_new_columns", name), name, len(new), _named(new, "are new")),
    ]


def _named(columns: list[str], what: str) -> str:
    if not columns:
        return f"no columns {what}"
    more = len(columns) - _MOST_NAMED
    names = ", ".join(columns[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"the columns {names} {what}"


def _form_measures(
    limits: Limits, name: str, now: TableProfile, before: TableProfile
) -> list[Measure]:
    """One measure a table: the column that kept its form least."""
    limit = limits.get("raw_column_forms", name)
    kept: dict[str, tuple[float, str]] = {}
    for column, profile in before.columns.items():
        current = now.columns.get(column)
        form = _clear_form(profile)
        # Of a column whose values lie outside the sample no form is known.
        if current is None or form is None or not current.forms:
            continue
        if min(current.filled_share * now.rows, profile.filled_share * before.rows) < (
            limit.min_count
        ):
            continue
        kept[column] = _kept_share(form, current), form
    if not kept:
        return []
    worst = min(kept, key=lambda column: (kept[column][0], column))
    share, form = kept[worst]
    changed = [column for column, (value, _) in kept.items() if limit.low and value < limit.low]
    said = f"{share:.0%} of the values of {worst} are still written as {form}"
    if len(changed) > 1:
        said += f", and {len(changed) - 1} more columns changed"
    return [measure(limit, name, round(share, 4), said)]


def _clear_form(profile: ColumnProfile) -> str | None:
    for form, share in profile.forms.items():
        # Any value has the form of a text, so nothing can fall out of it.
        if share >= _CLEAR_FORM_SHARE and form != "text":
            return form
    return None


def _kept_share(form: str, current: ColumnProfile) -> float:
    share = current.forms.get(form, 0.0)
    if form == "number":
        # Numbers that happen to be whole are numbers.
        share += current.forms.get("whole number", 0.0)
    return min(1.0, share)
