"""Many team workbooks -> one organisation: sources, engines, roll-up, and the workbook that shows it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .contributions import Job
from .engines import progress_to, run
from .sources import gather

if TYPE_CHECKING:
    from .rollup import Organisation as Organisation

__all__ = ["consolidate"]


def consolidate(
    paths: Sequence[str | os.PathLike[str]],
    *,
    output: str | os.PathLike[str] | None = None,
    as_of: date | None = None,
    policy: str | None = None,
    jobs: int | None = None,
    progress: bool = False,
) -> Organisation:
    """Reads all workbooks under `paths` (files, folders, globs) and rolls them up.

    Writes the organisation workbook when `output` is given. A workbook that cannot be read is
    in `failed`, and the rest goes on. Raises an Obstacle only if the output cannot be written.
    """
    from .rollup import roll_up  # pandas is for the one who collects, not for the workers
    from .writing import write_organisation

    started = time.monotonic()
    sources = gather(paths, output)
    tick = progress_to(sys.stderr if progress else None, len(sources.files))
    org = roll_up(run(sources.files, Job(as_of, policy), jobs, tick), sources.skipped)
    if output is not None:
        org.output = os.fspath(output)
        write_organisation(org, org.output)
    org.seconds = time.monotonic() - started
    return org


class _Room(ModuleType):
    """This room, callable: `perfsheet.consolidate(...)` is both the room's name and its one function's."""

    def __call__(self, *args: Any, **kwargs: Any) -> Organisation:
        return consolidate(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
