"""Alerts by a webhook that takes what Slack's incoming webhooks take."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from orchestration.lib.alerts.channels import ChannelFailed, is_loopback
from orchestration.lib.alerts.messages import Message

VARIABLE = "LEADS_ALERT_WEBHOOK_URL"
ATTEMPTS = 3
_SECONDS = 10.0
_MOST_SECONDS_BETWEEN = 15.0


class _Later(Exception):  # noqa: N818 - for the retries alone
    """The webhook may take the message in a moment; `seconds` if it says when."""

    def __init__(self, said: str, seconds: float | None = None) -> None:
        self.seconds = seconds
        super().__init__(said)


@dataclass(frozen=True)
class Webhook:
    """Posts `{"text": …}`. The address is a secret: it stands in no message and no log."""

    address: httpx.URL
    sleep: Callable[[float], None] = time.sleep
    name: str = "webhook"

    def send(self, message: Message) -> None:
        """Post a message, three times at most while the other side is busy or out of reach.

        Raises:
            ChannelFailed: it was not taken.
        """
        attempts = Retrying(
            retry=retry_if_exception_type(_Later),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_pause,
            sleep=self.sleep,
            reraise=True,
        )
        content = {"text": slack_text(message)}
        is_here = is_loopback(self.address.host)
        try:
            # A proxy of the environment is for other machines.
            with _unlogged(), httpx.Client(timeout=_SECONDS, trust_env=not is_here) as client:
                attempts(self._post, client, content)
        except _Later as error:
            raise ChannelFailed(f"the webhook at {self.address.host} {error}") from None

    def _post(self, client: httpx.Client, content: Mapping[str, str]) -> None:
        try:
            answer = client.post(self.address, json=content)
        except httpx.TransportError as error:
            raise _Later(f"cannot be reached ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise ChannelFailed(
                f"the webhook at {self.address.host} failed ({type(error).__name__})"
            ) from None
        if answer.is_success:
            return
        said = f"answered {answer.status_code}"
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            raise _Later(said, _seconds(answer.headers.get("Retry-After")))
        raise ChannelFailed(f"the webhook at {self.address.host} {said}")


def webhook_channel(values: Mapping[str, str]) -> Webhook | None:
    """The webhook of the environment, None if there is none.

    Raises:
        ChannelFailed: its address cannot be used.
    """
    text = values.get(VARIABLE)
    if text is None:
        return None
    try:
        address = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise ChannelFailed(f"{VARIABLE} is no address of a webhook") from None
    if not address.host or "%" in address.host or address.scheme not in {"http", "https"}:
        raise ChannelFailed(f"{VARIABLE} is no address of a webhook")
    if address.scheme == "http" and not is_loopback(address.host):
        raise ChannelFailed(f"{VARIABLE} must begin with https://")
    return Webhook(address)


def slack_text(message: Message) -> str:
    """A message as Slack reads it; nothing in it is a command to Slack."""
    text = "\n".join((f"*{message.title.replace('*', '')}*", *message.lines))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.seconds if isinstance(error, _Later) else None
    return min(2.0**state.attempt_number if asked is None else asked, _MOST_SECONDS_BETWEEN)


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None


@contextmanager
def _unlogged() -> Iterator[None]:
    """No log: httpx writes each address that it calls into it."""
    logger = logging.getLogger("httpx")
    logger.addFilter(_nothing)
    try:
        yield
    finally:
        logger.removeFilter(_nothing)


def _nothing(_: logging.LogRecord) -> bool:
    return False
