"""Several batches at a time, and their outcomes one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue

from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow, RowOutcome

Batch = tuple[OutgoingRow, ...]
Emit = Callable[[RowOutcome], None]


def batches_of(rows: Iterable[OutgoingRow], size: int) -> Iterator[Batch]:
    """Batches of at most `size` rows of one operation, in the order of the rows."""
    batch: list[OutgoingRow] = []
    for row in rows:
        if batch and (len(batch) == size or batch[0].operation != row.operation):
            yield tuple(batch)
            batch = []
        batch.append(row)
    if batch:
        yield tuple(batch)


def send_in_flight(
    batches: Iterator[Batch],
    write: Callable[[Batch, Emit], None],
    stop: threading.Event,
    calls_in_flight: int,
) -> Iterator[RowOutcome]:
    """Write batches, `calls_in_flight` at a time; an outcome as soon as it is certain.

    `stop` is set when one of them fails and when the reader stops to read, so that the others
    end too. Batches are taken from the iterator only as threads are free.

    Raises:
        DestinationStopped: after the outcomes that were certain by then.
    """
    stop.clear()
    arrived: SimpleQueue[RowOutcome | BaseException | None] = SimpleQueue()

    def work(batch: Batch) -> None:
        try:
            write(batch, arrived.put)
        except BaseException as error:
            stop.set()
            arrived.put(error)
        finally:
            arrived.put(None)

    failure: BaseException | None = None
    in_flight = 0
    with ThreadPoolExecutor(calls_in_flight, thread_name_prefix="export") as pool:
        try:
            while True:
                if failure is None:
                    for batch in islice(batches, calls_in_flight - in_flight):
                        pool.submit(work, batch)
                        in_flight += 1
                if in_flight == 0:
                    break
                item = arrived.get()
                if item is None:
                    in_flight -= 1
                elif isinstance(item, RowOutcome):
                    yield item
                elif failure is None or isinstance(failure, DestinationStopped):
                    # A fault of the program matters more than a destination that stopped.
                    failure = item if failure is None else _graver(failure, item)
        finally:
            stop.set()
    if failure is not None:
        raise failure


def _graver(first: BaseException, second: BaseException) -> BaseException:
    return first if isinstance(second, DestinationStopped) else second
