"""What workbooks contributed, remembered by content: a second run reads only what changed.

The key covers the file's bytes, how it is judged (day, policy, period) and the code that judged
it, so that no answer ever comes from other rules. The cache is one SQLite file in the user's own
cache folder: it survives a crash and two runs at once, and deleting it costs nothing but time.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import os
import pickle
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from stat import S_ISREG
from typing import Any

from .. import __version__
from .contributions import Job
from .packing import loaded
from .parcels import Parcel, with_listings
from .remote import Remote

SETTLED_NS = 2_000_000_000
"""A file that changed less than this before it was hashed may change again within one tick of its clock: hash it again."""
MANY = 64
"""So many new parcels are put away at once; an interrupted run loses at most these."""
BLOCK = 1 << 20


class Cache:
    """Parcels by key. A cache that cannot be opened or read is no obstacle: everything is read anew."""

    def __init__(self, folder: Path | None, job: Job, places: Mapping[str, str | Remote] | None = None) -> None:
        """`places` has where those files are that are not where their name says."""
        self._places = places or {}
        self._judged = _judged(job)
        self._db = _opened(folder) if folder else None
        self._seen: dict[str, tuple[str, bytes]] = dict(self._all("SELECT path, seen, digest FROM files"))
        self._there: dict[str, bytes] = {path: key for path, (key,) in self._all("SELECT path, key FROM contributions")}
        self._keys: dict[str, bytes | None] = {}
        self._before: bytes | None = None
        self._new: list[tuple[str, bytes, bytes]] = []
        self._new_digests: list[tuple[str, str, bytes]] = []

    def _all(self, query: str) -> list[tuple[str, Any]]:
        """Every row of a table, by its first column."""
        with suppress(sqlite3.Error):
            return [(row[0], row[1:]) for row in self._db.execute(query)] if self._db is not None else []
        return []

    def close(self) -> None:
        """Puts away what is new and closes the file."""
        self._put_away()
        if self._db is not None:
            self._db.close()

    # ------------------------------------------------------------------------- parcels

    def has(self, path: str) -> bool:
        """Whether something is remembered of the file as it is now."""
        key = self._keys[path] = self._key(path)
        return key is not None and self._there.get(path) == key

    def known(self, path: str) -> Parcel | None:
        """What the file contributed when it was last read, if neither it nor the rules have changed since `has` was asked."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                wanted = path, self._keys.get(path)
                row = self._db.execute("SELECT data FROM contributions WHERE path = ? AND key = ?", wanted).fetchone()
                return _loaded(row[0]) if row else None
        return None

    def keep(self, one: Parcel) -> None:
        """Remembers what a file contributed; files that could not be read are tried again next time.

        A file that changed since `has` was asked is not remembered: nobody knows which of its bytes were read.
        """
        key = self._key(one.path) if one.code is None else None
        if key is not None and self._db is not None and key == self._keys.get(one.path):
            data = pickle.dumps(one, protocol=5)
            self._new.append((one.path, key, zlib.crc32(data).to_bytes(4, "big") + data))
            if len(self._new) >= MANY:
                self._put_away()

    def _put_away(self) -> None:
        if self._db is not None and (self._new or self._new_digests):
            with suppress(sqlite3.Error), self._db:
                self._db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", self._new_digests)
                self._db.executemany("INSERT OR REPLACE INTO contributions VALUES (?, ?, ?)", self._new)
        self._new, self._new_digests = [], []

    def _key(self, path: str) -> bytes | None:
        digest = self.digest(path)
        return (
            None
            if digest is None
            else hashlib.sha256(self._judged + digest + path.encode("utf-8", "surrogatepass")).digest()
        )

    # -------------------------------------------------------------------------- digests

    def digest(self, path: str) -> bytes | None:
        """The sha256 of the file's bytes and the time it was saved, without reading it if it was not touched since.

        Of a file that is not on this machine, what its store says of its state.
        """
        where = self._places.get(path, path)
        if not isinstance(where, str):
            return where.key
        try:
            stat = os.stat(where)
        except OSError:
            return None
        if not S_ISREG(stat.st_mode):  # a pipe would be read for ever
            return None
        seen = f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"
        known = self._seen.get(path)
        return known[1] if known is not None and known[0] == seen else self._hashed(path, where, seen, stat)

    def _hashed(self, path: str, where: str, seen: str, stat: os.stat_result) -> bytes | None:
        found = hashlib.sha256()
        try:
            with open(where, "rb") as file:
                while block := file.read(BLOCK):
                    found.update(block)
        except OSError:
            return None
        found.update(repr(stat.st_mtime).encode())
        settled = time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > SETTLED_NS
        if settled:
            self._seen[path] = seen, found.digest()
            self._new_digests.append((path, seen, found.digest()))
        return found.digest()

    # ------------------------------------------------------------------------ whole runs

    def answer(self, output: str, inputs: Iterable[object], files: Sequence[str]) -> dict[str, Any] | None:
        """The answer of the last run into `output`, if nothing that went into it changed, nor the output itself."""
        self._before = self._state(files)
        if self._db is None or self._before is None:
            return None
        with suppress(sqlite3.Error, ValueError):
            row = self._db.execute(
                "SELECT key, digest, answer FROM runs WHERE output = ?", (os.path.abspath(output),)
            ).fetchone()
            if row and row[1] == self.digest(output) and row[0] == self._run_key(inputs, self._before):
                found: dict[str, Any] = json.loads(row[2])
                return found
        return None

    def remember_run(self, output: str, inputs: Iterable[object], files: Sequence[str], answer: dict[str, Any]) -> None:
        """Remembers what a finished run answered, if its files are still what they were when `answer` was asked."""
        state, digest = self._state(files), self.digest(output)
        if self._db is not None and state is not None and state == self._before and digest is not None:
            self._put_away()
            key, told = self._run_key(inputs, state), json.dumps(answer)
            with suppress(sqlite3.Error), self._db:
                self._db.execute(
                    "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (os.path.abspath(output), key, digest, told)
                )

    def _run_key(self, inputs: Iterable[object], state: bytes) -> bytes:
        return hashlib.sha256(state + repr(list(inputs)).encode("utf-8", "surrogatepass")).digest()

    def _state(self, files: Sequence[str]) -> bytes | None:
        """All files and how they are judged, in one; None if one is not there."""
        key = hashlib.sha256(self._judged)
        for path in files:
            digest = self.digest(path)
            if digest is None:
                return None
            key.update(path.encode("utf-8", "surrogatepass") + digest)
        return key.digest()


# ----------------------------------------------------------------------------------------- pieces


def with_cache(
    files: Sequence[str], cache: Cache, job: Job, read: Callable[[Sequence[str]], Iterator[Parcel]]
) -> Iterator[Parcel]:
    """Each file's parcel in the order of the files; `read` is given those that are not remembered.

    What is remembered is fetched first: meanwhile whoever reads is at work on the others.
    """
    there = {path for path in files if cache.has(path)}
    fresh = read([path for path in files if path not in there])
    known = {path: found for path in files if path in there and (found := cache.known(path)) is not None}
    for path in files:
        before = known.pop(path, None)
        found = with_listings(before, job) if before else next(read([path]) if path in there else fresh)
        if found is not before:
            cache.keep(found)
        yield found


def _judged(job: Job) -> bytes:
    """How workbooks are judged: day, policy, period, and the code itself."""
    policy = Path(job.policy).read_bytes() if job.policy else b""
    day = job.as_of or job.today
    told = repr((__version__, day, job.as_of is None, job.period, job.details)).encode()
    return hashlib.sha256(told + hashlib.sha256(policy).digest() + code_digest()).digest()


@cache
def code_digest() -> bytes:
    """The package's own sources: another version's answers are never taken for this one's."""
    digest = hashlib.sha256()
    root = Path(str(importlib.resources.files("perfsheet")))
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".csv"):
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.digest()


def _opened(folder: Path) -> sqlite3.Connection | None:
    """The cache's file, made readable for its owner alone; a damaged one is begun anew."""
    path = folder / "consolidate.sqlite"
    for _ in range(2):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            db = sqlite3.connect(path, timeout=30)
            os.chmod(path, 0o600)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")  # a loss of power may cost the last transactions, never the file
            with db:
                db.execute("CREATE TABLE IF NOT EXISTS contributions (path TEXT PRIMARY KEY, key BLOB, data BLOB)")
                db.execute("CREATE INDEX IF NOT EXISTS keys ON contributions (path, key)")
                db.execute("CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, seen TEXT, digest BLOB)")
                db.execute(
                    "CREATE TABLE IF NOT EXISTS runs (output TEXT PRIMARY KEY, key BLOB, digest BLOB, answer TEXT)"
                )
            return db
        except sqlite3.DatabaseError:
            with suppress(OSError):
                path.unlink()
        except OSError:
            return None
    return None


def _loaded(data: bytes) -> Parcel | None:
    """A parcel as it was remembered; None if it is damaged, or no parcel at all."""
    if zlib.crc32(data[4:]).to_bytes(4, "big") != data[:4]:
        return None
    with suppress(pickle.UnpicklingError, EOFError, AttributeError, ValueError, TypeError, IndexError):
        found = loaded(data[4:])
        return found if isinstance(found, Parcel) else None
    return None
