"""The time that perfsheet is at work in an open workbook.

The user sees in the status bar what is happening, and finds the window afterwards as it was: the tab in front, the
selected cells, the way of calculating. All of it is one step for undo, where the program can.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ...errors import Busy, InUse, Obstacle, Refused
from ...tables import Address, Book, Change, Scalar, Tab
from . import putting
from .host import Host
from .hosts import LOOK_EVERY, PATIENCE, Found, too_busy
from .locking import alone
from .reading import read

if TYPE_CHECKING:
    import xlwings as xw


SLOWER = 4
"""So many times as long is an obstacle left to be read that is said nowhere else."""


@dataclass(frozen=True)
class Patience:
    """Seconds: how long to wait for a user who is typing in a cell, and how long the last sentence is left to be read."""

    with_user: float = PATIENCE
    to_read: float = 0.0


class Session:
    """An open workbook that perfsheet works in."""

    def __init__(self, found: Found, bare: Collection[str] = (), painter: str = "") -> None:
        self.bare, self.painter = bare, painter
        self.host, self.book = found.host, found.book
        self.name: str = found.book.name
        self.now: Book | None = None
        """The workbook as it was read last."""
        self.outcome = ""
        """The sentence that the user reads at the end."""
        self.front: str | None = None
        """The tab that is brought in sight at the end; by default the one that was."""

    def say(self, words: str | None) -> None:
        """One sentence in the status bar; None gives it back. A program that will not is no obstacle."""
        with _forgiven(self.host):
            self.host.say(self.book, words)

    def read(self) -> Book:
        """The workbook as it stands on the screen."""
        self.say(f"perfsheet: reading {self.name} …")
        self.now = read(self.book, self.host, self.bare)
        return self.now

    def put(self, tabs: Sequence[Tab], created: date) -> dict[str, str]:
        """The tabs put in or renewed; returns the name of each by mark."""
        self.say("perfsheet: writing " + ", ".join(tab.name for tab in tabs) + " …")
        with _calm(self.host, self.book.app):
            return putting.put(self.book, self.host, self._read(), tabs, created, self.painter)

    def must_take_tabs(self) -> None:
        """Raises Refused, before anything is touched, where tabs may not come or go."""
        putting.refuse_locked(self.book, self.host)

    def remove(self, mark: str) -> None:
        """Takes the tab with the mark away, if there is one."""
        putting.remove(self.book, self._read(), mark)

    def change(self, changes: Iterable[Change]) -> None:
        """Single cells changed. Raises Changed, before anything is touched, if one is not what it was when read."""
        with _calm(self.host, self.book.app):
            putting.change(self.book, self.host, self._read(), changes)

    def lengthen(self, table: str, bottom: int) -> None:
        """The table reaches down to this row."""
        putting.lengthen(self.book, self._read(), table, bottom)

    def shorten(self, table: str, bottom: int) -> None:
        """The table ends with this row again; what stood below is emptied."""
        with _calm(self.host, self.book.app):
            putting.shorten(self.book, self._read(), table, bottom)

    def holds(self, address: Address, value: Scalar) -> bool:
        """Whether a cell holds this value just now."""
        return putting.is_same(putting.value_at(self.book, address), value, self._read().date1904)

    def _read(self) -> Book:
        return self.now if self.now is not None else self.read()


@contextlib.contextmanager
def at_work(
    found: Found,
    title: str,
    patience: Patience,
    bare: Collection[str] = (),
    aside: Callable[[Obstacle], None] | None = None,
    painter: str = "",
) -> Iterator[Session]:
    """The workbook, ready to be worked in.

    `bare` is for `read`, `aside` is told of an obstacle that came up in the work, and what another `painter` painted
    is painted anew.

    Raises Busy when the user does not leave a cell in time,
    and InUse when another perfsheet is at work in it.

    Whatever the program complains about inside comes out as an obstacle of one line.
    """
    session, to_read = Session(found, bare, painter), patience.to_read
    try:
        with _complaints(found):
            _wait(session, patience.with_user)
            # first the step is closed, then the view put back: LibreOffice would cut the step in two there
            with (
                alone(session.name, found.host.fullname(found.book)),
                _as_it_was(session, found),
                found.host.one_step(found.book, title),
            ):
                yield session
    except Obstacle as obstacle:
        session.outcome = f"{obstacle.what}. {obstacle.remedy}"
        to_read *= 1 if found.host.obstacles_stay else SLOWER
        if aside is not None and not isinstance(obstacle, (Busy, InUse)):
            aside(obstacle)
        raise
    except Exception as error:
        session.outcome = f"stumbled over something that it does not know ({type(error).__name__}). Save the workbook, and run the command in a terminal"
        raise
    finally:
        if session.outcome and to_read:
            session.say(f"perfsheet: {session.outcome}")
            time.sleep(to_read)
        session.say(None)


def _wait(session: Session, patience: float) -> None:
    """Until the program takes commands."""
    until = time.monotonic() + patience
    while not session.host.is_ready(session.book):
        if time.monotonic() >= until:
            raise too_busy(session.name, session.host)
        session.say("perfsheet waits until you have finished the cell (Enter or Esc) …")
        time.sleep(LOOK_EVERY)


@contextlib.contextmanager
def _complaints(found: Found) -> Iterator[None]:
    try:
        yield
    except Obstacle:
        raise
    except Exception as error:
        said = found.host.trouble(error)
        if said is None:
            raise
        what = f"{found.host.title} would not go on: {said}"
        raise Refused(
            _name(found.book), what, "Look whether a tab is protected or a dialog is open, and try again"
        ) from error


def _name(book: xw.Book) -> str:
    try:
        return str(book.name)
    except Exception:  # the program may be gone
        return "the workbook"


@contextlib.contextmanager
def _forgiven(host: Host) -> Iterator[None]:
    """What the program will not do here is no obstacle."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, KeyError) and host.trouble(error) is None:
            raise


@contextlib.contextmanager
def _as_it_was(session: Session, found: Found) -> Iterator[None]:
    """The tab in front and the selected cells are the same afterwards, also where the tab was renewed.

    A tab that the session wants in sight comes to the front after that.
    """
    book, app = found.book, found.book.app
    front, window, chosen = book.sheets.active.name, _in_front(book), app.selection
    cells = (chosen.row, chosen.column, *chosen.shape) if chosen is not None else None
    try:
        yield
    finally:
        with _forgiven(found.host):  # the tab, or the program, may be gone
            found.host.show(book.sheets[front])
            if cells is not None:
                row, column, height, width = cells
                book.sheets[front].range((row, column), (row + height - 1, column + width - 1)).select()
            if session.front is not None:
                found.host.show(book.sheets[session.front])
            if window != book.name:
                found.host.show(app.books[window].sheets.active)


def _in_front(book: xw.Book) -> str:
    """The workbook that the user looks at; not always the one that is worked in."""
    try:
        return str(book.app.books.active.name)
    except KeyError:
        return str(book.name)


@contextlib.contextmanager
def _calm(host: Host, app: xw.App) -> Iterator[None]:
    """No calculating, no repainting and no macros of the user's while cells are written."""
    settings: dict[str, Any] = {"calculation": "manual", "screen_updating": False, "enable_events": False}
    before = {name: getattr(app, name) for name in settings}
    try:
        for name, value in settings.items():
            setattr(app, name, value)
        yield
    finally:
        for name, value in before.items():
            with _forgiven(host):  # one that cannot be given back must not keep the others
                setattr(app, name, value)
