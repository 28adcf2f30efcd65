"""A template put together from its design: the first tab, the input tabs, Settings, and the names between them."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook

from ..forms import SETTINGS
from ..forms.settings import labels
from . import look
from .designs import SCORECARD, Design
from .inputs import Layout, add_input_tab, add_list_names, choice_lists, layout_of
from .perspectives import add_scorecard_tab
from .settings import YES_NO, add_settings_tab, choices_of, list_places
from .start import add_start_tab

TAB_COLOURS = {"Start here": look.NAVY, "Scorecard": look.NAVY, SETTINGS.tab: "7F7F7F"}
INPUT_COLOUR = "56B4E9"


def lists_of(layouts: Sequence[Layout]) -> dict[tuple[str, ...], str]:
    """Every list of choices behind a drop-down, with its name."""
    lists = choice_lists(layouts)
    lists.setdefault(YES_NO, "Yes or no")
    for label, thing in labels().items():
        if choices_of(thing):
            lists.setdefault(choices_of(thing), label)
    return lists


def workbook_of(design: Design) -> Workbook:
    """The empty workbook of a template."""
    book = Workbook()
    book.remove(book.worksheets[0])
    look.dress(book)
    layouts = [layout_of(form, design.of(form)) for form in design.forms]
    lists = lists_of(layouts)
    places = list_places(lists)
    add_start_tab(book, design)
    if design is SCORECARD:
        add_scorecard_tab(book, places)
    for form in design.forms:
        add_input_tab(book, form, places, design)
    add_settings_tab(book, lists, design.name)
    add_list_names(book, layouts)
    for sheet in book.worksheets:
        sheet.sheet_properties.tabColor = TAB_COLOURS.get(sheet.title, INPUT_COLOUR)
    book.active = 0
    return book
