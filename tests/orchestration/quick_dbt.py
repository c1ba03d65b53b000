"""dbt for tests that build much: it does the same work and speaks less of it.

A third of a small build goes into messages that no log keeps, into collecting the garbage of a
process that ends soon, into parsers of dates for each result of a query, and into writing JSON
piece by piece; a third of a unit test into finding where its `with` begins, and into asking again
which columns a table has. `leads` as users run it runs dbt as it is, in the tests of the
documentation too.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import IO, Any

import parsedatetime
from dbt import compilation
from dbt.adapters.base.column import Column as BaseColumn
from dbt.adapters.base.relation import BaseRelation
from dbt.adapters.duckdb.impl import DuckDBAdapter
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
    compilation.inject_ctes_into_sql = _inject_ctes
    if "test" in sys.argv:
        # Tests change no table but the ones they make for themselves.
        DuckDBAdapter.get_columns_in_relation = _columns_of  # type: ignore[method-assign]


_fire_event = EventManager.fire_event


def _say_nothing(event: BaseEvent, *_: Any, **__: Any) -> None:
    """Of messages for whoever looks for faults of dbt itself nothing is kept."""


def _fire_if_said(manager: EventManager, e: BaseEvent, *more: Any, **named: Any) -> None:
    if not isinstance(e, DebugLevel):
        _fire_event(manager, e, *more, **named)


def _write_at_once(data: Any, file: IO[str], **options: Any) -> None:
    file.write(json.dumps(data, **options))


_inject_by_parsing = compilation.inject_ctes_into_sql
_WITH = re.compile(r"\s*with\s+(recursive\s+)?", re.IGNORECASE)


def _inject_ctes(sql: str, ctes: list[compilation.InjectedCTE]) -> str:
    found = _WITH.match(sql)
    if not ctes or found is None:
        return _inject_by_parsing(sql, ctes)
    return f"{found.group()}{', '.join(cte.sql for cte in ctes)}, {sql[found.end() :]}"


_ask_columns = DuckDBAdapter.get_columns_in_relation
_columns: dict[str, list[BaseColumn]] = {}


def _columns_of(adapter: DuckDBAdapter, relation: BaseRelation) -> list[BaseColumn]:
    name = relation.render()
    if "__dbt_tmp" in name:
        return _ask_columns(adapter, relation)
    if name not in _columns:
        _columns[name] = _ask_columns(adapter, relation)
    return _columns[name]


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
