"""What the build could not use, counted by reason."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from orchestration.lib.settings import Workdir


@dataclass(frozen=True)
class Rejection:
    """`row_count` rows of a raw table were left out for one reason."""

    source_name: str
    table_name: str
    reason: str
    row_count: int


def read_rejections(workdir: Workdir) -> tuple[Rejection, ...]:
    """The rejections of the last build, most rows first; empty where no build got that far."""
    if not workdir.database.is_file():
        return ()
    try:
        with duckdb.connect(str(workdir.database), read_only=True) as connection:
            rows = connection.execute(
                "select source_name, table_name, reason, sum(row_count)"
                " from intermediate.int_rejected_rows"
                " group by all having sum(row_count) > 0 order by 4 desc, 1, 2, 3"
            ).fetchall()
    except duckdb.CatalogException:
        return ()
    return tuple(
        Rejection(source, table, reason, int(row_count))
        for source, table, reason, row_count in rows
    )
