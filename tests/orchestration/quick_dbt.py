"""dbt for tests that build much: it does the same work and speaks less of it.

A third of a small build goes into messages that no log keeps, into collecting the garbage of a
process that ends soon, into parsers of dates for each result of a query, and into writing JSON
piece by piece. `leads` as users run it runs dbt as it is, in the tests of the documentation too.
"""

from __future__ import annotations

import gc
import json
import sys
from functools import cache
from pathlib import Path
from typing import IO, Any

import parsedatetime
from dbt.cli.main import cli, dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder
from dbt_common.events.base_types import BaseEvent, DebugLevel
from dbt_common.events.event_manager import EventManager


def make_quick() -> None:
    """For the rest of this process, which ends with its run of dbt."""
    gc.set_threshold(100_000, 50, 1000)
    DebugLevel.__init__ = _say_nothing  # type: ignore[method-assign]
    EventManager.fire_event = _fire_if_said  # type: ignore[method-assign]
    parsedatetime.Constants = cache(parsedatetime.Constants)
    parsedatetime.Calendar = cache(parsedatetime.Calendar)
    json.dump = _write_at_once


_fire_event = EventManager.fire_event


def _say_nothing(event: BaseEvent, *_: Any, **__: Any) -> None:
    """Of messages for whoever looks for faults of dbt itself nothing is kept."""


def _fire_if_said(manager: EventManager, e: BaseEvent, *more: Any, **named: Any) -> None:
    if not isinstance(e, DebugLevel):
        _fire_event(manager, e, *more, **named)


def _write_at_once(data: Any, file: IO[str], **options: Any) -> None:
    file.write(json.dumps(data, **options))


def main() -> None:
    """dbt's command line; with `--parsed FILE` first it takes the project as it was parsed there.

    Without a look at the files, that is, so whoever asks knows that none of them changed.
    """
    make_quick()
    if sys.argv[1:2] != ["--parsed"]:
        cli()
        return
    parsed = Path(sys.argv[2]).read_bytes()
    manifest = Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    manifest.build_group_map()
    result = dbtRunner(manifest=manifest).invoke(sys.argv[3:])
    if result.exception is not None:
        raise result.exception
    sys.exit(0 if result.success else 1)


if __name__ == "__main__":
    main()
