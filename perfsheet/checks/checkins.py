"""Checks of check-ins: goals that are not there, days that cannot be, values that look slipped."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date

from ..findings import Finding, Rule, Severity
from ..forms import CheckIn, Goal, same_name
from ..records.teambook import TeamBook
from ..tables import MAX_ROW, Address
from .names import strangers

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO

UNKNOWN_GOAL = Rule(
    "unknown_goal", E, "A goal id that is not in Goals",
    "A row names a goal that the Goals tab does not have, or whose row there was set aside.",
    "The row counts for nothing.",
    "A check-in for G12, where Goals ends with G11.",
    "Correct the Goal ID; or add the goal, or put its row right",
)  # fmt: skip


def unknown_goal(book: TeamBook, as_of: date) -> Iterator[Finding]:
    tabs = (book.checkins, book.plan, book.milestones, book.feedback, book.actions)
    unknown = [found for rows in tabs for found in strangers(rows, "goal_id", book.goals_by_id)]
    typed = _typed_ids(book) if unknown else {}
    for record, name in unknown if book.goals or typed else ():
        cell = typed.get(same_name(name))
        message = f"Goal {name} in {cell} was set aside" if cell else f"There is no goal {name}"
        yield UNKNOWN_GOAL.at(record.at("goal_id"), message, value=name)


def _typed_ids(book: TeamBook) -> dict[str, str]:
    """The cell of every id that stands in the Goals tab, of rows that were set aside too."""
    place = book.places.get("Goals")
    sheet = book.book.sheet(place.sheet) if book.book and place else None
    column = place.columns.get("goal_id") if place else None
    if sheet is None or column is None:
        return {}
    cells = reversed(sheet.grid.strip(column, 1, MAX_ROW).cells)
    return {
        same_name(f"{cell.value:g}" if isinstance(cell.value, float) else str(cell.value)): Address(
            sheet.name, row, column
        ).cell
        for row, cell in cells
        if cell and cell.value is not None
    }


def _readings(book: TeamBook, goal: Goal, as_of: date) -> list[CheckIn]:
    """The goal's check-ins that count, by date: with a value, from its start to the day, the last row of each day."""
    log = book.log_of(goal, book.start_of(goal), as_of)
    return list({c.day: c for c in log if c.value is not None}.values())


FUTURE_CHECK_IN = Rule(
    "future_check_in", E, "A check-in from the future",
    "The date of a check-in lies after the day everything is judged at.",
    "It is ignored until then.",
    "A check-in of 2027-01-05, typed on 2026-01-05.",
    "Correct the date",
    anomaly=True,
)  # fmt: skip


def future_check_in(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for c in book.checkins:
        if c.day > as_of:
            yield FUTURE_CHECK_IN.at(
                c.at("day"),
                f"The check-in for {c.goal_id} is dated {c.day}, after {as_of}",
                value=c.day,
                goal=c.goal_id,
            )


BEFORE_START = Rule(
    "before_start", W, "A check-in before the goal's start",
    "The date of a check-in lies before the start of its goal.",
    "It does not count; the baseline says where the goal started.",
    "A value of December for a goal that starts in January.",
    "Correct the date, or the goal's start",
    anomaly=True,
)  # fmt: skip


def before_start(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        start, log = book.start_of(goal), book.log_of(goal)
        for c in book.checkins_of(goal) if start and log and log[0].day < start else ():
            if start and c.day < start:
                yield BEFORE_START.at(
                    c.at("day"),
                    f"The check-in for {goal.goal_id} is dated {c.day}, before its start on {start}",
                    value=c.day,
                    goal=goal.goal_id,
                )


SAME_DAY_TWICE = Rule(
    "same_day_twice", W, "Two different values for one day",
    "A goal has two check-ins of one day with different values. The lower row counts.",
    "One of them is wrong, or the second corrects the first.",
    "G1 on 2026-02-10: 14 in row 20 and 15 in row 31.",
    "Remove the one that does not hold",
    anomaly=True,
)  # fmt: skip


def same_day_twice(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        seen: dict[date, CheckIn] = {}
        for c in book.checkins_of(goal) if same_name(goal.goal_id) in book.goals_with_a_day_twice else ():
            before = seen.get(c.day)
            if before and c.value is not None and before.value is not None and c.value != before.value:
                message = f"{goal.goal_id} has {c.value:g} for {c.day} here and {before.value:g} in {before.at('value').cell}; this one counts"
                yield SAME_DAY_TWICE.at(c.at("value"), message, value=c.value, goal=goal.goal_id)
            if c.value is not None:
                seen[c.day] = c


DUPLICATE_ROW = Rule(
    "duplicate_row", I, "The same check-in twice",
    "Two rows hold the same goal, day and value.",
    "It counts once.",
    "A row that was pasted twice.",
    "Remove one of them",
)  # fmt: skip


def duplicate_row(book: TeamBook, as_of: date) -> Iterator[Finding]:
    seen: dict[tuple[str, date, float], CheckIn] = {}
    for c in book.checkins if book.goals_with_a_day_twice else ():
        if c.value is not None:
            before = seen.setdefault((same_name(c.goal_id), c.day, c.value), c)
            if before is not c:
                yield DUPLICATE_ROW.at(
                    c.at("goal_id"),
                    f"The check-in for {c.goal_id} of {c.day} stands in row {before.row} already",
                    goal=c.goal_id,
                )


OUT_OF_BOUNDS = Rule(
    "out_of_bounds", W, "A value outside what is possible",
    "The value lies outside the goal's own Lower and Upper, or a percent value outside 0 to 100, or a count below 0.",
    "It is probably a slip, and it moves every number of the goal.",
    "120 % of the services moved.",
    "Correct the value, or the limits",
    anomaly=True,
)  # fmt: skip


def out_of_bounds(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        low, high = _bounds(goal, book.percent_scale)
        for c in book.checkins_of(goal) if low is not None or high is not None else ():
            if c.value is not None and ((low is not None and c.value < low) or (high is not None and c.value > high)):
                limits = (
                    f"between {low:g} and {high:g}"
                    if low is not None and high is not None
                    else f"at least {low:g}"
                    if low is not None
                    else f"at most {high:g}"
                )
                yield OUT_OF_BOUNDS.at(
                    c.at("value"),
                    f"{goal.goal_id} should be {limits}, found {c.value:g}",
                    value=c.value,
                    goal=goal.goal_id,
                )


def _bounds(goal: Goal, percent_scale: float) -> tuple[float | None, float | None]:
    """Between which values a goal's readings are possible at all. Maintain goals may leave their range."""
    if goal.kind == "Percent":
        return 0, percent_scale
    if goal.kind == "Count":
        return 0, None
    if goal.kind == "Yes/No":
        return 0, 1
    swapped = goal.lower is not None and goal.upper is not None and goal.lower > goal.upper
    return (None, None) if swapped or goal.kind in ("Maintain", "Milestones") else (goal.lower, goal.upper)


UNIT_SLIP = Rule(
    "unit_slip", W, "A value in another unit",
    "A value is about 100 or 1,000 times as large or as small as the others of its goal, or lies between 0 and 1 where the others of a goal in % do not, and is no step on the way to the target.",
    "Thousands among units, or 0.8 among 80: every number of the goal is wrong.",
    "12, 14, 15,500, 17.",
    "Type the value in the goal's own unit",
    anomaly=True,
)  # fmt: skip

SLIPS = (100.0, 1000.0)


def unit_slip(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.kind in ("Yes/No", "Milestones"):
            continue
        rows, in_percent = _readings(book, goal, as_of), _in_percent(goal)
        if len(rows) < 4:
            continue
        values = [c.value or 0.0 for c in rows]
        sizes = sorted(map(abs, values))
        # what is usual lies between these two, and 50 times is the least that is a slip
        least, most = sizes[(len(rows) - 2) // 2], sizes[(len(rows) + 1) // 2]
        if sizes[-1] <= 49 * least and most <= 49 * sizes[0] and not (in_percent and sizes[0] < 1):
            continue
        for i, value in enumerate(values):
            share = in_percent and 0 < value < 1  # as 0.8 among 80
            if not value or (abs(value) <= 49 * least and most <= 49 * abs(value) and not share):
                continue
            usual = _median_without(sizes, abs(value))
            slipped = _slipped(value, usual) or (share and usual >= 10)
            if slipped and not _on_the_way(goal, rows, i):
                yield UNIT_SLIP.at(
                    rows[i].at("value"),
                    f"{goal.goal_id} has {value:g} where its other values are about {usual:g}",
                    value=rows[i].value,
                    goal=goal.goal_id,
                )


def _median_without(ordered: list[float], value: float) -> float:
    """The median of sorted numbers but one: the same for every reading without sorting them again."""
    count, at = len(ordered) - 1, bisect.bisect_left(ordered, value)
    low, high = (ordered[k + (k >= at)] for k in ((count - 1) // 2, count // 2))
    return (low + high) / 2 if low != high else low


def _in_percent(goal: Goal) -> bool:
    """Whether the unit is percent. Goals of kind Percent are told by mixed_scale already."""
    return goal.kind != "Percent" and (goal.unit or "").strip().casefold() in ("%", "percent")


def _slipped(value: float, usual: float) -> bool:
    """Whether a value is some 100 or 1,000 times what is usual, or that part of it."""
    ratio = abs(value) / usual if usual else 1.0
    times = ratio if ratio >= 1 else 1 / ratio
    return any(0.5 <= times / slip <= 2 for slip in SLIPS)


def _on_the_way(goal: Goal, rows: list[CheckIn], i: int) -> bool:
    """Whether a reading lies between the one before and the one after, the goal's own ends included.

    A goal that grows from 0 has a small first value, and one that falls to 0 a small last one.
    """
    if goal.kind in ("Maintain", "Flow"):
        return False
    before = rows[i - 1].value if i else goal.baseline if goal.baseline is not None or goal.kind == "Decrease" else 0.0
    after = rows[i + 1].value if i + 1 < len(rows) else goal.target
    value = rows[i].value
    return None not in (before, value, after) and sorted((before or 0, value or 0, after or 0))[1] == value


VALUE_DECREASED = Rule(
    "value_decreased", W, "A running total went down",
    "The value of a Count goal is lower than the one before. The newest counts.",
    "A total can only fall by a correction or a real loss; or somebody entered the week's amount.",
    "12, 15, 4.",
    "Enter the total since the start; say in Note what happened if it really fell",
    anomaly=True,
)  # fmt: skip


def value_decreased(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.kind != "Count":
            continue
        for before, after in itertools.pairwise(_readings(book, goal, as_of)):
            if (after.value or 0) < (before.value or 0):
                yield VALUE_DECREASED.at(
                    after.at("value"),
                    f"{goal.goal_id} fell from {before.value:g} to {after.value:g}",
                    value=after.value,
                    goal=goal.goal_id,
                )


CHECK_IN_AFTER_DUE = Rule(
    "check_in_after_due", I, "A check-in after the due date",
    "The goal was due before the day of this check-in.",
    "It counts; the goal shows as overdue until the target is reached.",
    "A value of 5 April for a goal due on 31 March.",
    "Nothing to do, or move the due date by a decision",
)  # fmt: skip


def check_in_after_due(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        start, due = book.start_of(goal), book.due_of(goal)
        if start and due and due < start:
            continue  # the dates are wrong, not the check-ins: due_before_start or period_reversed says so
        log = book.log_of(goal)
        for c in book.checkins_of(goal) if due and log and due < log[-1].day else ():
            if due and due < c.day <= as_of:
                yield CHECK_IN_AFTER_DUE.at(
                    c.at("day"),
                    f"{goal.goal_id} was due on {due}, the check-in is of {c.day}",
                    value=c.day,
                    goal=goal.goal_id,
                )


ENTERED_BEFORE_DATE = Rule(
    "entered_before_date", W, "Entered before its day",
    "The check-in was entered on a day before the one it holds for.",
    "A value cannot be known before its day.",
    "Date 2026-02-10, entered on 2026-02-03.",
    "Correct Date or Entered on",
)  # fmt: skip


def entered_before_date(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for c in book.entered_on_another_day:
        if c.entered and c.entered < c.day <= as_of:
            yield ENTERED_BEFORE_DATE.at(
                c.at("entered"),
                f"The check-in for {c.goal_id} of {c.day} was entered on {c.entered}",
                value=c.entered,
                goal=c.goal_id,
            )


MANY_ENTERED_AT_ONCE = Rule(
    "many_entered_at_once", I, "Many days entered at once",
    "Three or more check-ins of one goal for different days were entered on one day.",
    "Values from memory are worth less than values from the day; they count as one look.",
    "Six weeks filled in on the last Friday.",
    "Nothing to do; check in as you go",
    anomaly=True,
)  # fmt: skip


def many_entered_at_once(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals if book.entered_on_another_day else ():
        rows = book.checkins_of(goal)
        entered = [c.entered for c in rows if c.entered]
        several = len(entered) - len(set(entered)) >= 2  # three of one day are two too many
        for day, count in Counter(entered).items() if several else ():
            if count >= 3 and len({c.day for c in rows if c.entered == day}) >= 3:
                first = next(c for c in rows if c.entered == day)
                yield MANY_ENTERED_AT_ONCE.at(
                    first.at("entered"),
                    f"{count} check-ins of {goal.goal_id} were entered on {day}",
                    value=day,
                    goal=goal.goal_id,
                )


IDENTICAL_VALUES = Rule(
    "identical_values", I, "The same value again and again",
    "Five or more check-ins of a goal in a row hold exactly the same value.",
    "Either nothing moves, or the last value was copied down.",
    "41.7 in six weeks running.",
    "Look at the source of the number",
    anomaly=True,
)  # fmt: skip


def identical_values(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.kind not in ("Increase", "Decrease", "Percent"):
            continue
        rows = _readings(book, goal, as_of)
        values = [c.value for c in rows]
        if len(values) - len(set(values)) < 4:
            continue  # no value stands there five times
        for i, value in enumerate(values[4:], start=4):
            if values[i - 4 : i + 1].count(value) == 5 and (i == 4 or values[i - 5] != value):
                yield IDENTICAL_VALUES.at(
                    rows[i].at("value"),
                    f"{goal.goal_id} has had {value:g} five times running",
                    value=value,
                    goal=goal.goal_id,
                )


CHECKS = (
    unknown_goal, future_check_in, before_start, same_day_twice, duplicate_row, out_of_bounds, unit_slip, value_decreased,
    check_in_after_due, entered_before_date, many_entered_at_once, identical_values,
)  # fmt: skip
