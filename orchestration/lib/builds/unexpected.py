"""Errors that nobody foresaw, in words without a value of the data."""

from __future__ import annotations

from pathlib import Path

from orchestration.lib.builds.redaction import redact

# What DuckDB raises when the machine, not the program, is at its limit.
_MACHINE_ERRORS = frozenset({"IOException", "OutOfMemoryException"})


def unexpected_lines(error: Exception, stands: str = "Nothing was published.") -> list[str]:
    """What happened and where, without the values that the message may quote.

    `stands` says what a machine at its limit has left of the work.
    """
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return [f"The system refused: {error.strerror}{place}."]
    if type(error).__name__ in _MACHINE_ERRORS:
        return [redact(str(error)), f"{stands} `leads doctor` looks at the machine."]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {_place(trace.tb_frame.f_code.co_filename)}"
    line = "" if trace is None else f":{trace.tb_lineno}"
    return [
        f"Unexpected {type(error).__name__}{place}{line}: {redact(str(error))}",
        "This is a fault of the program. LEADS_DEBUG=1 shows the traceback (it may hold data).",
    ]


def _place(file: str) -> str:
    return "/".join(Path(file).parts[-2:])
