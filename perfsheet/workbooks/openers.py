"""Who has a workbook open: the notes that spreadsheet programs leave beside it, and locks.

Excel writes an owner file, `~$team.xlsx`, and LibreOffice a lock file, `.~lock.team.xlsx#`, into
the folder of the workbook that they open; both name the person. A crash leaves such a note
behind, and nothing in it says so: whether a note is stale is for a person to decide.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path

from ..errors import InUse

_LONGEST_NAME = 52
"""Characters of a name in an owner file; Excel cuts longer ones."""

_WIDE = 55
"""Where an owner file says the name for the second time: its length in two bytes, then UTF-16."""


def refuse_if_open(path: str | os.PathLike[str], target: Path) -> None:
    """Raises InUse, naming the person if the note does, when another program has the workbook open.

    `target` is the real file of `path`; a program may have opened either name.
    """
    for place in dict.fromkeys((Path(os.path.abspath(path)), target)):
        for note, owner_in in (
            (place.with_name(f"~${place.name}"), owner_of_excel_note),
            (place.with_name(f".~lock.{place.name}#"), owner_of_libreoffice_note),
        ):
            if _stands(note):
                who = owner_in(_content(note))
                raise InUse(
                    path,
                    f"the workbook is open{f' by {who}' if who else ' in another program'}",
                    f"Close it there; if nobody has it open, delete the file {note.name} beside it",
                )
    if _locked(target):
        raise InUse(path, "another program holds the workbook", "Close it there, and run again")


def owner_of_excel_note(note: bytes) -> str:
    """The person in an owner file; "" if it does not say.

    165 bytes: the length of the name in one byte, the name in the computer's 8-bit code page
    padded with blanks; from byte 55 on both again, in UTF-16, which needs no guess.
    """
    length = int.from_bytes(note[_WIDE : _WIDE + 2], "little")
    wide = note[_WIDE + 2 : _WIDE + 2 + 2 * length]
    if 0 < length <= _LONGEST_NAME and len(wide) == 2 * length:
        return wide.decode("utf-16-le", "replace").strip("\0 ")
    narrow = note[1 : 1 + min(note[0], _LONGEST_NAME)] if note else b""
    return narrow.decode("cp1252", "replace").strip("\0 ")


def owner_of_libreoffice_note(note: bytes) -> str:
    r"""The person and the computer in a lock file; "" if it does not say.

    UTF-8: name, login, computer, time, profile; commas between them, `\,` where one is meant.
    """
    fields = [*re.split(r"(?<!\\),", note.decode("utf-8", "replace"))[:3], "", "", ""]
    fields = [re.sub(r"\\(.)", r"\1", field).strip(" ;") for field in fields]
    who = fields[0] or fields[1]
    return f"{who} on {fields[2]}" if who and fields[2] else who


def _stands(note: Path) -> bool:
    try:
        os.lstat(note)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return False
        raise
    return True


def _content(note: Path) -> bytes:
    """The first bytes of a note; none where its program lets nobody look. That it is there is enough."""
    try:
        descriptor = os.open(note, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return b""
    try:
        return os.read(descriptor, 512)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


if sys.platform == "win32":

    def _locked(target: Path) -> bool:
        """Windows: a file that another program opened for itself cannot be opened for writing."""
        try:
            os.close(os.open(target, os.O_RDWR | os.O_BINARY | os.O_NOINHERIT))
        except PermissionError:
            return True
        return False

else:
    import fcntl

    _HELD = (errno.EAGAIN, errno.EACCES)

    def _locked(target: Path) -> bool:
        """Whether a program holds an exclusive lock, of either kind that the system knows.

        We ask for a shared one and let go at once: two who ask do not disturb each other.
        """
        descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            for lock in (fcntl.flock, fcntl.lockf):
                try:
                    lock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError as error:  # other numbers: this file system knows no locks, so nobody holds one
                    if error.errno in _HELD:
                        return True
            return False
        finally:
            os.close(descriptor)
