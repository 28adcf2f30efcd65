"""A file replaced whole or not at all, and never over somebody's newer work.

The new bytes are written beside the file under a name of ours, flushed to the disk, read back
and compared; then the name is switched in one step and the folder is flushed. At every moment
the old file or the new one is there, whole. What a crash may leave is one temporary file, which
the next save of the same workbook removes.

On a local disk this holds through a loss of power. On network shares and in folders that a sync
program watches, the switch of names is as safe as that system makes it; the bytes were read
back before, and the old file stays in place until the switch.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from ..errors import Changed, InUse, Missing, Obstacle, Unwritable

TEMPORARY = ".~perfsheet-{}.tmp"
_OWNER_NAME = 55
"""Excel's note of who has a workbook open: a length, then the name, 165 bytes in all."""


def save(path: str | os.PathLike[str], data: bytes, *, expected_digest: str | None) -> None:
    """Replaces the file by `data`. A symbolic link stays one; its file is replaced.

    `expected_digest` is the sha256 of the bytes that were read; None skips the comparison.
    Raises Changed when the file is no longer those bytes, InUse, Unwritable or Missing; then
    the old file is untouched.
    """
    check_writable(path)
    target = Path(os.path.realpath(path))
    with _failures_named(target), _temporary(target) as temporary:
        _write(temporary, data)
        _take_over(target, temporary)
        _refuse_changed(target, expected_digest)
        os.replace(temporary, target)
        _flush_folder(target.parent)


def create(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False) -> None:
    """Writes a new file, whole or not at all. Raises Unwritable if it exists and must not be replaced."""
    target = Path(os.path.realpath(path))
    if target.exists():
        if not overwrite:
            raise Unwritable(path, "there is a file of this name already", "Choose another name, or remove it first")
        save(path, data, expected_digest=None)
        return
    if not target.parent.is_dir():
        raise Missing(path, "the folder does not exist", "Make the folder first, or check the name")
    with _failures_named(target), _temporary(target) as temporary:
        _write(temporary, data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
        _flush_folder(target.parent)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raises an obstacle, before anything is touched, when the file must not be replaced."""
    target = Path(os.path.realpath(path))
    facts = _facts(target)
    if not stat.S_ISREG(facts.st_mode):
        raise Missing(path, "this is not a file", "Name the workbook itself")
    if facts.st_nlink > 1:
        raise Unwritable(
            path, "the file has a second name (a hard link), and replacing it would part the two", "Work on a copy"
        )
    if not facts.st_mode & stat.S_IWUSR or not os.access(target, os.W_OK):
        raise Unwritable(path, "the file is read-only", "Lift the write protection, or work on a copy")
    if not os.access(target.parent, os.W_OK):
        raise Unwritable(
            path, "nothing may be written into its folder", "Ask for the right to write there, or work on a copy"
        )
    owner = opened_by(target)
    if owner is not None:
        name = f" by {owner}" if owner else ""
        raise InUse(
            path, f"the workbook is open{name}", "Close it there; if nobody has it open, delete the lock file beside it"
        )


def opened_by(target: Path) -> str | None:
    """Who has the workbook open, from the note that Excel or LibreOffice leaves; "" if it does not say, None if nobody."""
    note = _first_bytes(target.with_name("~$" + target.name)) or _first_bytes(target.with_name("~$" + target.name[2:]))
    if note:
        length = min(note[0], _OWNER_NAME - 1)
        return note[1 : 1 + length].decode("latin-1").strip("\0 ")
    lock = _first_bytes(target.with_name(f".~lock.{target.name}#"))
    if lock:
        fields = lock.decode("utf-8", "replace").split(",")
        return next((f.strip() for f in fields[:2] if f.strip()), "")
    return None


def _first_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as note:
            return note.read(512)
    except OSError:
        return b""


def _facts(target: Path) -> os.stat_result:
    try:
        return os.stat(target)
    except FileNotFoundError:
        raise Missing(target, "there is no such file", "Check the name and the folder") from None
    except OSError as error:
        raise Missing(target, f"it cannot be looked at ({error.strerror})", "Check the name and your rights") from None


# ------------------------------------------------------------ the temporary file


@contextlib.contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """The name to write under, held against a second writer and gone at the end, whatever happens.

    One name for each target: a file of that name that nobody holds is what a crash left.
    """
    path = target.with_name(TEMPORARY.format(hashlib.sha256(target.name.encode()).hexdigest()[:12]))
    if sys.platform == "win32":
        _claim(path, target)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0), 0o600)
    try:
        if sys.platform == "win32":
            os.close(descriptor)  # an open file cannot be renamed there
            descriptor = -1
        else:
            _hold(descriptor, path, target)
            os.ftruncate(descriptor, 0)
        yield path
    except InUse:
        raise
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _claim(path: Path, target: Path) -> None:
    """Windows: a leftover can be removed, a file that another perfsheet is writing cannot."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError:
        raise InUse(
            target, "another perfsheet is writing this workbook", "Wait for it to finish, and run again"
        ) from None


def _hold(descriptor: int, path: Path, target: Path) -> None:
    """Locks the temporary file; the lock ends with the process, so a crash leaves none behind."""
    busy = InUse(target, "another perfsheet is writing this workbook", "Wait for it to finish, and run again")
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise busy from None
    except OSError:  # some network shares know no locks; the comparison before the switch remains
        return
    try:
        same = os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        same = False
    if not same:  # the other writer has just switched it into place
        raise busy


def _write(path: Path, data: bytes) -> None:
    """Writes, flushes to the disk, and reads back: a disk that lies is found out before the switch."""
    with open(path, "r+b") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with open(path, "rb") as file:
        if file.read() != data:
            raise Unwritable(
                path, "what was written could not be read back", "Check the disk; the old file is untouched"
            )


def _take_over(target: Path, temporary: Path) -> None:
    """Owner, rights and extended attributes of the old file, as far as this user may set them."""
    facts = os.stat(target)
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(temporary, facts.st_uid, facts.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                with contextlib.suppress(OSError):
                    os.setxattr(temporary, name, os.getxattr(target, name))
    os.chmod(temporary, stat.S_IMODE(facts.st_mode))


def _refuse_changed(target: Path, expected_digest: str | None) -> None:
    if expected_digest is None:
        return
    with open(target, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != expected_digest:
            raise Changed(target, "the file changed while perfsheet was at work", "Run perfsheet again")


def _flush_folder(folder: Path) -> None:
    """Makes the switch of names last through a loss of power, where the system can say so."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:  # the file is new and whole already; only its durability is not confirmed
        sys.stderr.write(f"{folder}: saved, but the disk did not confirm that it will last through a power cut\n")
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_REASONS = {
    errno.ENOSPC: ("there is no room left on the disk", "Free some room, and run again"),
    errno.EDQUOT: ("your share of the disk is used up", "Free some room, and run again"),
    errno.EFBIG: ("the file would be larger than is allowed here", "Ask for a larger limit"),
    errno.EROFS: ("the disk is read-only", "Work on a copy on another disk"),
    errno.EACCES: ("you are not allowed to write there", "Ask for the right to write, or work on a copy"),
    errno.EPERM: ("the system does not allow it (is the file marked immutable?)", "Lift the mark, or work on a copy"),
}


@contextlib.contextmanager
def _failures_named(target: Path) -> Iterator[None]:
    """What the system reports becomes one line that a person understands. The old file is untouched."""
    try:
        yield
    except Obstacle:
        raise
    except PermissionError as error:
        if sys.platform == "win32":
            raise InUse(target, "another program has the workbook open", "Close it there, and run again") from error
        what, remedy = _REASONS.get(error.errno or 0, _REASONS[errno.EACCES])
        raise Unwritable(target, what, remedy) from error
    except OSError as error:
        what, remedy = _REASONS.get(
            error.errno or 0,
            (f"the disk reports an error ({error.strerror})", "Check the disk; the old file is untouched"),
        )
        raise Unwritable(target, what, remedy) from error
