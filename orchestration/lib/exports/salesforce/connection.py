"""Calls of the Salesforce REST API: one reader of every status."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx

from orchestration.lib.exports.crm.answers import Answer, patiently, seconds_of
from orchestration.lib.exports.crm.circuit import Circuit
from orchestration.lib.exports.crm.environment import is_loopback
from orchestration.lib.exports.destination import DestinationStopped
from orchestration.lib.exports.salesforce.account import SalesforceAccount
from orchestration.lib.exports.salesforce.errors import LIMIT_CODES, code_in
from orchestration.lib.exports.salesforce.session import Session, Token

NAME = "Salesforce"
# The limit counts the calls of the last 24 hours, so that some are free again after one hour.
_LIMIT_REST = timedelta(hours=1)
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _UNAVAILABLE = 401, 403, 429, 503


class SalesforceConnection:
    """One organisation. `stop` ends every wait."""

    def __init__(self, account: SalesforceAccount) -> None:
        self.account = account
        self.stop = threading.Event()
        self.circuit = Circuit()
        self._client = httpx.Client(
            timeout=httpx.Timeout(120.0, connect=10.0),
            limits=httpx.Limits(max_connections=account.calls_in_flight + 1),
            trust_env=not is_loopback(account.base_url),
        )
        self._session = Session(account, self._client, self.stop)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: bytes | None = None,
        is_text: bool = False,
        may_repeat: bool = True,
        attempts: int | None = None,
    ) -> Answer:
        """Make a call below the path of the API version, again while that may help.

        `content` is a CSV file to upload; with `is_text` the answer is one.

        Raises:
            DestinationStopped: credentials or rights are wrong, the limit of calls is reached,
                or nothing has answered for long.
        """

        def once() -> Answer:
            return self._call_with_token(method, path, body, content, is_text=is_text)

        answer = patiently(
            once, self.account.waits, self.stop, may_repeat=may_repeat, attempts=attempts
        )
        if answer.verdict == "busy" and answer.status == _TOO_MANY and not self.stop.is_set():
            raise _limit_reached(answer.code)
        return answer

    def _call_with_token(
        self, method: str, path: str, body: object, content: bytes | None, *, is_text: bool
    ) -> Answer:
        if self.stop.is_set():
            return Answer("unsent", 0, "STOPPED")
        token = self._session.token()
        answer = self._call_once(token, method, path, body, content, is_text=is_text)
        if answer.status == _UNAUTHORIZED:
            # An expired token wrote nothing. The new one is asked for once, not in a circle.
            token = self._session.token(after=token.number)
            answer = self._call_once(token, method, path, body, content, is_text=is_text)
            if answer.status == _UNAUTHORIZED:
                raise DestinationStopped(
                    answer.code,
                    f"Salesforce refuses a token that it has just given: {answer.code}.",
                )
        self.circuit.note_answer(NAME, answer)
        return answer

    def _call_once(
        self,
        token: Token,
        method: str,
        path: str,
        body: object,
        content: bytes | None,
        *,
        is_text: bool,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token.value.value}"}
        data = content
        if content is not None:
            headers["Content-Type"] = "text/csv"
        elif body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False).encode()
        url = f"{token.instance_url}{self.account.data_path}{path}"
        try:
            response = self._client.request(method, url, content=data, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
            return Answer("unsent", 0, "NO_CONNECTION")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            # Neither the error nor its cause is passed on: both may quote the request.
            return Answer("unclear", 0, "CONNECTION_LOST")
        return self._read(response, is_text=is_text)

    def _read(self, response: httpx.Response, *, is_text: bool) -> Answer:
        status = response.status_code
        if 200 <= status < 300:
            return _success(response, is_text=is_text)
        body = _json_of(response)
        code = code_in(body)
        wait = seconds_of(response.headers.get("Retry-After"))
        if code in LIMIT_CODES:
            raise _limit_reached(code)
        if status == _UNAUTHORIZED:
            return Answer("refused", status, code, body)
        if status == _FORBIDDEN:
            raise DestinationStopped(
                code, f"Salesforce refuses the call ({code}); the user of the app lacks a right."
            )
        if status in (_TOO_MANY, _UNAVAILABLE):
            if wait is not None and wait > self.account.waits.patience:
                raise DestinationStopped(
                    code,
                    "Salesforce takes no calls for long.",
                    datetime.now(UTC) + timedelta(seconds=wait),
                )
            return Answer("busy", status, f"HTTP_{status}", body, wait)
        if status in (408, 409) or status >= 500:
            return Answer("unclear", status, f"HTTP_{status}", body, wait)
        return Answer("refused", status, code, body)


def _success(response: httpx.Response, *, is_text: bool) -> Answer:
    if is_text:
        try:
            return Answer("done", response.status_code, "OK", response.content.decode())
        except UnicodeDecodeError:
            return Answer("unclear", response.status_code, "BROKEN_ANSWER")
    if not response.content:
        return Answer("done", response.status_code, "OK", {})
    body = _json_of(response)
    if isinstance(body, dict | list):
        return Answer("done", response.status_code, "OK", body)
    return Answer("unclear", response.status_code, "BROKEN_ANSWER")


def _limit_reached(code: str) -> DestinationStopped:
    return DestinationStopped(
        code,
        "Salesforce's limit of calls in 24 hours is reached; the rest is sent later.",
        datetime.now(UTC) + _LIMIT_REST,
    )


def _json_of(response: httpx.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def get(body: object, name: str) -> object:
    """A member of an object, None of anything else."""
    return body.get(name) if isinstance(body, Mapping) else None
