"""Workbooks read by the workers of a Dask cluster. The one room that knows Dask."""

from __future__ import annotations

import logging
import os
import pickle
import platform
import re
import time
import warnings
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import Misuse, Unreachable
from .batches import AHEAD, in_order, read_batch, stays
from .cache import code_digest
from .contributions import Job
from .parcels import Parcel, lost
from .sources import Source

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"
CONNECT_S = 10
"""So long a scheduler has to answer."""
WORKERS_S = 60
"""So long a cluster may be without any worker, at the start or after it lost them all."""
LOOK_S = 2.0
"""So often we look whether the workers are still there."""
DEATHS = 1
"""A cluster of our own gives a batch to another worker so often before it is given up as a whole."""


class Cluster:
    """The workers of a scheduler at `address`, or `jobs` of our own for "local". Nothing is started until there is something to read."""

    def __init__(self, address: str, jobs: int | None = None) -> None:
        if jobs is not None and address != LOCAL:
            raise Misuse("--jobs says how many processes of this machine to use; a cluster brings its own workers")
        if address != LOCAL and not re.match(r"(tcp|tls|wss?|ucx)://[^/]", address):
            raise Misuse(f"--cluster {address}: this is no address; use tcp://HOST:8786, tls://HOST:8786 or local")
        self._address, self._jobs = address, jobs
        self._client: Client | None = None
        self._open = ExitStack()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._client = None

    def map(self, files: Sequence[Source], job: Job) -> Iterator[Parcel]:
        """See Engine."""
        if not files:
            return
        if any(map(stays, files)):
            raise Misuse("memory:// is in this process alone; no worker of a cluster finds it")
        client = self._client = self._client or self._connected()
        job = replace(job, policy=job.policy and os.path.abspath(job.policy))
        here = _told()

        def submit(batch: Sequence[Source]) -> _Answer:
            return _Answer(self._address, client, client.submit(_read, _placed(batch), job, here, pure=False))

        yield from in_order(
            files,
            submit,
            lost=(_lost(),),
            alone=lambda file: _alone(submit, file),
            ahead=AHEAD * max(2, sum(client.nthreads().values())),
        )

    def _connected(self) -> Client:
        distributed = _distributed()
        self._open.enter_context(_quiet())
        where: Any = self._address
        if self._address == LOCAL:
            where = self._open.enter_context(_local(self._jobs))
        client = self._open.enter_context(_client(distributed, where, self._address))
        _wait_for_workers(client, self._address)
        _refuse_others(client, self._address)
        return client


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise Misuse("--cluster needs Dask; install it with: pip install 'perfsheet[cluster]'") from None
    return distributed


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask tells at length of every worker that comes and goes; what matters to the run, we say ourselves."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def _local(jobs: int | None) -> Iterator[Any]:
    """A cluster of this machine's processes, each watched by a nanny that ends it before memory runs out."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}),
        LocalCluster(
            n_workers=jobs or os.cpu_count() or 1, threads_per_worker=1, processes=True, dashboard_address=None,
            silence_logs=logging.CRITICAL + 1,
        ) as cluster,
    ):  # fmt: skip
        yield cluster


@contextmanager
def _client(distributed: Any, where: Any, address: str) -> Iterator[Client]:
    """A connection to the scheduler. Whatever was submitted through it is cancelled when it is closed."""
    try:
        client = distributed.Client(where, timeout=CONNECT_S, set_as_default=False, name="perfsheet")
    except OSError:
        what = "no Dask scheduler answers there"
        raise Unreachable(address, what, "Start one (dask scheduler), or check the address and the firewall") from None
    try:
        yield client
    finally:
        client.close()


def _wait_for_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError:
        raise _no_workers(address) from None


def _no_workers(address: str) -> Unreachable:
    return Unreachable(
        address, f"the scheduler has had no workers for {WORKERS_S} s", f"Start some: dask worker {address}"
    )


# ------------------------------------------------------------------------------------ the same code everywhere


Told = tuple[str, str, bytes]


def _told() -> Told:
    """What a worker says of itself."""
    return __version__, platform.python_version().rpartition(".")[0], code_digest()


def _refuse_others(client: Client, address: str) -> None:
    """Workers that do not have perfsheet, or another one, or another Python."""
    here = _told()
    for worker, there in sorted(client.run(_told, on_error="return").items()):
        if there != here:
            raise _other(address, worker, there)


def _other(address: str, worker: str, there: object) -> Unreachable:
    version, python, _ = _told()
    if not isinstance(there, tuple):
        what = f"the worker {worker} has no perfsheet, or one that is too old to answer"
    elif there[:2] == (version, python):
        what = f"the worker {worker} has a perfsheet {version} that differs from the one here"
    else:
        what = f"the worker {worker} has perfsheet {there[0]} and Python {there[1]}"
    remedy = f"Install perfsheet {version} with Python {python} on every worker, as here"
    return Unreachable(address, what, remedy, code="versions_differ")


# ------------------------------------------------------------------------------------ one batch


def _placed(batch: Sequence[Source]) -> list[Source]:
    """Files as a worker finds them, wherever it was started; they keep the name by which they are known here."""
    return [Source(f.name, os.path.abspath(f.where) if isinstance(f.where, str) else f.where) for f in batch]


def _read(batch: Sequence[Source], job: Job, caller: Told) -> bytes | Told:
    """What the batch contributes, packed for the way back; or who this worker is, if it came late and is another."""
    here = _told()
    return zlib.compress(pickle.dumps(read_batch(batch, job), protocol=5), 1) if here == caller else here


def _lost() -> type[BaseException]:
    """What a batch raises that ended one worker after the other."""
    from distributed import KilledWorker

    found: type[BaseException] = KilledWorker
    return found


def _alone(submit: Any, file: Source) -> Parcel:
    """The file by itself; the scheduler has tried it on several workers before it gives up."""
    try:
        found: list[Parcel] = submit([file]).result()
    except _lost():
        return lost(file.name)
    return found[0]


class _Answer:
    """A batch under way. A cluster that is gone is noticed while we wait."""

    def __init__(self, address: str, client: Client, future: Future) -> None:
        self._address, self._client, self._future = address, client, future

    def result(self) -> list[Parcel]:
        packed = self._waited_for()
        if not isinstance(packed, bytes):
            raise _other(self._address, "that came last", packed)
        found: list[Parcel] = pickle.loads(zlib.decompress(packed))
        return found

    def _waited_for(self) -> bytes | Told:
        seen = time.monotonic()
        while True:
            try:
                packed: bytes | Told = self._future.result(timeout=LOOK_S)
                return packed
            except TimeoutError:
                seen = time.monotonic() if self._has_workers() else seen
                if time.monotonic() - seen > WORKERS_S:
                    raise _no_workers(self._address) from None
            except (CancelledError, OSError):
                raise self._cut_off() from None

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except (OSError, RuntimeError):
            raise self._cut_off() from None

    def _cut_off(self) -> Unreachable:
        what = "the connection to the scheduler was lost"
        return Unreachable(self._address, what, "Run it again: what was read so far is remembered")
