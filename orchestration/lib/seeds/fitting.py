"""Shipped rows that a rules folder leaves without what they name, and the seeds without them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from orchestration.lib.problems import Notice
from orchestration.lib.seeds.field_names import is_condition_table, is_of_agreement
from orchestration.lib.seeds.known_fields import KnownFields, named_fields
from orchestration.lib.seeds.policy_checks import lets_nobody_in
from orchestration.lib.seeds.references import dangling_items, dangling_rows, known_values, thing
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

# A rule is never left out: points or owners would be missing, and nobody would look for them. A
# policy goes only with the motion that it is for, or when nothing is left that lets a lead in.
_SCORING_RULES, _POLICIES = "scoring_rules", "handoff_policies"
_LEFT_OUT_FOR: Mapping[str, tuple[str, ...]] = {
    _SCORING_RULES: (),
    "routing_rules": (),
    _POLICIES: ("motion",),
}


@dataclass(frozen=True)
class _Loss:
    """Rows of a shipped seed that have lost what they name: to which file, and what it was.

    Where `kept` is given the rows stay, with these cells: their lists without the lost items.
    `item_counts` says how many those are.
    """

    seed: str
    rows: tuple[int, ...]
    file: str
    lost: str
    kept: Mapping[int, Mapping[str, str | None]] | None = None
    item_counts: Mapping[int, int] = field(default_factory=dict)


def fit_seeds(seed_set: SeedSet, known: KnownFields | None) -> SeedSet:
    """The seeds without shipped rows that dangle only because a rules folder replaced a seed.

    One notice per shipped file says how many rows are left out and why. Rows of the rules folder
    itself and scoring rules all stay, for the checks to report. A list loses what is gone; a policy
    for which nothing is left that lets a lead in goes. A condition whose field is gone takes its
    whole alternative along, and an exclusion or a motion that has none left goes too: without its
    conditions it would hold for every lead. Without `known`, fields are not looked at.
    """
    tables = dict(seed_set.tables)
    # The rules folder's file behind every seed that is not as it was shipped.
    files = {name: table.file for name, table in tables.items() if not table.is_shipped}
    losses: list[_Loss] = []
    while found := _next_losses(tables, files, known):
        for loss in found:
            tables[loss.seed] = _without(tables[loss.seed], loss)
            files.setdefault(loss.seed, loss.file)
        losses.extend(found)
    if not losses:
        return seed_set
    notices = (*seed_set.notices, *_notices(seed_set, losses))
    return replace(seed_set, tables=tables, notices=notices)


def _without(table: SeedTable, loss: _Loss) -> SeedTable:
    kept = loss.kept or {}
    return replace(
        table,
        rows=tuple(
            replace(row, cells=kept[row.number]) if row.number in kept else row
            for row in table.rows
            if row.number in kept or row.number not in loss.rows
        ),
    )


def _next_losses(
    tables: Mapping[str, SeedTable], files: Mapping[str, str], known: KnownFields | None
) -> list[_Loss]:
    """The losses of the first kind that has any; each kind may leave others without their rows."""
    if not files:
        return []
    return (
        _without_target(tables, files)
        or _without_items(tables, files)
        or _without_entry(tables, files)
        or _without_bands(tables, files)
        or _without_field(tables, files, known)
    )


def _without_target(tables: Mapping[str, SeedTable], files: Mapping[str, str]) -> list[_Loss]:
    """Rows that name a row of another seed which is gone; of one seed one column at a time."""
    for name, table in tables.items():
        if not table.is_shipped:
            continue
        for column in table.spec.columns:
            if column.references is None or column.references[0] not in files:
                continue
            if column.separator or column.name not in _LEFT_OUT_FOR.get(name, (column.name,)):
                continue
            target = column.references[0]
            rows = dangling_rows(table, column, tables[target])
            if rows:
                return [_Loss(name, _numbers(rows), files[target], thing(column.name))]
    return []


def _without_items(tables: Mapping[str, SeedTable], files: Mapping[str, str]) -> list[_Loss]:
    """Lists that name rows of another seed which are gone; one column at a time."""
    for name, table in tables.items():
        for column in table.spec.columns if table.is_shipped else ():
            if column.separator is None or column.references is None:
                continue
            target = column.references[0]
            if target not in files:
                continue
            known = known_values(column, tables[target])
            kept: dict[int, Mapping[str, str | None]] = {}
            counts: dict[int, int] = {}
            for row in dangling_rows(table, column, tables[target]):
                lost = dangling_items(row, column, known)
                left = [item for item in column.items(row.cells[column.name]) if item not in lost]
                kept[row.number] = {**row.cells, column.name: column.separator.join(left) or None}
                counts[row.number] = len(lost)
            if kept:
                word = thing(column.name)
                return [_Loss(name, tuple(kept), files[target], word, kept, counts)]
    return []


def _without_entry(tables: Mapping[str, SeedTable], files: Mapping[str, str]) -> list[_Loss]:
    """Policies that nothing enters any more: their rules or grades are gone."""
    policies = tables[_POLICIES]
    rows = [row for row in policies.rows if lets_nobody_in(row)] if policies.is_shipped else []
    if not rows or _POLICIES not in files:
        return []
    file = files[_POLICIES]
    column = "enter_rules" if file == files.get(_SCORING_RULES) else "enter_grades"
    return [_Loss(_POLICIES, _numbers(rows), file, thing(column))]


def _without_bands(tables: Mapping[str, SeedTable], files: Mapping[str, str]) -> list[_Loss]:
    """Grades of bands that are gone."""
    grades = tables["grades"]
    file = files.get("score_bands") or files.get("grade_sets")
    if not grades.is_shipped or file is None:
        return []
    bands = {(row.get("score_id"), row.get("band")) for row in tables["score_bands"].rows}
    scores = {
        row.get("grade_set"): (row.get("fit_score_id"), row.get("engagement_score_id"))
        for row in tables["grade_sets"].rows
    }
    rows = [
        row
        for row in grades.rows
        if (pair := scores.get(row.get("grade_set"))) is not None
        and not {(pair[0], row.get("fit_band")), (pair[1], row.get("engagement_band"))} <= bands
    ]
    return [_Loss("grades", _numbers(rows), file, "band")] if rows else []


def _without_field(
    tables: Mapping[str, SeedTable], files: Mapping[str, str], known: KnownFields | None
) -> list[_Loss]:
    """Alternatives on the lead with a field that is gone, and owners that have no other.

    A rule or a policy on such a field stays as it is; see `check_conditions`.
    """
    if known is None or "attributes" not in files:
        return []
    fields = named_fields(tables["attributes"], known).lead
    losses: list[_Loss] = []
    for name, table in tables.items():
        owner_column = table.spec.columns[0]
        if (
            not table.is_shipped
            or not is_condition_table(table)
            or is_of_agreement(table)
            or owner_column.references is None
            or owner_column.references[0] == _SCORING_RULES
        ):
            continue
        owners = tables[owner_column.references[0]]
        alternatives: dict[str | None, dict[str | None, list[SeedRow]]] = {}
        for row in table.rows:
            of_owner = alternatives.setdefault(row.get(owner_column.name), {})
            of_owner.setdefault(row.get("alternative"), []).append(row)
        gone: list[SeedRow] = []
        bare: set[str | None] = set()
        for owner, rows_of in alternatives.items():
            lost = [rows for rows in rows_of.values() if _names_other_field(rows, fields)]
            if len(lost) == len(rows_of):
                # An exclusion of the rules folder cannot be left out; the checks report its field.
                if not owners.is_shipped:
                    continue
                bare.add(owner)
            gone.extend(row for rows in lost for row in rows)
        if gone:
            losses.append(_Loss(name, _numbers(gone), files["attributes"], "field"))
        rows = [row for row in owners.rows if row.get(owners.spec.key[0]) in bare]
        if rows:
            numbers, lost_here = _numbers(rows), "field for their conditions"
            losses.append(_Loss(owners.spec.name, numbers, files["attributes"], lost_here))
    return losses


def _names_other_field(rows: Iterable[SeedRow], fields: frozenset[str]) -> bool:
    return any((field := row.get("field")) is not None and field not in fields for row in rows)


def _numbers(rows: Iterable[SeedRow]) -> tuple[int, ...]:
    return tuple(row.number for row in rows)


def _notices(seed_set: SeedSet, losses: Iterable[_Loss]) -> list[Notice]:
    """One notice for every shipped file that lost rows, in the order of the seeds."""
    notices = []
    for name, table in seed_set.tables.items():
        own = [loss for loss in losses if loss.seed == name]
        if not own:
            continue
        rows = {number for loss in own if loss.kept is None for number in loss.rows}
        item_count = sum(
            count
            for loss in own
            for number, count in loss.item_counts.items()
            if number not in rows
        )
        lost_to: dict[str, list[str]] = {}
        for loss in own:
            words = lost_to.setdefault(loss.file, [])
            if loss.lost not in words:
                words.append(loss.lost)
        reasons = "; ".join(
            f"{file} takes the place of the shipped file and has no such {' or '.join(words)}"
            for file, words in lost_to.items()
        )
        notices.append(table.notice(None, f"{_left_out(len(rows), item_count)}: {reasons}."))
    return notices


def _left_out(row_count: int, item_count: int) -> str:
    """How much is left out, in words: rows, items of lists in other rows, or both."""
    rows = "1 row" if row_count == 1 else f"{row_count} rows"
    items = "1 item of a list" if item_count == 1 else f"{item_count} items of lists"
    if not item_count:
        return f"{rows} {'is' if row_count == 1 else 'are'} left out"
    if not row_count:
        return f"{items} {'is' if item_count == 1 else 'are'} left out"
    return f"{rows} and {items} are left out"
