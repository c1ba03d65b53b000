"""The batch endpoints of one object type: rows out, answers read by trace id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from orchestration.lib.exports.crm.answers import Answer
from orchestration.lib.exports.crm.batches import BatchAnswer, RowError, unanswered
from orchestration.lib.exports.crm.calls_in_flight import Batch
from orchestration.lib.exports.crm.read_back import FoundRecord
from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow
from orchestration.lib.exports.hubspot.connection import NAME, HubSpotConnection
from orchestration.lib.exports.hubspot.errors import definition_problem, row_error

API_VERSION = "2026-03"
RECORD_ID = "record_id"
EMAIL = "email"
_SECOND_EMAILS = "hs_additional_emails"
_ENDPOINTS = {"upsert": "upsert", "update": "update", "create": "create", "delete": "archive"}
_DEFINITION_REMEDY = (
    "Correct the mapping in exports.yml, or let `leads export --set-up hubspot --apply` create it."
)


class HubSpotCalls:
    """What `BatchWriter` needs of HubSpot. `match_key` is `record_id`, `email` or a property."""

    name = NAME
    can_look_up = True

    def __init__(
        self, connection: HubSpotConnection, object_name: str, match_key: str, mode: str
    ) -> None:
        self._connection, self._match_key = connection, match_key
        self._path = f"/crm/objects/{API_VERSION}/{object_name}/batch"
        self.is_update_only = mode == "update_only"
        self.is_create_only = mode == "create_only"

    def write(self, rows: Batch, *, is_patient: bool) -> BatchAnswer:
        """Write rows of one operation in one call.

        Raises:
            DestinationStopped: nothing more can be sent, or the mapping names what is not there.
        """
        operation = rows[0].operation
        waits = self._connection.account.waits
        answer = self._connection.call(
            "POST",
            f"{self._path}/{_ENDPOINTS[operation]}",
            {"inputs": [self._input_of(row) for row in rows]},
            may_repeat=operation != "create",
            attempts=None if is_patient else waits.attempts_of_part,
        )
        if answer.verdict == "done":
            if operation == "delete":
                return BatchAnswer(accepted={row.key: row.remote_id for row in rows})
            return self._read_rows(rows, answer)
        if answer.verdict == "refused":
            return BatchAnswer(whole=self._refusal(rows, answer))
        return unanswered(answer, self.name)

    def find(self, rows: Sequence[OutgoingRow]) -> Mapping[str, FoundRecord] | None:
        """The records of rows by key, by their own id where the row has one."""
        found: dict[str, FoundRecord] = {}
        by_id = [row for row in rows if self._record_id(row) is not None]
        by_key = [row for row in rows if self._record_id(row) is None]
        for part, id_property in ((by_id, None), (by_key, self._match_key)):
            if part:
                part_found = self._read_records(part, id_property)
                if part_found is None:
                    return None
                found |= part_found
        return found

    def _read_records(
        self, rows: Sequence[OutgoingRow], id_property: str | None
    ) -> dict[str, FoundRecord] | None:
        fields = {name for row in rows for name in row.fields}
        own = {self._match_key, _SECOND_EMAILS} if id_property == EMAIL else {self._match_key}
        body: dict[str, object] = {
            "inputs": [{"id": self._record_id(row) or row.key} for row in rows],
            "properties": sorted((fields | own) - {RECORD_ID}),
        }
        if id_property is not None:
            body["idProperty"] = id_property
        answer = self._connection.call("POST", f"{self._path}/read", body)
        if answer.verdict == "refused":
            return self._read_in_halves(rows, id_property)
        if answer.verdict != "done":
            return None
        found: dict[str, FoundRecord] = {}
        records = list(_objects(answer.body, "results"))
        if answer.status == 200 and not isinstance(_get(answer.body, "results"), list):
            return None
        keys = {self._fold(self._record_id(row) or row.key): row.key for row in rows}
        for record in records:
            remote_id = _text(record.get("id"))
            properties = _texts(record.get("properties"))
            if remote_id is None:
                continue
            names = [remote_id] if id_property is None else self._names_of(properties)
            for name in names:
                if (key := keys.get(self._fold(name))) is not None:
                    found[key] = FoundRecord(remote_id, properties)
        return found

    def _read_in_halves(
        self, rows: Sequence[OutgoingRow], id_property: str | None
    ) -> dict[str, FoundRecord] | None:
        """A read that is refused: one value that HubSpot cannot read spoils the others.

        Alone, HubSpot refuses also what it does not find.
        """
        found: dict[str, FoundRecord] = {}
        middle = len(rows) // 2
        for half in (rows[:middle], rows[middle:]) if middle else ():
            records = self._read_records(half, id_property)
            if records is None:
                return None
            found |= records
        return found

    def _names_of(self, properties: Mapping[str, str | None]) -> list[str]:
        values = [properties.get(self._match_key) or ""]
        if self._match_key == EMAIL:
            values += (properties.get(_SECOND_EMAILS) or "").split(";")
        return [value.strip() for value in values if value.strip()]

    def _input_of(self, row: OutgoingRow) -> dict[str, object]:
        if row.operation == "delete":
            return {"id": row.remote_id or row.key}
        properties = {name: value or "" for name, value in row.fields.items()}
        content: dict[str, object] = {
            "properties": properties,
            "objectWriteTraceId": row.trace_id,
        }
        if row.operation == "create":
            if self._match_key != RECORD_ID:
                properties[self._match_key] = row.key
            return content
        record_id = self._record_id(row) if row.operation == "update" else None
        if record_id is not None:
            return {"id": record_id, **content}
        return {"id": row.key, "idProperty": self._match_key, **content}

    def _record_id(self, row: OutgoingRow) -> str | None:
        """HubSpot's own id of the row, where it is what the row is found by."""
        if self._match_key == RECORD_ID:
            return row.key
        return row.remote_id

    def _read_rows(self, rows: Batch, answer: Answer) -> BatchAnswer:
        """Results and errors, by trace id, by id, by the value of the key."""
        if _get(answer.body, "status") not in (None, "COMPLETE"):
            return BatchAnswer()
        by_name: dict[str, OutgoingRow] = {}
        for row in rows:
            by_name[f"trace {row.trace_id}"] = row
            by_name[f"key {self._fold(row.key)}"] = row
            if (record_id := self._record_id(row)) is not None:
                by_name[f"id {record_id}"] = row
        errors: dict[str, RowError] = {}
        for error in _objects(answer.body, "errors"):
            for row in _rows_of_error(error, by_name):
                self._stop_for_definition(error, row)
                errors[row.key] = row_error(error, answer.status, row.fields)
        accepted: dict[str, str | None] = {}
        for result in _objects(answer.body, "results"):
            remote_id = _text(result.get("id"))
            names = [
                f"trace {_text(result.get('objectWriteTraceId'))}",
                f"id {remote_id}",
                *(
                    f"key {self._fold(name)}"
                    for name in self._names_of(_texts(result.get("properties")))
                ),
            ]
            known = [by_name[name] for name in names if name in by_name]
            if known and remote_id:
                accepted[known[0].key] = remote_id
        return BatchAnswer(accepted, errors)

    def _refusal(self, rows: Batch, answer: Answer) -> RowError:
        row = rows[0]
        self._stop_for_definition(answer.body, row)
        return row_error(answer.body, answer.status, row.fields)

    def _stop_for_definition(self, error: object, row: OutgoingRow) -> None:
        if (problem := definition_problem(error, row.fields)) is not None:
            code, names = problem
            raise DestinationStopped(
                code, f"HubSpot cannot write {names} ({code}). {_DEFINITION_REMEDY}"
            )

    def _fold(self, name: str) -> str:
        return name.strip().casefold()


def _rows_of_error(
    error: Mapping[str, object], by_name: Mapping[str, OutgoingRow]
) -> Iterator[OutgoingRow]:
    context = error.get("context")
    context = context if isinstance(context, dict) else {}
    for name, kinds in (("objectWriteTraceId", ("trace",)), ("ids", ("id", "key"))):
        value = context.get(name)
        for text in value if isinstance(value, list) else [value]:
            for kind in kinds:
                folded = str(text).strip().casefold() if kind == "key" else text
                if (row := by_name.get(f"{kind} {folded}")) is not None:
                    yield row


def _objects(body: object, name: str) -> Iterator[dict[str, object]]:
    found = _get(body, name)
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, dict))


def _get(body: object, name: str) -> object:
    return body.get(name) if isinstance(body, dict) else None


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: object) -> dict[str, str | None]:
    if not isinstance(value, dict):
        return {}
    return {
        str(name): None if each is None else each if isinstance(each, str) else str(each)
        for name, each in value.items()
    }
