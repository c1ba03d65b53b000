"""HubSpot's errors without the values that they quote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from orchestration.lib.exports.crm.batches import RowError

_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_PREFIX = "Property values were not valid: "
# Every row has the fields of the mapping, so that one row tells for all.
DEFINITION_CODES = frozenset(
    {"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE", "INVALID_OBJECT_TYPE", "MISSING_SCOPES"}
)
_EXISTS = frozenset({"CONFLICT", "OBJECT_ALREADY_EXISTS", "DUPLICATE_UNIQUE_PROPERTY_VALUE"})
_ABSENT = frozenset({"OBJECT_NOT_FOUND", "NOT_FOUND", "RESOURCE_NOT_FOUND"})
_BUSY = frozenset({"RATE_LIMITS", "RATE_LIMIT", "LOCKED", "LOCK_CONTENTION"})
_UNCLEAR = frozenset({"INTERNAL_ERROR", "SERVER_ERROR", "TIMEOUT"})
_CONFLICT_STATUS, _NOT_FOUND_STATUS = 409, 404


def row_error(error: object, status: int, fields: Mapping[str, object]) -> RowError:
    """The error of one row or of a batch, named by codes and by properties that were sent."""
    codes = list(_codes(error))
    code = codes[0] if codes else f"HTTP_{status}"
    names = sorted({name for name in _property_names(error) if name in fields})
    where = f" in {', '.join(names)}" if names else ""
    message = f"HubSpot refused it: {', '.join(dict.fromkeys(codes)) or code}{where}."
    found = set(codes)
    if found & _UNCLEAR:
        return RowError("unclear", code, message)
    if found & _BUSY:
        return RowError("busy", code, message)
    if found & _EXISTS or (status == _CONFLICT_STATUS and not codes):
        return RowError("exists", code, message)
    if found & _ABSENT or (status == _NOT_FOUND_STATUS and not codes):
        return RowError("absent", code, message)
    return RowError("rejected", code, message)


def error_code(body: object) -> str | None:
    """The most telling code of an error body."""
    return next(_codes(body), None)


def definition_problem(error: object, fields: Mapping[str, object]) -> tuple[str, str] | None:
    """Code and names of properties, if the error is one of the mapping and not of a row."""
    for code in _codes(error):
        if code in DEFINITION_CODES:
            names = sorted({name for name in _property_names(error) if name in fields})
            return code, ", ".join(names) or "a property"
    return None


def _codes(error: object) -> Iterator[str]:
    """Codes from the particular to the general."""
    for detail in _details(error):
        for name in ("code", "error", "subCategory"):
            yield from _code_of(detail.get(name))
    if isinstance(error, dict):
        for name in ("subCategory", "category", "errorType"):
            yield from _code_of(error.get(name))


def _code_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        # "crm.PROPERTY_DOESNT_EXIST" and "CrmObjectError.X" bear their kind before the dot.
        last = value.rpartition(".")[2]
        if _CODE.fullmatch(last):
            yield last


def _property_names(error: object) -> Iterator[str]:
    for detail in (*_details(error), *([error] if isinstance(error, dict) else [])):
        if isinstance(name := detail.get("name"), str):
            yield name
        context = detail.get("context")
        if isinstance(context, dict):
            for key in ("propertyName", "propertyNames", "name"):
                value = context.get(key)
                values = value if isinstance(value, list) else [value]
                yield from (name for name in values if isinstance(name, str))


def _details(error: object) -> list[dict[str, object]]:
    """The single errors within an error: a list, or one that the message quotes as JSON."""
    if not isinstance(error, dict):
        return []
    found = error.get("errors")
    details = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    message = error.get("message")
    if isinstance(message, str) and message.startswith(_PREFIX):
        try:
            quoted = json.loads(message.removeprefix(_PREFIX))
        except (ValueError, RecursionError):
            quoted = []
        if isinstance(quoted, list):
            details += [each for each in quoted if isinstance(each, dict)]
    return details
