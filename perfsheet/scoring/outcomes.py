"""Fairness numbers for HR, only when asked for: do outcomes fall evenly on groups and raters?

Only outcomes that perfsheet itself records are compared, in people and not in ratings; small groups
are hidden together with what would give them away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Any

from .fairness import Impact, hidden_groups, impacts, krippendorff, leniency

Row = Mapping[str, Any]

MOST_LENIENT = 0.5
"""Half a spread above or below the others is worth a talk."""
LEAST_SPREAD = 0.5
"""Less than half of everybody's spread: hardly any difference is made between people."""
LEAST_RATERS, LEAST_RATEES, LEAST_UNITS = 2, 5, 10


@dataclass(frozen=True)
class GroupRate:
    """One group's share of people with an outcome; `impact` compares it with the highest, where that can be said."""

    group: str
    people: int
    hits: int
    impact: Impact | None
    reason: str = ""
    """Why nothing is compared, where it is not."""

    @property
    def verdict(self) -> str:
        """What the numbers allow to say."""
        return self.impact.verdict if self.impact else self.reason


@dataclass(frozen=True)
class OutcomeByGroup:
    """One outcome over the groups that may be shown."""

    title: str
    rates: tuple[GroupRate, ...]
    hidden: int
    """Groups that are not shown."""


@dataclass(frozen=True)
class Rater:
    """One manager's attainment levels beside everybody's. Information for a talk; nothing is corrected."""

    name: str
    ratees: int
    mean: float
    leniency: float | None
    spread: float | None
    """Their spread as a share of everybody's."""

    @property
    def remark(self) -> str:
        """What is worth a talk, if anything."""
        found = []
        if self.leniency is not None and abs(self.leniency) > MOST_LENIENT:
            found.append(f"levels run {'higher' if self.leniency > 0 else 'lower'} than elsewhere")
        if self.spread is not None and self.spread < LEAST_SPREAD:
            found.append("hardly any difference between people")
        return "; ".join(found) or "nothing stands out"


@dataclass(frozen=True)
class Fairness:
    """All of it, and the smallest group that is shown."""

    least: int
    outcomes: tuple[OutcomeByGroup, ...]
    raters: tuple[Rater, ...]
    alpha: float | None
    """Krippendorff's alpha of managers who rated the same skill of the same person; None with too few of these."""
    units: int
    grouped: int
    """People with a group."""

    @property
    def agreement(self) -> str:
        """The agreement in words."""
        if self.alpha is None:
            return f"Skills that two managers rated: {self.units}; below {LEAST_UNITS} no agreement is computed."
        word = "reliable" if self.alpha >= 0.8 else "tentative" if self.alpha >= 0.667 else "not reliable"
        return (
            f"Krippendorff's alpha {self.alpha:.2f} over {self.units} skills that two or more managers rated: {word}."
        )


OUTCOMES = (
    ("No goal off track or overdue", "judged", lambda row: row["behind"] == 0),
    ("Feedback received in the period", "listed", lambda row: row["feedback_received"] > 0),
    ("A proposal accepted", "proposals_decided", lambda row: row["proposals_accepted"] > 0),
)
"""Title, the column that says who is in the pool (more than 0), and who has the outcome."""


Again = Callable[[str, Mapping[str, Sequence[tuple[str, bool]]]], set[str]]
"""Which groups of an outcome may be shown beside what was shown earlier, from its title and who has it in each group."""


def fairness_of(people: Iterable[Row], ratings: Iterable[Row], least: int, again: Again | None = None) -> Fairness:
    """The numbers from rows of people and of attainment levels. Somebody in two workbooks counts once.

    `again` holds groups back that would give something away beside earlier editions.
    """
    known = [row for row in _merged(people) if row["group"]]
    levels = list(ratings)
    sizes = _sizes(known)
    hidden = hidden_groups(sizes, least)
    outcomes = tuple(_outcome(title, [r for r in known if r[pool] > 0], hit, hidden, least, again) for title, pool, hit in OUTCOMES)  # fmt: skip
    alpha, units = _agreement(levels)
    return Fairness(least, outcomes, _raters(levels), alpha, units, len(known))


def who_is(row: Row) -> str:
    """Who is meant: the address, else the name within its team."""
    return str(row["email"] or f"{row['person']}\n{row['team']}").casefold()


COUNTS = ("judged", "behind", "feedback_received", "proposals_decided", "proposals_accepted")


def _merged(people: Iterable[Row]) -> list[dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for row in people:
        one = merged.setdefault(
            who_is(row), {"who": who_is(row), "group": None, "listed": 1, **dict.fromkeys(COUNTS, 0)}
        )
        one["group"] = one["group"] or row["group"]
        for name in COUNTS:
            one[name] += row[name]
    return list(merged.values())


def _sizes(rows: Iterable[Row]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["group"]] = sizes.get(row["group"], 0) + 1
    return sizes


def _outcome(
    title: str, pool: Sequence[Row], hit: Any, hidden: set[str], least: int, again: Again | None
) -> OutcomeByGroup:
    sizes = _sizes(pool)
    away = (hidden | hidden_groups(sizes, least)) & set(sizes)
    if again is not None:
        seen = sizes.keys() - away
        away |= seen - again(title, {g: [(r["who"], hit(r)) for r in pool if r["group"] == g] for g in sorted(seen)})
    shown = {g: (sum(bool(hit(r)) for r in pool if r["group"] == g), n) for g, n in sizes.items() if g not in away}
    compared = {impact.group: impact for impact in impacts(shown)}
    any_hit = any(hits for hits, _ in shown.values())
    reason = "too few of all people to compare" if any_hit else "nobody has it"
    rates = tuple(GroupRate(g, n, hits, compared.get(g), reason) for g, (hits, n) in sorted(shown.items()))
    return OutcomeByGroup(title, rates, len(away))


def _raters(levels: Sequence[Row]) -> tuple[Rater, ...]:
    """Each manager with enough people rated, by name, beside the spread of everybody."""
    by_rater: dict[str, dict[str, list[float]]] = {}
    for row in levels:
        if row["rater"]:
            by_rater.setdefault(row["rater"], {}).setdefault(who_is(row), []).append(row["attainment"])
    means = {rater: [fmean(v) for v in people.values()] for rater, people in by_rater.items()}
    everybody = [mean for own in means.values() for mean in own]
    if len(means) < LEAST_RATERS:
        return ()
    spread = pstdev(everybody)
    return tuple(
        Rater(name, len(own), fmean(own), leniency(own, fmean(everybody), spread), pstdev(own) / spread if spread else None)
        for name, own in sorted(means.items())
        if len(own) >= LEAST_RATEES
    )  # fmt: skip


def _agreement(levels: Sequence[Row]) -> tuple[float | None, int]:
    """Krippendorff's ordinal alpha over skills that two or more managers rated, and how many these are."""
    units: dict[tuple[str, str], dict[str, float]] = {}
    for row in levels:
        if row["email"] and row["rater"]:
            units.setdefault((who_is(row), str(row["skill"]).casefold()), {})[row["rater"]] = row["attainment"]
    twice = [list(by_rater.values()) for by_rater in units.values() if len(by_rater) >= LEAST_RATERS]
    if len(twice) < LEAST_UNITS:
        return None, len(twice)
    return krippendorff(twice, "ordinal"), len(twice)
