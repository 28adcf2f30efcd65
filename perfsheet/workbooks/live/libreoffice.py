"""LibreOffice as a host, through our engine for xlwings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from . import engines
from .calc.bridge import complaint, plainly
from .host import Facts

if TYPE_CHECKING:
    import xlwings as xw


@plainly
class LibreOffice:
    """The office that listens for this user."""

    title = "LibreOffice"
    at_once = 2  # while one waits for an answer, the other takes its own apart
    obstacles_stay = True  # in a line above the sheet, put there by the toolbar

    def __init__(self) -> None:
        self._indicator: Any = None

    def apps(self) -> Sequence[xw.App]:
        from .calc.engine import engine

        app = engines.engine("libreoffice", engine).apps.active
        return [app] if app else []

    def pinned(self, book: xw.Book) -> xw.Book:
        return book

    def fullname(self, book: xw.Book) -> str:
        return str(book.impl.fullname)

    def facts(self, book: xw.Book) -> Facts:
        return Facts(book.api.NullDate.Year == 1904, bool(book.api.isProtected()))

    def hidden(self, block: xw.Range) -> tuple[frozenset[int], frozenset[int]]:
        seen = block.impl.visible()
        (height, width), top, left = block.shape, block.row, block.column
        rows = {row for area in seen for row in range(area.StartRow + 1, area.EndRow + 2)}
        columns = {column for area in seen for column in range(area.StartColumn + 1, area.EndColumn + 2)}
        return frozenset(range(top, top + height)) - rows, frozenset(range(left, left + width)) - columns

    def is_ready(self, book: xw.Book) -> bool:
        """While a cell is edited, and only then, typing over can be switched on and off."""
        return not book.impl.office.is_enabled(book.impl.view, ".uno:InsertMode")

    def is_busy(self, error: Exception) -> bool:
        """It answers while a cell is edited; `is_ready` asks."""
        return False

    def say(self, book: xw.Book, words: str | None) -> None:
        if words is None and self._indicator is not None:
            self._indicator.end()
            self._indicator = None
        elif words is not None and self._indicator is not None:
            self._indicator.setText(words)
        elif words is not None:
            self._indicator = book.impl.view.Frame.createStatusIndicator()
            self._indicator.start(words, 0)

    @contextlib.contextmanager
    def one_step(self, book: xw.Book, title: str) -> Iterator[None]:
        """What was done before an error is taken back; without a step recorded there is nothing to take back."""
        undo = book.impl.undo
        before = undo.getAllUndoActionTitles()
        undo.enterUndoContext(title)
        try:
            yield
        except BaseException:
            undo.leaveUndoContext()
            if undo.getAllUndoActionTitles() != before:
                undo.undo()
            raise
        undo.leaveUndoContext()

    def show(self, sheet: xw.Sheet) -> None:
        """Past xlwings, which would bring the front program of its own engine to the front first."""
        sheet.impl.activate()

    def as_text(self, text: str) -> str:
        return text

    def tab_colour(self, sheet: xw.Sheet) -> object:
        return sheet.api.TabColor if sheet.api.TabColor >= 0 else None

    def colour_tab(self, sheet: xw.Sheet, colour: object) -> None:
        sheet.api.TabColor = -1 if colour is None else colour

    def folder(self) -> str | None:
        return None

    def trouble(self, error: Exception) -> str | None:
        return complaint(error)
