"""How the work is spread: in this process, over processes, or over a Dask cluster. The result is the same, in the same order.

An engine is given every file and gives back what each contributed. A file that ends the process that reads it, again
and again, is a file that failed.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext, suppress
from multiprocessing import get_context
from typing import Protocol

from ..errors import Misuse
from .batches import AHEAD, BATCH, in_order, read_batch, stays
from .contributions import Job
from .parcels import Parcel, lost
from .sources import Source

PAYS_FROM = 60
"""Below this many workbooks, starting worker processes costs more than it saves."""

TRIES = 2
"""So often a file may end the process that reads it alone, before it counts as failed."""


class Engine(Protocol):
    """Who reads the workbooks."""

    def map(self, files: Sequence[Source], job: Job) -> Iterator[Parcel]:
        """What each file contributes, in the order of the files."""


def engine(jobs: int | None = None, cluster: str | None = None) -> AbstractContextManager[Engine]:
    """The engine asked for: a cluster by its address or "local", this process alone with one job, else processes."""
    if cluster is not None:
        from .cluster import Cluster

        return Cluster(cluster, jobs)
    return nullcontext(Here()) if jobs == 1 else Processes(jobs)


def run(files: Sequence[Source], job: Job, engine: Engine, tick: Callable[[int], None]) -> Iterator[Parcel]:
    """Each file's parcel, in the order of the files; work begins at once. `tick(n)` is told after each batch."""
    return _told(engine.map(files, job), len(files), tick)


def _told(read: Iterator[Parcel], count: int, tick: Callable[[int], None]) -> Iterator[Parcel]:
    for done, found in enumerate(read, start=1):
        if done % BATCH == 0 or done == count:
            tick(done)
        yield found


# ------------------------------------------------------------------------------ here, and processes


class Here:
    """One after the other in this process."""

    def map(self, files: Sequence[Source], job: Job) -> Iterator[Parcel]:
        """See Engine."""
        return (read_batch([file], job)[0] for file in files)


class Processes(AbstractContextManager["Processes"]):
    """As many processes as asked for; by default as many as there are processors, once there are enough files.

    They are at work from when they get their files until the context ends.
    """

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs
        self._open = ExitStack()

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def map(self, files: Sequence[Source], job: Job) -> Iterator[Parcel]:
        """See Engine."""
        workers = self._jobs or (min(os.cpu_count() or 1, 8) if len(files) >= PAYS_FROM else 1)
        here = min(workers, len(files)) < 2 or any(map(stays, files))
        return Here().map(files, job) if here else self._in_processes(files, job, workers)

    def _in_processes(self, files: Sequence[Source], job: Job, workers: int) -> Iterator[Parcel]:
        threads = any(not isinstance(file.where, str) for file in files)
        pool, alone = (self._open.enter_context(closing(_Pool(many, threads))) for many in (workers, 1))
        return in_order(
            files,
            submit=lambda batch: pool.submit(batch, job),
            lost=(BrokenProcessPool,),
            alone=lambda file: _alone(alone, file, job),
            ahead=AHEAD * workers,
        )


def _alone(pool: _Pool, file: Source, job: Job) -> Parcel:
    for _ in range(TRIES):
        with suppress(BrokenProcessPool):
            return pool.submit([file], job).result()[0]
    return lost(file.name)


class _Pool:
    """Worker processes that come back: when one was killed, the executor is of no more use and another takes its place."""

    def __init__(self, workers: int, threads: bool) -> None:
        """Where `threads` run here, those of a connection to a store, no process is forked: it may stand still for ever."""
        self._workers = workers
        self._context = get_context("spawn") if threads else None
        self._executor: ProcessPoolExecutor | None = None

    def submit(self, batch: Sequence[Source], job: Job) -> Future[list[Parcel]]:
        for _ in range(TRIES):
            if self._executor is None:
                self._executor = self._started()
            with suppress(BrokenProcessPool):
                return self._executor.submit(read_batch, batch, job)
            self.close()
        raise BrokenProcessPool("no worker process can be started")

    def _started(self) -> ProcessPoolExecutor:
        executor = ProcessPoolExecutor(self._workers, self._context, initializer=_end_when_interrupted)
        try:
            executor.submit(os.getpid).result()
        except BrokenProcessPool:
            raise Misuse(
                "no worker process can be started; use jobs=1, or call perfsheet under `if __name__ == '__main__':` in a script of your own"
            ) from None
        return executor

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None


def _end_when_interrupted() -> None:
    """Ctrl-C reaches every process of the terminal: a worker just ends, and the parent alone has something to say."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_DFL)
