"""What can be written as `field` in a condition, and how well it is filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from orchestration.lib.inspection.build_file import open_build_file
from orchestration.lib.inspection.field_fillings import Filling, read_fillings
from orchestration.lib.inspection.field_tables import (
    carried_fields,
    computed_fields,
    field_expressions,
    raw_tables,
)
from orchestration.lib.inspection.personal_fields import PersonalFields, read_personal_fields
from orchestration.lib.inspection.prepared_seeds import SeedRow, read_prepared_seed
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.seeds.field_names import EVENT_PREFIX
from orchestration.lib.seeds.known_fields import FROM_SCORES, SAID_BY_SALES
from orchestration.lib.seeds.names import fold_name
from orchestration.lib.settings import Settings, Workdir


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
        for raw in raw_tables(connection, settings, files):
            is_anything_there = True
            progress(raw.shown_name)
            if (raw.source, raw.table) == ("file", "leads"):
                given.update(raw.columns)
            expressions = field_expressions(raw, attributes)
            found = read_fillings(raw.connection, raw.relation, expressions, personal)
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
        carried = carried_fields(connection)
        if carried:
            progress("int_leads")
            fillings |= read_fillings(connection, "intermediate.int_leads", carried, personal)
        usage = _Usage.read(settings.workdir)
        computed = computed_fields(connection, given, attributes, usage.names)
        for table, expressions in computed.items():
            progress(table)
            # Beside the leads of the day a table may hold leads of past days, under other keys.
            key = "version_key" if table == "int_lead_derivations" else "lead_key"
            keys = "select lead_key from intermediate.int_leads"
            leads = f"(from intermediate.{table} where {key} in ({keys}))"
            fillings |= read_fillings(connection, leads, expressions, personal)
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
        is_allowed_in_rules=(
            row.get("is_computed_from_scores") != "true"
            and name not in FROM_SCORES
            and (name not in SAID_BY_SALES or filling is not None)
        ),
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
