"""The formulas by which Summary follows what is typed: over the tables of the other tabs, with no macro.

They come to what Python wrote beside them, and are put only where that is sure: the Goals tab has
our live columns, the review is of the workbook's own day, and nothing in the goal's entries reads
differently for a formula. Elsewhere the number stands as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..agreement import followed, language_here
from ..forms import ACTIONS, FEEDBACK, GOALS, Form
from ..forms.languages import formula_in
from ..live_columns import CONTAINER, NOISE, SHOWN, cells_in_force, table_of
from ..review import Review
from ..scoring import Status
from ..tables import Address


@dataclass(frozen=True)
class Columns:
    """The letters of Summary's columns that formulas add up."""

    id: str
    progress: str
    expected: str
    weight: str
    """Every goal's weight; the printed column has only those that count in the team's number."""
    known: str
    """The share of a goal that is known: 1 or 0, of a container its sub-goals' coverage."""
    least: str
    """Progress if what is missing were nothing."""


@dataclass(frozen=True)
class Following:
    """The formulas of one Summary tab. `goals` are the rows of Goals whose live cells can be followed."""

    review: Review
    goals: frozenset[Address]
    columns: Columns

    def of_goal(self, row: int, header: str) -> str:
        """A calculated cell of Goals, found by the id in this row of Summary."""
        table = self._table(GOALS)
        return f"INDEX({table}[{header}],MATCH(${self.columns.id}{row},{table}[Live key],0))"

    def shown(self, row: int, name: str) -> str:
        """One of the four live columns, by field name."""
        return self.of_goal(row, self._header(GOALS, name))

    def pace(self, row: int) -> str:
        """The pace on a plan; nothing for goals without one."""
        return f'IF({self.of_goal(row, "Earned days")}="","",{self.of_goal(row, "Pace")})'

    # ------------------------------------------------------------- sums over rows of Summary

    def share(self, rows: Sequence[int], column: str) -> str:
        """The weighted mean of what every row has."""
        weight = self.columns.weight
        return f"({_sum(f'{weight}{r}*{column}{r}' for r in rows)})/({_sum(f'{weight}{r}' for r in rows)})"

    def mean(self, rows: Sequence[int], column: str) -> str:
        """The weighted mean over the rows whose progress is known; nothing where there is none."""
        known = {r: f"{self.columns.weight}{r}*ISNUMBER({self.columns.progress}{r})" for r in rows}
        top = _sum(f"{known[r]}*N({column}{r})" for r in rows)
        return f'IFERROR(({top})/({_sum(f"{known[r]}*ISNUMBER({column}{r})" for r in rows)}),"")'

    def progress(self, rows: Sequence[int]) -> str:
        """The roll-up of some rows, if enough is known."""
        known = self.share(rows, self.columns.known)
        return f'IF({known}<pol_none_below,"",{self.mean(rows, self.columns.progress)})'

    def expected(self, row: int, rows: Sequence[int]) -> str:
        """What should be done of them by now, where `row` has a progress to compare it with."""
        return f'IF({self.columns.progress}{row}="","",{self.mean(rows, self.columns.expected)})'

    def status(self, row: int) -> str:
        """The status of a goal that is the sum of its sub-goals, by the rules of Goals."""
        done, hoped = f"{self.columns.progress}{row}", f"{self.columns.expected}{row}"
        last, elapsed = self.of_goal(row, "Last day"), self.of_goal(row, "Elapsed")
        early = (
            f"MAX(pol_too_early_cadences*{self.of_goal(row, 'Cadence days')},"
            f"pol_too_early_share*{self.of_goal(row, 'Days')})"
        )
        steps = (
            (f'{self.shown(row, "status")}<>"{CONTAINER}"', self.shown(row, "status")),
            (f'{done}=""', _word(Status.NO_DATA)),
            (f"ROUND({done},{NOISE})>=1", _word(Status.ACHIEVED)),
            (f'AND({last}<>"",as_of>N({last}))', _word(Status.OVERDUE)),
            (f'OR({hoped}="",{elapsed}="")', _word(Status.TOO_EARLY)),
            (f"{elapsed}<{early}", _word(Status.TOO_EARLY)),
            (f"{hoped}=0", _word(Status.ON_TRACK)),
            (_behind(done, hoped, "off_track"), _word(Status.OFF_TRACK)),
            (_behind(done, hoped, "at_risk"), _word(Status.AT_RISK)),
        )
        return "".join(f"IF({test},{result}," for test, result in steps) + _word(Status.ON_TRACK) + ")" * len(steps)

    # ---------------------------------------------------------------- counts over other tabs

    def count(self, form: Form, *tests: str) -> str | None:
        """How many complete rows of a form pass all tests, in which {field} is a column; None where it is unsure."""
        if not self._is_plain(form):
            return None
        fields = {
            c.name: f"{self._table(form)}[{self._header(form, c.name)}]"
            for c in form.columns
            if self._has(form, c.name)
        }
        if not all(c.name in fields for c in form.columns if c.required):
            return None
        complete = [f'({fields[c.name]}<>"")' for c in form.columns if c.required]
        told = (formula_in(language_here(self.review.book), test) for test in tests)
        return f"SUMPRODUCT({'*'.join((*complete, *(test.format(**fields) for test in told)))})"

    def _is_plain(self, form: Form) -> bool:
        """Whether the form is a table that a formula reads as perfsheet does."""
        place, book = self.review.book.places.get(form.tab), self.review.book
        sheet = book.book.sheet(place.sheet) if place and book.book else None
        table = table_of(sheet, place) if sheet and place else None
        if place is None or table is None:
            return False
        odd = any(f.address.sheet == place.sheet for f in book.findings)
        rows = [r.row for r in (*book.actions, *book.feedback) if r.place.sheet == place.sheet]
        return not odd and max(rows, default=0) <= table.area.bottom

    def _table(self, form: Form) -> str:
        place, book = self.review.book.places[form.tab], self.review.book.book
        sheet = book.sheet(place.sheet) if book else None
        table = table_of(sheet, place) if sheet else None
        return table.name if table else form.table

    def _has(self, form: Form, name: str) -> bool:
        return name in self.review.book.places[form.tab].columns

    def _header(self, form: Form, name: str) -> str:
        place, book = self.review.book.places[form.tab], self.review.book.book
        sheet = book.sheet(place.sheet) if book else None
        table = table_of(sheet, place) if sheet else None
        return table.columns[place.columns[name] - table.area.left] if table else form.column(name).header


OPEN, DONE = '({done}="")', '({done}<>"")'
LATE = "({due}<as_of)"
"""A text is more than any number, so a date typed as text is never late."""
SAID = "({day}<as_of+1)"
ASKED, GIVEN = '({kind}="Request")', '({kind}<>"Request")'
PROMISED = '({follow_up}<>"")*({follow_up_done}="")'

COUNTS: Mapping[str, tuple[Form, tuple[str, ...]]] = {
    "Actions open": (ACTIONS, (OPEN,)),
    "of these overdue": (ACTIONS, (OPEN, LATE)),
    "Actions done": (ACTIONS, (DONE,)),
    "Feedback given": (FEEDBACK, (SAID, GIVEN)),
    "Feedback asked for": (FEEDBACK, (SAID, ASKED)),
    "Follow-ups open": (FEEDBACK, (PROMISED,)),
}
"""What is counted of which form, by the label in Summary."""


def following(review: Review, columns: Columns) -> Following | None:
    """The formulas, or None where Summary cannot follow: no live columns, or another day than the workbook's own."""
    if not review.own_day or "as_of" not in cells_in_force(review.book):
        return None
    goals = followed(review.book, review.as_of, review.scores.goals)
    return None if goals is None else Following(review, goals, columns)


def _behind(done: str, hoped: str, name: str) -> str:
    pace = f"ROUND({done}/{hoped},{NOISE})<ROUND(pol_{name}_pace,{NOISE})"
    return f"AND({pace},ROUND({hoped}-{done},{NOISE})>=ROUND(pol_{name}_gap,{NOISE}))"


def _word(status: Status) -> str:
    return f'"{SHOWN[status]}"'


def _sum(terms: Iterable[str]) -> str:
    return "+".join(terms)
