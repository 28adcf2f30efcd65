"""How the work is spread: in this process, or over processes. The result is the same, in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from .contributions import Contribution, Job, contribute

PAYS_FROM = 60
"""Below this many workbooks, starting worker processes costs more than it saves."""

BATCH = 16


def run(files: Sequence[str], job: Job, jobs: int | None, tick: Callable[[int], None]) -> Iterator[Contribution]:
    """Each file's contribution, in the order of the files; `tick(n)` is told after each batch."""
    workers = jobs or (min(os.cpu_count() or 1, 8) if len(files) >= PAYS_FROM else 1)
    results = _here(files, job) if workers == 1 else _processes(files, job, workers)
    for done, contribution in enumerate(results, start=1):
        if done % BATCH == 0 or done == len(files):
            tick(done)
        yield contribution


def _here(files: Sequence[str], job: Job) -> Iterator[Contribution]:
    return (contribute(path, job) for path in files)


def _processes(files: Sequence[str], job: Job, workers: int) -> Iterator[Contribution]:
    batches = [files[i : i + BATCH] for i in range(0, len(files), BATCH)]
    with ProcessPoolExecutor(workers) as pool:
        for batch in pool.map(_batch, batches, [job] * len(batches)):
            yield from batch


def _batch(files: Sequence[str], job: Job) -> list[Contribution]:
    return [contribute(path, job) for path in files]
