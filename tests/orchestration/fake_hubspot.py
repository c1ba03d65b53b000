"""A small HubSpot: contacts and companies, properties and limits, with faults on demand.

Requests are held against `hubspot_openapi.yaml`, and so are the answers of a server that works: a
request that HubSpot would not understand fails the test, whatever the answer.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from tests.orchestration.fake_server import FakeServer, Reply, Request

SPECIFICATION = Path(__file__).parent / "hubspot_openapi.yaml"
TOKEN = "pat-fake-4f1c2d"  # noqa: S105 - of the fake alone
API = "2026-03"
MOST_INPUTS = 100


@cache
def specification() -> OpenAPI:
    return OpenAPI.from_file_path(str(SPECIFICATION))


def text_property(name: str, **more: object) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        "options": [],
        "hubspotDefined": not name.startswith("ls_"),
        **more,
    }


def lead_status() -> dict[str, Any]:
    """The property that sales works with, with the options that HubSpot ships."""
    values = ("NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT")
    options = [
        {"label": value.capitalize(), "value": value, "displayOrder": order, "hidden": False}
        for order, value in enumerate((*values, "CONNECTED", "BAD_TIMING"))
    ]
    return text_property("hs_lead_status", type="enumeration", fieldType="radio", options=options)


def error(category: str, code: str | None = None, *names: str, **more: Any) -> dict[str, Any]:
    """An error body; its message quotes a value, as those of HubSpot do."""
    content: dict[str, Any] = {
        "status": "error",
        "message": 'Property values were not valid: "taro@hostile.example" is none',
        "correlationId": "c033cdaa-2c40-4a64-ae48-b4cec88dad24",
        "category": category,
    }
    if code:
        content["errors"] = [
            {"message": "taro@hostile.example", "code": code, "context": {"propertyName": names}}
        ]
    return content | more


class FakeHubSpot(FakeServer):
    """HubSpot with a memory.

    `poison` maps values to the code with which a row that bears them is refused: with
    `is_multi_status` alone, else with its whole batch. `bucket` is (calls, seconds), `daily_limit`
    how many calls may still be made. What is `is_strict` looks at every request and answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, dict[str, str]]] = {"contacts": {}, "companies": {}}
        self.properties: dict[str, dict[str, dict[str, Any]]] = {
            kind: {
                name: text_property(name, hasUniqueValue=name in ("email", "ls_lead_id"))
                for name in (
                    *("email", "hs_additional_emails", "firstname", "name"),
                    *("ls_lead_id", "ls_grade", "ls_score", "ls_reason"),
                )
            }
            for kind in self.records
        }
        for kind in self.records:
            self.properties[kind]["hs_lead_status"] = lead_status()
        self.groups: dict[str, list[str]] = {kind: ["contactinformation"] for kind in self.records}
        self.poison: dict[str, str] = {}
        self.is_multi_status = True
        self.tells_trace_ids = True
        self.bucket: tuple[int, float] | None = None
        self.daily_limit: int | None = None
        self.token = TOKEN
        self.is_strict = True
        self.writes: list[tuple[str, str]] = []
        self.misunderstood: list[str] = []
        self.too_many = 0
        self._ids = itertools.count(100000)
        self._index: dict[tuple[str, str, str], str] = {}
        self._calls: deque[float] = deque()
        self._kinds_of_answers: Counter[tuple[str, int]] = Counter()

    # State that tests set up and look at

    def add(self, kind: str = "contacts", **properties: str) -> str:
        record_id = str(next(self._ids))
        self.records[kind][record_id] = {"hs_object_id": record_id, **properties}
        self._remember(kind, record_id, properties)
        return record_id

    def held(self, name: str, value: str, kind: str = "contacts") -> list[dict[str, str]]:
        """The records whose property has the value."""
        return [each for each in self.records[kind].values() if each.get(name) == value]

    # Answers

    def refusal(self, request: Request) -> Reply | None:
        self._hold_against_specification(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401, error("INVALID_AUTHENTICATION"))
        if self.daily_limit is not None:
            if self.daily_limit <= 0:
                return Reply(429, limit_body("DAILY"))
            self.daily_limit -= 1
        if self.bucket is not None:
            calls, seconds = self.bucket
            while self._calls and self._calls[0] <= request.at - seconds:
                self._calls.popleft()
            if len(self._calls) >= calls:
                self.too_many += 1
                return Reply(429, limit_body("TEN_SECONDLY_ROLLING"))
            self._calls.append(request.at)
        return None

    def answer(self, request: Request) -> Reply:
        reply = self._answer(request)
        self._hold_answer_against_specification(request, reply)
        return reply

    def _answer(self, request: Request) -> Reply:
        match request.path.strip("/").split("/"):
            case ["crm", "objects", version, kind, "batch", action] if version == API:
                return self._batch(kind, action, request.body)
            case ["crm", "properties", version, kind] if version == API:
                return self._properties(kind, request)
            case ["crm", "properties", version, kind, "groups"] if version == API:
                return self._groups(kind, request)
            case ["crm", "properties", version, kind, name] if version == API:
                return self._change_property(kind, name, request)
        return Reply(404, error("OBJECT_NOT_FOUND"))

    def _batch(self, kind: str, action: str, body: dict[str, Any]) -> Reply:
        if kind not in self.records:
            return Reply(400, error("VALIDATION_ERROR", "INVALID_OBJECT_TYPE"))
        inputs = body["inputs"]
        ids = [each["id"] for each in inputs if "id" in each]
        if len(inputs) > MOST_INPUTS or len(set(ids)) < len(ids):
            return Reply(400, error("VALIDATION_ERROR"))
        if action == "read":
            return self._read(kind, body)
        if action == "archive":
            for each in inputs:
                self._forget(kind, each["id"])
            return Reply(204)
        problems = [self._problem(kind, action, each) for each in inputs]
        if (refused := [each for each in problems if each]) and not self.is_multi_status:
            return Reply(409 if refused[0]["category"] == "CONFLICT" else 400, refused[0])
        results, errors = [], []
        for each, problem in zip(inputs, problems, strict=True):
            # Records that the same batch has just made are there for the rows after them.
            problem = problem or self._problem(kind, action, each)
            if problem is not None:
                context = {"objectWriteTraceId": [each["objectWriteTraceId"]]}
                errors.append({**problem, "context": context})
            else:
                results.append(self._write(kind, action, each))
        content = {**_frame(), "results": results}
        if errors:
            return Reply(207, {**content, "numErrors": len(errors), "errors": errors})
        return Reply(201 if action == "create" else 200, content)

    def _forget(self, kind: str, record_id: str) -> None:
        self.records[kind].pop(record_id, None)
        self._index = {key: held for key, held in self._index.items() if held != record_id}

    def _find(self, kind: str, row: dict[str, Any]) -> str | None:
        if (id_property := row.get("idProperty")) is None:
            return row["id"] if row["id"] in self.records[kind] else None
        return self._index.get((kind, id_property, row["id"].casefold()))

    def _remember(self, kind: str, record_id: str, properties: dict[str, str]) -> None:
        """Make a record known by its unique values."""
        for name, value in properties.items():
            if name == "hs_additional_emails":
                for second in filter(None, value.split(";")):
                    self._index[kind, "email", second.casefold()] = record_id
            elif value and self.properties[kind].get(name, {}).get("hasUniqueValue"):
                self._index[kind, name, value.casefold()] = record_id

    def _problem(self, kind: str, action: str, row: dict[str, Any]) -> dict[str, Any] | None:
        id_property = row.get("idProperty")
        known = self.properties[kind]
        for name, value in row["properties"].items():
            if name not in known:
                return error("VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST", name)
            if value in self.poison:
                return error("VALIDATION_ERROR", self.poison[value], name)
            if value and (problem := _value_problem(known[name], value)):
                return error("VALIDATION_ERROR", problem, name)
        if row.get("id") in self.poison:
            return error("VALIDATION_ERROR", self.poison[row["id"]])
        if id_property and not known.get(id_property, {}).get("hasUniqueValue"):
            return error("VALIDATION_ERROR", "NON_UNIQUE_PROPERTY")
        if action in ("upsert", "update") and id_property == "email":
            return error("VALIDATION_ERROR", "PARTIAL_UPSERT_UNSUPPORTED")
        if action == "update" and self._find(kind, row) is None:
            return error("OBJECT_NOT_FOUND")
        if action == "create":
            for name, value in row["properties"].items():
                if known[name].get("hasUniqueValue") and self._find(
                    kind, {"id": value, "idProperty": name}
                ):
                    return error("CONFLICT")
        return None

    def _write(self, kind: str, action: str, row: dict[str, Any]) -> dict[str, Any]:
        record_id = None if action == "create" else self._find(kind, row)
        is_new = record_id is None
        if record_id is None:
            own = {} if action == "create" else {row["idProperty"]: row["id"]}
            record_id = self.add(kind, **own)
        record = self.records[kind][record_id]
        for name, value in row["properties"].items():
            record[name] = value.lower() if name == "email" else value
        self._remember(kind, record_id, row["properties"])
        self.writes.append((record_id, row["objectWriteTraceId"]))
        result = {
            "id": record_id,
            "properties": dict(record),
            "createdAt": "2026-10-31T00:00:00.000Z",
            "updatedAt": "2026-10-31T00:00:00.000Z",
            "archived": False,
        }
        if self.tells_trace_ids:
            result["objectWriteTraceId"] = row["objectWriteTraceId"]
        if action == "upsert":
            result["new"] = is_new
        return result

    def _read(self, kind: str, body: dict[str, Any]) -> Reply:
        results, missing = [], []
        for each in body["inputs"]:
            record_id = self._find(kind, {**each, "idProperty": body.get("idProperty")})
            if record_id is None:
                missing.append(each["id"])
                continue
            record = self.records[kind][record_id]
            wanted = {name: record.get(name) for name in body["properties"]}
            results.append({"id": record_id, "properties": wanted, "archived": False})
        content = {**_frame(), "results": results}
        if not missing:
            return Reply(200, content)
        errors = [{**error("OBJECT_NOT_FOUND"), "context": {"ids": missing}}]
        return Reply(207, {**content, "numErrors": len(errors), "errors": errors})

    def _properties(self, kind: str, request: Request) -> Reply:
        known = self.properties[kind]
        if request.method == "GET":
            return Reply(200, {"results": list(known.values())})
        created = request.body
        if created["name"] in known:
            return Reply(409, error("OBJECT_ALREADY_EXISTS"))
        if created["groupName"] not in self.groups[kind]:
            return Reply(400, error("VALIDATION_ERROR", "PROPERTY_GROUP_DOES_NOT_EXIST"))
        known[created["name"]] = {"options": [], "hubspotDefined": False, **created}
        return Reply(201, known[created["name"]])

    def _change_property(self, kind: str, name: str, request: Request) -> Reply:
        if name not in self.properties[kind]:
            return Reply(404, error("OBJECT_NOT_FOUND"))
        self.properties[kind][name] |= request.body
        return Reply(200, self.properties[kind][name])

    def _groups(self, kind: str, request: Request) -> Reply:
        if request.method == "GET":
            groups = [{"name": name, "label": name} for name in self.groups[kind]]
            return Reply(200, {"results": groups})
        if request.body["name"] in self.groups[kind]:
            return Reply(409, error("OBJECT_ALREADY_EXISTS"))
        self.groups[kind].append(request.body["name"])
        return Reply(201, request.body)

    # The specification

    def _hold_against_specification(self, request: Request) -> None:
        if not self.is_strict:
            return
        try:
            specification().validate_request(_as_openapi(request))
        except OpenAPIError as problem:
            self.misunderstood.append(f"{request.method} {request.path}: {_said(problem)}")

    def _hold_answer_against_specification(self, request: Request, reply: Reply) -> None:
        kind = (request.path, reply.status)
        self._kinds_of_answers[kind] += 1
        # Answers of one kind are made alike; a hundred rows take their time to look at.
        if reply.status == 204 or not self.is_strict or self._kinds_of_answers[kind] > 3:
            return
        response = MockResponse(data=reply.content, status_code=reply.status)
        try:
            specification().validate_response(_as_openapi(request), response)
        except OpenAPIError as problem:
            self.misunderstood.append(f"answer to {request.path}: {_said(problem)}")


def limit_body(policy: str) -> dict[str, Any]:
    return {
        "status": "error",
        "message": "You have reached your limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "c033cdaa-2c40-4a64-ae48-b4cec88dad24",
        "policyName": policy,
    }


def _frame() -> dict[str, Any]:
    moment = "2026-10-31T00:00:00.000Z"
    return {"status": "COMPLETE", "startedAt": moment, "completedAt": moment}


def _value_problem(definition: dict[str, Any], value: str) -> str | None:
    if definition["type"] == "number":
        return None if value.replace(".", "", 1).lstrip("-").isdigit() else "INVALID_INTEGER"
    if definition["type"] == "enumeration":
        options = [option["value"] for option in definition["options"]]
        return None if value in options else "INVALID_OPTION"
    return None


def _as_openapi(request: Request) -> MockRequest:
    return MockRequest(
        "https://api.hubapi.com",
        request.method.lower(),
        request.path,
        headers=dict(request.headers),
        data=request.content or None,
        content_type=request.headers.get("content-type", ""),
    )


def _said(problem: BaseException) -> str:
    causes = [problem, problem.__cause__]
    details = getattr(problem.__cause__, "schema_errors", None) or ()
    return "; ".join(str(each) for each in (*causes, *list(details)[:3]) if each)
