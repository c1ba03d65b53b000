"""Rows as CSV for people and as Parquet for programs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.lib.publishing.sql_text import literal

BLOCK_ROWS = 2_000
# OWASP: with these a spreadsheet takes a text for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(rows: duckdb.DuckDBPyConnection, headers: Sequence[str], file: Path) -> None:
    """Write the result of a query as UTF-8 with BOM, RFC 4180; no text begins a formula."""
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(headers)
        while block := rows.fetchmany(BLOCK_ROWS):
            writer.writerows([csv_cell(value) for value in row] for row in block)


def csv_cell(value: object) -> str:
    """The text of a value; numbers stay numbers, a text that would be a formula gets a quote."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the result of a query with its types."""
    connection.execute(f"copy ({query}) to {literal(file)} (format parquet, compression zstd)")
