"""The `leads` command: a thin face over the functions in `orchestration.lib`.

Each command is a module of `orchestration.commands` that loads what it needs when it runs, so
that `leads check` answers at once.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer

from orchestration.commands.agreement import agreement_command
from orchestration.commands.build import build_command
from orchestration.commands.check import check_command
from orchestration.commands.doctor import doctor_command
from orchestration.commands.explain import explain_command
from orchestration.commands.export import export_command
from orchestration.commands.fields import fields_command
from orchestration.commands.restore import restore_command
from orchestration.commands.seeds import seeds_command

app = typer.Typer(
    name="leads",
    help="Scores leads in your own warehouse, by rules that are tables.",
    no_args_is_help=True,
    add_completion=False,
    # Tracebacks would show values of the data.
    pretty_exceptions_enable=False,
)
app.command("build")(build_command)
app.command("check")(check_command)
app.command("fields")(fields_command)
app.command("explain")(explain_command)
app.command("seeds")(seeds_command)
app.command("agreement")(agreement_command)
app.command("export")(export_command)
app.command("restore")(restore_command)
app.command("doctor")(doctor_command)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _end)
    app()


def _end(signal_number: int, _frame: FrameType | None) -> None:
    """End in the ordinary way, so that dbt is ended too and nothing half written stays."""
    sys.exit(128 + signal_number)


if __name__ == "__main__":
    main()
