"""A webhook and a mail server on this machine that keep what they are sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class HookServer:
    """Answers with `answers` in turn (status, headers), the last one for ever."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(200, {})])
    bodies: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [json.loads(body)["text"] for body in self.bodies]


@contextmanager
def hook_server(*statuses: int, headers: dict[str, str] | None = None) -> Iterator[HookServer]:
    kept = HookServer()
    if statuses:
        kept.answers = [(status, headers or {}) for status in statuses]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kept.bodies.append(body)
            status, more = kept.answers[0]
            if len(kept.answers) > 1:
                del kept.answers[0]
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        kept.url = f"http://127.0.0.1:{server.server_port}/services/T0/B0/secret-token"
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Mailbox:
    """Answers DATA with `answers` in turn, the last one for ever."""

    port: int = 0
    answers: list[str] = field(default_factory=lambda: ["250 OK"])
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Controller(Controller):
    """On a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(answers: Sequence[str] = ("250 OK",), **options: Any) -> Iterator[Mailbox]:
    mailbox = Mailbox(answers=list(answers))
    controller = _Controller(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()
