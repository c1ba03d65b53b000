"""A server on this machine that answers as told: what both fakes of CRMs have in common."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    """A request as it came; `path` is without the query."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    content: bytes
    at: float

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Reply:
    """An answer: JSON, or `text` as it stands."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None

    @property
    def content(self) -> bytes:
        if self.text is not None:
            return self.text.encode()
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call whose path holds `on`.

    With `reply` that is answered, without one the connection is cut; `commits` lets the call do
    its work before.
    """

    reply: Reply | None = None
    commits: bool = False
    on: str = ""


class FakeServer:
    """Serves on a free port from `with` to its end; `faults` meet the next calls, in order."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.latency = 0.0
        self.lock = threading.Lock()
        self.most_in_flight = 0
        self._in_flight = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self, part: str = "") -> list[str]:
        """The paths of the calls so far, those that hold `part`."""
        return [request.path for request in self.requests if part in request.path]

    def answer(self, request: Request) -> Reply:
        """The answer of a server that works; called with the lock held."""
        raise NotImplementedError

    def refusal(self, request: Request) -> Reply | None:
        """An answer that comes before any work: a wrong token, a limit."""
        return None

    def handle(self, request: Request) -> Reply | None:
        with self.lock:
            self.requests.append(request)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            if self.latency:
                time.sleep(self.latency)
            with self.lock:
                return self._reply(request)
        finally:
            with self.lock:
                self._in_flight -= 1

    def _reply(self, request: Request) -> Reply | None:
        if (refusal := self.refusal(request)) is not None:
            return refusal
        if self.faults and self.faults[0].on in request.path:
            fault = self.faults.popleft()
            if fault.commits:
                self.answer(request)
            return fault.reply
        return self.answer(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    fake: FakeServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _handle(self) -> None:
        path, _, query = self.path.partition("?")
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, content, time.monotonic())
        reply = self.server.fake.handle(request)
        if reply is None:
            self.close_connection = True
            return
        self.send_response_only(reply.status)
        kind = "application/json" if reply.text is None else "text/csv"
        for name, value in {"Content-Type": kind, **reply.headers}.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.content)))
        # One packet: headers and body apart would wait for an acknowledgement.
        self._headers_buffer.append(b"\r\n" + (b"" if reply.status == 204 else reply.content))
        self.flush_headers()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
