"""Whether outcomes fall evenly on groups and raters: numbers for a talk, never for a correction.

Impact ratios follow the four-fifths rule of the US Uniform Guidelines (29 CFR 1607.4D) and always
come with Fisher's exact test, since a ratio alone is noise in small groups. Agreement between
raters is the intraclass correlation ICC(A,1) for complete tables and Krippendorff's alpha where
cells are missing. Small groups are not shown, nor what would let them be calculated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

LOW_RATIO = 0.8
"""Below this share of the highest rate a group's rate is worth a look."""
LEAST_GROUP, LEAST_SHARE = 5, 0.02
"""Groups with fewer people, or a smaller share of the whole, are not compared."""


@dataclass(frozen=True)
class Impact:
    """One group's rate beside the highest: `ratio`, the chance `p` of such a gap by luck, the shortfall in persons."""

    group: str
    n: int
    hits: int
    rate: float
    ratio: float
    p: float
    shortfall: float

    @property
    def verdict(self) -> str:
        """What the numbers allow to say, in words."""
        if self.ratio >= LOW_RATIO:
            return "no sign of a gap"
        return "a gap worth looking into" if self.p < 0.05 else "ratio low, numbers too small to tell"


def impacts(groups: Mapping[str, tuple[int, int]]) -> list[Impact]:
    """Every comparable group against the one with the highest rate. `groups` maps names to (hits, people)."""
    total = sum(n for _, n in groups.values())
    fit = {g: (h, n) for g, (h, n) in groups.items() if n >= LEAST_GROUP and n >= LEAST_SHARE * total}
    if len(fit) < 2:
        return []
    best = max(sorted(fit), key=lambda g: fit[g][0] / fit[g][1])
    top_hits, top_n = fit[best]
    top = top_hits / top_n
    if not top:
        return []
    return [
        Impact(g, n, h, h / n, h / n / top, fisher(h, n - h, top_hits, top_n - top_hits), max(0.0, top * n - h))
        for g, (h, n) in sorted(fit.items())
    ]


def fisher(a: int, b: int, c: int, d: int) -> float:
    """Two-sided p of the table [[a, b], [c, d]]: all tables that are no likelier than this one."""
    rows, hits, total = a + b, a + c, a + b + c + d

    def chance(x: int) -> float:
        return math.comb(hits, x) * math.comb(total - hits, rows - x) / math.comb(total, rows)

    seen = chance(a)
    possible = range(max(0, rows + hits - total), min(rows, hits) + 1)
    return min(1.0, math.fsum(p for x in possible if (p := chance(x)) <= seen * (1 + 1e-9)))


def hidden_groups(sizes: Mapping[str, int], least: int) -> set[str]:
    """The groups that must not be shown, so that no group below `least` can be seen or calculated.

    While the hidden ones are a single group, or together fewer than `least`, the next smallest is
    hidden too.
    """
    ordered = sorted(sizes, key=lambda g: (sizes[g], g))
    hidden = [g for g in ordered if sizes[g] < least]
    if not hidden:
        return set()
    for group in ordered[len(hidden) :]:
        if len(hidden) > 1 and sum(sizes[g] for g in hidden) >= least:
            break
        hidden.append(group)
    return set(hidden)


def leniency(own: Sequence[float], others: float, spread: float) -> float | None:
    """How much a rater's mean lies above (or below) the others', in their spread, drawn to 0 for few ratees.

    None below five ratees or without a spread. Worth a talk beyond half a spread.
    """
    n = len(own)
    if n < LEAST_GROUP or spread <= 0:
        return None
    return n / (n + 5) * (math.fsum(own) / n - others) / spread


# ------------------------------------------------------------------- agreement of raters


@dataclass(frozen=True)
class Agreement:
    """Intraclass correlations of a complete table (rows: people, columns: raters), after Shrout and Fleiss."""

    one_way: float
    absolute: float
    """ICC(2,1), also called ICC(A,1): one rater's score, raters being a sample."""
    consistent: float
    one_way_mean: float
    absolute_mean: float
    consistent_mean: float


def agreement(table: Sequence[Sequence[float]]) -> Agreement | None:
    """The six intraclass correlations; None for fewer than two people or raters."""
    n, k = len(table), len(table[0]) if table else 0
    if n < 2 or k < 2:
        return None
    mean = math.fsum(map(math.fsum, table)) / (n * k)
    rows = [math.fsum(row) / k for row in table]
    columns = [math.fsum(row[j] for row in table) / n for j in range(k)]
    between = k * math.fsum((r - mean) ** 2 for r in rows)
    raters = n * math.fsum((c - mean) ** 2 for c in columns)
    total = math.fsum((x - mean) ** 2 for row in table for x in row)
    msr, msc = between / (n - 1), raters / (k - 1)
    mse = (total - between - raters) / ((n - 1) * (k - 1))
    msw = (total - between) / (n * (k - 1))
    return Agreement(
        (msr - msw) / (msr + (k - 1) * msw),
        (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n),
        (msr - mse) / (msr + (k - 1) * mse),
        (msr - msw) / msr,
        (msr - mse) / (msr + (msc - mse) / n),
        (msr - mse) / msr,
    )


def _nominal(values: Sequence[float], counts: Mapping[float, float]) -> Callable[[float, float], float]:
    return lambda a, b: float(a != b)


def _ordinal(values: Sequence[float], counts: Mapping[float, float]) -> Callable[[float, float], float]:
    def distance(a: float, b: float) -> float:
        low, high = sorted((a, b))
        between = math.fsum(counts[v] for v in values if low <= v <= high)
        return (between - (counts[low] + counts[high]) / 2) ** 2

    return distance


def _interval(values: Sequence[float], counts: Mapping[float, float]) -> Callable[[float, float], float]:
    return lambda a, b: (a - b) ** 2


def _ratio(values: Sequence[float], counts: Mapping[float, float]) -> Callable[[float, float], float]:
    return lambda a, b: ((a - b) / (a + b)) ** 2 if a + b else 0.0


LEVELS = {"nominal": _nominal, "ordinal": _ordinal, "interval": _interval, "ratio": _ratio}


def krippendorff(units: Sequence[Sequence[float | None]], level: str = "ordinal") -> float | None:
    """Krippendorff's alpha: 1 is full agreement, 0 what chance would give. None where nothing can be compared."""
    rated = [[v for v in unit if v is not None] for unit in units]
    rated = [unit for unit in rated if len(unit) > 1]
    values = sorted({v for unit in rated for v in unit})
    counts = {v: float(sum(unit.count(v) for unit in rated)) for v in values}
    total = sum(counts.values())
    if len(values) < 2:
        return None
    distance = LEVELS[level](values, counts)
    seen = math.fsum(
        distance(a, b) / (len(unit) - 1)
        for unit in rated
        for i, a in enumerate(unit)
        for j, b in enumerate(unit)
        if i != j
    )
    by_chance = math.fsum(counts[a] * (counts[b] - (a == b)) * distance(a, b) for a in values for b in values) / (
        total - 1
    )
    return 1 - seen / by_chance if by_chance else None
