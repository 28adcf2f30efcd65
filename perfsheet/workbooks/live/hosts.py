"""Which spreadsheet programs run here, and which of their open workbooks is meant."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ...errors import Ambiguous, Busy, NotOpen, NotRunning
from .host import Host

if TYPE_CHECKING:
    import xlwings as xw


@dataclass(frozen=True)
class Found:
    """An open workbook and its program."""

    host: Host
    book: xw.Book


def hosts() -> Iterator[Host]:
    """The programs that may run here, those asked first that people mean."""
    from .libreoffice import LibreOffice

    if sys.platform in ("win32", "darwin") and not os.environ.get("PERFSHEET_UNO"):
        from .excel import Excel

        yield Excel()
    yield LibreOffice()


PATIENCE = 15.0
"""Seconds to wait for a user who is typing in a cell."""
LOOK_EVERY = 0.25


def find(wanted: str | None, among: Sequence[Host] | None = None, patience: float = PATIENCE) -> Found:
    """The open workbook of that name, by default the one in front.

    `wanted` is a name as the program shows it, with or without its ending, or a whole path or address.
    Raises NotRunning, NotOpen or Ambiguous; and Busy if a program does not even say what is open in it.
    """
    asked = tuple(hosts() if among is None else among)
    until = time.monotonic() + patience
    while True:
        try:
            found = _found(wanted, asked)
            return Found(found.host, found.host.pinned(found.book))
        except Exception as error:
            busy = next((host for host in asked if host.is_busy(error)), None)
            if busy is None:
                raise
            if time.monotonic() >= until:
                raise too_busy(wanted or busy.title, busy) from None
            time.sleep(LOOK_EVERY)


def too_busy(name: str, host: Host) -> Busy:
    """The obstacle of a user who does not leave a cell."""
    what = f"a cell is being edited or a dialog is open in {host.title}"
    return Busy(name, what, "Finish it with Enter (or Esc), and try again")


def _found(wanted: str | None, asked: Sequence[Host]) -> Found:
    running: list[tuple[Host, xw.App]] = []
    absent: list[NotRunning] = []
    for host in asked:
        try:
            running += [(host, app) for app in host.apps()]
        except NotRunning as obstacle:
            absent.append(obstacle)
    if not running:
        raise absent[0]
    books = [Found(host, book) for host, app in running for book in app.books]
    if wanted is None:
        return _in_front(running, books)
    return _only(wanted, _meant(wanted, books), books)


def _in_front(running: Sequence[tuple[Host, xw.App]], books: Sequence[Found]) -> Found:
    for host, app in running:
        try:
            return Found(host, app.books.active)
        except KeyError:
            pass
    if len(books) == 1:
        return books[0]
    raise _not_open(running[0][0].title, "no workbook is in front", books)


def _meant(wanted: str, books: Sequence[Found]) -> list[Found]:
    """Those of the whole path; else of the whole name; else of the name without its ending."""
    name = re.split(r"[\\/]", wanted)[-1]
    called = {name.casefold(), unquote(name).casefold()}
    by_path = [f for f in books if wanted != name and f.host.fullname(f.book).casefold() == wanted.casefold()]
    by_name = [f for f in books if f.book.name.casefold() in called]
    by_stem = [f for f in books if f.book.name.rpartition(".")[0].casefold() in called]
    return by_path or by_name or by_stem


def _only(wanted: str, meant: Sequence[Found], books: Sequence[Found]) -> Found:
    if len(meant) == 1:
        return meant[0]
    if not meant:
        programs = " or ".join(dict.fromkeys(f.host.title for f in books)) or "any program that can be reached"
        raise _not_open(wanted, f"is not open in {programs}", books)
    places = ", ".join(f.host.fullname(f.book) for f in meant)
    raise Ambiguous(
        wanted, f"several open workbooks are called that: {places}", "Name one with its whole path: --book PATH"
    )


def _not_open(wanted: str, what: str, books: Sequence[Found]) -> NotOpen:
    names = ", ".join(f.book.name for f in books)
    return NotOpen(wanted, what, f"Name one that is open with --book: {names}" if names else "Open the workbook first")
