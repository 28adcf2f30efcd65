"""A file replaced whole or not at all, and never over somebody's newer work.

The new bytes are written beside the file under a name of ours, given the old file's owner and
rights, flushed to the disk, read back and compared. Then the old file is compared with what was
read, the name is switched in one step, and the folder is flushed. At every moment the old file
or the new one is there, whole. A crash leaves at most one temporary file, and the next save
of the same workbook removes it.

What each place allows:

- Local disks: all of it, through a crash of the program, of the machine, and a loss of power.
- Network shares and file systems not known to switch names in one step: a copy of the old file stays
  beside it until the new one has been read back under its name. How long the server itself
  holds bytes before they are on its disk, nobody here can see.
- Folders that OneDrive, Dropbox and their like copy elsewhere are local disks: the same promise holds
  on this computer. What two computers change at the same time meets in the sync program, which
  keeps both files.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..errors import Changed, InUse, Missing, Obstacle, Unwritable
from .claiming import Claim, beside, claimed, leftover_link
from .openers import refuse_if_open
from .ownership import take_over

__all__ = ["check_writable", "create", "digest_of", "kept_version", "save"]

_BLOCK = 1 << 20
_PLAIN = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


Content = bytes | BinaryIO
"""What is written: bytes, or an open file, which is read from its beginning as often as need be."""


def save(path: str | os.PathLike[str], data: Content, *, expected_digest: str | None) -> None:
    """Replaces the file by `data`. A symbolic link stays one; its file is replaced.

    `expected_digest` is the sha256, in hexadecimal, of the bytes that were read: where the file holds others
    now, it is left alone. None takes what stands there when the save begins.
    Raises Changed, InUse, Unwritable or Missing; then the old file is untouched. If it is replaced but the disk
    does not confirm that this will last, or its owner could not be kept, a warning is logged.
    """
    check_writable(path)
    with _undisturbed(), _failures_named(path):
        target = _real(path)
        with claimed(target) as claim:
            before = _state(target)
            _refuse_other(path, before, expected_digest)
            notices = list(_fill(claim.path, data, lambda file: take_over(target, claim.path, file)))
            _switch(path, target, before, claim, data)
        notices += _flush_folder(target.parent)
    _say(path, notices)


def create(path: str | os.PathLike[str], data: Content, *, overwrite: bool = False) -> None:
    """Writes a new file, whole or not at all; an existing one is replaced, as by `save`, if `overwrite` says so.

    Raises Unwritable if there is one that must stay, or another Obstacle as `save` does.
    """
    with _failures_named(path):
        target = _real(path)
        if overwrite and os.path.lexists(target):
            save(path, data, expected_digest=None)
            return
        _check_new(path, target)
    with _undisturbed(), _failures_named(path):
        with claimed(target) as claim:
            _fill(claim.path, data, _usual_rights)
            try:
                claim.publish(target)
            except FileExistsError:
                raise _exists(path) from None
        notices = _flush_folder(target.parent)
    _say(path, notices)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raises an obstacle, with the way out, if the file must not be replaced. Touches nothing."""
    with _failures_named(path):
        target = _real(path)
        facts = _facts(path, target)
        if not stat.S_ISREG(facts.st_mode):
            raise Missing(path, "this is not a file", "Name the workbook itself")
        if facts.st_nlink - leftover_link(target) > 1:
            raise Unwritable(
                path,
                "the file has a second name (a hard link), and replacing it would part the two",
                "Work on a copy, or remove the other name",
            )
        if not facts.st_mode & stat.S_IWUSR or not os.access(target, os.W_OK) or _marked_immutable(facts):
            raise Unwritable(path, "the file is read-only", "Lift the write protection, or work on a copy")
        _check_folder(path, target.parent)
        refuse_if_open(path, target)


def check_new(path: str | os.PathLike[str]) -> None:
    """Raises an obstacle, with the way out, if no new file can be made there. Touches nothing."""
    with _failures_named(path):
        _check_new(path, _real(path))


def kept_version(path: str | os.PathLike[str]) -> Path | None:
    """The copy of the old file that a save on a network share, cut off in the middle, has left; None if none."""
    kept = beside(_real(path), ".old")
    return kept if kept.is_file() else None


# ------------------------------------------------------------------- may it be replaced?


def _real(path: str | os.PathLike[str]) -> Path:
    """Where the symbolic links lead. What cannot be looked at is an error here, never taken for a plain file."""
    try:
        return Path(os.path.realpath(path, strict=True))
    except (FileNotFoundError, NotADirectoryError):
        return Path(os.path.realpath(path))
    except ValueError:
        raise Missing(path, "this is no name that a file can have", "Check the name") from None


def _facts(path: str | os.PathLike[str], target: Path) -> os.stat_result:
    try:
        return os.stat(target)
    except (FileNotFoundError, NotADirectoryError):
        kept = kept_version(path)
        remedy = f"Its last version is beside it: rename {kept.name}" if kept else "Check the name and the folder"
        raise Missing(path, "there is no such file", remedy) from None


def _check_new(path: str | os.PathLike[str], target: Path) -> None:
    if os.path.lexists(target):
        raise _exists(path)
    if not target.parent.is_dir():
        raise Missing(path, "the folder does not exist", "Make the folder first, or check the name")
    _check_folder(path, target.parent)


def _check_folder(path: str | os.PathLike[str], folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unwritable(
            path, "nothing may be written into its folder", "Ask for the right to write there, or work on a copy"
        )


def _marked_immutable(facts: os.stat_result) -> bool:
    """The marks of macOS and the BSDs; elsewhere the system answers for its own."""
    marks = stat.UF_IMMUTABLE | stat.SF_IMMUTABLE | stat.UF_APPEND | stat.SF_APPEND
    return bool(getattr(facts, "st_flags", 0) & marks)


class _State(NamedTuple):
    """What must still be so just before the switch."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int
    digest: str


def _state(target: Path) -> _State:
    digest = _digest(target)
    facts = os.stat(target)  # after the reading: a change in between shows in the next digest
    return _State(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, digest)


def _refuse_other(path: str | os.PathLike[str], found: _State, expected_digest: str | None) -> None:
    if expected_digest not in (None, found.digest):
        raise _changed(path)


def _refuse_changed(path: str | os.PathLike[str], target: Path, before: _State) -> None:
    try:
        same = _real(path) == target and _state(target) == before
    except FileNotFoundError:
        same = False
    if not same:
        raise _changed(path)


def _changed(path: str | os.PathLike[str]) -> Changed:
    return Changed(path, "the file changed while perfsheet was at work", "Run perfsheet again")


def _exists(path: str | os.PathLike[str]) -> Unwritable:
    return Unwritable(path, "there is a file of this name already", "Choose another name, or remove it first")


# ------------------------------------------------------------------- the bytes on the disk


@contextlib.contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    """A descriptor. An error on closing counts: some disks tell only then that a write has failed."""
    descriptor = os.open(path, flags | _PLAIN)
    try:
        yield descriptor
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            os.close(descriptor)
        raise
    os.close(descriptor)


def _fill(path: Path, data: Content, finish: Callable[[int], tuple[str, ...]]) -> tuple[str, ...]:
    """Writes the file, lets `finish` set its rights, flushes it, and reads it back: some disks lie."""
    wanted = hashlib.sha256()
    with _open(path, os.O_WRONLY) as file:
        for block in _blocks(data):
            wanted.update(block)
            _write(file, block)
        notices = finish(file)
        _flush(file)
    _verify(path, wanted.hexdigest())
    return notices


def _verify(path: Path, wanted: str) -> None:
    if _digest(path, from_disk=True) != wanted:
        raise Unwritable(path, "what was written could not be read back", "Check the disk; the old file is untouched")


def _write(file: int, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        written = os.write(file, rest)
        if not written:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest = rest[written:]


def _blocks(data: Content) -> Iterator[bytes]:
    """What is to be written, a block at a time."""
    if isinstance(data, bytes):
        yield data
        return
    data.seek(0)
    while block := data.read(_BLOCK):
        yield block


def digest_of(data: Content) -> str:
    """The sha256 of what is to be written, in hexadecimal."""
    found = hashlib.sha256()
    for block in _blocks(data):
        found.update(block)
    return found.hexdigest()


def _content(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _digest(path: Path, *, from_disk: bool = False) -> str:
    """The sha256 of a file's bytes; `from_disk` first makes the system forget what it has of them in memory."""
    found = hashlib.sha256()
    with _open(path, os.O_RDONLY) as file:
        if from_disk and sys.platform == "linux":
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        while block := os.read(file, _BLOCK):
            found.update(block)
    return found.hexdigest()


def _usual_rights(file: int) -> tuple[str, ...]:
    """The rights of a file that any program makes."""
    if sys.platform != "win32":
        mask = os.umask(0o077)
        os.umask(mask)
        os.chmod(file, 0o666 & ~mask)
    return ()


def _flush(file: int) -> None:
    """Returns when the disk has it. macOS keeps bytes in the drive's own memory unless it is asked twice."""
    if sys.platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):  # network shares do not know this; fsync follows
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
    os.fsync(file)


def _flush_folder(folder: Path) -> list[str]:
    """Makes the switch of names last through a loss of power; a notice if the disk does not confirm it."""
    if sys.platform == "win32":
        return []
    try:
        with _open(folder, os.O_RDONLY) as descriptor:
            _flush(descriptor)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):  # a share that knows no such thing
            return []
        return [f"its durability is not confirmed: the disk reports {error.strerror}, so keep a copy elsewhere"]
    return []


# ------------------------------------------------------------------------- the switch

_ONE_STEP = frozenset(("bcachefs", "btrfs", "ext3", "ext4", "f2fs", "jfs", "overlay", "ramfs", "tmpfs", "xfs", "zfs"))
"""File systems of Linux on which one name takes another's place at once, whatever happens."""


def _switch(path: str | os.PathLike[str], target: Path, before: _State, claim: Claim, data: Content) -> None:
    """The temporary file takes the target's name, if the target is still as it was read."""
    if _switches_at_once(target):
        _refuse_changed(path, target, before)
        claim.replace(target)
        return
    kept = beside(target, ".old")
    try:
        _keep(target, kept)
        _refuse_changed(path, target, before)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    new = digest_of(data)
    try:
        claim.replace(target)
    except BaseException:
        _settle(path, target, kept, (before.digest, new))
        raise
    _settle(path, target, kept, (new,))


def _keep(target: Path, kept: Path) -> None:
    kept.unlink(missing_ok=True)
    os.close(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, 0o600))
    with open(target, "rb") as old:
        _fill(kept, old, lambda file: take_over(target, kept, file))


def _settle(path: str | os.PathLike[str], target: Path, kept: Path, whole: tuple[str, ...]) -> None:
    """The kept copy goes when the target is seen to be there, whole; else it stays, and the person is told."""
    try:
        found = _digest(target, from_disk=True)
    except OSError:
        found = ""
    if found not in whole:
        lost = "the drive lost the file while it was replaced"
        raise Unwritable(path, lost, f"The old version is beside it: rename {kept.name}")
    with contextlib.suppress(OSError):  # the next save replaces it
        kept.unlink()


def _switches_at_once(target: Path) -> bool:
    """Whether the target lies on a file system that is known to switch names in one step."""
    if sys.platform == "win32":
        return not str(target).startswith("\\\\")
    if sys.platform == "darwin":
        return not str(target).startswith(("/Volumes/", "/Network/"))
    return _file_system(target) in _ONE_STEP


def _file_system(target: Path) -> str:
    """Linux: the kind of file system that `target` lies on; "" if the system does not say."""
    try:
        lines = os.fsdecode(_content(Path("/proc/self/mountinfo"))).splitlines()
    except OSError:
        return ""
    kinds = {}
    for line in lines:  # … mount point …  -  kind …; a later mount covers an earlier one
        mount, _, source = line.partition(" - ")
        kinds[re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), mount.split(" ")[4])] = source.split(" ")[0]
    return next((kinds[str(folder)] for folder in target.parents if str(folder) in kinds), "")


# ---------------------------------------------------------------- signals and messages


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C and a polite end wait until the save is over: it is short, and half of it helps nobody."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _say(path: str | os.PathLike[str], notices: list[str]) -> None:
    if notices:
        import logging

        for notice in notices:
            logging.getLogger("perfsheet").warning("%s: saved, but %s", os.fspath(path), notice)


_REASONS = {
    errno.ENOSPC: ("there is no room left on the disk", "Free some room, and run again"),
    errno.EDQUOT: ("your share of the disk is used up", "Free some room, and run again"),
    errno.EFBIG: ("the file would be larger than is allowed here", "Ask for a larger limit"),
    errno.EROFS: ("the disk is read-only", "Work on a copy on another disk"),
    errno.EACCES: ("you are not allowed to write there", "Ask for the right to write, or work on a copy"),
    errno.EPERM: ("the system does not allow to replace it", "Lift its protection, or work on a copy"),
    errno.EBUSY: ("the system itself holds the file, as a mount of its own", "Work on a copy in another folder"),
    errno.ESTALE: ("the network drive lost the file", "Connect the drive again, and run again"),
    errno.ELOOP: ("the links to it lead in a circle", "Name the workbook itself"),
    errno.ENAMETOOLONG: ("the name is too long for this disk", "Choose a shorter one"),
}


@contextlib.contextmanager
def _failures_named(path: str | os.PathLike[str]) -> Iterator[None]:
    """What the system reports becomes one line that a person understands. The old file is untouched."""
    try:
        yield
    except Obstacle as obstacle:
        obstacle.path = os.fspath(path)  # the name that the person used, not that of the temporary file
        raise
    except MemoryError:
        raise Unwritable(
            path, "there is not enough memory to write it", "Close other programs, and run again"
        ) from None
    except OSError as error:
        if sys.platform == "win32" and isinstance(error, PermissionError):
            what = "another program has the workbook open, or you may not change it"
            raise InUse(path, what, "Close it there, and run again; else ask for the right to write") from error
        reported = f"the disk reports an error ({error.strerror})"
        what, remedy = _REASONS.get(error.errno or 0, (reported, "Check the disk; the old file is untouched"))
        raise Unwritable(path, what, remedy) from error
