"""Batches of workbooks, the same for every engine: handed out a few at a time, so that what waits to be taken stays small."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from .contributions import Job, contribute
from .parcels import Parcel, parcel
from .sources import Source

BATCH = 16
"""At most so many workbooks in a batch."""
AHEAD = 3
"""So many batches for each worker are under way or wait to be taken."""


def read_batch(files: Sequence[Source], job: Job) -> list[Parcel]:
    """What every engine's workers do."""
    return [parcel(contribute(file.name, job, file.where), job) for file in files]


def stays(file: Source) -> bool:
    """Whether the file is nowhere but in this process's memory."""
    return not isinstance(file.where, str) and file.where.stays


def batches_of(files: Sequence[Source], ahead: int) -> Iterator[Sequence[Source]]:
    """The files in batches that become smaller towards the end, so that all workers end at nearly the same time."""
    at = 0
    while at < len(files):
        size = size_for(len(files) - at, ahead)
        yield files[at : at + size]
        at += size


def size_for(left: int, ahead: int) -> int:
    """How many workbooks go into the next batch when so many are left."""
    return max(1, min(BATCH, left // (2 * ahead)))


class Answer(Protocol):
    """What a batch will have contributed: a future of any engine's."""

    def result(self) -> list[Parcel]:
        """Waits for it."""


def in_order(
    files: Sequence[Source],
    submit: Callable[[Sequence[Source]], Answer],
    lost: tuple[type[BaseException], ...],
    alone: Callable[[Source], Parcel],
    ahead: int,
) -> Iterator[Parcel]:
    """Batches given out `ahead` of what is taken, the first of them at once; whoever opened the engine takes them back.

    One whose worker was lost (`lost` is raised) is read again file by file.
    Which of a batch's files ended the worker nobody knows, and with a broken pool not even which batch: only
    a file that does it `alone` is to blame.
    """
    given_out = ((batch, submit(batch)) for batch in batches_of(files, ahead))
    return _taken(deque(islice(given_out, ahead)), given_out, lost, alone)


GivenOut = tuple[Sequence[Source], Answer]


def _taken(
    waiting: deque[GivenOut],
    further: Iterator[GivenOut],
    lost: tuple[type[BaseException], ...],
    alone: Callable[[Source], Parcel],
) -> Iterator[Parcel]:
    while waiting:
        batch, answer = waiting.popleft()
        try:
            found = iter(answer.result())
        except lost:
            found = map(alone, batch)
        yield from found
        waiting.extend(islice(further, 1))
