"""From the headers of a file to the names of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.lib.landing.table_specs import TableSpec
from orchestration.lib.landing.white_space import WHITE_SPACE
from orchestration.lib.problems import InputError, Notice, Problem

# Table name to {folded header: canonical column}.
ColumnAliases = Mapping[str, Mapping[str, str]]

# A file without a header line has a person's data where names should be. What looks like an
# address or a number of several digits is not repeated to anybody.
_MAY_BE_PERSONAL = re.compile(r"@|[0-9０-９]{4}|.{61}", re.DOTALL)


@dataclass(frozen=True)
class NamedColumns:
    """The columns of a file in file order, and what a person should know about their names."""

    names: tuple[str, ...]
    notices: tuple[Notice, ...]


def fold_name(header: str | None) -> str:
    """Fold a header the way names compare: no white space at the ends, lower case."""
    return "" if header is None else header.strip(WHITE_SPACE).lower()


def known_names(spec: TableSpec, aliases: ColumnAliases) -> frozenset[str]:
    """All folded headers that mean something for this table: contract columns and aliases."""
    return frozenset(spec.columns) | set(_aliases_of(spec, aliases))


def name_columns(
    headers: Sequence[str | None], spec: TableSpec, aliases: ColumnAliases, file: str
) -> NamedColumns:
    """Name the columns of a file.

    A column without a header is named `column_<n>` (n counts from 1). An alias gives way to a
    column of the file that bears the canonical name itself, and to an alias further left.

    Raises:
        InputError: two columns of one name, or a required column is missing.
    """
    notices: list[Notice] = []
    names = [fold_name(header) for header in headers]
    _refuse_doubled(names, file)
    for index, name in enumerate(names):
        if not name:
            names[index] = _free_name(f"column_{index + 1}", names)
            notices.append(
                Notice(f"Column {index + 1} has no header; it is called {names[index]}.", file)
            )
    canonical_of = _aliases_of(spec, aliases)
    for index, name in enumerate(names):
        canonical = canonical_of.get(name, name)
        if canonical == name:
            continue
        if canonical not in names:
            names[index] = canonical
        else:
            notices.append(
                Notice(
                    f"Column {shown_name(name, index)} is not read as {canonical}, because "
                    f"another column is {canonical} already; it keeps its own name.",
                    file,
                )
            )
    problems = _missing_columns(names, spec, file)
    if problems:
        raise InputError(problems)
    return NamedColumns(tuple(names), tuple(notices))


def _aliases_of(spec: TableSpec, aliases: ColumnAliases) -> dict[str, str]:
    """Column by folded alias; exports of a warehouse have the warehouse's own names."""
    if spec.is_export:
        return {}
    return {fold_name(alias): column for alias, column in aliases.get(spec.name, {}).items()}


def shown_name(name: str, index: int) -> str:
    """A column name as messages may show it; `index` counts from 0."""
    return f"number {index + 1}" if _MAY_BE_PERSONAL.search(name) else name


def _free_name(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _refuse_doubled(names: Sequence[str], file: str) -> None:
    places: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if name:
            places.setdefault(name, []).append(index)
    problems = [
        Problem(
            f"The columns {' and '.join(str(index + 1) for index in indexes)} have the same name "
            "(names compare without case).",
            "Rename or remove all but one of them.",
            file=file,
            row=1,
            column=shown_name(name, indexes[0]),
        )
        for name, indexes in places.items()
        if len(indexes) > 1
    ]
    if problems:
        raise InputError(problems)


def _missing_columns(names: Sequence[str], spec: TableSpec, file: str) -> list[Problem]:
    shown = ", ".join(shown_name(name, index) for index, name in enumerate(names))
    found = f"The file has: {shown}."
    remedy = (
        "Export the table with it."
        if spec.is_export
        else "Add it, or map the header that means it in column_aliases.csv."
    )
    problems = [
        Problem(
            f"The column is missing. {found}",
            remedy,
            file=file,
            column=column,
        )
        for column in spec.required_columns
        if column not in names
    ]
    if spec.required_any and not any(column in names for column in spec.required_any):
        problems.append(
            Problem(
                f"One of these columns is needed and none is there. {found}",
                remedy.replace("it", "one", 1),
                file=file,
                column=" or ".join(spec.required_any),
            )
        )
    return problems
