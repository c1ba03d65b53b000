"""Access tokens of Salesforce: asked for once, and once again when one has expired."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass

import httpx
import jwt

from orchestration.lib.exports.crm.answers import Answer, patiently
from orchestration.lib.exports.crm.environment import Secret, address_problem
from orchestration.lib.exports.destination import DestinationStopped
from orchestration.lib.exports.salesforce.account import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY_FILE,
    USERNAME,
    SalesforceAccount,
)
from orchestration.lib.problems import InputError, Problem

_TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Salesforce takes assertions of at most five minutes.
_ASSERTION_SECONDS = 180
_ERROR = re.compile(r"[a-z][a-z_]{1,40}")


@dataclass(frozen=True)
class Token:
    """A token and the address at which it holds. `number` counts the tokens of a session."""

    value: Secret
    instance_url: str
    number: int


class Session:
    """The token of an account, shared by all threads."""

    def __init__(
        self, account: SalesforceAccount, client: httpx.Client, stop: threading.Event
    ) -> None:
        self._account, self._client, self._stop = account, client, stop
        self._lock = threading.Lock()
        self._token: Token | None = None

    def token(self, *, after: int = 0) -> Token:
        """A token younger than the `after`th; threads that need one wait for the same.

        Raises:
            DestinationStopped: Salesforce gives none.
        """
        with self._lock:
            if self._token is None or self._token.number <= after:
                self._token = self._ask((self._token.number if self._token else 0) + 1)
            return self._token

    def _ask(self, number: int) -> Token:
        answer = patiently(self._ask_once, self._account.waits, self._stop, may_repeat=True)
        if answer.verdict == "done" and isinstance(answer.body, dict):
            value, url = answer.body.get("access_token"), answer.body.get("instance_url")
            if isinstance(value, str) and value and isinstance(url, str):
                if address_problem(url) is None:
                    return Token(Secret(value), url.rstrip("/"), number)
                raise DestinationStopped(
                    "UNSAFE_INSTANCE", "Salesforce named an instance that is not on https."
                )
        if answer.verdict == "refused":
            names = f"{USERNAME} and {KEY_FILE}" if self._account.jwt else CLIENT_SECRET
            raise DestinationStopped(
                answer.code.upper(),
                f"Salesforce gives no token ({answer.code}); look at {CLIENT_ID}, {names} "
                "and at the policies of the app.",
            )
        raise DestinationStopped(
            "OUTAGE", f"Salesforce gave no token; it answered last with {answer.code}."
        )

    def _ask_once(self) -> Answer:
        try:
            response = self._client.post(
                f"{self._account.base_url}{_TOKEN_PATH}", data=self._grant()
            )
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            return Answer("unsent", 0, "NO_CONNECTION")
        try:
            body = response.json()
        except (ValueError, RecursionError):
            body = None
        status = response.status_code
        if status == 200:
            return Answer("done" if isinstance(body, dict) else "unclear", status, "OK", body)
        if status == 429 or status >= 500:
            return Answer("busy", status, f"HTTP_{status}", body)
        error = body.get("error") if isinstance(body, dict) else None
        known = isinstance(error, str) and _ERROR.fullmatch(error)
        return Answer("refused", status, str(error) if known else f"HTTP_{status}", body)

    def _grant(self) -> dict[str, str]:
        account = self._account
        if account.jwt is None:
            secret = account.client_secret.value if account.client_secret else ""
            return {
                "grant_type": "client_credentials",
                "client_id": account.client_id.value,
                "client_secret": secret,
            }
        claims = {
            "iss": account.client_id.value,
            "sub": account.jwt.username,
            "aud": account.jwt.audience,
            "exp": int(time.time()) + _ASSERTION_SECONDS,
        }
        try:
            assertion = jwt.encode(claims, account.jwt.private_key.value, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise InputError(
                Problem(
                    f"variable {KEY_FILE}: the file holds no RSA key that can sign.",
                    "Name the private key of the certificate that the app knows.",
                )
            ) from None
        return {"grant_type": _JWT_GRANT, "assertion": assertion}
