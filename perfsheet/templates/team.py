"""The team template: the whole cycle of one team in one workbook."""

from __future__ import annotations

from openpyxl import Workbook

from ..forms import ABSENCES, ACTIONS, CHECKINS, DEVELOPMENT, FEEDBACK, GOALS, MILESTONES, PEOPLE, PLAN, SETTINGS, Form
from ..forms.settings import labels
from . import look
from .inputs import add_input_tab, add_list_names, choice_lists
from .settings import YES_NO, add_settings_tab, choices_of, list_places
from .start import add_start_tab

INPUTS = (GOALS, CHECKINS, FEEDBACK, ACTIONS, DEVELOPMENT, PEOPLE, PLAN, MILESTONES, ABSENCES)
"""The tabs in the order in which they stand; Settings is the last."""

TAB_COLOURS = {"Start here": look.NAVY, SETTINGS.tab: "7F7F7F"}
INPUT_COLOUR = "56B4E9"


def lists_of(forms: tuple[Form, ...]) -> dict[tuple[str, ...], str]:
    """Every list of choices behind a drop-down, with its name."""
    lists = choice_lists(forms)
    lists.setdefault(YES_NO, "Yes or no")
    for label, thing in labels().items():
        if choices_of(thing):
            lists.setdefault(choices_of(thing), label)
    return lists


def team_workbook() -> Workbook:
    """The empty team workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    look.dress(book)
    lists = lists_of(INPUTS)
    places = list_places(lists)
    add_start_tab(book, (*INPUTS, SETTINGS))
    for form in INPUTS:
        add_input_tab(book, form, places)
    add_settings_tab(book, lists)
    add_list_names(book)
    for sheet in book.worksheets:
        sheet.sheet_properties.tabColor = TAB_COLOURS.get(sheet.title, INPUT_COLOUR)
    book.active = 0
    return book
