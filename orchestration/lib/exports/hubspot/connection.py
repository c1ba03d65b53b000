"""Calls of the HubSpot API: one tolerant reader of every status."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx

from orchestration.lib.exports.crm.answers import Answer, Waits, patiently, seconds_of
from orchestration.lib.exports.crm.call_limiter import limiter_of_account
from orchestration.lib.exports.crm.circuit import Circuit
from orchestration.lib.exports.crm.environment import is_loopback
from orchestration.lib.exports.destination import DestinationStopped
from orchestration.lib.exports.hubspot.account import TOKEN, HubSpotAccount
from orchestration.lib.exports.hubspot.errors import error_code

NAME = "HubSpot"
RATE_LIMIT = "RATE_LIMIT"
_RATE_REST = timedelta(minutes=10)
_LOCKED, _TOO_MANY, _MIGRATION = 423, 429, 477
# Timeouts of the server among them: the write may have happened.
_UNCLEAR = frozenset({408, 425, *range(500, 600)})


class HubSpotConnection:
    """One account, called within its limit. `stop` ends every wait."""

    def __init__(self, account: HubSpotAccount) -> None:
        self.account = account
        self.stop = threading.Event()
        self.circuit = Circuit()
        self._limiter = limiter_of_account(account.token.value, account.calls, account.period)
        self._client = httpx.Client(
            base_url=account.base_url,
            headers={"Authorization": f"Bearer {account.token.value}"},
            timeout=httpx.Timeout(60.0, connect=10.0),
            limits=httpx.Limits(max_connections=account.calls_in_flight),
            trust_env=not is_loopback(account.base_url),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        may_repeat: bool = True,
        attempts: int | None = None,
    ) -> Answer:
        """Make a call, again while that may help.

        Raises:
            DestinationStopped: token or rights are wrong, a limit of hours is reached, the
                account is being moved, or nothing has answered for long.
        """
        answer = patiently(
            lambda: self._call_once(method, path, body),
            self.account.waits,
            self.stop,
            may_repeat=may_repeat,
            attempts=attempts,
        )
        if answer.verdict == "busy" and answer.status == _TOO_MANY and not self.stop.is_set():
            raise DestinationStopped(
                RATE_LIMIT,
                "HubSpot takes no more calls: others use up the limit of the account.",
                datetime.now(UTC) + _RATE_REST,
            )
        return answer

    def _call_once(self, method: str, path: str, body: Mapping[str, object] | None) -> Answer:
        if not self._limiter.enter(self.stop):
            return Answer("unsent", 0, "STOPPED")
        try:
            response = self._client.request(method, path, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
            answer = Answer("unsent", 0, "NO_CONNECTION")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            # Neither the error nor its cause is passed on: both may quote the request.
            answer = Answer("unclear", 0, "CONNECTION_LOST")
        else:
            answer = self._read(response)
        finally:
            self._limiter.leave()
        if answer.verdict == "done":
            self._limiter.note_success()
        self.circuit.note_answer(NAME, answer)
        return answer

    def _read(self, response: httpx.Response) -> Answer:
        """What a response means.

        Raises:
            DestinationStopped: there is no use in any further call for now.
        """
        status = response.status_code
        body = _json_of(response)
        if status in (200, 201, 207):
            if isinstance(body, dict):
                return Answer("done", status, "OK", body)
            return Answer("unclear", status, "BROKEN_ANSWER")
        if status == 204:
            return Answer("done", status, "OK", {})
        if status in (401, 403):
            raise _refused_token(status, error_code(body))
        if status == _TOO_MANY:
            return self._read_rate_limit(response, body)
        if status == _LOCKED:
            wait = max(seconds_of(response.headers.get("Retry-After")) or 0.0, self._waits.locked)
            return Answer("busy", status, "LOCKED", body, wait)
        if status == _MIGRATION:
            return self._read_migration(response, body)
        if status in _UNCLEAR:
            wait_asked = seconds_of(response.headers.get("Retry-After"))
            if wait_asked is not None and wait_asked > self._waits.patience:
                raise _stopped_for(wait_asked, f"HTTP_{status}", "HubSpot is down for long.")
            return Answer("unclear", status, f"HTTP_{status}", body, wait_asked)
        if 200 <= status < 300:
            return Answer("unclear", status, "BROKEN_ANSWER")
        return Answer("refused", status, error_code(body) or f"HTTP_{status}", body)

    def _read_rate_limit(self, response: httpx.Response, body: object) -> Answer:
        policy = str(body.get("policyName") or "") if isinstance(body, dict) else ""
        asked = seconds_of(response.headers.get("Retry-After"))
        if "DAILY" in policy:
            raise DestinationStopped(
                "DAILY",
                "HubSpot's daily limit of calls is reached; the rest is sent after midnight.",
                self._next_midnight() if asked is None else _in_seconds(asked),
            )
        if asked is not None and asked > self._waits.patience:
            raise _stopped_for(asked, RATE_LIMIT, "HubSpot takes no calls for long.")
        # "TEN_SECONDLY_ROLLING", and whatever else there may be: places become free one by one.
        is_secondly = policy == "SECONDLY"
        least = self._waits.second if is_secondly else 0.0
        self._limiter.pause(at_least=max(asked or 0.0, least), is_growing=not is_secondly)
        return Answer("busy", response.status_code, policy or RATE_LIMIT, body, 0.0)

    def _read_migration(self, response: httpx.Response, body: object) -> Answer:
        asked = seconds_of(response.headers.get("Retry-After"))
        wait = self._waits.longest if asked is None else asked
        if wait > self._waits.patience:
            raise _stopped_for(wait, "MIGRATION", "HubSpot is moving the account.")
        return Answer("busy", response.status_code, "MIGRATION", body, wait)

    def _next_midnight(self) -> datetime:
        zone = self.account.timezone
        tomorrow = datetime.now(zone).date() + timedelta(days=1)
        midnight = datetime.combine(tomorrow, datetime.min.time(), zone)
        return midnight.astimezone(UTC)

    @property
    def _waits(self) -> Waits:
        return self.account.waits


def _refused_token(status: int, code: str | None) -> DestinationStopped:
    if status == 401:
        return DestinationStopped(
            "UNAUTHORIZED",
            f"HubSpot does not know the token in {TOKEN}; set it to a token that is in force.",
        )
    return DestinationStopped(
        code or "FORBIDDEN",
        f"The token in {TOKEN} lacks a right; add the scopes to read and write the object.",
    )


def _stopped_for(seconds: float, code: str, message: str) -> DestinationStopped:
    return DestinationStopped(code, message, _in_seconds(seconds))


def _in_seconds(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _json_of(response: httpx.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None
