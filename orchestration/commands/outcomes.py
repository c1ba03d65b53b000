"""How a command ends: exit code 0, 1 or 2, and what it prints if it is not 0."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError

FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130
# What DuckDB raises when the machine, not the program, is at its limit.
_MACHINE_ERRORS = frozenset({"IOException", "OutOfMemoryException"})


@contextmanager
def exit_codes(*, as_json: bool) -> Iterator[None]:
    """Turn what went wrong into messages and an exit code; a traceback is never printed.

    Set LEADS_DEBUG to see the traceback of an unexpected error; it may hold values of the data.
    """
    try:
        yield
    except InputError as error:
        if as_json:
            print_json({"ok": False, "problems": [asdict(problem) for problem in error.problems]})
        _say(str(problem).strip() for problem in error.problems)
        raise typer.Exit(WRONG_INPUT) from None
    except RunFailed as error:
        if as_json:
            print_json({"ok": False, "failure": list(error.lines)})
        _say(iter(error.lines))
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        _say(iter(["Interrupted. Nothing was published; what was served stays served."]))
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:
        if os.environ.get("LEADS_DEBUG"):
            raise
        lines = unexpected(error)
        if as_json:
            print_json({"ok": False, "failure": lines})
        _say(iter(lines))
        raise typer.Exit(FAILED) from None


def unexpected(error: Exception) -> list[str]:
    """An error nobody foresaw, without the values that its message may quote."""
    from orchestration.lib.builds.redaction import redact

    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return [f"The system refused: {error.strerror}{place}."]
    if type(error).__name__ in _MACHINE_ERRORS:
        return [redact(str(error)), "Nothing was published. `leads doctor` looks at the machine."]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {_place(trace.tb_frame.f_code.co_filename)}"
    line = "" if trace is None else f":{trace.tb_lineno}"
    return [
        f"Unexpected {type(error).__name__}{place}{line}: {redact(str(error))}",
        "This is a fault of the program. LEADS_DEBUG=1 shows the traceback (it may hold data).",
    ]


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON document to standard output."""
    import json

    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")


def _say(lines: Iterator[str]) -> None:
    for line in lines:
        typer.echo(line, err=True)


def _place(file: str) -> str:
    return "/".join(Path(file).parts[-2:])
