"""Running dbt as a subprocess and reading what it says."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from orchestration.lib.builds.events import NodeFinished, tell
from orchestration.lib.builds.redaction import redact
from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.builds.time_limit import NO_TIME_LIMIT, TimeLimit, TimeLimitReached

_GRACE_SECONDS = 10
# Results whose message is dbt's own.
_WITHOUT_VALUES = frozenset({"success", "pass", "skipped", "no-op"})
_FINISHED_EVENTS = frozenset(
    {
        "LogFreshnessResult",
        "LogFunctionResult",
        "LogHookEndLine",
        "LogModelResult",
        "LogNodeNoOpResult",
        "LogNodeResult",
        "LogSeedResult",
        "LogSnapshotResult",
        "LogTestResult",
        "SkippingDetails",
    }
)


@dataclass(frozen=True)
class DbtFinding:
    """A model or test that failed, or a test that warned.

    `kind` is dbt's resource type, `detail` a redacted message, `count` the failing rows of a
    test. `is_wrong_input` says that the data of the user, not the project, is at fault (the test
    carries meta `wrong_input: true`).
    """

    name: str
    kind: str
    detail: str
    description: str
    count: int | None
    is_wrong_input: bool


@dataclass(frozen=True)
class DbtResult:
    """How a dbt run ended. `errors` are redacted messages that belong to no node.

    `crashes` says why earlier attempts at the same run ended.
    """

    exit_code: int
    node_count: int
    failures: tuple[DbtFinding, ...]
    warnings: tuple[DbtFinding, ...]
    errors: tuple[str, ...]
    crashes: tuple[str, ...] = ()


def run_dbt(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    target: Path,
    reporter: Reporter,
    inherited: Sequence[int] = (),
    limit: TimeLimit = NO_TIME_LIMIT,
) -> DbtResult:
    """Run dbt in `folder`; `target` is the folder it writes its artifacts to.

    `inherited` descriptors stay open in the child (the build lock). If this process is
    interrupted, dbt is ended too.

    Raises:
        TimeLimitReached: dbt was ended because the build took longer than `limit`.
    """
    target.mkdir(parents=True, exist_ok=True)
    (target / "run_results.json").unlink(missing_ok=True)
    reader = _LogReader(reporter)
    with tempfile.TemporaryFile() as complaints:
        with (
            _process(arguments, environment, folder, complaints, inherited) as process,
            _ended_in_time(process, limit),
        ):
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            for line in process.stdout:
                reader.read(line)
            exit_code = process.wait()
        errors = tuple(reader.errors)
        if exit_code != 0 and not errors:
            errors = _last_words(exit_code, complaints)
    failures, warnings = _findings(target)
    _keep_no_values(target)
    return DbtResult(exit_code, reader.finished, failures, warnings, errors)


@contextmanager
def _process(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    complaints: IO[bytes],
    inherited: Sequence[int],
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        pass_fds=tuple(inherited),
    )
    try:
        with process:
            try:
                yield process
            except BaseException:
                _end(process)
                raise
    finally:
        _end(process)


@contextmanager
def _ended_in_time(process: subprocess.Popen[bytes], limit: TimeLimit) -> Iterator[None]:
    """End dbt when the limit is reached, also where it says nothing any more."""
    seconds = limit.seconds_left
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, _end, [process])
    timer.daemon = True
    timer.start()
    said = f"dbt (process {process.pid}) was ended."
    try:
        yield
    except TimeLimitReached:
        limit.check(said)
        raise
    finally:
        timer.cancel()
    if process.returncode != 0:
        limit.check(said)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class _LogReader:
    """Counts finished nodes in dbt's JSON log and keeps errors that belong to none."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.finished = 0
        self.total = 0
        self.errors: list[str] = []

    def read(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            info, data = event["info"], event["data"]
            name = info["name"]
        except (ValueError, KeyError, TypeError):
            return
        node = data.get("node_info") or {}
        if name == "ConcurrencyLine":
            self.total = int(data.get("node_count") or 0)
        elif name in _FINISHED_EVENTS and node:
            self.finished += 1
            self.total = max(self.total, self.finished)
            self.reporter.advance(self.finished, self.total, str(node.get("node_name", "")))
            tell(self.reporter, NodeFinished(event))
        elif info.get("level") == "error" and not node and name == "MainEncounteredError":
            self.errors.append(redact(str(info.get("msg", ""))))


def _last_words(exit_code: int, complaints: IO[bytes]) -> tuple[str, ...]:
    if exit_code < 0:
        return (f"dbt was ended by signal {-exit_code} (9 often means: out of memory).",)
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return (redact(lines[-1]),) if lines else ()


def _findings(target: Path) -> tuple[tuple[DbtFinding, ...], tuple[DbtFinding, ...]]:
    """Failures and warnings of the run whose artifacts lie in `target`."""
    results = _read_json(target / "run_results.json").get("results", [])
    bad = [result for result in results if result["status"] in {"error", "fail", "warn"}]
    if not bad:
        return (), ()
    nodes = _read_json(target / "manifest.json").get("nodes", {})
    findings = [
        (result["status"], _finding(result, nodes.get(result["unique_id"], {}))) for result in bad
    ]
    failures = tuple(finding for status, finding in findings if status != "warn")
    return failures, tuple(finding for status, finding in findings if status == "warn")


def _keep_no_values(target: Path) -> None:
    """Take the values that error messages quote out of what dbt wrote about its run."""
    file = target / "run_results.json"
    content = _read_json(file)
    said = [result for result in content.get("results", []) if result.get("message")]
    bad = [result for result in said if result["status"] not in _WITHOUT_VALUES]
    if not bad:
        return
    for result in bad:
        result["message"] = redact(_without_header(str(result["message"])))
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(file)


def _finding(result: Mapping[str, Any], node: Mapping[str, Any]) -> DbtFinding:
    meta = node.get("config", {}).get("meta") or {}
    unique_id = str(result["unique_id"])
    return DbtFinding(
        name=str(node.get("name") or unique_id.split(".")[2]),
        kind=unique_id.split(".")[0],
        detail=redact(_without_header(str(result.get("message") or ""))),
        description=" ".join(str(node.get("description") or "").split()),
        count=result.get("failures"),
        is_wrong_input=result["status"] == "fail" and bool(meta.get("wrong_input")),
    )


def _without_header(message: str) -> str:
    """Without dbt's first line, which repeats the name and path of the node."""
    lines = message.strip().splitlines()
    has_header = len(lines) > 1 and lines[0].endswith(")") and "Error in" in lines[0]
    return "\n".join(lines[1:] if has_header else lines)


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
