"""Many team workbooks -> one organisation: sources, engines, roll-up, and the workbook that shows it."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from ..counting import progress_to
from ..errors import Misuse
from ..policy import Policy, from_toml
from .cache import Cache, with_cache
from .contributions import Job, garbage_later
from .engines import engine, run
from .privacy import SOMEBODY, Names, pseudonyms
from .returns import find_manifest, not_returned
from .rollup import Audience, Organisation, plain_rows, roll_up
from .sources import Sources, as_text, gather
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
    dry_run: bool = False,
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
    here with `jobs` workers); the result is the same. A workbook that cannot be read is in `failed`, and the rest goes on; where none is
    read, neither workbook nor dataset is written. A `dry_run` reads, compares and
    checks, and writes nothing but the cache. Raises an Obstacle only if an output cannot be written.
    """
    asked = _Run(
        tuple(os.fspath(path) for path in paths), output, cache=cache, as_of=as_of, policy=policy, period=period, fairness=fairness,
        dataset=dataset, trend=trend, audience=audience, pseudonym_key=pseudonym_key, distributed=distributed, nudges=nudges,
        editions=editions, jobs=jobs, cluster=cluster, progress=progress, dry_run=dry_run,
    )  # fmt: skip
    with closing(asked.remembered()) as remembered:
        return asked.organisation(remembered)


def consolidated(paths: Sequence[str], output: str, **options: Any) -> dict[str, Any]:
    """The answer of a run into `output`; where nothing changed since the last one, its answer without running again."""
    asked = _Run(tuple(paths), output, **options)
    with closing(asked.remembered()) as remembered:
        if not asked.repeats:
            return asked.organisation(remembered).answer()
        if answer := remembered.answer(output, asked.inputs(), asked.sources.files):
            return {**answer, "seconds": round(time.monotonic() - asked.started, 3)}
        org = asked.organisation(remembered)
        answer = org.answer()
        if not any(f.code in PASSING for f in org.failed):
            remembered.remember_run(output, asked.inputs(), asked.sources.files, answer)
        return answer


@dataclass(frozen=True)
class _Run:
    """One run: what it was asked for, in the words of `consolidate`."""

    paths: tuple[str, ...]
    output: str | os.PathLike[str] | None = None
    cache: str | os.PathLike[str] | None = None
    as_of: date | None = None
    policy: str | None = None
    period: str | None = None
    fairness: bool = False
    dataset: str | os.PathLike[str] | None = None
    trend: str | os.PathLike[str] | None = None
    audience: str = "hr"
    pseudonym_key: str | os.PathLike[str] | None = None
    distributed: str | os.PathLike[str] | None = None
    nudges: str | os.PathLike[str] | None = None
    editions: str | os.PathLike[str] | None = None
    jobs: int | None = None
    cluster: str | None = None
    progress: bool = False
    dry_run: bool = False
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.output is not None and os.path.splitext(self.output)[1].casefold() != ".xlsx":
            raise Misuse(f"{os.fspath(self.output)}: the organisation workbook is an .xlsx file; give it such a name")
        if self.audience != "hr" and self.dataset is not None:
            what = f"it goes with --audience hr, not with {self.audience}"
            raise Misuse(f"a dataset holds everything of everybody; {what}")
        if self.audience == "exec" and self.nudges is not None:
            raise Misuse("nudges name people and what they owe; they go with --audience hr or manager, not with exec")
        if self.audience == "exec" and self.dry_run:
            raise Misuse(
                "what executives are shown is remembered, so that the next edition gives nothing away; a dry run would show it and forget it. Try with --audience hr"
            )

    @cached_property
    def sources(self) -> Sources:
        """The files meant, as they are when this is first asked."""
        found = gather(self.paths, self.output)
        return found if self.cache is None else found.with_states()

    @cached_property
    def job(self) -> Job:
        """What is wanted of each workbook."""
        painted = self.output is not None and self.audience == "hr" and self.pseudonym_key is None
        return Job(self.as_of, self.policy, self.period, details=self.dataset is not None, painted=painted)

    @property
    def manifest(self) -> Path | None:
        """The list of what was handed out."""
        return Path(self.distributed) if self.distributed is not None else find_manifest(self.paths)

    @property
    def repeats(self) -> bool:
        """Whether the same files give the same answer: whatever else it reads or writes is not looked at for changes."""
        by_name = self.output is not None and as_text(os.fspath(self.output)) == os.fspath(self.output)
        remembers = self.cache is not None and not self.dry_run
        return by_name and remembers and not (self.trend or self.dataset or self.nudges or self.manifest)

    def inputs(self) -> tuple[object, ...]:
        """What the answer depends on beside the files and how each is judged. A missing key file is made in the run."""
        return self.fairness, self.audience, _content(self.pseudonym_key), self.sources.skipped, self.editions

    def remembered(self) -> Cache:
        """What earlier runs remembered."""
        return Cache(Path(self.cache) if self.cache else None, self.job, self.sources.places)

    def organisation(self, remembered: Cache) -> Organisation:
        """All of it read, rolled up, and written where it was asked for."""
        with garbage_later():
            org = self._read(remembered)
            self._add(org)
            names = _names(org, self.audience, self.pseudonym_key, self.dry_run)
            self._compare(org, names)
            self._show(org, names)
            self._write(org, names)
        org.seconds = time.monotonic() - self.started
        return org

    def _read(self, remembered: Cache) -> Organisation:
        files, source, job = self.sources.files, self.sources.source, self.job
        tick = progress_to(sys.stderr if self.progress else None, len(files))
        with engine(self.jobs, self.cluster) as workers:
            read = with_cache(files, remembered, job, lambda names: run([*map(source, names)], job, workers, tick))
            policy = from_toml(Policy(), self.policy) if self.policy else Policy()
            return roll_up(read, self.sources.skipped, policy, job.painted)

    def _add(self, org: Organisation) -> None:
        """What is asked for besides: the numbers by group, and who has not returned what was handed out."""
        org.dataset = os.fspath(self.dataset) if self.dataset is not None and org.read else None
        if self.fairness:
            org.with_fairness()
        if (manifest := self.manifest) is not None:
            org.not_returned = not_returned(manifest, org.file_rows)

    def _compare(self, org: Organisation, names: Names | None) -> None:
        """With earlier datasets."""
        if org.dataset is not None:
            from .comparing import moved_since

            org.moved = moved_since(org, org.dataset, names, self.dry_run)
        if (earlier := self.trend or self.dataset) is not None and self.audience != "exec":
            from .trend import trend_of

            org.trend = trend_of(org, earlier)

    def _show(self, org: Organisation, names: Names | None) -> None:
        """Settles what the audience sees."""
        org.audience = Audience(self.audience, names)
        if self.audience == "exec":
            from .editions import Editions, default_editions
            from .releasing import release

            with Editions(Path(self.editions or default_editions()) if self.output is not None else None) as known:
                org.audience = Audience(self.audience, names, release(org, known))
                known.keep()

    def _write(self, org: Organisation, names: Names | None) -> None:
        if self.output is not None and org.read:  # nothing read leaves what is there as it is
            org.output = os.fspath(self.output)
            write_organisation(org, org.output, org.audience, dry_run=self.dry_run)
        if self.nudges is not None and self.dry_run:
            from .nudges import check_target

            check_target(os.fspath(self.nudges))
        if self.dry_run:
            return
        if org.dataset is not None:
            from .dataset import write_dataset

            write_dataset(org, org.dataset, names)
        if self.nudges is not None:
            from .nudges import nudges_of, write_nudges

            found = nudges_of(plain_rows(org.reminders), plain_rows(org.people), org.not_returned or ())
            org.without_draft = write_nudges(found, os.fspath(self.nudges))


def _content(key: str | os.PathLike[str] | None) -> tuple[str, bytes | None] | None:
    """A key file by what is in it: another secret behind the same name gives other pseudonyms."""
    if key is None:
        return None
    path = Path(key)
    return os.fspath(key), hashlib.sha256(path.read_bytes()).digest() if path.is_file() else None


def _names(org: Organisation, audience: str, key: str | os.PathLike[str] | None, dry_run: bool) -> Names | None:
    """What stands for names; None where they stay."""
    if key is not None:
        return Names(org.named(), pseudonyms(os.fspath(key), (org.dataset,), dry_run))
    return Names(org.named(), lambda _: SOMEBODY) if audience == "exec" else None


class _Room(ModuleType):
    """This room, callable: `perfsheet.consolidate(...)` is both the room's name and its one function's."""

    def __call__(self, *args: Any, **kwargs: Any) -> Organisation:
        return consolidate(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
