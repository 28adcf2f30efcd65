"""The organisation as it was read just now, held against the dataset's present state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from .dataset import columns_of, parts_of, recover, refuse_foreign, refuse_other_names, same_period
from .goalposts import COMPARED, TOLD, Marks, Moved, moved_goalposts
from .packing import Part
from .privacy import Names
from .rollup import Organisation


def moved_since(
    org: Organisation, directory: str, names: Names | None = None, dry_run: bool = False
) -> list[Moved] | None:
    """What is not as it was in the dataset's present state; None if it does not know this period yet.

    Only workbooks whose rows are not what they were are looked at row by row. A dataset in which `names` were
    replaced is held against rows in which they are replaced as well, by the same key: else raises Misuse.
    A dry run leaves a dataset as it is whose last run was cut off.
    """
    if not dry_run:
        recover(Path(directory))
    refuse_foreign(Path(directory))
    refuse_other_names(directory, names)
    periods = _distinct(row["period"] for row in org.team_rows)
    moved = _not_the_same(org, directory, periods, names)
    if moved is None:
        return None

    def before(table: str) -> Iterable[Part]:
        for period in periods:
            yield from parts_of(directory, table, period, (*COMPARED[table], *TOLD), moved)

    return moved_goalposts(
        {table: _rows(before(table)) for table in COMPARED},
        {table: _rows(p for p in _now(org, table, names) if p.book in moved) for table in (*COMPARED, "history")},
    )


def _distinct(periods: Iterable[str | None]) -> list[str | None]:
    """Each period once, however it is spelled."""
    found: list[str | None] = []
    for period in sorted(set(periods), key=str):
        if not any(same_period(period, other) for other in found):
            found.append(period)
    return found


def _now(org: Organisation, table: str, names: Names | None, columns: Collection[str] | None = None) -> Iterator[Part]:
    """What each workbook has in a table, or in some columns of it, as it would be written."""
    for part in org.parts(table):
        if columns is not None:
            part = part._replace(columns={name: part.columns[name] for name in ("file", *columns)})
        yield names.part(part) if names else part


def _not_the_same(
    org: Organisation, directory: str, periods: Collection[str | None], names: Names | None
) -> set[str] | None:
    """The workbooks that the dataset knows and whose rows are not what they were; None if it knows none."""
    before, now = Marks(), Marks()
    for table, columns in COMPARED.items():
        there = {period: columns_of(directory, table, period) for period in periods}
        both = {period: [name for name in columns if name in known] for period, known in there.items()}
        spelled = {row["period"]: next(p for p in periods if same_period(p, row["period"])) for row in org.team_rows}
        for period in periods:
            for part in parts_of(directory, table, period, both[period]):
                before.add(table, part, both[period])
        for part in _now(org, table, names, columns):
            now.add(table, part, both[spelled[part.period]])
    return before.differ(now) if before else None


def _rows(parts: Iterable[Part]) -> list[dict[str, Any]]:
    return [row for part in parts for row in part.rows]
