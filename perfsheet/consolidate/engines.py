"""How the work is spread: in this process, or over processes. The result is the same, in the same order."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from .contributions import Job, contribute
from .packing import Packed, pack

PAYS_FROM = 60
"""Below this many workbooks, starting worker processes costs more than it saves."""

BATCH = 16
"""Workbooks that a worker does at a time: what comes back is large enough to be worth the way, and soon done."""


def run(files: Sequence[str], job: Job, jobs: int | None, tick: Callable[[int], None]) -> Iterator[Packed]:
    """What the files contribute, in batches, in the order of the files; `tick(n)` is told after each batch."""
    workers = jobs or (min(os.cpu_count() or 1, 8) if len(files) >= PAYS_FROM else 1)
    batches = [files[i : i + BATCH] for i in range(0, len(files), BATCH)]
    results = (_batch(batch, job) for batch in batches) if workers == 1 else _processes(batches, job, workers)
    done = 0
    for packed in results:
        done += len(packed.sources)
        tick(done)
        yield packed


def _processes(batches: Sequence[Sequence[str]], job: Job, workers: int) -> Iterator[Packed]:
    """The batches spread over processes; only a few are under way at a time, so that none pile up."""
    with ProcessPoolExecutor(workers, initializer=gc.freeze) as pool:
        waiting: deque[Future[Packed]] = deque()
        for batch in batches:
            waiting.append(pool.submit(_batch, batch, job))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


AHEAD = 4
"""Batches for each worker that are under way or wait to be taken."""


def _batch(files: Sequence[str], job: Job) -> Packed:
    """The contributions of a few workbooks.

    A workbook is many small objects with hardly a circle among them: looking for circles all the time
    costs a seventh of the whole, so it is done once a batch, and only among what the batch has left.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        packed = pack([contribute(path, job) for path in files])
        gc.collect(0)
        return packed
    finally:
        if collecting:
            gc.enable()


def progress_to(stream: object, total: int) -> Callable[[int], None]:
    """A counter on a terminal, nothing in a pipe."""
    if not (hasattr(stream, "isatty") and stream.isatty()):
        return lambda _: None

    def tick(done: int) -> None:
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done} of {total} workbooks{end}")
        sys.stderr.flush()

    return tick
