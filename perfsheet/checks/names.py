"""Rows that name somebody or something that is not there."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from operator import attrgetter

from ..forms import Record, same_name


def strangers(rows: Sequence[Record], field: str, known: Container[str]) -> Iterator[tuple[Record, str]]:
    """The rows whose `field` names what is not among the `known` folded names, each with that name.

    A few names stand in many rows, so that each name is looked up once.
    """
    named = list(map(attrgetter(field), rows))
    unknown = {name for name in set(named) if name and same_name(name) not in known}
    if unknown:
        yield from ((row, name) for row, name in zip(rows, named, strict=True) if name in unknown)
