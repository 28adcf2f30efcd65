"""Values as they stand in evidence: short, plain, the same words as in the scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..scoring.words import days, number, percent

__all__ = ["days", "listed", "number", "percent", "quantity", "sentence", "shown"]


def quantity(value: float, unit: str | None) -> str:
    """A number with its unit, if it has one."""
    return f"{number(value)} {unit}" if unit else number(value)


def shown(value: str | float | date | None) -> str:
    """A cell's value in a sentence; "empty" where nothing stands."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else number(value)


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a row: a, b and c; beyond `most` how many more."""
    if len(names) > most:
        return ", ".join(names[:most]) + f" and {len(names) - most} more"
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def sentence(text: str) -> str:
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]
