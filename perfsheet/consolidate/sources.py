"""Which files are meant: files, folders, globs and URLs become a sorted list, and what is left out has a reason."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from ..handed_out import MANIFEST
from ..workbooks.package import Package
from .remote import Remote, fetch, is_url, listed, with_states

WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm")
OTHER_SHEETS = (".xls", ".xlsb", ".ods", ".csv", ".numbers")
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart")
LOCKS = ("~$", ".~lock.")


class Source(NamedTuple):
    """A workbook to read: what it is called in all that is written and printed, and where it is."""

    name: str
    where: str | Remote


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
    remote: Mapping[str, Remote] = field(default_factory=dict)
    """Where those of the files are that are not on this machine."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """Where those are whose own name is no text and can be written nowhere."""

    def source(self, name: str) -> Source:
        """One of the files, as an engine wants it."""
        return Source(name, self.places.get(name, name))

    @property
    def places(self) -> Mapping[str, str | Remote]:
        """Where those of the files are that are not where their name says."""
        return {**self.odd, **self.remote}

    def with_states(self) -> Sources:
        """The same, with what the cache needs to know of those that are not on this machine."""
        return replace(self, remote=with_states(self.remote)) if self.remote else self


def gather(paths: Sequence[str | os.PathLike[str]], output: str | os.PathLike[str] | None = None) -> Sources:
    """The workbooks meant by files, folders (searched whole) and globs, on this machine or behind URLs.

    A file named outright is always read, so that its trouble is reported; in folders and globs unfinished
    downloads and other formats are left out with a reason, and lock files everywhere. The output
    file is never one of its own sources. A URL's secrets are in no name. Raises Misuse for a URL that
    needs a package which is not installed.
    """
    target = os.path.realpath(output) if output else None
    found: dict[str, str | Remote] = {}
    skipped: dict[str, Skipped] = {}
    for path in (_local(os.fspath(path)) for path in paths):
        for name, where, reason in _behind(path, found) if is_url(path) else _here(path, target, found):
            if reason:
                skipped[name] = Skipped(name, reason)
            else:
                found[name] = where
    remote = {name: where for name, where in found.items() if isinstance(where, Remote)}
    odd = {name: where for name, where in found.items() if isinstance(where, str) and where != name}
    left_out = tuple(skipped[name] for name in sorted(skipped) if name not in found)
    return Sources(tuple(sorted(found)), left_out, remote, odd)


def opened(where: str | Remote, name: str) -> tuple[str | Package, float]:
    """What to read a workbook from, and when it was saved. Raises an Obstacle or an OSError."""
    if isinstance(where, str):
        if os.path.isdir(where):
            os.listdir(where)  # a folder that nobody could look into says why
        return where, os.stat(where).st_mtime
    content = fetch(where, name)
    return Package.from_bytes(content.data, name), content.modified


def _local(path: str) -> str:
    """The path that a file:// address means; others as they are."""
    if not path.startswith("file://"):
        return path
    from urllib.request import url2pathname  # it takes a network's worth of modules along

    return url2pathname(urlsplit(path).path)


def _behind(url: str, found: Mapping[str, str | Remote]) -> Iterator[tuple[str, Remote, str | None]]:
    """(name, where, why it is left out) for a URL. Two files whose names differ in their secrets alone are numbered."""
    for name, remote, outright in listed(url):
        yield (
            _free(name, remote, found),
            remote,
            _lock(remote.base) if outright else leftover(remote.base, remote.state.size),
        )


def _here(path: str, target: str | None, found: Mapping[str, str | Remote]) -> Iterator[tuple[str, str, str | None]]:
    for place, reason in _meant(path):
        name = _free(as_text(place), place, found)
        yield name, place, "it is the output of this run" if target and _same_file(place, target) else reason


def _free(name: str, where: str | Remote, found: Mapping[str, str | Remote]) -> str:
    """The name, numbered if a file in another place has it already."""
    number, free = 1, name
    while (other := found.get(free)) is not None and _place(other) != _place(where):
        number += 1
        free = f"{name} ({number})"
    return free


def _place(where: str | Remote) -> str:
    return where if isinstance(where, str) else where.path


def as_text(path: str) -> str:
    r"""A path as it can be written: bytes in it that are no UTF-8, from an old archive perhaps, become \xe9 and the like."""
    return os.fsencode(path).decode("utf-8", "backslashreplace") if not path.isascii() else path


def _meant(path: str) -> Iterator[tuple[str, str | None]]:
    """(file, why it is left out) for one argument. A glob that matches nothing is a file that is missing."""
    matches = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) and not os.path.exists(path) else []
    for name in matches or [path]:
        if os.path.isdir(name):
            yield from _within(name)
        else:
            yield name, leftover(name, _size(name)) if matches else _lock(name)


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
        yield from (
            (file, leftover(file, _size(file))) for file in (os.path.join(place, name) for name in sorted(files))
        )
    yield from ((str(error.filename or folder), None) for error in closed)


def _same_file(path: str, real: str) -> bool:
    """Whether a path leads to a real one. It has the same last name, or is a link."""
    named_alike = os.path.basename(path).casefold() == os.path.basename(real).casefold()
    return (named_alike or os.path.islink(path)) and os.path.realpath(path) == real


def _size(path: str) -> int | None:
    return os.path.getsize(path) if os.path.isfile(path) else None


def _lock(path: str) -> str | None:
    return "it only says that somebody has the workbook open" if os.path.basename(path).startswith(LOCKS) else None


def leftover(path: str, size: int | None = None) -> str | None:
    """Why a file found in a folder is no workbook to read, or None."""
    name = os.path.basename(path)
    ending = os.path.splitext(name)[1].casefold()
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
    if size == 0:
        return "it is empty, perhaps not yet downloaded by the sync program"
    return None
