"""Which files are meant: files, folders and globs become a sorted list, and what is left out has a reason."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..distribute import MANIFEST

WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm")
OTHER_SHEETS = (".xls", ".xlsb", ".ods", ".csv", ".numbers")
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart")
LOCKS = ("~$", ".~lock.")


class Source(NamedTuple):
    """A workbook to read: what it is called in all that is written and printed, and where it is."""

    name: str
    where: str


@dataclass(frozen=True)
class Skipped:
    """A file that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Sources:
    """What to read, in a stable order, and what was left out."""

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def gather(paths: Sequence[str | os.PathLike[str]], output: str | os.PathLike[str] | None = None) -> Sources:
    """The workbooks meant by files, folders (searched whole) and globs.

    A file named outright is always read, so that its trouble is reported; in folders and globs unfinished
    downloads and other formats are left out with a reason, and lock files everywhere. The output
    file is never one of its own sources.
    """
    target = os.path.realpath(output) if output else None
    found: dict[str, None] = {}
    skipped: dict[str, Skipped] = {}
    for path in paths:
        for name, reason in _meant(os.fspath(path)):
            if os.path.realpath(name) == target:
                reason = "it is the output of this run"
            if reason:
                skipped[name] = Skipped(name, reason)
            else:
                found[name] = None
    return Sources(tuple(sorted(found)), tuple(skipped[name] for name in sorted(skipped) if name not in found))


def _meant(path: str) -> Iterator[tuple[str, str | None]]:
    """(file, why it is left out) for one argument. A glob that matches nothing is a file that is missing."""
    matches = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) and not os.path.exists(path) else []
    for name in matches or [path]:
        if os.path.isdir(name):
            yield from _within(name)
        else:
            yield name, leftover(name) if matches else _lock(name)


def _within(folder: str) -> Iterator[tuple[str, str | None]]:
    """Every file below a folder; what cannot be looked into is given as if it were a workbook, and then cannot be read."""
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        for name in folders:
            if name.startswith("."):
                yield os.path.join(place, name), "it is a hidden folder"
            elif os.path.islink(os.path.join(place, name)):
                yield os.path.join(place, name), "it is a link to another folder; name that folder too if it is meant"
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from ((file, leftover(file)) for file in (os.path.join(place, name) for name in sorted(files)))
    yield from ((str(error.filename or folder), None) for error in closed)


def _lock(path: str) -> str | None:
    return "it only says that somebody has the workbook open" if Path(path).name.startswith(LOCKS) else None


def leftover(path: str) -> str | None:
    """Why a file found in a folder is no workbook to read, or None."""
    name, ending = Path(path).name, Path(path).suffix.casefold()
    if reason := _lock(path):
        return reason
    if name.startswith((".", "~WRL")) or ending in UNFINISHED:
        return "it is an unfinished or hidden copy"
    if name == MANIFEST:
        return "it is the list of the workbooks that were handed out"
    if ending in OTHER_SHEETS:
        return f"{ending} files are not read; save it as .xlsx"
    if ending not in WORKBOOKS:
        return "it is not a workbook"
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        return "it is empty, perhaps not yet downloaded by the sync program"
    return None
