"""What can be written as `field` in a condition, and how well it is filled."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.lib.inspection.build_file import open_build_file
from orchestration.lib.inspection.personal_fields import PersonalFields, read_personal_fields
from orchestration.lib.inspection.prepared_seeds import SeedRow, read_prepared_seed
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.serving import open_snapshot
from orchestration.lib.publishing.sql_text import identifier, literal
from orchestration.lib.seeds.field_names import EVENT_PREFIX
from orchestration.lib.seeds.known_fields import FIELD_TABLES, FieldTable
from orchestration.lib.seeds.names import fold_name
from orchestration.lib.settings import Settings, Workdir

if TYPE_CHECKING:
    import duckdb

_FREQUENT_VALUES = 5
# More different values than this are no list to choose from.
_FEW_VALUES = 50
_LONGEST_VALUE = 60
# Attributes that are read from columns of the same name, so that such a column does not take their
# place: those of the macro refined_fields, and every field of the company.
_REFINED_FIELDS = frozenset({"company_name", "company_relation", "employee_count", "prefecture"})
_COMPANY_PREFIX = "company."
# A statement with thousands of columns is slow to plan.
_COLUMNS_AT_ONCE = 100
_FIRST_ROWS = 2048


@dataclass(frozen=True)
class FrequentValue:
    """A value and the number of rows that have it."""

    value: str
    rows: int


@dataclass(frozen=True)
class Filling:
    """How a field is filled: rows of its table, those with a value, and the frequent values.

    `distinct_values` is approximate; `lowest` and `highest` are known if all values are numbers.
    Values that one row alone has are never listed.
    """

    rows: int
    known_rows: int
    distinct_values: int
    looks_like_numbers: bool = False
    looks_like_days: bool = False
    lowest: float | None = None
    highest: float | None = None
    frequent_values: tuple[FrequentValue, ...] = ()

    @property
    def known_share(self) -> Decimal:
        """Share of the rows with a value, 0 to 1, cut to four decimals."""
        return Decimal(self.known_rows * 10_000 // self.rows if self.rows else 0).scaleb(-4)


@dataclass(frozen=True)
class Field:
    """A field.

    `kind` is source, derived, measured or event; `value_type` text, number, boolean or date, of a
    column that attributes.csv does not list what its values look like. `filling` is None where the
    source has no such column. `rules` counts the scoring rules that name the field,
    `other_conditions` the exclusions and motions that do.
    """

    name: str
    kind: str
    value_type: str
    label_en: str
    label_ja: str
    is_listed: bool
    is_personal: bool
    is_multi_valued: bool
    is_allowed_in_rules: bool
    rules: int
    other_conditions: int
    filling: Filling | None

    @property
    def is_on_event(self) -> bool:
        """Whether it is a property of events."""
        return self.name.startswith(EVENT_PREFIX)

    @property
    def has_range(self) -> bool:
        """Whether all its values are numbers that may be shown."""
        filling = self.filling
        return (
            filling is not None
            and not self.is_personal
            and filling.looks_like_numbers
            and filling.distinct_values > 1
            and filling.lowest is not None
            and filling.highest is not None
        )

    @property
    def is_at_hand(self) -> bool:
        """Whether the source fills it or a condition names it."""
        return bool(
            (self.filling and self.filling.known_rows) or self.rules or self.other_conditions
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values; the share as text."""
        content = asdict(self)
        filling = content.pop("filling")
        content["rows"] = filling and filling["rows"]
        content["known_rows"] = filling and filling["known_rows"]
        content["known_share"] = None if self.filling is None else str(self.filling.known_share)
        content["distinct_values"] = filling and filling["distinct_values"]
        content["frequent_values"] = filling["frequent_values"] if filling else []
        has_range = self.filling is not None and self.has_range
        content["lowest"] = f"{filling['lowest']:.15g}" if has_range else None
        content["highest"] = f"{filling['highest']:.15g}" if has_range else None
        return content


def list_fields(
    settings: Settings, progress: Callable[[str], None] | None = None
) -> tuple[Field, ...]:
    """Every field, used ones first; `progress` hears the name of each table that is read.

    Fields that the models carry or compute are read as the rules see them, all others from the
    raw tables. A measured attribute that no condition names is computed nowhere.

    Raises:
        InputError: nothing has been built yet.
        RunFailed: a build runs.
    """
    progress = progress or (lambda _: None)
    personal = read_personal_fields(settings.workdir)
    attributes = {
        fold_name(row["attribute"] or ""): row
        for row in read_prepared_seed(settings.workdir, "reference", "attributes")
    }
    with open_build_file(settings.workdir) as connection, ExitStack() as files:
        fillings: dict[str, Filling] = {}
        given: set[str] = set()
        is_anything_there = False
        for raw in _raw_tables(connection, settings, files):
            is_anything_there = True
            progress(raw.shown_name)
            if (raw.source, raw.table) == ("file", "leads"):
                given.update(raw.columns)
            expressions = _field_expressions(raw, attributes)
            found = _fillings(raw.connection, raw.relation, expressions, personal)
            # A field that two tables have is told from the one that has it more often.
            fillings |= {
                name: filling
                for name, filling in found.items()
                if name not in fillings or filling.known_rows > fillings[name].known_rows
            }
        if not is_anything_there:
            raise InputError(
                Problem("No file has been landed yet.", "Run `leads build`, then ask again.")
            )
        carried = _carried_fields(connection)
        if carried:
            progress("int_leads")
            fillings |= _fillings(connection, "intermediate.int_leads", carried, personal)
        usage = _Usage.read(settings.workdir)
        for table, expressions in _computed_fields(connection, given, attributes, usage).items():
            progress(table)
            fillings |= _fillings(connection, f"intermediate.{table}", expressions, personal)
    names = {*fillings, *attributes, *usage.names}
    fields = [
        _field(name, attributes.get(name), fillings.get(name), usage, personal) for name in names
    ]
    return tuple(sorted(fields, key=_order))


def _order(field: Field) -> tuple[Any, ...]:
    share = field.filling.known_share if field.filling else Decimal(-1)
    return (field.is_on_event, -field.rules, -field.other_conditions, -share, field.name)


def _field(
    name: str,
    listed: SeedRow | None,
    filling: Filling | None,
    usage: _Usage,
    personal: PersonalFields,
) -> Field:
    row = listed or {}
    is_on_event = name.startswith(EVENT_PREFIX)
    return Field(
        name=name,
        kind=row.get("kind") or ("event" if is_on_event else "source"),
        value_type=(row.get("value_type") or "text") if listed else _likely_type(filling),
        label_en=row.get("label_en") or name,
        label_ja=row.get("label_ja") or name,
        is_listed=listed is not None,
        is_personal=personal.is_personal(name),
        is_multi_valued=row.get("is_multi_valued") == "true",
        is_allowed_in_rules=row.get("is_computed_from_scores") != "true",
        rules=len(usage.rules.get(name, ())),
        other_conditions=len(usage.others.get(name, ())),
        filling=filling,
    )


def _likely_type(filling: Filling | None) -> str:
    if filling is None or not filling.known_rows:
        return "text"
    if filling.looks_like_numbers:
        return "number"
    return "date" if filling.looks_like_days else "text"


@dataclass(frozen=True)
class _Usage:
    """Which rules, and which exclusions and motions, name a field."""

    rules: Mapping[str, frozenset[str]]
    others: Mapping[str, frozenset[str]]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.rules) | frozenset(self.others)

    @classmethod
    def read(cls, workdir: Workdir) -> _Usage:
        return cls(
            _owners(read_prepared_seed(workdir, "scoring", "rule_conditions"), "rule_id"),
            {
                **_owners(
                    read_prepared_seed(workdir, "reference", "exclusion_conditions"),
                    "exclusion_id",
                ),
                **_owners(read_prepared_seed(workdir, "reference", "motion_conditions"), "motion"),
            },
        )


def _owners(rows: Iterable[SeedRow], column: str) -> dict[str, frozenset[str]]:
    owners: dict[str, set[str]] = {}
    for row in rows:
        owners.setdefault(fold_name(row["field"] or ""), set()).add(row[column] or "")
    return {field: frozenset(names) for field, names in owners.items()}


@dataclass(frozen=True)
class _RawTable:
    """A raw table whose columns are fields, and the connection to the file that holds it."""

    connection: duckdb.DuckDBPyConnection
    source: str
    schema: str
    table: str
    columns: tuple[str, ...]
    fields: FieldTable

    @property
    def relation(self) -> str:
        return f"{identifier(self.schema)}.{identifier(self.table)}"

    @property
    def shown_name(self) -> str:
        return f"{self.schema}.{self.table}"


def _raw_tables(
    connection: duckdb.DuckDBPyConnection, settings: Settings, files: ExitStack
) -> Iterator[_RawTable]:
    """The tables of every source, landed or read in place, leads before companies before events."""
    for source, described in FIELD_TABLES.items():
        place = settings.place(source)
        schema = f"raw_{source}" if place is None else place.schema
        reader = connection
        if place is not None and place.database is not None:
            file = settings.attached.get(place.database)
            if source not in settings.sources or file is None:
                continue
            reader = files.enter_context(open_snapshot(file))
        found = _columns_of_schema(reader, schema)
        for table, fields in described.items():
            if table in found:
                yield _RawTable(reader, source, schema, table, found[table], fields)


def _columns_of_schema(
    connection: duckdb.DuckDBPyConnection, schema: str
) -> dict[str, tuple[str, ...]]:
    rows = connection.execute(
        """
        select lower(table_name), list(lower(column_name) order by column_index)
        from duckdb_columns()
        where database_name = current_database() and lower(schema_name) = lower(?)
        group by all
        order by all
        """,
        [schema],
    ).fetchall()
    return {table: tuple(columns) for table, columns in rows}


def _field_expressions(raw: _RawTable, attributes: Mapping[str, SeedRow]) -> dict[str, str]:
    """The SQL expression of every field that the table gives, by field."""
    expressions = {
        field: _text(column)
        for column in raw.columns
        if (field := raw.fields.field(column)) is not None
    }
    if raw.fields.prefix:
        return expressions
    for name, row in attributes.items():
        found = [
            column
            for column in dict.fromkeys(_columns_of_attribute(raw, name, row))
            if column in raw.columns
        ]
        if found and not name.startswith(EVENT_PREFIX):
            expressions[name] = f"coalesce({', '.join(map(_text, found))}, null)"
    return expressions


def _columns_of_attribute(raw: _RawTable, name: str, row: SeedRow) -> list[str]:
    """The columns that attributes.csv names for an attribute, best first."""
    if raw.source == "file":
        headers = (row.get("source_file") or "").split("|")
        return [name, *(fold_name(header) for header in headers)]
    named = fold_name(row.get(f"source_{raw.source}") or "")
    table, _, column = named.partition(".")
    return [column] if table == raw.table else []


def _text(column: str) -> str:
    return f"cast({identifier(column)} as varchar)"


def _carried_fields(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The fields that conditions name, as `int_leads` carries them."""
    rows = connection.execute(
        """
        select column_name from duckdb_columns()
        where
            schema_name = 'intermediate'
            and table_name = 'int_leads'
            and starts_with(column_name, 'lead.')
        """
    ).fetchall()
    return {name.removeprefix("lead."): identifier(name) for (name,) in rows}


def _computed_fields(
    connection: duckdb.DuckDBPyConnection,
    given: Collection[str],
    attributes: Mapping[str, SeedRow],
    usage: _Usage,
) -> dict[str, dict[str, str]]:
    """The derived and measured attributes by the model that computes them.

    `given` are the columns of the leads file; one that bears the name of an attribute takes its
    place.
    """
    rows = connection.execute(
        """
        select table_name, column_name from duckdb_columns()
        where
            schema_name = 'intermediate'
            and table_name in ('int_lead_derivations', 'int_lead_measures', 'int_lead_motions')
            and column_name not in ('lead_key', 'lead_id')
        """
    ).fetchall()
    computed: dict[str, dict[str, str]] = {}
    for table, name in rows:
        is_refined = name in _REFINED_FIELDS or name.startswith(_COMPANY_PREFIX)
        is_replaced = name in given and not is_refined
        is_unasked = table == "int_lead_measures" and name not in usage.names
        if (name in attributes or is_refined) and not is_replaced and not is_unasked:
            computed.setdefault(table, {})[name] = f"cast({identifier(name)} as varchar)"
    return computed


def _fillings(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    expressions: Mapping[str, str],
    personal: PersonalFields,
) -> dict[str, Filling]:
    fields = list(expressions)
    found: dict[str, Filling] = {}
    for first in range(0, len(fields), _COLUMNS_AT_ONCE):
        part = {field: expressions[field] for field in fields[first : first + _COLUMNS_AT_ONCE]}
        found |= _with_shapes(connection, table, part, _counted(connection, table, part))
        few = {
            field: found[field]
            for field in part
            if not personal.is_personal(field) and 0 < found[field].distinct_values <= _FEW_VALUES
        }
        found |= _with_values(connection, table, part, few)
    return found


def _counted(
    connection: duckdb.DuckDBPyConnection, table: str, expressions: Mapping[str, str]
) -> dict[str, Filling]:
    """Rows, known and distinct values: one pass over the table."""
    columns = "".join(
        f", count({sql}), approx_count_distinct({sql})" for sql in expressions.values()
    )
    row = connection.execute(f"select count(*){columns} from {table}").fetchall()[0]  # noqa: S608
    return {
        field: Filling(row[0], *row[1 + 2 * place : 3 + 2 * place])
        for place, field in enumerate(expressions)
    }


def _with_shapes(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    expressions: Mapping[str, str],
    fillings: Mapping[str, Filling],
) -> dict[str, Filling]:
    """The fillings with what their values look like.

    A cast that fails is slow, so only columns whose first rows are numbers, or days, are read to
    their end.
    """
    first_rows = f"(select * from {table} limit {_FIRST_ROWS}) as first_rows"  # noqa: S608
    numbers = _columns_of_numbers(connection, first_rows, expressions)
    numbers = _columns_of_numbers(
        connection, table, {field: expressions[field] for field in numbers}
    )
    days = _columns_of_days(connection, first_rows, expressions)
    days = _columns_of_days(connection, table, {field: expressions[field] for field in days})
    return {
        field: replace(
            filling,
            looks_like_numbers=field in numbers,
            looks_like_days=field in days,
            lowest=numbers.get(field, (None, None))[0],
            highest=numbers.get(field, (None, None))[1],
        )
        for field, filling in fillings.items()
    }


def _columns_of_numbers(
    connection: duckdb.DuckDBPyConnection, table: str, expressions: Mapping[str, str]
) -> dict[str, tuple[float | None, float | None]]:
    """The fields whose known values are all finite numbers, with the lowest and the highest."""
    if not expressions:
        return {}
    columns = ", ".join(
        f"count({sql}), count(try_cast({sql} as double)),"
        f" min(try_cast({sql} as double)), max(try_cast({sql} as double))"
        for sql in expressions.values()
    )
    row = connection.execute(f"select {columns} from {table}").fetchall()[0]  # noqa: S608
    parts = {field: row[4 * place : 4 * place + 4] for place, field in enumerate(expressions)}
    return {
        field: (lowest, highest)
        for field, (known, numbers, lowest, highest) in parts.items()
        if known == numbers
        and all(bound is None or math.isfinite(bound) for bound in (lowest, highest))
    }


def _columns_of_days(
    connection: duckdb.DuckDBPyConnection, table: str, expressions: Mapping[str, str]
) -> list[str]:
    """The fields whose known values all begin as a day does."""
    if not expressions:
        return []
    columns = ", ".join(
        f"coalesce(bool_and({sql} like '____-__-__%'), true)" for sql in expressions.values()
    )
    row = connection.execute(f"select {columns} from {table}").fetchall()[0]  # noqa: S608
    return [field for field, is_day in zip(expressions, row, strict=True) if is_day]


def _with_values(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    expressions: Mapping[str, str],
    fillings: Mapping[str, Filling],
) -> dict[str, Filling]:
    """The fillings with their frequent values: one more pass over the table."""
    if not fillings:
        return {}
    values = ", ".join(
        f"{{'field': {literal(field)}, 'counts': histogram({expressions[field]})}}"
        for field in fillings
    )
    rows = connection.execute(
        f"""
        with

        histograms as (

            select unnest([{values}], recursive := true) from {table}

        ),

        counted as (

            select field, unnest(map_entries(counts), recursive := true) from histograms

        )

        select field, key, value
        from counted
        where value > 1 and length(key) <= {_LONGEST_VALUE} and position('@' in key) = 0
        qualify row_number() over (partition by field order by value desc, key)
            <= {_FREQUENT_VALUES}
        order by field, value desc, key
        """  # noqa: S608 - quoted names
    ).fetchall()
    frequent: dict[str, list[FrequentValue]] = {}
    for field, value, count in rows:
        frequent.setdefault(field, []).append(FrequentValue(value, count))
    return {
        field: replace(filling, frequent_values=tuple(frequent.get(field, ())))
        for field, filling in fillings.items()
    }
