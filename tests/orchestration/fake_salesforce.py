"""A small Salesforce: tokens, sObject Collections, queries and Bulk API 2.0, with faults."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import jwt

from tests.orchestration.fake_server import FakeServer, Reply, Request

CLIENT_ID = "3MVG9.fake"
CLIENT_SECRET = "9F8E7D6C-fake"  # noqa: S105 - of the fake alone
USERNAME = "leads@example.com"
VERSION = "64.0"
AUDIENCE = "https://login.salesforce.com"
_QUERY = re.compile(r"SELECT ([\w,]+) FROM (\w+) WHERE (\w+) IN \((.*)\)", re.DOTALL)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


@dataclass
class Job:
    """A job of Bulk API 2.0."""

    body: dict[str, Any]
    rows: list[dict[str, str]] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    state: str = "Open"
    polls: int = 0
    succeeded: list[dict[str, str]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    unprocessed: list[dict[str, str]] = field(default_factory=list)


class FakeSalesforce(FakeServer):
    """Salesforce with a memory.

    `poison` maps values to the code with which a record that bears them is refused, `locks` keys
    to how often their record is locked. `calls_left` is what the limit of 24 hours leaves.
    `polls_until_done` is how often a job is in progress, `job_ends_after` the rows after which a
    job fails.
    """

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, dict[str, Any]]] = {"Lead": {}, "Contact": {}}
        self.fields = {"Id", "Email", "LS_Lead_Id__c", "LS_Grade__c", "LS_Fit_Score__c"}
        self.external_ids = {"LS_Lead_Id__c", "Email"}
        self.poison: dict[str, str] = {}
        self.locks: dict[str, int] = {}
        self.calls_left: int | None = None
        self.polls_until_done = 1
        self.job_ends_after: int | None = None
        self.public_key: Any = None
        self.token_number = 0
        self.jobs: dict[str, Job] = {}
        self.writes = 0
        self._ids = itertools.count(1)
        self._index: dict[tuple[str, str | None, object], dict[str, None]] = {}

    # State that tests set up and look at

    def add(self, kind: str = "Lead", **fields: str | None) -> str:
        record_id = f"00Q{next(self._ids):012d}AAA"
        self.records[kind][record_id] = {"Id": record_id, **fields}
        self._remember(kind, record_id, fields)
        return record_id

    def held(self, name: str, value: str, kind: str = "Lead") -> list[dict[str, Any]]:
        return [each for each in self.records[kind].values() if each.get(name) == value]

    def expire_token(self) -> None:
        self.token_number += 1

    @property
    def token(self) -> str:
        return f"00Dfake!AQ{self.token_number}"

    # Answers

    def refusal(self, request: Request) -> Reply | None:
        if request.path == "/services/oauth2/token":
            return None
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if self.calls_left is not None:
            if self.calls_left <= 0:
                return _error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self.calls_left -= 1
        return None

    def answer(self, request: Request) -> Reply:
        if request.path == "/services/oauth2/token":
            return self._give_token(parse_qs(request.content.decode()))
        prefix = f"/services/data/v{VERSION}/"
        assert request.path.startswith(prefix), request.path
        match [request.method, *request.path.removeprefix(prefix).split("/")]:
            case ["PATCH" | "POST" | "DELETE", "composite", "sobjects", *rest]:
                return self._collection(request, rest)
            case ["POST", "composite"]:
                return self._composite(request.body)
            case ["POST", "jobs", "ingest"]:
                job_id = f"750{next(self._ids):015d}"
                self.jobs[job_id] = Job(request.body)
                return Reply(200, {"id": job_id, "state": "Open"})
            case [method, "jobs", "ingest", job_id, *rest] if job_id in self.jobs:
                return self._job(method, self.jobs[job_id], rest, request)
        return _error(404, "NOT_FOUND", "The requested resource does not exist")

    def _give_token(self, form: dict[str, list[str]]) -> Reply:
        grant = form["grant_type"][0]
        if grant == "client_credentials":
            if (form["client_id"], form["client_secret"]) != ([CLIENT_ID], [CLIENT_SECRET]):
                return Reply(400, {"error": "invalid_client", "error_description": "no"})
        else:
            assert grant == "urn:ietf:params:oauth:grant-type:jwt-bearer"
            try:
                claims = jwt.decode(
                    form["assertion"][0], self.public_key, ["RS256"], audience=AUDIENCE
                )
            except jwt.PyJWTError:
                return Reply(400, {"error": "invalid_grant", "error_description": "no"})
            assert (claims["iss"], claims["sub"]) == (CLIENT_ID, USERNAME)
        self.token_number += 1
        return Reply(200, {"access_token": self.token, "instance_url": self.url})

    def _collection(self, request: Request, rest: list[str]) -> Reply:
        if request.method == "DELETE":
            ids = parse_qs(request.query)["ids"][0].split(",")
            results = [self._delete(record_id) for record_id in ids]
            return Reply(200, results)
        body = request.body
        assert body["allOrNone"] is False
        assert 0 < len(body["records"]) <= 200
        results = []
        for record in body["records"]:
            fields = dict(record)
            kind = fields.pop("attributes")["type"]
            if kind not in self.records:
                return _error(404, "NOT_FOUND", "The requested resource does not exist")
            if rest and rest[1] not in self.external_ids:
                return _error(400, "INVALID_FIELD", f"No such column '{rest[1]}'")
            name = rest[1] if rest else ("Id" if request.method == "PATCH" else None)
            if "id" in fields:
                fields["Id"] = fields.pop("id")
            results.append(self._write(kind, name, fields))
        return Reply(200, results)

    def _delete(self, record_id: str) -> dict[str, Any]:
        if self.records["Lead"].pop(record_id, None) is None:
            return _failed("ENTITY_IS_DELETED", [])
        return {"id": record_id, "success": True, "errors": []}

    def _write(self, kind: str, key_name: str | None, fields: dict[str, Any]) -> dict[str, Any]:
        """Write one record; `key_name` is the field it is found by, None to create it."""
        for name, value in fields.items():
            if name not in self.fields:
                return _failed("INVALID_FIELD", [name])
            if value in self.poison:
                return _failed(self.poison[value], [name])
        key = fields.get(key_name or "LS_Lead_Id__c")
        if self.locks.get(str(key), 0) > 0:
            self.locks[str(key)] -= 1
            return _failed("UNABLE_TO_LOCK_ROW", [])
        found = [self.records[kind][each] for each in self._named(kind, key_name, key)]
        if len(found) > 1:
            return _failed("MULTIPLE_CHOICES", [])
        if key_name == "Id" and not found:
            return _failed("INVALID_CROSS_REFERENCE_KEY", [])
        if key_name is None and self._named(kind, "LS_Lead_Id__c", key):
            return _failed("DUPLICATE_VALUE", ["LS_Lead_Id__c"])
        record_id = found[0]["Id"] if found else self.add(kind)
        values = {name: value for name, value in fields.items() if name != "Id"}
        self.records[kind][record_id] |= values
        self._remember(kind, record_id, values)
        self.writes += 1
        return {"id": record_id, "success": True, "errors": [], "created": not found}

    def _named(self, kind: str, name: str | None, key: object) -> list[str]:
        """Ids of the records whose field has the value, those that are still there."""
        if name == "Id":
            return [str(key)] if key in self.records[kind] else []
        known = self._index.get((kind, name, key), {}) if key else {}
        return [each for each in known if self.records[kind].get(each, {}).get(name) == key]

    def _remember(self, kind: str, record_id: str, fields: Mapping[str, object]) -> None:
        for name in self.external_ids & set(fields):
            self._index.setdefault((kind, name, fields[name]), {})[record_id] = None

    def _composite(self, body: dict[str, Any]) -> Reply:
        answers = []
        for each in body["compositeRequest"]:
            path, _, query = each["url"].partition("?q=")
            assert path == f"/services/data/v{VERSION}/query"
            answers.append({**self._query(unquote(query)), "referenceId": each["referenceId"]})
        return Reply(200, {"compositeResponse": answers})

    def _query(self, query: str) -> dict[str, Any]:
        parts = _QUERY.fullmatch(query)
        assert parts is not None, "a query that cannot be read"
        columns, kind, name, list_of_keys = parts.groups()
        if unknown := set(columns.split(",")) - self.fields:
            body = [{"errorCode": "INVALID_FIELD", "message": f"No such column {unknown}"}]
            return {"httpStatusCode": 400, "body": body}
        keys = {re.sub(r"\\(.)", r"\1", key) for key in _QUOTED.findall(list_of_keys)}
        assert len(keys) <= 100
        records = [
            {column: self.records[kind][found].get(column) for column in columns.split(",")}
            for key in sorted(keys)
            for found in self._named(kind, name, key)
        ]
        return {"httpStatusCode": 200, "body": {"totalSize": len(records), "records": records}}

    # Bulk API 2.0

    def _job(self, method: str, job: Job, rest: list[str], request: Request) -> Reply:
        results: dict[str, Callable[[], str]] = {
            "successfulResults": lambda: _csv(
                ["sf__Id", "sf__Created", *job.header], job.succeeded
            ),
            "failedResults": lambda: _csv(["sf__Id", "sf__Error", *job.header], job.failed),
            "unprocessedrecords": lambda: _csv(job.header, job.unprocessed),
        }
        match [method, *rest]:
            case ["PUT", "batches"]:
                assert request.headers["content-type"] == "text/csv"
                reader = csv.DictReader(io.StringIO(request.content.decode(), newline=""))
                job.rows, job.header = list(reader), list(reader.fieldnames or [])
                return Reply(201)
            case ["PATCH"]:
                if job.state != "Open":
                    return _error(400, "INVALIDJOBSTATE", "the job is closed")
                job.state = request.body["state"]
            case ["GET"]:
                job.polls += 1
                if job.state == "UploadComplete" and job.polls > self.polls_until_done:
                    self._run(job)
            case ["GET", name]:
                return Reply(200, text=results[name]())
        error = "InvalidBatch : Field name not found : LS_Wrong__c"
        return Reply(
            200, {"state": job.state, "errorMessage": error if job.state == "Failed" else ""}
        )

    def _run(self, job: Job) -> None:
        """Do the work of a job, its rows in an order of their own."""
        if not set(job.header) <= self.fields:
            job.state = "Failed"
            return
        rows = list(reversed(job.rows))
        stop = len(rows) if self.job_ends_after is None else self.job_ends_after
        operation = job.body["operation"]
        name = {"upsert": job.body.get("externalIdFieldName"), "update": "Id"}.get(operation)
        for row in rows[:stop]:
            fields = {k: None if v == "#N/A" else v for k, v in row.items() if v != ""}
            result = self._write(job.body["object"], name, fields)
            if result["success"]:
                created = json.dumps(result["created"])
                job.succeeded.append({"sf__Id": result["id"], "sf__Created": created, **row})
            else:
                error = result["errors"][0]
                names = ",".join(error["fields"])
                text = f"{error['statusCode']}:{error['message']}:{names} --"
                job.failed.append({"sf__Id": "", "sf__Error": text, **row})
        job.unprocessed = rows[stop:]
        job.state = "JobComplete" if stop >= len(rows) else "Failed"


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, [{"errorCode": code, "message": message}])


def _failed(code: str, fields: list[str]) -> dict[str, Any]:
    """A refused record; the message quotes a value, as those of Salesforce do."""
    error = {"statusCode": code, "message": "bad value: taro@hostile.example", "fields": fields}
    return {"success": False, "errors": [error]}


def _csv(header: list[str], rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
