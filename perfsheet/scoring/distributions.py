"""The few distributions that the scores need, in plain Python: Student t, normal quantile, Wilson interval."""

from __future__ import annotations

import math
from functools import lru_cache

TINY = 1e-300
"""Stands for 0 where something is divided by it."""
Z80 = 1.2815515655446004
"""Half of an 80 % interval, in standard deviations."""


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or TINY)
    total = d
    for m in range(1, 400):
        top = a + 2 * m
        step = m * (b - m) * x / ((top - 1) * top)
        d = 1 / (1 + step * d or TINY)  # near 1 a float is either 0 or far from it
        c = 1 + step / c or TINY
        total *= c * d
        step = -(a + m) * (a + b + m) * x / (top * (top + 1))
        d = 1 / (1 + step * d or TINY)
        c = 1 + step / c or TINY
        change = c * d
        total *= change
        if abs(change - 1) < 3e-16:
            break
    return total


def beta_share(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b); 0 for x <= 0 and 1 for x >= 1."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def t_cdf(t: float, df: float) -> float:
    """The chance that a Student t with `df` degrees of freedom is at most `t`."""
    square = t * t
    if square < df:  # near the middle the tail would lose digits
        return 0.5 + math.copysign(0.5 * beta_share(0.5, df / 2, square / (df + square)), t)
    tail = 0.5 * beta_share(df / 2, 0.5, df / (df + square))
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=1024)
def t_quantile(share: float, df: float) -> float:
    """The value that a Student t stays below with chance `share` (0 < share < 1), by bisection."""
    if share < 0.5:
        return -t_quantile(1 - share, df)
    low, high = 0.0, 1.0
    while t_cdf(high, df) < share:
        low, high = high, high * 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, df) < share else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=64)
def normal_quantile(share: float) -> float:
    """The value that a standard normal stays below with chance `share` (0 < share < 1), by bisection."""
    low, high = -40.0, 40.0
    for _ in range(90):
        middle = (low + high) / 2
        below = 0.5 * math.erfc(-middle / math.sqrt(2))
        low, high = (middle, high) if below < share else (low, middle)
    return (low + high) / 2


def wilson(successes: float, trials: float, z: float = Z80) -> tuple[float, float]:
    """Wilson's interval of a rate of `successes` in `trials` (more than 0), 80 % unless `z` says otherwise."""
    p, spread = successes / trials, z * z / trials
    middle = p + spread / 2
    half = z * math.sqrt(p * (1 - p) / trials + spread / (4 * trials))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))
