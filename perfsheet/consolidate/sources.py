"""Which files are meant: files, folders and globs become a sorted list, and what is left out has a reason."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm")
OTHER_SHEETS = (".xls", ".xlsb", ".ods", ".csv", ".numbers")


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

    A file named outright is always read, so that its trouble is reported; in folders and globs
    lock files, unfinished downloads and other formats are left out with a reason. The output
    file is never one of its own sources.
    """
    target = os.path.realpath(output) if output else None
    found: dict[str, None] = {}
    skipped: dict[str, Skipped] = {}
    for path in paths:
        for name, outright in _named(os.fspath(path)):
            reason = None if outright else leftover(name)
            if os.path.realpath(name) == target:
                reason = "it is the output of this run"
            if reason:
                skipped[name] = Skipped(name, reason)
            else:
                found[name] = None
    return Sources(tuple(sorted(found)), tuple(skipped[name] for name in sorted(skipped)))


def _named(path: str) -> Iterator[tuple[str, bool]]:
    """(file, whether it was named outright) for one argument."""
    if os.path.isdir(path):
        for folder, folders, files in os.walk(path):
            folders.sort()
            yield from ((os.path.join(folder, name), False) for name in _spreadsheets(files))
    elif os.path.exists(path) or not glob.has_magic(path):
        yield path, True
    else:
        for name in sorted(glob.glob(path, recursive=True)):
            if os.path.isfile(name):
                yield name, False


def _spreadsheets(names: Iterable[str]) -> Iterator[str]:
    """The files of a folder that are, or were meant to be, spreadsheets."""
    for name in sorted(names):
        if name.casefold().endswith((*WORKBOOKS, *OTHER_SHEETS)) or name.startswith((".~lock.", "~$", "~WRL")):
            yield name


def leftover(path: str) -> str | None:
    """Why a file found in a folder is no workbook to read, or None."""
    name, ending = Path(path).name, Path(path).suffix.casefold()
    if name.startswith("~$") or name.startswith(".~lock."):
        return "it only says that somebody has the workbook open"
    if name.startswith((".~perfsheet", "~WRL", ".")):
        return "it is an unfinished or hidden copy"
    if ending in OTHER_SHEETS:
        return f"{ending} files are not read; save it as .xlsx"
    if ending not in WORKBOOKS:
        return "it is not a workbook"
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        return "it is empty, perhaps not yet downloaded by the sync program"
    return None
