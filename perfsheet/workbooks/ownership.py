"""Whose a file is and who may read it: given from the old file to the new one before it is in place.

Kept are the rights (mode), the access list, the owner and group, and the extended attributes. What would
let other people in, another group or a lost access list, is refused; an owner that only the
administrator could set is said in a notice.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from ..errors import Unwritable

if sys.platform == "win32":

    def take_over(target: Path, temporary: Path, descriptor: int) -> tuple[str, ...]:
        """Windows: the access list, and the mark of a file from the internet, for which Excel blocks macros.

        A new file has the access list of its folder, which may let more people in.
        """
        _take_over_access_list(target, temporary)
        try:
            with open(f"{target}:Zone.Identifier", "rb") as mark:
                zone = mark.read()
        except OSError:  # not from the internet, or a file system without such marks
            return ()
        with open(f"{temporary}:Zone.Identifier", "wb") as mark:
            mark.write(zone)
        return ()

    def _take_over_access_list(target: Path, temporary: Path) -> None:
        import ctypes

        security = ctypes.windll.advapi32
        access_list = 4  # DACL_SECURITY_INFORMATION
        needed = ctypes.c_ulong(0)
        security.GetFileSecurityW(str(target), access_list, None, 0, ctypes.byref(needed))
        if not needed.value:  # a file system without access lists
            return
        room = ctypes.create_string_buffer(needed.value)
        if not (
            security.GetFileSecurityW(str(target), access_list, room, needed, ctypes.byref(needed))
            and security.SetFileSecurityW(str(temporary), access_list, room)
        ):
            raise _not_kept(target, "list of who may read it")

else:

    def take_over(target: Path, temporary: Path, descriptor: int) -> tuple[str, ...]:
        """Gives the open temporary file what the target has; returns notices of what could not be kept.

        Raises Unwritable where the new file would be readable for others than the old one.
        """
        old = os.stat(target)
        notices = _take_over_owner(target, old, descriptor)
        if sys.platform == "darwin":
            _take_over_by_system(target, temporary, descriptor, old)
        elif hasattr(os, "listxattr"):
            _take_over_attributes(target, descriptor)
        # Last, because a change of owner clears bits of it and an access list rewrites some.
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != stat.S_IMODE(old.st_mode):
            os.chmod(descriptor, stat.S_IMODE(old.st_mode))
        return notices

    def _take_over_owner(target: Path, old: os.stat_result, descriptor: int) -> tuple[str, ...]:
        new = os.fstat(descriptor)
        if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid):
            return ()
        try:
            os.chown(descriptor, old.st_uid, old.st_gid)
        except PermissionError:
            if new.st_gid != old.st_gid:
                try:
                    os.chown(descriptor, -1, old.st_gid)
                except PermissionError:
                    raise _not_kept(target, "group") from None
            return ("its owner is now you: only an administrator may keep another one",)
        return ()


if sys.platform == "darwin":

    def _take_over_by_system(target: Path, temporary: Path, descriptor: int, old: os.stat_result) -> None:
        """macOS: access list and extended attributes (tags, Finder information) by the system's own copier."""
        import ctypes

        access_list, attributes = 1 << 0, 1 << 2
        copyfile = ctypes.CDLL(None, use_errno=True).copyfile
        copyfile.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_uint32)
        if copyfile(os.fsencode(target), os.fsencode(temporary), None, access_list | attributes) != 0:
            raise _not_kept(target, "access list or attributes")
        os.chflags(temporary, old.st_flags & (stat.UF_HIDDEN | stat.UF_NODUMP))

elif sys.platform != "win32":
    _OF_THE_CONTENT = ("security.ima", "security.evm")
    """Checksums that the system keeps of the bytes: the old ones would make the new file unreadable."""

    def _take_over_attributes(target: Path, descriptor: int) -> None:
        """Linux: extended attributes; the access list is one of them.

        One that the new file has from its folder and the old one does not have goes: it could let others in.
        """
        names = _attributes(target)
        for name in sorted(_attributes(descriptor) - names):
            if not name.startswith("security."):
                os.removexattr(descriptor, name)
        for name in sorted(names.difference(_OF_THE_CONTENT)):
            value = os.getxattr(target, name)
            try:
                os.setxattr(descriptor, name, value)
            except OSError as error:
                # The system's own labels are the system's to give; everything else must be kept.
                if not name.startswith(("security.", "trusted.")) or error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise

    def _attributes(file: Path | int) -> set[str]:
        try:
            return set(os.listxattr(file))
        except OSError as error:
            if error.errno in (errno.ENOTSUP, errno.ENOSYS):  # none on this file system
                return set()
            raise


def _not_kept(target: Path, what: str) -> Unwritable:
    return Unwritable(
        target, f"the {what} of the file cannot be kept by you", "Let its owner run perfsheet, or work on a copy"
    )
