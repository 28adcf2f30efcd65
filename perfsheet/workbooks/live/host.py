"""What a spreadsheet program is to us: where Excel and LibreOffice differ, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import xlwings as xw


class Facts(NamedTuple):
    """What xlwings does not tell about a workbook."""

    date1904: bool
    tabs_locked: bool
    """The structure is protected: no tab may come or go."""


class Host(Protocol):
    """A spreadsheet program: what is done otherwise in each. The rest is xlwings'."""

    title: str
    at_once: int
    """So many threads may ask it things at the same time."""
    obstacles_stay: bool
    """Whether its users see what stood in the way for longer than a sentence in the status bar is left there."""

    def apps(self) -> Sequence[xw.App]:
        """The instances that run, the one in front first. Raises NotRunning; never starts one."""

    def pinned(self, book: xw.Book) -> xw.Book:
        """The workbook so that it stays the same one when others are opened and closed."""

    def fullname(self, book: xw.Book) -> str:
        """The workbook's path, or its address where it lies in a cloud."""

    def facts(self, book: xw.Book) -> Facts:
        """What else must be known of the workbook."""

    def hidden(self, block: xw.Range) -> tuple[frozenset[int], frozenset[int]]:
        """The numbers of the hidden rows and columns among those of the block."""

    def is_ready(self, book: xw.Book) -> bool:
        """Whether it takes commands now: no cell is being edited, no dialog is open."""

    def is_busy(self, error: Exception) -> bool:
        """Whether a call failed because a cell is being edited or a dialog is open."""

    def say(self, book: xw.Book, words: str | None) -> None:
        """Words in the status bar; None gives it back."""

    def one_step(self, book: xw.Book, title: str) -> AbstractContextManager[None]:
        """What is done inside is one step for the user's undo, where the program can."""

    def show(self, sheet: xw.Sheet) -> None:
        """Brings the tab to the front."""

    def as_text(self, text: str) -> str:
        """What must be written into a cell so that it holds this text and nothing made of it."""

    def tab_colour(self, sheet: xw.Sheet) -> object:
        """The colour of the tab, as `colour_tab` takes it; None if it has none."""

    def colour_tab(self, sheet: xw.Sheet, colour: object) -> None:
        """Gives the tab its colour."""

    def folder(self) -> str | None:
        """Where the program may open our report; None for the system's own place for such files."""

    def trouble(self, error: Exception) -> str | None:
        """What the program says is wrong, if the error is the program's; else None."""
