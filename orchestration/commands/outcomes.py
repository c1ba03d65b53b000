"""How a command ends: exit code 0, 1 or 2, and what it prints if it is not 0."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import typer

from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError
from orchestration.lib.quality.findings import QualityFailed

FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130


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
            failure: dict[str, object] = {"ok": False, "failure": list(error.lines)}
            if isinstance(error, QualityFailed):
                failure["quality"] = [finding.to_json() for finding in error.findings]
            print_json(failure)
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
        from orchestration.lib.builds.unexpected import unexpected_lines

        lines = unexpected_lines(error)
        if as_json:
            print_json({"ok": False, "failure": lines})
        _say(iter(lines))
        raise typer.Exit(FAILED) from None


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON document to standard output."""
    import json

    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")


def _say(lines: Iterator[str]) -> None:
    for line in lines:
        typer.echo(line, err=True)
