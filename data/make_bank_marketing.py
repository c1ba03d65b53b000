"""Brings the UCI bank-marketing calls into the shape of the `file` source.

    python data/make_bank_marketing.py bank-additional-full.csv.gz data/bank_marketing

Writes `leads.csv.gz`, `outcomes.csv.gz` and `as_of` into the folder (`data/bank_marketing` if none
is named). The same original gives the same files on every run. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

FIRST_YEAR = 2008
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# October 2008 holds calls of the second half of the month only: its days run without a gap into
# 3 November, and so does the interest rate beside them.
FIRST_DAYS = {(2008, 10): date(2008, 10, 17)}

# The length of the call is known only after it, together with the answer: a leak.
LEFT_OUT = ("duration", "y")
# How the original writes that it knows nothing.
UNKNOWN_TEXT = "unknown"
NEVER_CONTACTED_DAYS = "999"

REMEDY = "Take bank-additional-full.csv of the UCI set as it is."

Row = dict[str, str]


class OriginalError(Exception):
    """The file is not the original, or has another order than the original."""


def read_original(path: Path) -> list[Row]:
    """The rows of the original, in its order; plain or gzip.

    Raises:
        OriginalError: the file cannot be read, lacks a column that the work needs, or names a
            month or weekday that is none.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise OriginalError(
            f"{path.name}: cannot be read ({type(error).__name__}). {REMEDY}"
        ) from error
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    needed = {"month", "day_of_week", "euribor3m", "pdays", *LEFT_OUT}
    missing = sorted(needed - set(rows[0] if rows else ()))
    if missing:
        raise OriginalError(f"{path.name}: lacks {', '.join(missing)}. {REMEDY}")
    for number, row in enumerate(rows, start=2):
        if row["month"] not in MONTHS or row["day_of_week"] not in WEEKDAYS:
            raise OriginalError(f"{path.name}, row {number}: no month or weekday. {REMEDY}")
    return rows


def call_days(rows: Sequence[Row]) -> Iterator[date]:
    """The day of every call, rebuilt from month, weekday, interest rate and the order of the file.

    A month that comes before the one above it begins a new year. A new weekday or a new daily rate
    (`euribor3m`) begins a new day, and that is the next day of its month that bears the weekday.

    Raises:
        OriginalError: the rows of a month need more days than it has: not the original order.
    """
    year = FIRST_YEAR
    above: Row | None = None
    day = date.min
    for number, row in enumerate(rows, start=2):
        month = MONTHS.index(row["month"]) + 1
        is_new_month = above is None or row["month"] != above["month"]
        if is_new_month:
            if above is not None and month < MONTHS.index(above["month"]) + 1:
                year += 1
            day = _next_weekday(FIRST_DAYS.get((year, month), date(year, month, 1)), row)
        elif above is not None and _day_marks(row) != _day_marks(above):
            day = _next_weekday(day + timedelta(days=1), row)
        if (day.year, day.month) != (year, month):
            raise OriginalError(
                f"row {number}: the calls of this month do not fit into its days. {REMEDY}"
            )
        above = row
        yield day


def _day_marks(row: Row) -> tuple[str, str]:
    return row["day_of_week"], row["euribor3m"]


def _next_weekday(earliest: date, row: Row) -> date:
    wanted = WEEKDAYS.index(row["day_of_week"])
    return earliest + timedelta(days=(wanted - earliest.weekday()) % 7)


def known_value(column: str, value: str) -> str:
    """The value, empty where the original writes that it knows nothing."""
    is_unknown = value == UNKNOWN_TEXT or (column == "pdays" and value == NEVER_CONTACTED_DAYS)
    return "" if is_unknown else value


def write_csv_gz(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """One gzip CSV without time stamp and file name, so that equal rows are equal bytes."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def make_bank_marketing(original: Path, destination: Path) -> int:
    """Writes the three files and gives the number of leads."""
    rows = read_original(original)
    days = list(call_days(rows))
    width = len(str(len(rows)))
    lead_ids = [str(number).zfill(width) for number in range(1, len(rows) + 1)]
    columns = [column for column in rows[0] if column not in LEFT_OUT]

    destination.mkdir(parents=True, exist_ok=True)
    write_csv_gz(
        destination / "leads.csv.gz",
        ["lead_id", "created_at", *(column.replace(".", "_") for column in columns)],
        (
            [lead_id, day.isoformat(), *(known_value(column, row[column]) for column in columns)]
            for lead_id, day, row in zip(lead_ids, days, rows, strict=True)
        ),
    )
    write_csv_gz(
        destination / "outcomes.csv.gz",
        ["lead_id", "outcome", "closed_at"],
        (
            [lead_id, "won" if row["y"] == "yes" else "lost", day.isoformat()]
            for lead_id, day, row in zip(lead_ids, days, rows, strict=True)
        ),
    )
    # The day after the last call: that day is closed, and every lead exists.
    as_of = max(days) + timedelta(days=1)
    (destination / "as_of").write_text(f"{as_of.isoformat()}\n", encoding="utf-8")
    return len(rows)


def main() -> int:
    """The command line: 0 if all was written, 2 for a wrong original."""
    parser = argparse.ArgumentParser(description="Bank-marketing calls in file shape.")
    parser.add_argument("original", type=Path, help="bank-additional-full.csv or .csv.gz")
    parser.add_argument(
        "destination",
        type=Path,
        nargs="?",
        default=Path(__file__).resolve().parent / "bank_marketing",
    )
    arguments = parser.parse_args()
    try:
        count = make_bank_marketing(arguments.original, arguments.destination)
    except OriginalError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} leads and outcomes written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
