"""Many team workbooks -> one organisation: sources, engines, roll-up, and the workbook that shows it."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from ..counting import progress_to
from ..errors import Misuse
from ..policy import Policy, from_toml
from .cache import Cache, with_cache
from .contributions import Job
from .dataset import columns_of, recover, rows_in_parts, write_dataset
from .editions import Editions, default_editions
from .engines import engine, run
from .goalposts import COMPARED, TOLD, Marks, Moved, moved_goalposts, workbook_of
from .nudges import nudges_of, write_nudges
from .privacy import SOMEBODY, Names, pseudonyms
from .releasing import release
from .returns import find_manifest, not_returned
from .rollup import Audience, Organisation, plain_rows, roll_up
from .sources import gather
from .trend import trend_of
from .writing import write_organisation

__all__ = ["Organisation", "consolidate", "consolidated"]

PASSING = frozenset({"changed", "crashed", "fault", "forbidden", "missing", "unreachable"})
"""Why a file could not be read that may be otherwise in a minute: such a run is not remembered as done."""


def consolidate(
    paths: Sequence[str | os.PathLike[str]],
    *,
    output: str | os.PathLike[str] | None = None,
    as_of: date | None = None,
    policy: str | None = None,
    jobs: int | None = None,
    fairness: bool = False,
    period: str | None = None,
    dataset: str | os.PathLike[str] | None = None,
    trend: str | os.PathLike[str] | None = None,
    audience: str = "hr",
    pseudonym_key: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    distributed: str | os.PathLike[str] | None = None,
    nudges: str | os.PathLike[str] | None = None,
    editions: str | os.PathLike[str] | None = None,
    cluster: str | None = None,
    progress: bool = False,
) -> Organisation:
    """Reads all workbooks under `paths` (files, folders, globs, URLs) and rolls them up.

    Writes the organisation workbook when `output` is given, for its `audience`; with `fairness` it
    has the numbers by group and rater, small groups hidden. With `period` only workbooks of that
    period count. `dataset` is a folder of Parquet files to write, and to compare with first:
    goalposts that moved since are in `moved`. Earlier periods are in `trend`, from that dataset or another
    one that is only read; executives get those that they were shown before. `cache` is a folder in which what was read is
    remembered. `distributed` is the list of what was handed out (found by itself in a folder among
    `paths`): who has not returned theirs is in `not_returned`. `nudges` is a file or folder for
    reminders. `editions` is the file in which it is remembered what executives were shown, so that the
    next edition gives nothing away beside it; by default it is in the user's own folder. `jobs` processes read
    the workbooks, or the workers of a Dask `cluster` ("tcp://host:8786", or "local" for one that is started
    here with `jobs` workers); the result is the same. A workbook that cannot be read is in `failed`, and the rest goes on. Raises an
    Obstacle only if an output cannot be written.
    """
    started = time.monotonic()
    if audience != "hr" and dataset is not None:
        raise Misuse(f"a dataset holds everything of everybody; it goes with --audience hr, not with {audience}")
    if audience == "exec" and nudges is not None:
        raise Misuse("nudges name people and what they owe; they go with --audience hr or manager, not with exec")
    sources = gather(paths, output) if cache is None else gather(paths, output).with_states()
    tick = progress_to(sys.stderr if progress else None, len(sources.files))
    painted = output is not None and audience == "hr" and pseudonym_key is None
    job = Job(as_of, policy, period, details=dataset is not None, painted=painted)
    with (
        closing(Cache(Path(cache) if cache else None, job, sources.remote)) as remembered,
        engine(jobs, cluster) as workers,
    ):
        read = with_cache(
            sources.files, remembered, job, lambda names: run([*map(sources.source, names)], job, workers, tick)
        )
        org = roll_up(read, sources.skipped, from_toml(Policy(), policy) if policy else Policy(), painted)
    if fairness:
        org.with_fairness()
    manifest = Path(distributed) if distributed is not None else find_manifest(paths)
    if manifest is not None:
        org.not_returned = not_returned(manifest, org.file_rows)
    if dataset is not None:
        org.dataset = os.fspath(dataset)
        org.moved = _moved(org, org.dataset)
    if (earlier := trend or dataset) is not None and audience != "exec":
        org.trend = trend_of(org, earlier)
    org.audience = Audience(audience, names := _names(org, audience, pseudonym_key))
    if audience == "exec":
        with Editions(Path(editions or default_editions()) if output is not None else None) as known:
            org.audience = Audience(audience, names, release(org, known))
            known.keep()
    if output is not None:
        org.output = os.fspath(output)
        write_organisation(org, org.output, org.audience)
    if org.dataset is not None:
        write_dataset(org, org.dataset, names)
    if nudges is not None:
        found = nudges_of(plain_rows(org.reminders), plain_rows(org.people), org.not_returned or ())
        org.without_draft = write_nudges(found, os.fspath(nudges))
    org.seconds = time.monotonic() - started
    return org


def consolidated(
    paths: Sequence[str], output: str, *, cache: str | os.PathLike[str] | None, **options: Any
) -> dict[str, Any]:
    """The answer of a run into `output`; where nothing changed since the last one, its answer without running again."""
    started = time.monotonic()
    if (
        cache is None
        or options.get("trend")
        or options["dataset"] is not None
        or options["nudges"] is not None
        or _manifest(paths, options)
    ):
        return consolidate(paths, output=output, cache=cache, **options).answer()
    sources = gather(paths, output).with_states()
    job = Job(options["as_of"], options["policy"], options["period"])
    inputs = (
        options["fairness"],
        options["audience"],
        _content(options["pseudonym_key"]),
        sources.skipped,
        options.get("editions"),
    )
    with closing(Cache(Path(cache), job, sources.remote)) as remembered:
        if answer := remembered.answer(output, inputs, sources.files):
            return {**answer, "seconds": round(time.monotonic() - started, 3)}
    org = consolidate(paths, output=output, cache=cache, **options)
    answer = org.answer()
    if any(f.code in PASSING for f in org.failed):
        return answer
    inputs = (*inputs[:2], _content(options["pseudonym_key"]), *inputs[3:])  # the key may have been made just now
    with closing(Cache(Path(cache), job, sources.remote)) as remembered:
        remembered.remember_run(output, inputs, sources.files, answer)
    return answer


def _content(key: str | os.PathLike[str] | None) -> tuple[str, bytes | None] | None:
    """A key file by what is in it: another secret behind the same name gives other pseudonyms."""
    if key is None:
        return None
    path = Path(key)
    return os.fspath(key), hashlib.sha256(path.read_bytes()).digest() if path.is_file() else None


def _manifest(paths: Sequence[str], options: Mapping[str, Any]) -> bool:
    return options["distributed"] is not None or find_manifest(paths) is not None


def _names(org: Organisation, audience: str, key: str | os.PathLike[str] | None) -> Names | None:
    """What stands for names; None where they stay."""
    if key is not None:
        return Names(org.named(), pseudonyms(os.fspath(key), (org.dataset,)))
    return Names(org.named(), lambda _: SOMEBODY) if audience == "exec" else None


def _moved(org: Organisation, directory: str) -> list[Moved] | None:
    """What is not as it was in the dataset's present state; None if it does not know this period yet.

    Only workbooks whose rows are not what they were are held in memory.
    """
    recover(Path(directory))
    before, now = Marks(), Marks()
    periods = sorted({row["period"] for row in org.team_rows}, key=str)
    for table, columns in COMPARED.items():
        there = {period: columns_of(directory, table, period) for period in periods}
        both = {period: [name for name in columns if name in known] for period, known in there.items()}
        for period in periods:
            for rows in rows_in_parts(directory, table, period, both[period]):
                before.add(table, rows, both[period])
        for rows in org.tables(table):
            if rows:
                now.add(table, rows, both[rows[0]["period"]])
    if not before:
        return None
    moved = before.differ(now)

    def before_of(table: str) -> Iterable[Sequence[dict[str, Any]]]:
        wanted = *COMPARED[table], *TOLD
        return chain.from_iterable(rows_in_parts(directory, table, period, wanted) for period in periods)

    return moved_goalposts(
        {table: _rows_of(moved, before_of(table)) for table in COMPARED},
        {table: _rows_of(moved, org.tables(table)) for table in (*COMPARED, "history")},
    )


def _rows_of(workbooks: Collection[str], parts: Iterable[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows of some workbooks out of all."""
    return [row for rows in parts for row in rows if workbook_of(row) in workbooks]


class _Room(ModuleType):
    """This room, callable: `perfsheet.consolidate(...)` is both the room's name and its one function's."""

    def __call__(self, *args: Any, **kwargs: Any) -> Organisation:
        return consolidate(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
