"""What conditions may name: the fields of the enabled source and those of `attributes.csv`."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.lib.seeds.field_names import EVENT_PREFIX
from orchestration.lib.seeds.names import fold_name
from orchestration.lib.seeds.tables import SeedTable


@dataclass(frozen=True)
class KnownFields:
    """The names that the enabled source has, in lower case; properties without `event.`."""

    lead_fields: frozenset[str]
    event_properties: frozenset[str]


@dataclass(frozen=True)
class NamedFields:
    """What may be named: attributes of leads, properties of events, and those not allowed."""

    lead: frozenset[str]
    event: frozenset[str]
    from_scores: frozenset[str]
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
        from_scores=frozenset(from_scores),
        is_source_known=known is not None,
    )
