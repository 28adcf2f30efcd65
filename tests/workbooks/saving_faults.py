"""Saves a file again and again, with a fault at the first, the second, the third … call to the system.

Run as a program: `saving_faults.py FOLDER SCENARIO FAULT`. Each trial is a process of its own, in
which every call of `os` and `fcntl` that a save makes is counted; at call N it is killed, or told
that the disk failed. N grows until a save survives, so every call has had its turn. One JSON
line a trial: the call, how the process ended, and what stood in the folder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import logging
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from perfsheet.errors import Obstacle
from perfsheet.workbooks import claiming, saving

OLD, NEW, NEXT = b"old workbook", b"the new workbook", b"the workbook after it"
LEFTOVER = b"left by a crash"
SAVED, REFUSED, BROKEN = 0, 3, 9

COUNTED = {
    os: (
        *("open", "close", "read", "write", "fsync", "posix_fadvise", "stat", "lstat", "fstat", "access", "readlink"),
        *("replace", "link", "unlink", "chmod", "chown", "umask"),
        *("listxattr", "getxattr", "setxattr", "removexattr"),
    ),
    fcntl: ("flock", "lockf"),
}
ERRORS = ("ENOSPC", "EIO", "EDQUOT", "EROFS", "ESTALE", "EINTR", "EACCES", "EMFILE")


class Faults:
    """Counts the calls and lets one of them, or from it on all of them, go wrong."""

    def __init__(self, at: int, fault: str, report: int) -> None:
        self.at, self.fault, self.report, self.count, self.write = at, fault, report, 0, os.write

    def install(self) -> None:
        for module, names in COUNTED.items():
            for name in names:
                setattr(module, name, self.wrapped(name, getattr(module, name)))

    def wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **more: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                self.write(self.report, name.encode())
            elif self.count < self.at or not self.fault.endswith(" for ever"):
                return real(*given, **more)
            return self.go_wrong(name, real, given, more)

        return call

    def go_wrong(self, name: str, real: Callable[..., Any], given: tuple[Any, ...], more: dict[str, Any]) -> Any:
        if self.fault == "killed after":
            if name == "write":  # torn
                given = (given[0], given[1][: len(given[1]) // 2])
            with contextlib.suppress(OSError):
                real(*given, **more)
        if self.fault.startswith("killed"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "close":  # the descriptor is gone even if closing fails
            real(*given, **more)
        if name == "access":
            return False
        if name == "umask":
            return real(*given, **more)
        number = getattr(errno, self.fault.split()[0])
        raise OSError(number, os.strerror(number))


def prepare(folder: Path, scenario: str) -> Path:
    """The folder before a save; the name that is saved to."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    book = folder / "team.xlsx"
    if scenario == "a new file":
        return book
    book.write_bytes(OLD)
    book.chmod(0o640)
    if scenario == "a link, a leftover, an attribute":
        claiming.beside(book, ".tmp").write_bytes(LEFTOVER)
        if os.getuid() == 0:
            os.chown(book, 1234, 2345)
        try:
            os.setxattr(book, "user.label", b"confidential")
        except (AttributeError, OSError) as error:
            print(f"without an attribute: {error}", file=sys.stderr)
        (folder / "link.xlsx").symlink_to("team.xlsx")
        return folder / "link.xlsx"
    return book


def others(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name not in ("team.xlsx", "link.xlsx"))


def write(book: Path, data: bytes) -> None:
    if book.exists():
        saving.save(book, data, expected_digest=hashlib.sha256(book.read_bytes()).hexdigest())
    else:
        saving.create(book, data)


def attempt(book: Path, faults: Faults) -> None:
    """In a process of its own: never returns."""
    logging.disable()
    expected = hashlib.sha256(OLD).hexdigest()
    new = not book.exists()
    faults.install()
    code = SAVED
    try:
        if new:
            saving.create(book, NEW)
        else:
            saving.save(book, NEW, expected_digest=expected)
    except Obstacle:
        code = REFUSED
    except BaseException:
        traceback.print_exc()
        code = BROKEN
    os._exit(code)


def trial(folder: Path, scenario: str, fault: str, at: int) -> dict[str, object] | None:
    """What came of a fault at call `at`; None if there was no such call."""
    path = prepare(folder, scenario)
    book = path.resolve()
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        attempt(path, Faults(at, fault, write_end))
    os.close(write_end)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(read_end) as pipe:
        call = pipe.read()
    kept = saving.kept_version(book)
    found = {
        "call": call,
        "fault": fault,
        "at": at,
        "ended": ended,
        "content": book.read_bytes().decode() if book.exists() else None,
        "kept": kept.read_bytes().decode() if kept else None,
        "litter": [p.name for p in others(folder) if p.read_bytes() != LEFTOVER],
    }
    if not call:
        return None
    write(path, NEXT)
    found["next"] = book.read_bytes().decode()
    found["left"] = [p.name for p in others(folder)]
    found["rights"] = oct(book.stat().st_mode & 0o777)
    return found


def main(folder: str, scenario: str, fault: str) -> None:
    if scenario == "a share":
        saving._switches_at_once = lambda target: False
    at = 0
    while True:
        at += 1
        kind = ERRORS[at % len(ERRORS)] if fault == "errors in turn" else fault
        found = trial(Path(folder), scenario, kind, at)
        if found is None:
            return
        print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
