"""Whether the live cells of Goals say what Python says, and where they do not, why.

A live cell is a formula with a remembered result. The formula may have been typed over, edited or
never filled in; its result may be old, or of another day. Workbooks without our live columns are
left alone, and so are formulas that nobody has calculated yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from .findings import Finding, Rule, Severity
from .forms import CHECKINS, GOALS, MILESTONES, PLAN, Column, Form, Goal, Kind, Record, folded, same_name
from .forms.settings import labels
from .live_columns import HELPERS, VISIBLE, Step, cells_in_force, shown_values, table_of
from .policy import knobs
from .records.teambook import TeamBook
from .scoring.goals import score_goal
from .scoring.parts import GoalScore
from .scoring.versions import versions
from .tables import Address, Cell, Formulas, ListObject, Scalar, Sheet

W, I = Severity.WARNING, Severity.INFO

LIVE_CELL_OVERWRITTEN = Rule(
    "live_cell_overwritten", W, "A live cell holds a typed value",
    "A cell of Goals that calculates itself, or one of the folded steps behind it, holds a fixed value instead of its formula.",
    "It stays as it is while the goal moves on. perfsheet never reads it, so the scores are right and the cell is not.",
    "Somebody typed 80 % into Progress.",
    "Run `perfsheet repair` on the file, or copy the cell above into it",
)  # fmt: skip
LIVE_FORMULA_EDITED = Rule(
    "live_formula_edited", W, "A live formula was changed",
    "The formula of a live cell, or of one of the folded steps behind it, is not the one that perfsheet writes.",
    "What the cell shows and what perfsheet counts are no longer the same thing.",
    "Progress is divided by a number that somebody typed into the formula.",
    "Run `perfsheet repair` on the file, or copy the cell above into it; a calculation of your own belongs in a column of your own",
)  # fmt: skip
LIVE_FORMULA_MISSING = Rule(
    "live_formula_missing", I, "A goal without live formulas",
    "A row of Goals has no formula where the rows around it have one.",
    "The goal is scored all the same, but its row does not show how it stands.",
    "Goals pasted below the table, which did not grow with them.",
    "Run `perfsheet repair` on the file, or fill the formulas down from the row above",
)  # fmt: skip
LIVE_VALUE_STALE = Rule(
    "live_value_stale", W, "A live cell shows an old result",
    "The formula is right, but the result that the file remembers is not what it gives for what is entered.",
    "Whoever looks at the file without calculating it sees old numbers.",
    "A script added check-ins, or calculation is set to manual.",
    "Open the workbook in a spreadsheet program, let it calculate (F9), and save it",
)  # fmt: skip
LIVE_READS_DIFFERENTLY = Rule(
    "live_reads_differently", I, "A live cell cannot see what perfsheet reads",
    "The formula is right, and it gives another result than perfsheet because of how something is entered or decided; the message says what.",
    "Formulas take cells as they are: a date typed as text is no date to them.",
    "A check-in dated '3 Feb' as text: perfsheet counts it, the live cell does not.",
    "Type the named cell again as a true number or date; otherwise go by Summary",
)  # fmt: skip
LIVE_OTHER_DAY = Rule(
    "live_other_day", I, "The live cells are of another day",
    "The results that the file remembers were calculated as of another day than this run judges.",
    "What should be done by now depends on the day, so Goals and Summary show different numbers.",
    "Saved on 1 March, scored as of 31 March.",
    "Open the workbook to have it calculated anew, or set As of in Settings to the day you mean",
)  # fmt: skip

RULES = (
    LIVE_CELL_OVERWRITTEN, LIVE_FORMULA_EDITED, LIVE_FORMULA_MISSING, LIVE_VALUE_STALE, LIVE_READS_DIFFERENTLY,
    LIVE_OTHER_DAY,
)  # fmt: skip

CLOSE = 1e-9
"""Two numbers this close are the same, relative to numbers above 1."""
STEPS = (*VISIBLE, *HELPERS)
SHOWN_HEADERS = {step.column.header for step in VISIBLE}


def disagreements(book: TeamBook, as_of: date, scores: Iterable[GoalScore]) -> list[Finding]:
    """What is wrong with the live cells, `scores` being the goals' scores on the day. Changes nothing."""
    live = _live_tab(book)
    if live is None:
        return []
    faults = _faults(live)
    known = {score.address.row: score for score in scores}
    return [
        *_told(live, faults, known),
        *_settings_typed_over(book),
        *_values(live, {f.row for f in faults}, known, as_of),
    ]


def followed(book: TeamBook, as_of: date, scores: Iterable[GoalScore]) -> frozenset[Address] | None:
    """The goals whose live cells come to their score, by address; None without live columns of ours."""
    live = _live_tab(book)
    if live is None or not live.wanted or len(live.columns) < len(STEPS):
        return None
    faulty = {fault.row for fault in _faults(live)}
    return frozenset(
        score.address
        for score in scores
        if score.address.row not in faulty and not any(_reasons(live, live.goals[score.address.row], score, as_of))
    )


# --------------------------------------------------------------------------- what there is


@dataclass(frozen=True)
class _LiveTab:
    """The Goals tab of a workbook with our live columns."""

    book: TeamBook
    sheet: Sheet
    table: ListObject
    formulas: Formulas
    columns: Mapping[str, int]
    """The number of each calculated column that is there, by header."""

    @cached_property
    def goals(self) -> dict[int, Goal]:
        """The goals by row."""
        return {goal.row: goal for goal in self.book.goals}

    @cached_property
    def rows(self) -> list[int]:
        """The table's rows, and goals below it."""
        first = self.table.area.top + self.table.header_rows
        return sorted({*range(first, self.table.area.bottom + 1 - self.table.totals_rows), *self.goals})

    @cached_property
    def wanted(self) -> Mapping[str, str]:
        """The formula of each column, with tables and headers as they are called here; none if a table is gone."""
        names = _names_here(self.book)
        return {} if names is None else {h: _as_here(s, names) for s in STEPS if (h := s.column.header) in self.columns}

    def cell(self, row: int, header: str) -> Cell | None:
        return self.sheet.cells.get((row, self.columns[header]))

    def at(self, row: int, header: str) -> Address:
        return Address(self.sheet.name, row, self.columns[header])


def _live_tab(book: TeamBook) -> _LiveTab | None:
    """The tab, if it has our table with the folded steps: other people's formulas are their own affair."""
    place = book.places.get(GOALS.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    if place is None or sheet is None or book.book is None or book.book.formulas is None:
        return None
    table = table_of(sheet, place)
    if table is None:
        return None
    titles = {title: n for n, title in enumerate(table.columns, table.area.left)}
    folded_away = {s.column.header: titles[s.column.header] for s in HELPERS if s.column.header in titles}
    if 2 * len(folded_away) < len(HELPERS):
        return None
    in_sight = {s.column.header: place.columns[s.column.name] for s in VISIBLE if s.column.name in place.columns}
    return _LiveTab(book, sheet, table, book.book.formulas(sheet.name), in_sight | folded_away)


def _names_here(book: TeamBook) -> dict[tuple[str, str], tuple[str, str]] | None:
    """(our table, our header) -> what both are called in this workbook; None if a form has no table."""
    found = {}
    for form in (GOALS, CHECKINS, PLAN, MILESTONES):
        place = book.places.get(form.tab)
        sheet = book.book.sheet(place.sheet) if place and book.book else None
        table = table_of(sheet, place) if sheet and place else None
        if place is None or table is None:
            return None
        for column in form.columns:
            number = place.columns.get(column.name)
            title = table.columns[number - table.area.left] if number else column.header
            found[form.table, column.header] = (table.name, title)
    return found


def _as_here(step: Step, names: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    if all(ours == here for ours, here in names.items()):
        return step.text
    own = names[GOALS.table, "Goal ID"][0]
    return step.called(lambda table, header: names.get((table, header), (own, header)))


# ------------------------------------------------------------------- formulas that are not ours


@dataclass(frozen=True)
class _Fault:
    """One calculated cell that does not hold our formula."""

    rule: Rule
    row: int
    header: str


def _faults(live: _LiveTab) -> list[_Fault]:
    return [fault for header in live.columns for fault in _faults_of(live, header)]


def _faults_of(live: _LiveTab, header: str) -> Iterator[_Fault]:
    column, wanted = live.columns[header], live.wanted.get(header)
    for row in live.rows:
        cell = live.sheet.cells.get((row, column))
        if cell is None or (not cell.formula and cell.value in (None, "")):
            if row in live.goals:
                yield _Fault(LIVE_FORMULA_MISSING, row, header)
        elif not cell.formula:
            yield _Fault(LIVE_CELL_OVERWRITTEN, row, header)
        elif wanted is not None and not live.formulas.same(row, column, wanted):
            yield _Fault(LIVE_FORMULA_EDITED, row, header)


def _told(live: _LiveTab, faults: Sequence[_Fault], scores: Mapping[int, GoalScore]) -> Iterator[Finding]:
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


def _in_sight(live: _LiveTab, fault: _Fault, score: GoalScore | None) -> Finding:
    cell, address = live.cell(fault.row, fault.header), live.at(fault.row, fault.header)
    value = cell.value if cell else None
    what = "was typed over" if fault.rule is LIVE_CELL_OVERWRITTEN else "has another formula than the template's"
    names = {step.column.header: step.column.name for step in VISIBLE}
    counts = f"; perfsheet says {_shown(shown_values(score)[names[fault.header]])}" if score else ""
    message = f"{fault.header}{_of(live, fault.row)} {what} and shows {_shown(value)}{counts}"
    return fault.rule.at(address, message, value=value, goal=score.goal_id if score else None)


def _by_row(live: _LiveTab, rule: Rule, row: int, headers: Sequence[str]) -> Finding:
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


def _throughout(live: _LiveTab, faults: Sequence[_Fault]) -> Iterator[tuple[str, Finding]]:
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


def _new_rows(live: _LiveTab, told: Mapping[str, Finding]) -> Iterator[Finding]:
    """Columns whose rows are ours, but whose new rows would get another formula."""
    row = live.table.area.top
    for header, wanted in live.wanted.items():
        title = " ".join(live.table.columns[live.columns[header] - live.table.area.left].casefold().split())
        given = live.formulas.calculated.get((live.table.name.casefold(), title))
        if header in told or given is None or given == wanted:
            continue
        if live.formulas.reads(given, row) != live.formulas.reads(wanted, row):
            yield LIVE_FORMULA_EDITED.at(live.at(row, header), f"New rows would get another formula in {header}")


def _settings_typed_over(book: TeamBook) -> Iterator[Finding]:
    """Settings whose number in force, which all live cells look at, is a typed value beside formulas."""
    cells = {name: (place, _cell_at(book, place)) for name, place in cells_in_force(book).items()}
    if not any(cell and cell.formula for _, cell in cells.values()):
        return
    for name, (place, cell) in cells.items():
        if cell is not None and not cell.formula and cell.value not in (None, ""):
            message = f"In force of {_label(name)} was typed over and says {_plain(cell.value)}; live cells go by it"
            yield LIVE_CELL_OVERWRITTEN.at(place, message, value=cell.value)


def _label(name: str) -> str:
    return next(label for label, thing in labels().items() if thing.name == name)


def _cell_at(book: TeamBook, place: Address | None) -> Cell | None:
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    return sheet.cells.get((place.row, place.column)) if sheet and place else None


def _of(live: _LiveTab, row: int) -> str:
    return f" of {live.goals[row].goal_id}" if row in live.goals else ""


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(headers[:4]) + (f" and {len(headers) - 4} more" if len(headers) > 4 else "")


# ------------------------------------------------------------------------- results that differ


def _values(live: _LiveTab, faulty: set[int], scores: Mapping[int, GoalScore], as_of: date) -> Iterator[Finding]:
    """The remembered results that are not Python's, of rows whose formulas are all ours."""
    calculated_on = _day_calculated(live.book)
    day = calculated_on or live.book.settings.as_of or None
    moved = []
    for row, score in scores.items():
        shown = _remembered(live, row)
        if row in faulty or not shown or not _differences(shown, shown_values(score)):
            continue
        then = score if day is None or day == as_of else _on(live, row, score, day)
        different = _differences(shown, shown_values(then)) if day is not None else []
        if then is not score and not different:
            moved.append(score)
        yield from (_one(live, row, name, shown[name], then, day or as_of) for name in different)
    if moved and day is not None:
        yield _other_day(live, day, as_of, len(moved))


def _on(live: _LiveTab, row: int, score: GoalScore, day: date) -> GoalScore:
    """The goal as it stood on the day of the live cells."""
    return replace(score_goal(live.book, live.goals[row], day), container=score.container)


def _remembered(live: _LiveTab, row: int) -> dict[str, Scalar]:
    """What the live cells of a row show, by field; formulas that nobody calculated show nothing yet."""
    cells = {s.column.name: live.cell(row, s.column.header) for s in VISIBLE if s.column.header in live.columns}
    return {name: c.value for name, c in cells.items() if c is not None and c.formula and c.value is not None}


def _differences(shown: Mapping[str, Scalar], wanted: Mapping[str, Scalar]) -> list[str]:
    return [name for name, value in shown.items() if not _same(value, wanted[name])]


def _same(shown: Scalar, wanted: Scalar) -> bool:
    if isinstance(shown, (int, float)) and isinstance(wanted, (int, float)):
        return abs(shown - wanted) <= CLOSE * max(1.0, abs(wanted))
    return shown == wanted


def _day_calculated(book: TeamBook) -> date | None:
    """The as-of day in force when the workbook was last calculated."""
    cell = _cell_at(book, cells_in_force(book).get("as_of"))
    return cell.value.date() if cell and isinstance(cell.value, datetime) else None


def _one(live: _LiveTab, row: int, name: str, shown: Scalar, score: GoalScore, day: date) -> Finding:
    header = GOALS.column(name).header
    goal = live.goals[row]
    reason = next(_reasons(live, goal, score, day), None)
    rule = LIVE_READS_DIFFERENTLY if reason else LIVE_VALUE_STALE
    message = f"{header} of {goal.goal_id} shows {_shown(shown)}, perfsheet says {_shown(shown_values(score)[name])}"
    return rule.at(live.at(row, header), message + (f": {reason}" if reason else ""), value=shown, goal=goal.goal_id)


def _other_day(live: _LiveTab, day: date, as_of: date, count: int) -> Finding:
    place = cells_in_force(live.book).get("as_of") or live.at(live.table.area.top, "Expected")
    goals = "1 goal differs" if count == 1 else f"{count} goals differ"
    message = f"The live cells are as of {day}, this run as of {as_of}: {goals} for that reason"
    return LIVE_OTHER_DAY.at(place, message, value=day)


def _shown(value: Scalar) -> str:
    if value in (None, ""):
        return "nothing"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


# ------------------------------------------------------------------- why a right formula differs


def _reasons(live: _LiveTab, goal: Goal, score: GoalScore, day: date) -> Iterator[str]:
    """What perfsheet knows and the formulas do not, the likeliest first."""
    book = live.book
    reset = versions(book, goal).last_reset(day)
    if reset:
        yield f"the plan was changed on {reset} (History), and the pace starts anew from there"
    for form, records in _rows_of(book, goal):
        yield from _read_otherwise(book, form, records)
        yield from _not_counted_alike(book, form, goal, records)
    days = [p.day for p in book.plan if same_name(p.goal_id) == same_name(goal.goal_id)]
    if len(set(days)) < len(days):
        yield "Plan has two rows for one day, and perfsheet takes the lower one"
    yield from _settings_apart(book)
    named = [g for g in book.goals if g.parent and same_name(g.parent) == same_name(goal.goal_id) and g is not goal]
    if len(named) != len(score.children):
        yield "not every goal that names it as its parent is a sub-goal (a circle, or an id used twice)"
    parents = live.book.places[GOALS.tab].columns.get("parent", 0)
    for row in set(_naming(live.sheet, live.table, parents, goal.goal_id)) - {g.row for g in named} - {goal.row}:
        yield f"row {row} of {GOALS.tab} is set aside by perfsheet, and formulas still see it"


def _rows_of(book: TeamBook, goal: Goal) -> tuple[tuple[Form, Sequence[Record]], ...]:
    key = same_name(goal.goal_id)
    return (
        (GOALS, (goal,)),
        (CHECKINS, book.checkins_of(goal)),
        (PLAN, [p for p in book.plan if same_name(p.goal_id) == key]),
        (MILESTONES, [m for m in book.milestones if same_name(m.goal_id) == key]),
    )


def _read_otherwise(book: TeamBook, form: Form, records: Iterable[Record]) -> Iterator[str]:
    """Cells that perfsheet reads with more patience than a formula."""
    place = book.places.get(form.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    for record in records if sheet and place else ():
        for column in form.columns:
            cell = sheet.cells.get((record.row, place.columns.get(column.name, 0))) if sheet and place else None
            value = getattr(record, column.name)
            if cell is not None and not column.live and _patience(column, cell, value):
                yield f"perfsheet reads {record.at(column.name)} as {_plain(value)}, a formula does not"


def _patience(column: Column, cell: Cell, value: object) -> bool:
    """Whether the value is not what a formula sees in the cell."""
    if column.kind is Kind.NUMBER:
        seen = cell.value if cell.type == "number" else {"yes": 1, "no": 0}.get(str(cell.value).casefold())
        return cell.value not in (None, "") and (value is None or seen is None or not _same(seen, float(str(value))))
    if column.kind is Kind.DATE:
        return cell.type == "text" and cell.value != ""
    if column.kind is Kind.CHOICE and column.name in ("kind", "state"):
        return isinstance(value, str) and str(cell.value).casefold() != value.casefold()
    if column.kind is Kind.ID and cell.type == "text":
        seen_id = " ".join(str(cell.value).split(" ")).strip()
        return isinstance(value, str) and " ".join(seen_id.split()).casefold() != same_name(value)
    return False


def _not_counted_alike(book: TeamBook, form: Form, goal: Goal, records: Iterable[Record]) -> Iterator[str]:
    """Rows of the goal below the table, which formulas do not see, and rows set aside, which they do."""
    place = book.places.get(form.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    table = table_of(sheet, place) if sheet and place else None
    if sheet is None or place is None or table is None:
        return
    rows = {record.row for record in records}
    for row in sorted(row for row in rows if row > table.area.bottom):
        yield f"row {row} of {form.tab} stands below the table, where formulas do not look"
    for row in _naming(sheet, table, place.columns.get("goal_id", 0), goal.goal_id):
        if row not in rows:
            yield f"row {row} of {form.tab} is set aside by perfsheet, and formulas still see it"


def _naming(sheet: Sheet, table: ListObject, column: int, goal_id: str) -> Iterator[int]:
    """The rows of a table that have a goal's id in a column."""
    key = same_name(goal_id)
    for row in range(table.area.top + 1, table.area.bottom + 1):
        cell = sheet.cells.get((row, column))
        if cell is not None and cell.value is not None and same_name(str(cell.value)) == key:
            yield row


def _settings_apart(book: TeamBook) -> Iterator[str]:
    """Settings whose number in force is not the one that this run uses, as with a policy file."""
    used = {k.name: getattr(book.policy, k.name) for k in knobs()}
    used |= {name: getattr(book.settings, name) for name in ("period_start", "period_end")}
    for name, place in cells_in_force(book).items():
        cell = _cell_at(book, place)
        if name in used and cell and cell.value is not None and not _same_setting(cell.value, used[name]):
            yield f"{place} says {_plain(cell.value)}, this run uses {_plain(used[name])}"


def _same_setting(seen: Scalar, used: object) -> bool:
    if isinstance(seen, datetime):
        return seen.date() == used
    if isinstance(used, bool) or isinstance(seen, bool):
        return (seen in (True, "Yes")) == bool(used)
    if isinstance(seen, str):
        return folded(seen) == folded(str(used if used is not None else ""))
    return isinstance(used, (int, float)) and isinstance(seen, (int, float)) and _same(seen, used)


def _plain(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)
