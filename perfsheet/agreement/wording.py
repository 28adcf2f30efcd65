"""How values are shown in a message, and when two of them are the same."""

from __future__ import annotations

from datetime import datetime

from ..tables import Scalar

CLOSE = 1e-9
"""Two numbers this close are the same, relative to numbers above 1."""


def same(shown: Scalar, wanted: Scalar) -> bool:
    if isinstance(shown, (int, float)) and isinstance(wanted, (int, float)):
        return abs(shown - wanted) <= CLOSE * max(1.0, abs(wanted))
    return shown == wanted


def in_words(value: Scalar) -> str:
    if value in (None, ""):
        return "nothing"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def plain(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)
