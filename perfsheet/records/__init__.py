"""Tables and forms -> typed records, each with its cell, and the findings of reading them.

book = read_records(workbooks.reading.read("team.xlsx"))
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ..findings import Finding
from ..forms import FORMS, PEOPLE, Place, same_name
from ..forms.settings import left_out
from ..tables import Address, Book
from . import rules
from .locating import Located, locate, others
from .rows import Rows
from .rules import RULES
from .settling import settle_percent, settle_settings, weights_in_percent
from .teambook import TeamBook

__all__ = ["RULES", "Located", "TeamBook", "locate", "read_records"]

FIELDS = {
    "People": "people", "Goals": "goals", "Plan": "plan", "Milestones": "milestones", "Check-ins": "checkins",
    "Feedback": "feedback", "Actions": "actions", "Development": "development", "Absences": "absences",
    "Adjustments": "decisions", "History": "history",
}  # fmt: skip
"""Which field of a TeamBook holds which form's records."""

NEEDED = ("Settings", "People", "Goals", "Check-ins")
"""Without these tabs there is nothing to score; other missing tabs are a warning."""


def read_records(book: Book) -> TeamBook:
    """The workbook's forms as typed records. Never raises for what stands in a cell."""
    places = locate(book)
    findings = _structure(book, places)
    read, shares = _read_forms(places, findings)
    settings, policy, cells = settle_settings(read.pop("Settings", ()), findings, Address("Settings", 1, 1))
    meant = left_out(settings.template_version)
    findings = [f for f in findings if f.code != rules.MISSING_FORM.code or f.address.sheet not in meant]
    goals = read.get("Goals", [])
    scale, checkins = settle_percent(goals, read.get("Check-ins", []), shares, findings)
    read["Check-ins"] = checkins
    _whole_weights(read, shares.get("Goals", {}).get("weight", set()))
    forms: dict[str, Any] = {FIELDS[tab]: tuple(records) for tab, records in read.items()}
    return TeamBook(
        path=book.path,
        settings=settings,
        policy=policy,
        findings=tuple(findings),
        percent_scale=scale,
        weights_in_percent=weights_in_percent(
            goals, shares.get("Goals", {}).get("weight", set()), _header(places, "weight")
        ),
        places={tab: Place(p.sheet.name, dict(p.columns)) for tab, p in places.items()},
        settings_at=cells,
        book=book,
        **forms,
    )


def _read_forms(
    places: dict[str, Located], findings: list[Finding]
) -> tuple[dict[str, list[Any]], dict[str, dict[str, set[int]]]]:
    """The records of each form, People first because names decide how owners are read."""
    read: dict[str, list[Any]] = {}
    shares: dict[str, dict[str, set[int]]] = {}
    names: frozenset[str] = frozenset()
    for form in (PEOPLE, *(f for f in FORMS if f is not PEOPLE)):
        if form.tab in places:
            rows = Rows(places[form.tab], names)
            read[form.tab] = rows.read()
            shares[form.tab] = rows.shares
            findings += rows.findings
            if form is PEOPLE:
                names = frozenset(same_name(p.person) for p in read[form.tab])
    return read, shares


def _structure(book: Book, places: dict[str, Located]) -> list[Finding]:
    """What is missing or double, and what the file holds in an odd way."""
    findings = []
    for form in FORMS:
        if form.tab not in places and not form.optional:
            rule = rules.MISSING_TAB if form.tab in NEEDED else rules.MISSING_FORM
            findings.append(rule.at(Address(form.tab, 1, 1), f"There is no {form.tab} tab"))
    for copy in others(book, places):
        tab = copy.form.tab
        message = f"{copy.sheet.name} looks like a second {tab} table; only {places[tab].sheet.name} is read"
        findings.append(rules.SECOND_TABLE.at(Address(copy.sheet.name, copy.header_row, 1), message))
    return findings


def _header(places: dict[str, Located], name: str) -> str:
    """The header text above a column of Goals, as typed."""
    place = places.get("Goals")
    if place is None or name not in place.columns:
        return ""
    cell = place.sheet.cells.get((place.header_row, place.columns[name]))
    return str(cell.value) if cell else ""


def _whole_weights(read: dict[str, list[Any]], shared: set[int]) -> None:
    """Weights typed as 30 % stand beside weights typed as 30: both are 30."""
    read["Goals"] = [
        dataclasses.replace(g, weight=g.weight * 100) if g.row in shared and g.weight is not None else g
        for g in read.get("Goals", [])
    ]
