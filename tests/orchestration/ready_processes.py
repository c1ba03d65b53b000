"""A process that has imported what builds need, and forks another one for each of them.

Imports are a fifth of a small build. Before a fork nothing is parsed, opened or read of what a
build asks for, so the forked process knows as little as one that was started.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).resolve().parents[2]
# Elsewhere what a process has imported may not outlive a fork.
CAN_FORK = sys.platform == "linux"
_SECONDS = 900
_MOST_DESCRIPTORS = 16
_KINDS = ("leads", "dbt")


def run_ready(
    kind: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `leads` (see untested_builds) or `dbt` (see quick_dbt) with these arguments."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        descriptors = [output.fileno(), complaints.fileno()]
        code = _start(_server().name, kind, arguments, folder, environment, descriptors).wait()
        texts = [_text(file) for file in (output, complaints)]
    return subprocess.CompletedProcess([kind, *arguments], code, *texts)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


@dataclass(frozen=True)
class _Running:
    connection: socket.socket
    stdout: IO[bytes] | None = None

    def wait(self) -> int:
        """The exit code; that of a killed process if there is none."""
        with self.connection:
            return int(self.connection.recv(16) or -signal.SIGKILL)


@dataclass(frozen=True)
class _Server:
    name: str
    process: subprocess.Popen[bytes]


@cache
def _server() -> _Server:
    """The one of this test process; it ends when its input does."""
    name = str(Path(tempfile.mkdtemp(prefix="ready-")) / "socket")
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, name],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return _Server(name, process)


def _start(
    name: str,
    kind: str,
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    descriptors: Sequence[int],
) -> _Running:
    """Have a process forked; `descriptors` are its output, its complaints, and what it inherits."""
    task = {
        "kind": kind,
        "arguments": list(map(str, arguments)),
        "folder": str(folder),
        "environment": dict(environment),
    }
    message = json.dumps(task).encode()
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_SECONDS)
    connection.connect(name)
    socket.send_fds(connection, [b"%08d" % len(message)], list(descriptors))
    connection.sendall(message)
    return _Running(connection)


def _serve(name: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _import_what_builds_need()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _run(name, connection)
            connection.close()
    Path(name).unlink()
    Path(name).parent.rmdir()
    # Without a farewell: DuckDB lists at the end of a process what a fork made it lose count of.
    os._exit(0)


def _import_what_builds_need() -> None:
    for package in ("orchestration.lib", "orchestration.commands"):
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            importlib.import_module(module.name)
    for name in ("dbt.task.build", "dbt.adapters.duckdb", "dbt_common.clients.agate_helper"):
        importlib.import_module(name)
    importlib.import_module("orchestration.lib.quality.expectations").load_great_expectations()
    for kind in _KINDS:
        _main_of(kind, "")


def _run(name: str, connection: socket.socket) -> None:
    """In the forked process: become what was asked for, and end."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        size, descriptors, _, _ = socket.recv_fds(connection, 8, _MOST_DESCRIPTORS)
        message = b""
        while len(message) < int(size):
            message += connection.recv(int(size) - len(message))
        task = json.loads(message)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, descriptor in enumerate((nothing, *descriptors[:2])):
            os.dup2(descriptor, number)
        os.environ.clear()
        os.environ.update(task["environment"])
        os.chdir(task["folder"])
        time.tzset()
        random.seed()
        sys.argv = [task["kind"], *task["arguments"]]
        _main_of(task["kind"], name)()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(str(code).encode())
        os._exit(code & 255)


def _main_of(kind: str, name: str) -> Callable[[], None]:
    if kind == "dbt":
        from tests.orchestration import quick_dbt

        return quick_dbt.main
    from orchestration.lib.builds import dbt_run
    from tests.orchestration import untested_builds

    @contextmanager
    def process(
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        complaints: IO[bytes],
        inherited: Sequence[int],
    ) -> Iterator[_Running]:
        reading, writing = os.pipe()
        descriptors = [writing, complaints.fileno(), *inherited]
        running = _start(name, "dbt", arguments[3:], folder, environment, descriptors)
        os.close(writing)
        with os.fdopen(reading, "rb") as stdout:
            yield _Running(running.connection, stdout)

    def main() -> None:
        dbt_run._process = process  # type: ignore[assignment]
        untested_builds.main()

    return main


if __name__ == "__main__":
    _serve(sys.argv[1])
