"""Rows as columns: how contributions come back from a worker, and how they grow without a dict for each row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .contributions import Contribution, Row

TABLES = ("goals", "people", "issues", "findings")
"""The frames to which a workbook adds any number of rows; to `teams` and `files` it adds one at most."""

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Source:
    """One file of a run: its row in `files`, the team's row, and why there is none if it was not read."""

    path: str
    file: Row
    team: Row
    code: str | None
    message: str | None


@dataclass(frozen=True)
class Packed:
    """The contributions of a batch: how many rows each file has in each table, and the tables by column."""

    sources: tuple[Source, ...]
    counts: Mapping[str, tuple[int, ...]]
    tables: Mapping[str, Columns]


def pack(contributions: Sequence[Contribution]) -> Packed:
    """Contributions without their dicts: a tenth of the objects, so that a pipe carries them in no time."""
    return Packed(
        tuple(Source(c.path, c.file, c.team, c.code, c.message) for c in contributions),
        {name: tuple(len(getattr(c, name)) for c in contributions) for name in TABLES},
        {name: _columns([row for c in contributions for row in getattr(c, name)]) for name in TABLES},
    )


def _columns(rows: Sequence[Row]) -> Columns:
    """Rows that all have the same fields, by field."""
    values = zip(*(row.values() for row in rows), strict=True)
    return {name: list(column) for name, column in zip(rows[0], values, strict=True)} if rows else {}


@dataclass
class Growing:
    """The tables of a whole run as they grow, batch by batch, and the files to which their rows belong."""

    sources: list[Source] = field(default_factory=list)
    tables: dict[str, Columns] = field(default_factory=lambda: {name: {} for name in TABLES})
    owners: dict[str, array[int]] = field(default_factory=lambda: {name: array("l") for name in TABLES})
    """For each row of a table the place of its file in `sources`."""

    def add(self, batch: Packed) -> None:
        """The next batch, below what is there."""
        first = len(self.sources)
        self.sources += batch.sources
        for name, table in batch.tables.items():
            for column, values in table.items():
                self.tables[name].setdefault(column, []).extend(values)
            for place, count in enumerate(batch.counts[name], start=first):
                self.owners[name].extend([place] * count)

    def without(self, dropped: Iterable[int]) -> None:
        """Leave out all rows of some files, by their places in `sources`."""
        gone = set(dropped)
        for name in TABLES if gone else ():
            stay = [place not in gone for place in self.owners[name]]
            self.owners[name] = array("l", (p for p, kept in zip(self.owners[name], stay, strict=True) if kept))
            for column, values in self.tables[name].items():
                self.tables[name][column] = [v for v, kept in zip(values, stay, strict=True) if kept]
