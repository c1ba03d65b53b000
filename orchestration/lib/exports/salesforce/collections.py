"""sObject Collections: up to 200 records a call, an answer a record in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from urllib.parse import quote

from orchestration.lib.exports.crm.answers import Answer
from orchestration.lib.exports.crm.batches import BatchAnswer, RowError, unanswered
from orchestration.lib.exports.crm.calls_in_flight import Batch
from orchestration.lib.exports.crm.read_back import FoundRecord
from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow
from orchestration.lib.exports.salesforce.connection import NAME, SalesforceConnection, get
from orchestration.lib.exports.salesforce.errors import (
    DEFINITION_CODES,
    LIMIT_CODES,
    code_in,
    fields_in,
    row_error,
)

RECORD_ID = "record_id"
# Keys of one query: a query has at most 100,000 characters, its answer at most 2,000 records.
_QUERIED_KEYS = 100


class CollectionCalls:
    """What `BatchWriter` needs of Salesforce. `match_field` is an external id field, or None."""

    name = NAME
    can_look_up = True

    def __init__(
        self, connection: SalesforceConnection, object_name: str, match_field: str | None, mode: str
    ) -> None:
        self._connection = connection
        self.object_name, self.match_field = object_name, match_field
        self.is_update_only = mode == "update_only"
        self.is_create_only = mode == "create_only"

    def write(self, rows: Batch, *, is_patient: bool) -> BatchAnswer:
        """Write rows of one operation in one call.

        Raises:
            DestinationStopped: nothing more can be sent, or the mapping names what is not there.
        """
        operation = rows[0].operation
        waits = self._connection.account.waits
        path, method, body = "/composite/sobjects", "PATCH", None
        if operation == "upsert":
            path += f"/{self.object_name}/{self.match_field}"
        elif operation == "create":
            method = "POST"
        elif operation == "delete":
            method = "DELETE"
            path += f"?ids={','.join(quote(self._id_of(row)) for row in rows)}&allOrNone=false"
        if operation != "delete":
            body = {"allOrNone": False, "records": [self._record_of(row) for row in rows]}
        answer = self._connection.call(
            method,
            path,
            body=body,
            may_repeat=operation != "create",
            attempts=None if is_patient else waits.attempts_of_part,
        )
        if answer.verdict == "done":
            return self._read_rows(rows, answer)
        if answer.verdict == "refused":
            return BatchAnswer(whole=self._refusal(rows, answer))
        return unanswered(answer, self.name)

    def find(self, rows: Sequence[OutgoingRow]) -> Mapping[str, FoundRecord] | None:
        """The records of rows by key.

        The query travels in the body of a composite call: keys may be addresses, and the paths
        of calls stand in logs of servers.
        """
        found: dict[str, FoundRecord] = {}
        fields = sorted({name for row in rows for name in row.fields} - {"Id"})
        remaining = iter(rows)
        while part := list(islice(remaining, _QUERIED_KEYS)):
            records = self._query(part, fields)
            if records is None:
                return None
            found |= records
        return found

    def _query(
        self, rows: Sequence[OutgoingRow], fields: Sequence[str]
    ) -> dict[str, FoundRecord] | None:
        field = self.match_field or "Id"
        keys = ",".join(f"'{_quoted(row.key)}'" for row in rows)
        columns = ",".join(dict.fromkeys(["Id", field, *fields]))
        query = f"SELECT {columns} FROM {self.object_name} WHERE {field} IN ({keys})"  # noqa: S608
        url = f"{self._connection.account.data_path}/query?q={quote(query)}"
        body = {"compositeRequest": [{"method": "GET", "url": url, "referenceId": "found"}]}
        answer = self._connection.call("POST", "/composite", body=body)
        if answer.verdict != "done":
            return None
        results = get(answer.body, "compositeResponse")
        result = results[0] if isinstance(results, list) and results else None
        if get(result, "httpStatusCode") != 200:
            self._stop_for(code_in(get(result, "body")), [])
            return None
        records = get(get(result, "body"), "records")
        if not isinstance(records, list):
            return None
        by_key = {row.key.casefold(): row.key for row in rows}
        found: dict[str, FoundRecord] = {}
        twice: set[str] = set()
        for record in records:
            key = by_key.get(str(get(record, field)).casefold())
            remote_id = get(record, "Id")
            if key is not None and isinstance(remote_id, str):
                if key in found:
                    twice.add(key)
                found[key] = FoundRecord(
                    remote_id, {name: _text(get(record, name)) for name in fields}
                )
        # Which of two records is meant, nobody can tell.
        return {key: record for key, record in found.items() if key not in twice}

    def record_fields(self, row: OutgoingRow) -> dict[str, str | None]:
        """The fields of a record as Salesforce names them, with the field it is found by."""
        fields: dict[str, str | None] = {name: value or None for name, value in row.fields.items()}
        if row.operation == "update":
            fields["Id"] = self._id_of(row)
        elif self.match_field is not None:
            fields[self.match_field] = row.key
        return fields

    def _id_of(self, row: OutgoingRow) -> str:
        return row.key if self.match_field is None else row.remote_id or row.key

    def _record_of(self, row: OutgoingRow) -> dict[str, object]:
        fields = self.record_fields(row)
        if "Id" in fields:
            fields["id"] = fields.pop("Id")
        return {"attributes": {"type": self.object_name}, **fields}

    def _read_rows(self, rows: Batch, answer: Answer) -> BatchAnswer:
        results = answer.body if isinstance(answer.body, list) else []
        if len(results) != len(rows):
            # Answers go by their place alone, so that none of these tells of a row.
            return BatchAnswer()
        accepted: dict[str, str | None] = {}
        errors: dict[str, RowError] = {}
        for row, result in zip(rows, results, strict=True):
            remote_id = get(result, "id")
            if get(result, "success") is True and isinstance(remote_id, str) and remote_id:
                accepted[row.key] = remote_id
            elif get(result, "success") is False:
                found = get(result, "errors")
                code = code_in(found)
                self._stop_for(code, fields_in(found))
                error = row_error(code, fields_in(found), row.fields)
                if row.operation == "delete" and error.kind == "absent":
                    accepted[row.key] = row.remote_id
                else:
                    errors[row.key] = error
        return BatchAnswer(accepted, errors)

    def _refusal(self, rows: Batch, answer: Answer) -> RowError:
        names = fields_in(answer.body)
        code = "NOT_FOUND_TYPE" if answer.status == 404 else answer.code
        self._stop_for(code, names)
        return row_error(code, names, rows[0].fields)

    def _stop_for(self, code: str, names: Sequence[str]) -> None:
        if code in LIMIT_CODES:
            raise DestinationStopped(code, "Salesforce's limit of calls in 24 hours is reached.")
        if code in DEFINITION_CODES:
            what = ", ".join(sorted(names)) or f"{self.object_name} by {self.match_field or 'Id'}"
            raise DestinationStopped(
                code,
                f"Salesforce cannot write {what} ({code}). Correct the mapping in exports.yml, or "
                "create the fields and give the user of the app the right to write them.",
            )


def _quoted(text: str) -> str:
    """A text within quotes of a query."""
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
