"""A webhook as a destination: one signed message a row (Standard Webhooks 1.0)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import httpx
from standardwebhooks import Webhook

from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow, RowOutcome
from orchestration.lib.exports.webhook.addresses import AddressRefusedError, check_address
from orchestration.lib.exports.webhook.messages import Message, MessageTemplate

_SECONDS = 10.0
# After so many rows in a row without an answer the endpoint counts as down.
_MOST_UNANSWERED = 3
# Answers that no other row would change.
_ENDPOINT_ANSWERS = {401, 403, 404, 405, 410}
_LATER_ANSWERS = {408, 409, 423, 425, 429}


@dataclass(frozen=True)
class WebhookTarget:
    """Where and how messages go.

    Attributes:
        url: where to, a secret in itself for chat rooms.
        secret: key of the signature, None for rooms that check none.
        token: token of Chatwork.
        link: template of a link into the CRM, with names of fields in braces.
        allows_private: whether addresses inside the company may be called.
        waits: seconds before each further attempt within a run.
    """

    url: str
    secret: Webhook | None
    token: str | None
    template: MessageTemplate
    link: str | None = None
    allows_private: bool = False
    waits: tuple[float, ...] = (1.0, 4.0)


class WebhookDestination:
    """One endpoint. `webhook-id` is the same for every attempt of a message."""

    batch_size = 1

    def __init__(self, target: WebhookTarget, sleep: Callable[[float], None] = time.sleep) -> None:
        self._target = target
        self._sleep = sleep
        # No proxy and no redirect: the call goes to the address that was checked.
        self._client = httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False)
        self._unanswered = 0

    def send(self, rows: Iterable[OutgoingRow]) -> Iterator[RowOutcome]:
        """Send one message a row, in order; see `Destination.send`."""
        for row in rows:
            if row.operation == "delete":
                yield RowOutcome(
                    row.key, "rejected", None, "NOT_POSSIBLE", "A message cannot be taken back."
                )
                continue
            outcome = self._send_row(row)
            self._unanswered = self._unanswered + 1 if outcome.status == "deferred" else 0
            yield outcome
            if self._unanswered >= _MOST_UNANSWERED:
                raise DestinationStopped(
                    "ENDPOINT_DOWN", f"The webhook did not take {_MOST_UNANSWERED} messages."
                )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send_row(self, row: OutgoingRow) -> RowOutcome:
        now = datetime.now(UTC)
        message_id = f"msg_{row.trace_id}"
        try:
            message = self._target.template.render(
                row.fields, self._link(row), message_id, f"{now:%Y-%m-%dT%H:%M:%SZ}"
            )
        except ValueError as error:
            return RowOutcome(row.key, "rejected", None, "TEMPLATE_FAILED", str(error))
        outcome = RowOutcome(row.key, "deferred", None, "NO_ANSWER", "The webhook did not answer.")
        for wait in (0.0, *self._target.waits):
            self._sleep(wait) if wait else None
            outcome = self._attempt(row, message, message_id)
            if outcome.status != "deferred":
                return outcome
        return outcome

    def _attempt(self, row: OutgoingRow, message: Message, message_id: str) -> RowOutcome:
        try:
            address = check_address(self._target.url, allows_private=self._target.allows_private)
        except AddressRefusedError as error:
            raise DestinationStopped(
                "ADDRESS_REFUSED", f"The address of the webhook is refused. {error}"
            ) from None
        body, headers = self._request(message, message_id)
        headers["host"] = address.host
        extensions = {"sni_hostname": address.host.rsplit(":", 1)[0]} if address.is_https else {}
        try:
            answer = self._client.post(
                address.url, content=body, headers=headers, extensions=extensions
            )
        except httpx.HTTPError as error:
            return RowOutcome(
                row.key, "deferred", None, "NO_ANSWER", f"The call failed: {type(error).__name__}."
            )
        return self._judged(row, answer)

    def _request(self, message: Message, message_id: str) -> tuple[bytes, dict[str, str]]:
        body, content_type = message.body, message.content_type
        headers: dict[str, str] = {"user-agent": "lead-scoring-warehouse"}
        if self._target.token is not None:
            # Chatwork takes a form.
            body = urlencode({"body": message.body.decode(), "self_unread": "1"}).encode()
            content_type = "application/x-www-form-urlencoded"
            headers["x-chatworktoken"] = self._target.token
        headers["content-type"] = content_type
        headers["webhook-id"] = message_id
        moment = datetime.now(UTC)
        headers["webhook-timestamp"] = str(int(moment.timestamp()))
        if self._target.secret is not None:
            headers["webhook-signature"] = self._target.secret.sign(
                message_id, moment, body.decode()
            )
        return body, headers

    def _judged(self, row: OutgoingRow, answer: httpx.Response) -> RowOutcome:
        status = answer.status_code
        said = f"The webhook answered {status}."
        if 200 <= status < 300:
            return RowOutcome(row.key, "accepted")
        if status in _ENDPOINT_ANSWERS:
            raise DestinationStopped(f"HTTP_{status}", f"{said} Look at its address and secrets.")
        if status in _LATER_ANSWERS or status >= 500:
            return RowOutcome(row.key, "deferred", None, f"HTTP_{status}", said)
        return RowOutcome(row.key, "rejected", None, f"HTTP_{status}", said)

    def _link(self, row: OutgoingRow) -> str | None:
        """The link, where every field that it names is known."""
        link = self._target.link
        if link is None:
            return None
        for name, value in row.fields.items():
            if f"{{{name}}}" in link:
                if value is None:
                    return None
                link = link.replace(f"{{{name}}}", quote(value, safe=""))
        return link
