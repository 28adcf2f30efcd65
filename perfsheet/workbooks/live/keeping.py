"""What a command is about to change in an open workbook, kept in the user's own folder until it is put back.

A program drops its list of undo steps when it is closed, Excel as soon as another program writes. What is kept is
written before the first cell is changed, outlives a crash of either program, and never travels with the workbook.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from ...errors import Unwritable
from ...tables import Address, Book, Cell, Scalar, Sheet, cell_position, letters

MOST = 10
"""So many are kept of one workbook."""


@dataclass(frozen=True)
class Was:
    """One cell of an input tab, before and after."""

    address: Address
    before: Scalar
    after: Scalar


@dataclass(frozen=True)
class Kept:
    """One command's changes, and the contents of the tabs that it touches as they were.

    `facts` are the caller's own, as JSON holds them.
    """

    book: str
    changes: tuple[Was, ...]
    tabs: Mapping[str, Mapping[tuple[int, int], Cell]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None
    """Where it is kept, once it is."""

    def as_then(self, book: Book, mark: str) -> Book:
        """The workbook with our tab of this mark as it was."""

        def then(sheet: Sheet) -> Sheet:
            if sheet.mark != mark or sheet.name not in self.tabs:
                return sheet
            return Sheet(**{**vars(sheet), "cells": self.tabs[sheet.name]})

        return Book(**{**vars(book), "sheets": tuple(map(then, book.sheets))})


def folder() -> Path:
    """The user's own data folder, or what PERFSHEET_BACKUPS says."""
    if given := os.environ.get("PERFSHEET_BACKUPS"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "perfsheet" / "Backups"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "perfsheet" / "Backups"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "perfsheet" / "backups"


def keep(identity: str, kept: Kept) -> Path:
    """Writes it down, readable for this user alone, and forgets the eleventh. Raises Unwritable."""
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        earlier = _of(identity, place)
        number = _number(earlier[-1]) + 1 if earlier else 1
        path = place / f"{_key(identity)}-{number:06}.json"
        descriptor, temporary = tempfile.mkstemp(dir=place, suffix=".tmp")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(_as_json(kept), file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        what = f"what is about to change cannot be kept there: {error.strerror or error}"
        raise Unwritable(place, what, "Make room in that folder, or name another one in PERFSHEET_BACKUPS") from None
    for old in _of(identity, place)[:-MOST]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def latest(identity: str) -> Kept | None:
    """What was kept last of this workbook; a file that is damaged is passed over."""
    for path in reversed(_of(identity, folder())):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return _from_json(json.loads(path.read_text(encoding="utf-8")), path)
    return None


def forget(kept: Kept) -> None:
    """It was put back."""
    if kept.path is not None:
        with contextlib.suppress(OSError):
            kept.path.unlink()


def _key(identity: str) -> str:
    return hashlib.sha256(identity.casefold().encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _of(identity: str, place: Path) -> list[Path]:
    """The files of a workbook, oldest first."""
    return sorted((p for p in place.glob(f"{_key(identity)}-*.json") if p.stem[17:].isdigit()), key=_number)


def _number(path: Path) -> int:
    return int(path.stem[17:])


# ------------------------------------------------------------------- as JSON and back


def _as_json(kept: Kept) -> dict[str, Any]:
    return {
        "book": kept.book,
        "changes": [[*w.address, _value(w.before), _value(w.after)] for w in kept.changes],
        "tabs": {
            name: {f"{letters(c)}{r}": [x.type, _value(x.value), x.formula, x.format] for (r, c), x in cells.items()}
            for name, cells in kept.tabs.items()
        },
        "facts": dict(kept.facts),
    }


def _from_json(told: Mapping[str, Any], path: Path) -> Kept:
    changes = [Was(Address(s, r, c), _read(before), _read(after)) for s, r, c, before, after in told["changes"]]
    tabs = {
        name: {cell_position(place): Cell(t, _read(v), f, x) for place, (t, v, f, x) in cells.items()}
        for name, cells in told["tabs"].items()
    }
    return Kept(told["book"], tuple(changes), tabs, told["facts"], path)


def _value(value: Scalar) -> Any:
    """A value as JSON holds it; what it has no type for as {type: text}."""
    if isinstance(value, timedelta):
        return {"duration": value.total_seconds()}
    if isinstance(value, (datetime, date, time)):
        return {type(value).__name__: value.isoformat()}
    return value


def _read(told: Any) -> Scalar:
    if not isinstance(told, dict):
        return told  # type: ignore[no-any-return]
    ((name, text),) = told.items()
    if name == "duration":
        return timedelta(seconds=text)
    made: type[date] | type[time] = {"date": date, "datetime": datetime, "time": time}[name]
    return made.fromisoformat(text)


def only(book: Book, names: Sequence[str]) -> dict[str, Mapping[tuple[int, int], Cell]]:
    """The contents of these tabs."""
    return {sheet.name: sheet.cells for sheet in book.sheets if sheet.name in names}
