"""What executives were shown so far, remembered by whoever consolidates: the next edition must not give away the difference.

A SQLite file in the user's own folder, apart from everything that is given away and from the
cache, because deleting it forgets. It holds the sums that were shown and whose entries they rested
on, each person and entry as a keyed digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import Unwritable
from .differencing import HALF, NOBODY, ONE, Group, Unit

Row = dict[str, Any]

TABLES = (
    "CREATE TABLE IF NOT EXISTS secret (value BLOB)",
    "CREATE TABLE IF NOT EXISTS sums (family TEXT, name TEXT, row TEXT, units BLOB)",
    "CREATE INDEX IF NOT EXISTS by_name_of_sums ON sums (family, name)",
)


def default_editions() -> Path:
    """The user's own file, or what PERFSHEET_EDITIONS says."""
    if given := os.environ.get("PERFSHEET_EDITIONS"):
        return Path(given)
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return folder / "perfsheet" / "editions.sqlite"


class Editions:
    """The editions of the past. Nobody else writes while it is open; what is added is kept by `keep`, else forgotten."""

    def __init__(self, path: Path | None = None) -> None:
        """With no path only this run is remembered."""
        self._path = str(path) if path else ":memory:"
        with self._telling():
            if path:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(self._path, timeout=60, isolation_level=None)
            if path:
                os.chmod(path, 0o600)
            self._db.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                self._db.execute(table)
            found = self._db.execute("SELECT value FROM secret").fetchone()
            self._secret = bytes(found[0]) if found else secrets.token_bytes(32)
            if not found:
                self._db.execute("INSERT INTO secret VALUES (?)", (self._secret,))

    def __enter__(self) -> Editions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def unit(self, who: str | None, what: object) -> Unit:
        """One entry of one person, or of nobody, as it stands; only this file's owner can tell whose."""
        return (NOBODY if who is None else self._digest(who)) + self._digest(repr(_plain(what))) + ONE

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=HALF).digest()

    def earlier(self, family: str) -> list[Group]:
        """The units of everything that was shown of a family of sums, the oldest first."""
        with self._telling():
            rows = self._db.execute("SELECT units FROM sums WHERE family = ? ORDER BY rowid", (family,)).fetchall()
        step = 3 * HALF
        return list(dict.fromkeys(frozenset(u[i : i + step] for i in range(0, len(u), step)) for (u,) in rows))

    def latest(self, family: str, name: str) -> Row | None:
        """What was last shown of a group."""
        query = "SELECT row FROM sums WHERE family = ? AND name = ? ORDER BY rowid DESC LIMIT 1"
        with self._telling():
            found = self._db.execute(query, (family, name)).fetchone()
        return None if found is None else _with_dates(json.loads(found[0]))

    def last_rows(self, family: str) -> list[Row]:
        """What was last shown of each group of a family, where a row was."""
        query = "SELECT row FROM sums WHERE rowid IN (SELECT MAX(rowid) FROM sums WHERE family = ? GROUP BY name)"
        with self._telling():
            found = self._db.execute(query, (family,)).fetchall()
        return [_with_dates(row) for (text,) in found if (row := json.loads(text))]

    def add(self, family: str, name: str, row: Row, units: Group) -> None:
        """Remembers what is shown of a group; what was shown just so is not stored twice."""
        told = json.dumps(row, default=str, sort_keys=True)
        with self._telling():
            last = self._db.execute(
                "SELECT row, units FROM sums WHERE family = ? AND name = ? ORDER BY rowid DESC LIMIT 1", (family, name)
            ).fetchone()
            packed = b"".join(sorted(units))
            if last is None or (last[0], bytes(last[1])) != (told, packed):
                self._db.execute("INSERT INTO sums VALUES (?, ?, ?, ?)", (family, name, told, packed))

    def keep(self) -> None:
        """Puts away what was added. To be called before anything is handed out."""
        with self._telling():
            self._db.execute("COMMIT")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise Unwritable(
                self._path, f"the record of earlier editions cannot be used: {error}",
                "Put it back, or name another with --editions; a new one knows of no earlier edition",
            ) from error  # fmt: skip


def _plain(value: object) -> object:
    """The value in one way of writing: a column gives 41 as 41.0 as soon as somebody has an empty cell in it."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _with_dates(row: Row) -> Row:
    return {key: date.fromisoformat(value) if key == "as_of" and value else value for key, value in row.items()}
