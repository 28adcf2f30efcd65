"""Excel as a host, on Windows and macOS, through xlwings' own engines.

Nobody could run this beside an Excel where it was written: it follows the source of xlwings 0.37 and what users
report of pywin32 and appscript. `docs/live.md` says what that leaves open.
"""

from __future__ import annotations

import atexit
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import NotRunning
from . import engines
from .host import Facts

if TYPE_CHECKING:
    import xlwings as xw

BUSY = frozenset({-2147418111, -2147417846, -2146777998, -1712})
"""The call was rejected, come back later, in a cell or a dialog; and AppleScript's "timed out"."""
NOT_ALLOWED = -1743
"""macOS: the user has not allowed this program to control Excel."""
ATTEMPTS = 2_000
"""A call that Excel rejects is tried so often while we work: for a moment, not for ever as is xlwings' default."""
_NO_COLOUR = -4142
_OURS = ("com_error", "CommandError", "ExcelBusyError", "XlwingsError")
"""The names of the exceptions by which pywin32, appscript and xlwings pass on what Excel says."""


class Excel:
    """The Excel that runs in front of the user."""

    title = "Excel"
    at_once = 1
    obstacles_stay = False

    def apps(self) -> Sequence[xw.App]:
        xlwings = engines.load()
        try:
            _only_attach(ATTEMPTS)
            running = list(xlwings.engines["excel"].apps)
        except KeyError:
            raise NotRunning(self.title, "xlwings cannot reach it", "Run: pip install 'perfsheet[live]'") from None
        except Exception as error:
            if _numbers(error) & {NOT_ALLOWED}:
                raise NotRunning(
                    self.title,
                    "macOS does not allow this program to control it",
                    "Allow it in System Settings, Privacy & Security, Automation",
                ) from None
            raise
        if not running:
            raise NotRunning(self.title, "it is not running", "Open the workbook in Excel first")
        return running

    def pinned(self, book: xw.Book) -> xw.Book:
        """By its name: on macOS a workbook of a list is known by its number, which changes when another one opens."""
        return book.app.books[book.name]

    def fullname(self, book: xw.Book) -> str:
        """As Excel says it: xlwings would look for the local copy of a cloud's file, and stop where there is none."""
        return str(_asked(book.api, "FullName", "full_name"))

    def facts(self, book: xw.Book) -> Facts:
        return Facts(
            bool(_asked(book.api, "Date1904", "date_1904")),
            bool(_asked(book.api, "ProtectStructure", "protect_structure")),
        )

    def hidden(self, block: xw.Range) -> tuple[frozenset[int], frozenset[int]]:
        """By halves: COM answers for many lines at once, and says nothing where they differ."""
        (height, width), top, left = block.shape, block.row, block.column

        def row(first: int, count: int) -> bool | None:
            lines = block.sheet.range((first, left), (first + count - 1, left))
            return lines.api.EntireRow.Hidden if sys.platform == "win32" else lines.rows.hidden

        def column(first: int, count: int) -> bool | None:
            lines = block.sheet.range((top, first), (top, first + count - 1))
            return lines.api.EntireColumn.Hidden if sys.platform == "win32" else lines.columns.hidden

        return frozenset(_lines(top, height, row)), frozenset(_lines(left, width, column))

    def is_ready(self, book: xw.Book) -> bool:
        _only_attach(1)
        try:
            if sys.platform == "win32":
                return bool(book.app.api.Ready)
            return bool(book.name)
        except Exception as error:
            if self.is_busy(error):
                return False
            raise
        finally:
            _only_attach(ATTEMPTS)

    def is_busy(self, error: Exception) -> bool:
        return type(error).__name__ == "ExcelBusyError" or bool(_numbers(error) & BUSY)

    def say(self, book: xw.Book, words: str | None) -> None:
        bar: Any = book.app
        bar.status_bar = words if words is not None else False

    def one_step(self, book: xw.Book, title: str) -> AbstractContextManager[None]:
        """Excel forgets its steps when another program writes; what was kept is the way back."""
        return contextlib.nullcontext()

    def show(self, sheet: xw.Sheet) -> None:
        sheet.activate()

    def as_text(self, text: str) -> str:
        """With an apostrophe before it, which Excel takes away: else 1-2 would become a date and =A1 a formula."""
        return f"'{text}"

    def tab_colour(self, sheet: xw.Sheet) -> object:
        """Not asked on macOS, where a copied tab has its own colour."""
        if sys.platform != "win32" or sheet.api.Tab.ColorIndex == _NO_COLOUR:
            return None
        return sheet.api.Tab.Color

    def colour_tab(self, sheet: xw.Sheet, colour: object) -> None:
        if sys.platform == "win32":
            if colour is None:
                sheet.api.Tab.ColorIndex = _NO_COLOUR
            else:
                sheet.api.Tab.Color = colour

    def folder(self) -> str | None:
        """On macOS Excel may open files without asking only in a folder of its own."""
        own = Path.home() / "Library" / "Containers" / "com.microsoft.Excel" / "Data"
        return str(own) if sys.platform == "darwin" and own.is_dir() else None

    def trouble(self, error: Exception) -> str | None:
        if type(error).__name__ not in _OURS:
            return None
        return _words(error) or "it did not say why"


def _lines(first: int, count: int, ask: Callable[[int, int], bool | None]) -> Iterator[int]:
    """The numbers of the lines for which the answer is yes, by halves where it is neither yes nor no."""
    answer = ask(first, count)
    if answer:
        yield from range(first, first + count)
    elif answer is None and count > 1:
        yield from _lines(first, count // 2, ask)
        yield from _lines(first + count // 2, count - count // 2, ask)


def _only_attach(attempts: int) -> None:
    """How often xlwings' engine for Windows tries a rejected call; and no ending of other Excels when we end."""
    windows: Any = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        windows.N_COM_ATTEMPTS = attempts
        atexit.unregister(windows.cleanup)


def _asked(thing: Any, windows: str, mac: str) -> Any:
    """A property by its name in COM, or in AppleScript."""
    return getattr(thing, windows) if sys.platform == "win32" else getattr(thing, mac).get()


def _numbers(error: Exception) -> set[int]:
    """All error numbers in an exception of pywin32 (the call's and Excel's own) or appscript."""

    def within(values: Any) -> Iterator[int]:
        for value in values:
            if isinstance(value, int):
                yield value
            elif isinstance(value, (tuple, list)):
                yield from within(value)

    told = [*getattr(error, "args", ()), getattr(error, "hresult", None), getattr(error, "errornumber", None)]
    return set(within(told))


def _words(error: Exception) -> str:
    """Excel's own sentence, which pywin32 hides in a tuple."""
    told = getattr(error, "excepinfo", None) or ()
    sentence = next((part for part in reversed(told[:3]) if isinstance(part, str) and part.strip()), None)
    return " ".join(str(sentence or getattr(error, "strerror", None) or error).split()).rstrip(".")
