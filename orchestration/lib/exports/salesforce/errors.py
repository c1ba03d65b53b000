"""Salesforce's errors without the values that they quote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from orchestration.lib.exports.crm.batches import RowError

_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_FIELD = re.compile(r"\w+")
# What is wrong with the mapping or the rights, and therefore with every row.
DEFINITION_CODES = frozenset(
    {
        "API_DISABLED_FOR_ORG",
        "INSUFFICIENT_ACCESS",
        "INVALID_EXTERNAL_ID_FIELD",
        "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_TYPE",
        "NOT_FOUND_TYPE",
    }
)
LIMIT_CODES = frozenset({"REQUEST_LIMIT_EXCEEDED", "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS_LIMIT"})
_BUSY = frozenset(
    {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "TXN_SECURITY_METERING_ERROR"}
)
_UNCLEAR = frozenset({"UNKNOWN_EXCEPTION", "REQUEST_RUNNING_TOO_LONG"})
_EXISTS = frozenset({"DUPLICATE_VALUE"})
_ABSENT = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})


def row_error(code: str, fields: Sequence[str], sent: Mapping[str, object]) -> RowError:
    """The error with this code; of the `fields` it names those that were sent."""
    names = sorted(set(fields) & set(sent))
    where = f" in {', '.join(names)}" if names else ""
    message = f"Salesforce refused it: {code}{where}."
    if code in _BUSY:
        return RowError("busy", code, message)
    if code in _UNCLEAR:
        return RowError("unclear", code, message)
    if code in _EXISTS:
        return RowError("exists", code, message)
    if code in _ABSENT:
        return RowError("absent", code, message)
    return RowError("rejected", code, message)


def code_in(error: object) -> str:
    """The code of an error: of a record, of a call, or at the beginning of a text."""
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict):
        for name in ("statusCode", "errorCode"):
            value = error.get(name)
            if isinstance(value, str) and _CODE.fullmatch(value):
                return value
    if isinstance(error, str):
        begin = re.match(r"\s*([A-Z][A-Z0-9_]+)\s*:", error)
        if begin is not None:
            return begin.group(1)
        job = re.match(r"\s*([A-Z][A-Za-z]+)\s*:", error)
        if job is not None:
            return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", job.group(1)).upper()
    return "UNKNOWN_ERROR"


def fields_in(error: object) -> list[str]:
    """The fields that an error names, of a record or in brackets at the end of a text."""
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict):
        fields = error.get("fields")
        return [str(name) for name in fields] if isinstance(fields, list) else []
    if isinstance(error, str) and (end := re.search(r":([\w ,]+?) ?--$", error)):
        return _FIELD.findall(end.group(1))
    return []
