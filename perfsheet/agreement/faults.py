"""Calculated cells that do not hold our formula: typed over, edited, or empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..findings import Finding, Rule
from ..forms.settings import labels
from ..live_columns import VISIBLE, cells_in_force, shown_values
from ..records.teambook import TeamBook
from ..scoring.parts import GoalScore
from .live_tab import LiveTab, cell_at
from .rules import LIVE_CELL_OVERWRITTEN, LIVE_FORMULA_EDITED, LIVE_FORMULA_MISSING
from .wording import in_words, plain

SHOWN_HEADERS = {step.column.header for step in VISIBLE}


@dataclass(frozen=True)
class Fault:
    """One calculated cell that does not hold our formula."""

    rule: Rule
    row: int
    header: str


def faults_in(live: LiveTab) -> list[Fault]:
    return [fault for header in live.columns for fault in _faults_of(live, header)]


def _faults_of(live: LiveTab, header: str) -> Iterator[Fault]:
    column, wanted = live.columns[header], live.wanted.get(header)
    for row in live.rows:
        cell = live.sheet.cells.get((row, column))
        if cell is None or (not cell.formula and cell.value in (None, "")):
            if row in live.goals:
                yield Fault(LIVE_FORMULA_MISSING, row, header)
        elif not cell.formula:
            yield Fault(LIVE_CELL_OVERWRITTEN, row, header)
        elif wanted is not None and not live.formulas.same(row, column, wanted):
            yield Fault(LIVE_FORMULA_EDITED, row, header)


def told(live: LiveTab, faults: Sequence[Fault], scores: Mapping[int, GoalScore]) -> Iterator[Finding]:
    """A finding for each cell in sight; folded steps and missing formulas by row; a column changed throughout once."""
    throughout = dict(_throughout(live, faults))
    yield from throughout.values()
    yield from _new_rows(live, throughout)
    rows: dict[tuple[Rule, int], list[str]] = {}
    for fault in faults:
        if fault.rule is LIVE_FORMULA_EDITED and fault.header in throughout:
            continue
        if fault.header in SHOWN_HEADERS and fault.rule is not LIVE_FORMULA_MISSING:
            yield _in_sight(live, fault, scores.get(fault.row))
        else:
            rows.setdefault((fault.rule, fault.row), []).append(fault.header)
    for (rule, row), headers in rows.items():
        yield _by_row(live, rule, row, headers)


def _in_sight(live: LiveTab, fault: Fault, score: GoalScore | None) -> Finding:
    cell, address = live.cell(fault.row, fault.header), live.at(fault.row, fault.header)
    value = cell.value if cell else None
    what = "was typed over" if fault.rule is LIVE_CELL_OVERWRITTEN else "has another formula than the template's"
    names = {step.column.header: step.column.name for step in VISIBLE}
    counts = f"; perfsheet says {in_words(shown_values(score)[names[fault.header]])}" if score else ""
    message = f"{fault.header}{_of(live, fault.row)} {what} and shows {in_words(value)}{counts}"
    return fault.rule.at(address, message, value=value, goal=score.goal_id if score else None)


def _by_row(live: LiveTab, rule: Rule, row: int, headers: Sequence[str]) -> Finding:
    first = min(headers, key=lambda header: live.columns[header])
    goal = live.goals.get(row)
    if rule is LIVE_FORMULA_MISSING:
        message = f"Row {row}{_of(live, row)} has no live formula in {_listed(headers)}"
    elif rule is LIVE_CELL_OVERWRITTEN:
        message = f"Folded steps{_of(live, row)} were typed over: {_listed(headers)}"
    else:
        message = f"Folded steps{_of(live, row)} have another formula than the template's: {_listed(headers)}"
    cell = live.cell(row, first)
    return rule.at(
        live.at(row, first), message, value=cell.value if cell else None, goal=goal.goal_id if goal else None
    )


def _throughout(live: LiveTab, faults: Sequence[Fault]) -> Iterator[tuple[str, Finding]]:
    """(header, finding) of columns that have one and the same other formula in every row."""
    edited: dict[str, list[int]] = {}
    for fault in faults:
        if fault.rule is LIVE_FORMULA_EDITED:
            edited.setdefault(fault.header, []).append(fault.row)
    for header, rows in edited.items():
        column = live.columns[header]
        with_formula = [row for row in live.rows if (row, column) in live.formulas.texts]
        read = {live.formulas.reads(live.formulas.texts[row, column], row) for row in rows}
        if len(rows) > 1 and rows == with_formula and len(read) == 1:
            message = f"{header} has another formula than the template's, from row {rows[0]} to {rows[-1]}"
            yield header, LIVE_FORMULA_EDITED.at(live.at(rows[0], header), message)


def _new_rows(live: LiveTab, told: Mapping[str, Finding]) -> Iterator[Finding]:
    """Columns whose rows are ours, but whose new rows would get another formula."""
    row = live.table.area.top
    for header, wanted in live.wanted.items():
        title = " ".join(live.table.columns[live.columns[header] - live.table.area.left].casefold().split())
        given = live.formulas.calculated.get((live.table.name.casefold(), title))
        if header in told or given is None or given == wanted:
            continue
        if live.formulas.reads(given, row) != live.formulas.reads(wanted, row):
            yield LIVE_FORMULA_EDITED.at(live.at(row, header), f"New rows would get another formula in {header}")


def settings_typed_over(book: TeamBook) -> Iterator[Finding]:
    """Settings whose number in force, which all live cells look at, is a typed value beside formulas."""
    cells = {name: (place, cell_at(book, place)) for name, place in cells_in_force(book).items()}
    if not any(cell and cell.formula for _, cell in cells.values()):
        return
    for name, (place, cell) in cells.items():
        if cell is not None and not cell.formula and cell.value not in (None, ""):
            message = f"In force of {_label(name)} was typed over and says {plain(cell.value)}; live cells go by it"
            yield LIVE_CELL_OVERWRITTEN.at(place, message, value=cell.value)


def _label(name: str) -> str:
    return next(label for label, thing in labels().items() if thing.name == name)


def _of(live: LiveTab, row: int) -> str:
    return f" of {live.goals[row].goal_id}" if row in live.goals else ""


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(headers[:4]) + (f" and {len(headers) - 4} more" if len(headers) > 4 else "")
