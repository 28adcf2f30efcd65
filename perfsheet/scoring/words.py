"""How a number came about, in sentences for a person without statistics, from the score's own parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from .distributions import wilson
from .pace import Pace
from .parts import Component, Forecast, Part, Status
from .sums import exact_sum


def percent(share: float) -> str:
    """A share in whole percent: 40 %."""
    return f"{100 * share:.0f} %"


def number(value: float) -> str:
    """A value of the workbook as people write it: 1,250,000 or 3.75."""
    if abs(value) >= 1000:
        return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    return f"{value:.4g}"


def days(count: float) -> str:
    """A duration: 1 day, 12 days."""
    return f"{count:g} day" if count == 1 else f"{count:g} days"


def many(count: int, one: str, more: str | None = None) -> str:
    """A count with its noun: 1 goal, 3 goals."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def _place(part: Part) -> str:
    where = f" in {part.address}" if part.address else ""
    return f"{where} of {part.day.isoformat()}" if part.day else where


# ---------------------------------------------------------------------------------------- progress


def progress_sentences(
    kind: str, raw: float | None, progress: float | None, reason: str | None, parts: Sequence[Part], self_reported: bool
) -> tuple[str, ...]:
    """What progress is made of."""
    if raw is None:
        return (f"There is no progress number: {reason}.",)
    told = _computed(kind, raw, parts)
    more = []
    if progress is not None and progress < raw - 1e-9:
        more.append(f"It counts as {percent(progress)} in the sums.")
    if raw < 0:
        more.append("The measure is worse than its baseline; in the sums it counts as 0 %.")
    if self_reported:
        more.append("The percentage is the owner's own estimate.")
    return (told, *more)


def _computed(kind: str, raw: float, parts: Sequence[Part]) -> str:
    values = {p.what: p for p in parts}
    current, baseline, target = values.get("current"), values.get("baseline"), values.get("target")
    if current and current.value is None:
        return f"Without a check-in the baseline is assumed: {percent(raw)}."
    if baseline and target and current and None not in (baseline.value, target.value, current.value):
        way, gone = (target.value or 0) - (baseline.value or 0), (current.value or 0) - (baseline.value or 0)
        return (
            f"From baseline {number(baseline.value or 0)} to target {number(target.value or 0)} the way is {number(abs(way))}; "
            f"the newest value {number(current.value or 0)}{_place(current)} is {number(gone if way > 0 else -gone)} "
            f"along it: {percent(raw)}."
        )
    if target and current:
        return f"{number(current.value or 0)}{_place(current)} by the target of {number(target.value or 0)}: {percent(raw)}."
    return _summed(kind, raw, parts)


def _summed(kind: str, raw: float, parts: Sequence[Part]) -> str:
    if kind == "Milestones":
        done = [p for p in parts if p.value]
        return f"{len(done)} of {many(len(parts), 'milestone')} finished, by weight {percent(raw)}."
    if kind == "Flow":
        came = exact_sum(p.value or 0 for p in parts if p.what == "actual")
        planned = exact_sum(
            (p.value or 0) * (1 if p.weight is None else p.weight) for p in parts if p.what == "planned"
        )
        return f"{number(came)} came of {number(planned)} planned for the reported periods: {percent(raw)}."
    periods = [p for p in parts if p.what.startswith("period to ")]
    if periods:
        known = [p for p in periods if p.value is not None]
        held = sum(p.reason == "in range" for p in known)
        low, high = wilson(held, len(known))
        return (
            f"In range in {held} of {many(len(known), 'reported period')} ({len(periods)} due): {percent(raw)}; "
            f"80 % range of the true share: {100 * low:.0f} to {percent(high)}."
        )
    if kind == "Yes/No":
        return "Done: 100 %." if raw >= 1 else "Not done yet; a Yes/No goal has no halves: 0 %."
    current = next((p for p in parts if p.what == "current"), None)
    return f"{number(current.value or 0)}{_place(current)}: {percent(raw)}." if current else f"{percent(raw)}."


def pace_sentences(
    pace: Pace | None, level: bool, rebaselined_on: date | None, finish: date | None, why: str | None
) -> tuple[str, ...]:
    """What was expected, and how fast the goal runs."""
    if pace is None or pace.expected is None:
        return ()
    since = f" since the plan was changed on {rebaselined_on.isoformat()}" if rebaselined_on else ""
    told = [f"Expected today: {percent(pace.expected)} ({days(min(pace.elapsed, pace.days))} of {pace.days}{since})."]
    if pace.index is not None and pace.earned is not None and not level:
        told.append(
            f"What is done was planned for day {pace.earned:.0f}, today is day {pace.elapsed}: {pace.index:.2f} times the planned pace."
        )
        if finish and why is None:
            told.append(f"At this pace it is finished on {finish.isoformat()}.")
        elif why and finish is None:
            told.append(f"There is no finish date: {why}.")
        if pace.needed is not None and pace.needed > 0 and pace.index < 1:
            told.append(f"From now on it needs {pace.needed:.2f} times the planned pace.")
    return tuple(told)


# ------------------------------------------------------------------------------------------ status


JUDGED_BY_PACE = frozenset({Status.TOO_EARLY, Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK})


def status_reason(
    status: Status, *, state: str | None, raw: float | None, reason: str | None, pace: Pace | None, start: date | None,
    due: date | None, early_until: float, reached_on: date | None, level: bool, closed_early: bool = False,
) -> str:  # fmt: skip
    """Why the goal has its status, in a sentence."""
    if status in JUDGED_BY_PACE:
        said = _running_status(status, raw, pace, early_until, level)
    else:
        said = _quiet_status(status, state, reason, start, due, _done(raw), reached_on)
    return f"{said} The State says Done, at {_done(raw)}." if closed_early else said


def _done(raw: float | None) -> str:
    return percent(raw) if raw is not None else "not known"


def _quiet_status(
    status: Status,
    state: str | None,
    reason: str | None,
    start: date | None,
    due: date | None,
    done: str,
    reached: date | None,
) -> str:
    if status in (Status.POSTPONED, Status.DROPPED):
        return f"The goal is {status.value}; it is in no sum."
    if status is Status.NOT_STARTED:
        return "A draft: it is in no sum until its State is Active." if state == "Draft" else f"It starts on {start}."
    if status is Status.ACHIEVED:
        return f"{done} done{f', since {reached.isoformat()}' if reached else ''}."
    if status is Status.OVERDUE:
        return f"It was due on {due} and stands at {done}."
    return f"There is no progress number: {reason}."


def _running_status(status: Status, raw: float | None, pace: Pace | None, early_until: float, level: bool) -> str:
    if pace is None or pace.expected is None or raw is None:
        return "There is no start and due date to judge the pace by."
    if status is Status.TOO_EARLY:
        return f"Day {pace.elapsed} of {pace.days}: no verdict before day {early_until:.0f}."
    behind = pace.expected - max(0.0, raw)
    told = f"{percent(raw)} done, {percent(pace.expected)} expected today"
    if level and raw >= 1:
        return f"Holding: {told}."
    if status is Status.ON_TRACK and behind <= 0:
        return f"{told}."
    pace_told = (
        f", {pace.ratio:.2f} times the {'expected level' if level else 'planned pace'}"
        if pace.ratio is not None
        else ""
    )
    return f"{told}: {100 * behind:.0f} points behind{pace_told}."


# ---------------------------------------------------------------------------------------- forecast


def forecast_sentences(forecast: Forecast, due: date, on_pace: bool, elapsed_enough: bool) -> tuple[str, ...]:
    """What the forecast says, no more than may be shown."""
    if forecast.locked:
        return ("The running total has reached its target.",)
    if forecast.check_ins < 2:
        return ("One check-in, no trend.",)
    basis = f"from {many(forecast.check_ins, 'check-in')}"
    if forecast.shown is None:
        why = "rough" if elapsed_enough else "early days"
        return (f"Reaching the target by {due.isoformat()} is {forecast.word} ({why}, {basis}).",)
    ahead = forecast.outlook
    told = [
        f"The chance of reaching the target by {due.isoformat()} is about {percent(forecast.shown)}: {forecast.word}, {basis}.",
        f"In 8 of 10 cases the value would lie between {number(ahead.low)} and {number(ahead.high)} on that day"
        f"{', cut where the measure cannot go' if ahead.clipped else ''}.",
    ]
    if on_pace:
        told.append("Exactly on pace means roughly even odds, not certainty.")
    if ahead.safe_date:
        told.append(f"Fairly safe date: {ahead.safe_date.isoformat()}.")
    if forecast.stale:
        told.append(f"The last value is old, of {ahead.from_day.isoformat()}.")
    return tuple(told)


# ---------------------------------------------------------------------------------- sums and record


def group_sentences(
    progress: float | None, expected: float | None, coverage: float, low: float | None, high: float | None, parts: Sequence[Part],
    partial: bool, reason: str | None,
) -> tuple[str, ...]:  # fmt: skip
    """What a roll-up is made of."""
    if not parts:
        return (f"{(reason or 'there are no goals to add up').capitalize()}.",)
    known = [p for p in parts if p.value is not None]
    basis = f"{len(known)} of {many(len(parts), 'goal')} with a number, {percent(coverage)} of the weight"
    if progress is None:
        return (f"No number: {basis}.",)
    told = [f"The weighted mean of the top-most goals is {percent(progress)} ({basis})."]
    if expected is not None:
        told.append(f"By plan the same goals should be at {percent(expected)}.")
    if partial:
        told.append("Partial: too much is not known.")
    if coverage < 1 and low is not None and high is not None:
        told.append(f"Between {percent(low)} and {percent(high)}, if all that is missing were nothing or complete.")
    return tuple(told)


COMPONENT_WORDS = {
    "clarity": "goal fields that are complete",
    "cadence": "check-ins made on time",
    "commitments": "actions done by their date",
    "follow_through": "agreed follow-ups that were done",
    "responsiveness": "missed or troubled check-ins that were explained or acted on",
    "feedback": "reports who had feedback lately",
    "report_clarity": "reports' goals with all fields complete",
    "blockers": "blockers answered in time",
    "decisions": "proposals decided in time",
    "promises": "actions promised to reports and done by their date",
}


def record_sentences(
    index: float | None,
    low: float | None,
    high: float | None,
    trials: int,
    components: Sequence[Component],
    shrinkage: float,
) -> tuple[str, ...]:
    """What the index of recorded practice is made of."""
    judged = [c for c in components if c.trials]
    counts = "; ".join(f"{COMPONENT_WORDS[c.name]} {number(c.successes)} of {c.trials}" for c in judged)
    if index is None or low is None or high is None:
        return (f"Not enough record for an index{f': {counts}' if counts else ''}.",)
    return (
        f"On record: {counts}.",
        f"Weighted, and with {number(shrinkage)} average occasions added to each, that is {percent(index)} "
        f"(80 % band {percent(low)} to {percent(high)}, {many(trials, 'occasion')}).",
        "It says what is written down here, not what a person is like.",
    )


def development_sentence(items: int, levels: Sequence[int], t_score: float | None) -> str:
    """How a person's T score came about, or that there is none yet."""
    if t_score is None:
        return f"{many(items, 'entry', 'entries')} in Development, none with an attainment yet."
    given = ", ".join(f"{level:+d}" if level else "0" for level in levels)
    return (
        f"{len(levels)} of {many(items, 'entry', 'entries')} in Development {'has' if len(levels) == 1 else 'have'} an attainment ({given}); "
        f"together a T score of {t_score:.1f}, where 50 is as expected."
    )
