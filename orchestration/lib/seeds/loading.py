"""Loading the seeds in force: the shipped ones, and those of a rules folder in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from orchestration.lib.problems import InputError, Notice, Problem
from orchestration.lib.seeds.catalog import SeedColumn, SeedSpec, load_catalog
from orchestration.lib.seeds.cells import BadCell, read_cell
from orchestration.lib.seeds.csv_files import read_csv
from orchestration.lib.seeds.field_names import canonical_conditions
from orchestration.lib.seeds.names import did_you_mean, fold_name
from orchestration.lib.seeds.tables import RawTable, SeedRow, SeedSet, SeedTable


def load_seeds(seeds_dir: Path, rules_dir: Path | None) -> SeedSet:
    """Read every seed of the catalogue, file by file from `rules_dir` where it has the seed.

    Cells that do not fit their type are kept with their problem, for `check_seeds` to report.

    Raises:
        InputError: with every file that is missing, cut, undecodable or lacks a required column.
    """
    catalog = load_catalog(seeds_dir)
    replaced, notices, problems = _rules_files(catalog, rules_dir)
    tables: dict[str, SeedTable] = {}
    for name, spec in catalog.items():
        shipped = seeds_dir / spec.folder / f"{name}.csv"
        path = replaced.get(name, shipped)
        try:
            raw = read_csv(path, shown_name(spec, seeds_dir, rules_dir, name in replaced, path))
            tables[name] = build_table(spec, raw, is_shipped=name not in replaced)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return seed_set_from(catalog, tables, tuple(notices))


def seed_set_from(
    catalog: Mapping[str, SeedSpec],
    tables: Mapping[str, SeedTable],
    notices: tuple[Notice, ...] = (),
) -> SeedSet:
    """A seed set of these tables, with fields and values of conditions in canonical form."""
    collected = [*notices]
    for table in tables.values():
        collected.extend(table.notices)
    return SeedSet(catalog, canonical_conditions(tables), tuple(collected))


def shown_name(
    spec: SeedSpec, seeds_dir: Path, rules_dir: Path | None, is_replaced: bool, path: Path
) -> str:
    """The name by which people know the file of a seed."""
    if is_replaced and rules_dir is not None:
        return f"{rules_dir.resolve().name}/{path.relative_to(rules_dir).as_posix()}"
    return f"{seeds_dir.name}/{spec.folder}/{spec.name}.csv"


def rules_files(catalog: Mapping[str, SeedSpec], rules_dir: Path | None) -> dict[str, Path]:
    """The files of a rules folder by the name of the seed whose place they take.

    Raises:
        InputError: if the folder does not exist, or a seed stands in it twice.
    """
    found, _, problems = _rules_files(catalog, rules_dir)
    if problems:
        raise InputError(problems)
    return found


def _rules_files(
    catalog: Mapping[str, SeedSpec], rules_dir: Path | None
) -> tuple[dict[str, Path], list[Notice], list[Problem]]:
    if rules_dir is None:
        return {}, [], []
    if not rules_dir.is_dir():
        missing = Problem(
            message="The rules folder does not exist.",
            remedy="Check the path given with --rules.",
            file=rules_dir.name,
        )
        return {}, [], [missing]
    # A copy of the seeds folder works as well as a flat folder.
    folders = [rules_dir, *(rules_dir / name for name in _folders(catalog))]
    files = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    found: dict[str, Path] = {}
    notices: list[Notice] = []
    problems: list[Problem] = []
    for path in files:
        shown = f"{rules_dir.resolve().name}/{path.relative_to(rules_dir).as_posix()}"
        name, suffix = fold_name(path.stem), path.suffix.lower()
        if path.name.startswith((".", "~$")) or _is_companion(path) or path in folders:
            continue
        if path.is_dir() or suffix != ".csv" or name not in catalog:
            hint = did_you_mean(name, catalog) if suffix == ".csv" else ""
            notices.append(Notice(f"no seed has this name; it is ignored.{hint}", file=shown))
        elif name in found:
            problems.append(
                Problem(
                    message=f"The seed {name} stands in the folder twice.",
                    remedy="Keep one of the two files.",
                    file=shown,
                )
            )
        else:
            found[name] = path
    return found, notices, problems


def _folders(catalog: Mapping[str, SeedSpec]) -> list[str]:
    return sorted({spec.folder for spec in catalog.values()})


def _is_companion(path: Path) -> bool:
    """Documentation and descriptions may stand beside the seeds."""
    return path.suffix.lower() == ".md" or path.name.endswith("__seeds.yml")


def build_table(spec: SeedSpec, raw: RawTable, is_shipped: bool) -> SeedTable:
    """Read the cells of a raw table by the types of its seed.

    Raises:
        InputError: if a required column is missing.
    """
    missing = [
        column.name
        for column in spec.columns
        if column.is_required and column.name not in raw.header
    ]
    if missing:
        raise InputError(
            Problem(
                message="The column is missing."
                + did_you_mean(name, set(raw.header) - set(spec.column_names)),
                remedy=f"Add it to the first row; {spec.name} needs it.",
                file=raw.file,
                row=1,
                column=name,
            )
            for name in missing
        )
    places = {name: place for place, name in enumerate(raw.header)}
    problems: list[Problem] = []
    forms: set[str] = set()
    rows = []
    for number, texts in raw.rows:
        given: dict[str, str | None] = {}
        unreadable: set[str] = set()
        for column in spec.columns:
            place = places.get(column.name)
            text = texts[place] if place is not None else ""
            given[column.name] = text or None
            if not text:
                problem = _empty_problem(column, raw.file, number)
            else:
                problem = _read_into(given, column, text, raw.file, number, forms)
            if problem is not None:
                problems.append(problem)
                unreadable.add(column.name)
        cells = _with_defaults(given, spec, number)
        rows.append(SeedRow(number, cells, given, frozenset(unreadable)))
    table = SeedTable(spec, raw.file, is_shipped, tuple(rows), tuple(problems))
    notices = [
        *raw.notices,
        *_surplus_notices(spec, raw),
        *(Notice(form, file=raw.file) for form in sorted(forms)),
    ]
    return replace(table, notices=tuple(notices))


def _read_into(
    given: dict[str, str | None],
    column: SeedColumn,
    text: str,
    file: str,
    number: int,
    forms: set[str],
) -> Problem | None:
    cell = read_cell(text, column)
    if isinstance(cell, BadCell):
        return Problem(cell.message, cell.remedy, file=file, row=number, column=column.name)
    given[column.name] = cell.text
    if cell.form_notice is not None:
        forms.add(cell.form_notice)
    return None


def _empty_problem(column: SeedColumn, file: str, number: int) -> Problem | None:
    if not column.is_required:
        return None
    return Problem(
        message="The cell is empty.",
        remedy=f"Fill it: {column.description}",
        file=file,
        row=number,
        column=column.name,
    )


def _with_defaults(
    given: Mapping[str, str | None], spec: SeedSpec, number: int
) -> dict[str, str | None]:
    cells = dict(given)
    for column in spec.columns:
        if cells[column.name] is None:
            if column.is_row_number_default:
                cells[column.name] = str(number)
            elif column.default_from is not None:
                cells[column.name] = given[column.default_from]
            else:
                cells[column.name] = column.default
    return cells


def _surplus_notices(spec: SeedSpec, raw: RawTable) -> list[Notice]:
    surplus = [name for name in raw.header if name and name not in spec.column_names]
    absent = [name for name in spec.column_names if name not in raw.header]
    return [
        Notice(
            f"the column {name} is not known and is ignored.{did_you_mean(name, absent)}",
            file=raw.file,
        )
        for name in surplus
    ]
