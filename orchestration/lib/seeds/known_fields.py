"""What conditions may name: the fields of the enabled source and those of `attributes.csv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from orchestration.lib.seeds.field_names import EVENT_PREFIX
from orchestration.lib.seeds.names import fold_name
from orchestration.lib.seeds.tables import SeedTable

COMPANY_PREFIX = "company."
# What `company` and `opted_out` of the file source give, whatever attributes.csv says (macro
# file_field_columns).
_STANDARD_FIELDS = frozenset({"company_name", "do_not_contact"})
# Computed for the agreement alone, whatever attributes.csv says (macro handoff_fields): from the
# scores, and from what sales said.
FROM_SCORES = frozenset({"grade"})
SAID_BY_SALES = frozenset({"disposition", "disposition_reason"})


@dataclass(frozen=True)
class FieldTable:
    """A raw table whose columns are fields.

    `prefix` stands before the name of the field. Where `only` is given, no other column is a field
    than those that begin so, and the field is called without it; `dropped` is left out where a
    column begins so. Columns in `keys` are none: they identify rows or stand in columns of their
    own.
    """

    prefix: str = ""
    only: str = ""
    dropped: str = ""
    keys: frozenset[str] = frozenset()

    def field(self, column: str) -> str | None:
        """The field that a column is; None for one that is none."""
        name = fold_name(column)
        if name in self.keys or not name.startswith(self.only):
            return None
        name = name.removeprefix(self.only).removeprefix(self.dropped)
        return f"{self.prefix}{name}" if name else None


_WEB_KEYS = frozenset(
    {
        "id",
        "anonymous_id",
        "user_id",
        "event",
        "event_text",
        "timestamp",
        "original_timestamp",
        "received_at",
        "sent_at",
        "loaded_at",
        "uuid_ts",
    }
)
_WEB_EVENTS = FieldTable(prefix=EVENT_PREFIX, dropped="context_", keys=_WEB_KEYS)

# By source and raw table.
FIELD_TABLES: Mapping[str, Mapping[str, FieldTable]] = {
    "file": {
        "leads": FieldTable(keys=frozenset({"lead_id"})),
        "companies": FieldTable(prefix=COMPANY_PREFIX, keys=frozenset({"company_id"})),
        "events": FieldTable(
            prefix=EVENT_PREFIX,
            keys=frozenset({"lead_id", "event_id", "event_type", "occurred_at"}),
        ),
    },
    "hubspot": {
        "contact": FieldTable(only="property_"),
        "company": FieldTable(prefix=COMPANY_PREFIX, only="property_"),
    },
    "segment": {"pages": _WEB_EVENTS, "tracks": _WEB_EVENTS},
}


@dataclass(frozen=True)
class KnownFields:
    """The names that the enabled source has, in lower case; properties without `event.`."""

    lead_fields: frozenset[str]
    event_properties: frozenset[str]


def known_fields(columns: Mapping[str, Mapping[str, Sequence[str]]]) -> KnownFields:
    """The fields that the columns give; `columns` are by source and raw table."""
    leads: set[str] = set(_STANDARD_FIELDS)
    properties: set[str] = set()
    for source, tables in columns.items():
        for table, names in tables.items():
            described = FIELD_TABLES.get(source, {}).get(table)
            if described is None:
                continue
            fields = {field for field in map(described.field, names) if field is not None}
            if described.prefix == EVENT_PREFIX:
                properties |= {field.removeprefix(EVENT_PREFIX) for field in fields}
            else:
                leads |= fields
    return KnownFields(frozenset(leads), frozenset(properties))


@dataclass(frozen=True)
class NamedFields:
    """What may be named: attributes of leads, properties of events, and those not allowed.

    No condition may name what is in `from_scores` (computed from scores) or in `said_by_sales`
    (computed for hand-offs, and no column of the source) unless it is of the agreement.
    """

    lead: frozenset[str]
    event: frozenset[str]
    from_scores: frozenset[str]
    said_by_sales: frozenset[str]
    is_source_known: bool


def named_fields(attributes: SeedTable, known: KnownFields | None) -> NamedFields:
    """The fields that conditions may name, in lower case; properties without `event.`."""
    names = {fold_name(row.cells["attribute"] or "") for row in attributes.rows}
    events = {name.removeprefix(EVENT_PREFIX) for name in names if name.startswith(EVENT_PREFIX)}
    leads = {name for name in names if not name.startswith(EVENT_PREFIX)}
    from_scores = {
        fold_name(row.cells["attribute"] or "")
        for row in attributes.rows
        if row.get("is_computed_from_scores") == "true"
    }
    return NamedFields(
        lead=frozenset(leads) | (known.lead_fields if known else frozenset()),
        event=frozenset(events) | (known.event_properties if known else frozenset()),
        from_scores=FROM_SCORES | from_scores,
        said_by_sales=SAID_BY_SALES - known.lead_fields if known else frozenset(),
        is_source_known=known is not None,
    )


def with_handoff_fields(fields: NamedFields, handoff_fields: SeedTable) -> NamedFields:
    """The same with what only the agreement may name: the grade, and what sales said last."""
    names = frozenset(fold_name(row.cells["field"] or "") for row in handoff_fields.rows)
    return replace(
        fields,
        lead=fields.lead | names,
        from_scores=frozenset(),
        said_by_sales=frozenset(),
    )
