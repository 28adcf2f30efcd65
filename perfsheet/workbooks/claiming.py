"""The temporary file of a save: beside the workbook, under a name of ours, in one writer's hands.

Each workbook has one name for it, so two writers meet there, and what a crash left is found by
the next. The claim is a lock that ends with the process that holds it, however it ends: a file
of that name that nobody holds is a leftover and goes. Where the file system knows no locks, the
file itself is the claim, and only a person can say that it is a leftover.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import InUse

_ATTEMPTS = 20
"""Claims of a name that others take and leave at the same time; and, on Windows, tenths of seconds to wait."""

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def beside(target: Path, ending: str) -> Path:
    """The name of ours that belongs to `target`: `.~perfsheet-…` and the ending, in the same folder.

    Sync programs leave names alone that begin with `.~` or end in `.tmp`. Spellings of one name that some
    file system takes for the same (capitals, accents in two forms) give the same name.
    """
    spelling = unicodedata.normalize("NFC", target.name).casefold()
    return target.with_name(
        f".~perfsheet-{hashlib.sha256(spelling.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}{ending}"
    )


@dataclass(frozen=True)
class Claim:
    """A new and empty temporary file, readable for nobody else, that is ours until the end of `claimed`."""

    path: Path
    descriptor: int

    def replace(self, target: Path) -> None:
        """Gives the file the target's name, in one step. Raises InUse if the file is no longer ours."""
        self._refuse_foreign(target)
        try:
            _switch(self.path, target)
        except OSError:
            # A server can have done it and only the answer was lost.
            if not _is(target, self.descriptor):
                raise

    def publish(self, target: Path) -> None:
        """The same where no file has that name; raises FileExistsError if one has."""
        self._refuse_foreign(target)
        _switch_to_new(self.path, target)

    def _refuse_foreign(self, target: Path) -> None:
        if not _ours(self.path, self.descriptor):
            raise _busy(target, self.path)


@contextlib.contextmanager
def claimed(target: Path) -> Iterator[Claim]:
    """The temporary file of `target`. Raises InUse if another perfsheet has it. It is gone at the end."""
    path = beside(target, ".tmp")
    descriptor = _claim(path, target)
    try:
        yield Claim(path, descriptor)
    finally:
        _release(path, descriptor)


def leftover_link(target: Path) -> bool:
    """Whether one of the target's names is that of a new file whose making was cut off."""
    try:
        return os.path.samefile(beside(target, ".tmp"), target)
    except OSError:
        return False


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


def _busy(target: Path, temporary: Path) -> InUse:
    return InUse(
        target,
        "another perfsheet is writing this workbook",
        f"Run again when it is done; if none is running, delete the file {temporary.name} beside the workbook",
    )


if sys.platform == "win32":
    import msvcrt

    # An open file cannot be renamed or removed here, so the lock is on a file of its own.

    def _claim(path: Path, target: Path) -> int:
        try:
            descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_BINARY | os.O_NOINHERIT)
        except PermissionError:
            raise _busy(target, path) from None
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            os.close(descriptor)
            raise _busy(target, path) from None
        try:
            path.unlink(missing_ok=True)
            os.close(os.open(path, _NEW, 0o600))
        except BaseException:
            _release(path, descriptor)
            raise
        return descriptor

    def _release(path: Path, descriptor: int) -> None:
        with contextlib.suppress(OSError):  # what stays is removed by the next save
            path.unlink(missing_ok=True)
        os.close(descriptor)
        with contextlib.suppress(OSError):  # another perfsheet has just opened it
            path.with_suffix(".lock").unlink()

    def _ours(path: Path, descriptor: int) -> bool:
        return True  # nobody without the lock touches it

    def _switch(path: Path, target: Path) -> None:
        """Virus scanners and sync programs hold a file for moments: worth a few attempts."""
        for _ in range(_ATTEMPTS):
            try:
                return os.replace(path, target)
            except PermissionError:
                time.sleep(0.1)
        return os.replace(path, target)

    def _switch_to_new(path: Path, target: Path) -> None:
        os.rename(path, target)

else:
    import fcntl

    _HELD = (errno.EAGAIN, errno.EACCES)
    _UNKNOWN = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
    """A file system without locks."""

    def _claim(path: Path, target: Path) -> int:
        for _ in range(_ATTEMPTS):
            try:
                descriptor = os.open(path, _NEW, 0o600)
            except FileExistsError:
                _remove_leftover(path, target)
                continue
            try:
                # Whoever takes the new file for a leftover, in the moment before it is locked, holds it: theirs.
                if _lock(descriptor) is not False and _is(path, descriptor):
                    return descriptor
            except BaseException:
                _release(path, descriptor)
                raise
            os.close(descriptor)
        raise _busy(target, path)

    def _remove_leftover(path: Path, target: Path) -> None:
        """Removes the file if nobody holds it; raises InUse if somebody does or nobody can tell."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.ELOOP, errno.EISDIR):
                raise _busy(target, path) from None
            raise
        try:
            if not _lock(descriptor):
                raise _busy(target, path)
            if _is(path, descriptor):
                os.unlink(path)
        finally:
            os.close(descriptor)

    def _lock(descriptor: int) -> bool | None:
        """True: ours. False: another process has it. None: there are no locks here."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                return False
            if error.errno in _UNKNOWN:
                return None
            raise
        return True

    def _release(path: Path, descriptor: int) -> None:
        with contextlib.suppress(OSError):  # what stays is removed by the next save
            if _is(path, descriptor):
                os.unlink(path)
        with contextlib.suppress(OSError):  # nothing was written through it
            os.close(descriptor)

    def _ours(path: Path, descriptor: int) -> bool:
        return _is(path, descriptor)

    def _switch(path: Path, target: Path) -> None:
        os.replace(path, target)

    def _switch_to_new(path: Path, target: Path) -> None:
        """A second name for the file, which no existing file gives way to; the first one goes with the claim."""
        try:
            os.link(path, target)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
                raise
            if os.path.lexists(target):  # no second names on this file system: look, then switch
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
            os.replace(path, target)
