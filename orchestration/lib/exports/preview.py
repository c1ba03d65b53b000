"""Some rows that an export would send, for the eyes of a person."""

from __future__ import annotations

import json
from collections.abc import Mapping

import duckdb

from orchestration.lib.exports.results import FieldChange, RowChange
from orchestration.lib.exports.sync import FieldMapping
from orchestration.lib.inspection.personal_fields import PersonalFields, read_personal_fields
from orchestration.lib.settings import Settings

EXAMPLES = 10
_HIDDEN = "(personal)"


def read_examples(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    mapping: Mapping[str, FieldMapping],
    *,
    shows_values: bool,
) -> tuple[RowChange, ...]:
    """The first rows of the table `plan` that would be sent, each field with old and new value.

    A value of a personal field is only shown where that was asked for.
    """
    rows = connection.execute(
        "select row_key, action, acked_fields, fields from plan where seq is not null"
        " order by seq limit ?",
        [EXAMPLES],
    ).fetchall()
    personal = read_personal_fields(settings.workdir)
    return tuple(
        RowChange(str(key), str(action), _changes(old, new, mapping, personal, shows_values))
        for key, action, old, new in rows
    )


def _changes(
    old_fields: str | None,
    new_fields: str,
    mapping: Mapping[str, FieldMapping],
    personal: PersonalFields,
    shows_values: bool,
) -> tuple[FieldChange, ...]:
    old: dict[str, str | None] = json.loads(old_fields) if old_fields else {}
    new: dict[str, str | None] = json.loads(new_fields)

    def shown(name: str, value: str | None) -> str | None:
        is_hidden = not shows_values and personal.is_personal(mapping[name].column)
        return _HIDDEN if is_hidden and value is not None else value

    return tuple(
        FieldChange(name, shown(name, old.get(name)), shown(name, new.get(name)))
        for name in mapping
        if old.get(name) != new.get(name)
    )
