"""How good is the forecast? Replays it on simulated goals and prints Brier score and 80 % coverage.

    python benchmarks/forecast.py [--smoke]

Six shapes of goals, four of which the model does not assume; irregular check-ins; forecasts at 15 to
85 % of the time. Beside the default stand the base rate, the straight line and a Theil-Sen line with
a t distribution. The same numbers every time. Exit code 1 if the default is worse than any of them on
average, or if its 80 % range does not hold 76 to 86 % of the outcomes.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from perfsheet.scoring.distributions import t_cdf
from perfsheet.scoring.forecast import brier, chance, drift, interval, theil_sen

DAYS = 91
SHARES = (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85)
RANGE_FROM = 3
"""Coverage is counted from this many check-ins on, when a range may be shown."""

Path = list[float]
Points = tuple[list[float], list[float]]


# ------------------------------------------------------------------------------------- the shapes


def linear(rnd: random.Random) -> Path:
    """An even way with noise on each reading; the noise does not add up."""
    pace, noise = rnd.gauss(1.0, 0.3), rnd.uniform(1, 6)
    return [0.0, *(pace * t + rnd.gauss(0, noise) for t in range(1, DAYS + 1))]


def walk(rnd: random.Random) -> Path:
    """A random walk with drift: what the model assumes."""
    pace, noise, path = rnd.gauss(0.9, 0.35), rnd.uniform(1, 5), [0.0]
    for _ in range(DAYS):
        path.append(path[-1] + pace + rnd.gauss(0, noise))
    return path


def counts(rnd: random.Random) -> Path:
    """Things that happen one by one at a steady rate."""
    rate, path = max(0.05, rnd.gauss(1.0, 0.3)), [0.0]
    for _ in range(DAYS):
        path.append(path[-1] + _poisson(rnd, rate))
    return path


def _poisson(rnd: random.Random, rate: float) -> int:
    limit, product, n = math.exp(-rate), rnd.random(), 0
    while product > limit:
        product *= rnd.random()
        n += 1
    return n


def s_curve(rnd: random.Random) -> Path:
    """Slow, fast, slow: an adoption."""
    middle, steep, top = rnd.uniform(0.3, 0.75) * DAYS, rnd.uniform(0.06, 0.14), rnd.uniform(60, 140)
    low = 1 / (1 + math.exp(steep * middle))
    return [
        top * (1 / (1 + math.exp(-steep * (t - middle))) - low) / (1 - low) + (rnd.gauss(0, 1.5) if t else 0)
        for t in range(DAYS + 1)
    ]


def stall(rnd: random.Random) -> Path:
    """On pace, then stuck for good or for a while."""
    pace, stop = rnd.uniform(1.0, 1.7), rnd.uniform(0.2, 0.9) * DAYS
    again = stop + rnd.uniform(0.1, 0.6) * DAYS
    path = [0.0]
    for t in range(1, DAYS + 1):
        path.append(path[-1] + (0.0 if stop < t < again else pace + rnd.gauss(0, 0.5)))
    return path


def late_rush(rnd: random.Random) -> Path:
    """Little for most of the time, and then most of it."""
    slow, rush, begins = rnd.uniform(0.1, 0.6), rnd.uniform(1.0, 5.0), rnd.uniform(0.6, 0.9) * DAYS
    path = [0.0]
    for t in range(1, DAYS + 1):
        path.append(path[-1] + (slow if t < begins else rush) + rnd.gauss(0, 0.5))
    return path


SHAPES: dict[str, Callable[[random.Random], Path]] = {
    "linear + noise": linear,
    "random walk + drift": walk,
    "counts": counts,
    "S-curve": s_curve,
    "stall": stall,
    "late rush": late_rush,
}


# ------------------------------------------------------------------------------------- the methods


def straight_line(points: Points, target: float) -> float:
    """Sure of the average pace so far."""
    times, values = points
    return float(values[-1] + (values[-1] - values[0]) / times[-1] * (DAYS - times[-1]) >= target)


def theil_sen_line(points: Points, target: float) -> float:
    """The robust line's reach, with a t distribution of its residuals."""
    times, values = points
    n, line = len(times), theil_sen(*points)
    if n < 4 or line is None:
        return straight_line(points, target)
    rest = [y - line.intercept - line.slope * x for x, y in zip(times, values, strict=True)]
    mean = sum(times) / n
    noise = math.sqrt(sum(r * r for r in rest) / (n - 2))
    width = sum((x - mean) ** 2 for x in times)
    scale = max(1e-9, noise * math.sqrt(1 + 1 / n + (DAYS - mean) ** 2 / width))
    return 1 - t_cdf((target - line.intercept - line.slope * DAYS) / scale, n - 2)


def default(points: Points, target: float) -> float:
    """The forecast that perfsheet shows."""
    return chance(drift(*points, DAYS, target), DAYS, target)


METHODS: dict[str, Callable[[Points, float], float]] = {
    "straight line": straight_line,
    "Theil-Sen + t": theil_sen_line,
    "default": default,
}


# -------------------------------------------------------------------------------------- the replay


@dataclass
class Tally:
    """Chances said by each method, what came true, and whether the 80 % range held."""

    said: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in METHODS})
    outcomes: list[bool] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)

    def row(self) -> list[float]:
        """Base rate, its own Brier score, each method's, and the coverage."""
        rate = sum(self.outcomes) / len(self.outcomes)
        scores = [brier(self.said[name], self.outcomes) for name in METHODS]
        return [rate, rate * (1 - rate), *scores, sum(self.held) / len(self.held)]


def replay(shape: Callable[[random.Random], Path], seed: int, goals: int) -> Tally:
    """Many goals of one shape, each asked at every share of its time."""
    rnd, tally = random.Random(seed), Tally()
    for _ in range(goals):
        path, target = shape(rnd), rnd.uniform(70, 120)
        rhythm = rnd.choice((5, 7, 10, 14))
        days = sorted(
            {min(DAYS - 1, max(1, t + rnd.randint(-2, 2))) for t in range(rhythm, DAYS, rhythm) if rnd.random() < 0.8}
        )
        for share in SHARES:
            seen = [t for t in days if t <= share * DAYS]
            if seen:
                ask(tally, path, [0, *seen], target)
    return tally


def ask(tally: Tally, path: Path, seen: Sequence[int], target: float) -> None:
    """Every method's chance for one goal at one time."""
    points = ([float(t) for t in seen], [path[t] for t in seen])
    tally.outcomes.append(path[-1] >= target)
    for name, method in METHODS.items():
        tally.said[name].append(method(points, target))
    if len(seen) > RANGE_FROM:
        low, high = interval(drift(*points, DAYS, target), DAYS)
        tally.held.append(low <= path[-1] <= high)


def main(arguments: Sequence[str]) -> int:
    goals = 60 if "--smoke" in arguments else 1500
    headers = ["base rate", "always it", *METHODS, "80 % holds"]
    print(f"{'simulated goals':22}" + "".join(f"{h:>15}" for h in headers))
    rows = []
    for seed, (name, shape) in enumerate(SHAPES.items(), 1):
        rows.append(replay(shape, seed, goals).row())
        print(f"{name:22}" + "".join(f"{value:15.3f}" for value in rows[-1]), flush=True)
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    print(f"{'mean':22}" + "".join(f"{value:15.3f}" for value in means))
    print("Brier score: 0 is perfect, lower is better. Base rate: how many goals were met.")
    ours, others, coverage = means[4], means[1:4], means[5]
    return 0 if ours < min(others) and 0.76 <= coverage <= 0.86 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
