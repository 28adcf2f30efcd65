"""The obstacles: what stops perfsheet from reading or writing a file.

What a person can put right *inside* a workbook is a finding, a value that is returned
(see `findings.py`). What keeps us from opening or saving the workbook at all is an
obstacle, an exception that prints as one line: the file, what is wrong, what to do.
"""

from __future__ import annotations

import os
import re


def shown(text: object) -> str:
    """`text` as one printable line: control characters, escapes and line ends made visible."""
    return "".join(
        c if c.isprintable() else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in str(text)
    )


_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)
"""Control characters, those that turn, hide or join text so that it reads as something else, and halves of characters."""


def made_visible(text: str) -> str:
    """`text` with what cannot be seen written out, such as [U+202E]; lines, tabs and the joiners of scripts stay."""
    if text.isprintable():
        return text
    return _INVISIBLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def escaped(document: str) -> str:
    """A JSON document with what a terminal would obey, or what cannot be seen, written as JSON's own escapes."""
    return document if document.isascii() and "\x7f" not in document else _INVISIBLE.sub(_escape, document)


def _escape(found: re.Match[str]) -> str:
    pairs = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{pairs[i : i + 2].hex()}" for i in range(0, len(pairs), 2))


class Obstacle(Exception):
    """Reading or writing `path` is not possible: `what` is wrong, `remedy` says what to do.

    `code` is a fixed word that a script may rely on; each subclass has its own. `cell` is the one to go to, as
    (sheet, row, column), where there is one.
    """

    code = "obstacle"

    def __init__(
        self,
        path: str | os.PathLike[str],
        what: str,
        remedy: str,
        *,
        code: str | None = None,
        cell: tuple[str, int, int] | None = None,
    ) -> None:
        super().__init__(path, what, remedy)
        self.cell = cell
        self.path = os.fspath(path)
        self.what = what
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{shown(self.path)}: {shown(self.what)}. {shown(self.remedy)}"


class Missing(Obstacle):
    """There is no such file, or it is not a regular file."""

    code = "missing"


class Unreachable(Obstacle):
    """A server, a store or a cluster does not answer, does not let us in, or breaks off."""

    code = "unreachable"


class NotAWorkbook(Obstacle):
    """The content is another format: an old .xls, .xlsb, .ods, a CSV file, a PDF …"""

    code = "not_a_workbook"


class Encrypted(Obstacle):
    """Password-protected or rights-managed: the content cannot be read."""

    code = "encrypted"


class Damaged(Obstacle):
    """The package or a part of it is broken: truncated, bad checksum, not well-formed."""

    code = "damaged"


class Hostile(Obstacle):
    """The package is built to harm a reader: bombs, DOCTYPEs, overlaps, duplicate names."""

    code = "hostile"


class Unsupported(Obstacle):
    """A true workbook of a kind that we do not write: legacy shared, the 2006 beta."""

    code = "unsupported"


class Signed(Obstacle):
    """Digitally signed: any change would break the signature."""

    code = "signed"


class Protected(Obstacle):
    """The workbook's structure is protected: no tab may be added."""

    code = "protected"


class InUse(Obstacle):
    """Another program has the file open, or another perfsheet is at work in it."""

    code = "in_use"


class Changed(Obstacle):
    """The file changed after it was read; writing would destroy somebody's work."""

    code = "changed"


class Unwritable(Obstacle):
    """Read-only, no permission, no room on the disk, or the disk reports an error."""

    code = "unwritable"


class Leaking(Obstacle):
    """The finished file would hold what its audience must not see."""

    code = "leaking"


class NotRunning(Obstacle):
    """No spreadsheet program can be reached, or what is needed to talk to it is missing."""

    code = "not_running"


class NotOpen(Obstacle):
    """The program runs, and no workbook of that name is open in it."""

    code = "not_open"


class Ambiguous(Obstacle):
    """Several open workbooks have the name."""

    code = "ambiguous"


class Busy(Obstacle):
    """The program takes no commands: a cell is being edited, or a dialog is open."""

    code = "busy"


class Refused(Obstacle):
    """The program would not carry a step out: a protected tab, for instance."""

    code = "refused"


class Misuse(Exception):
    """Wrong usage that only shows when the arguments are looked at (exit code 2)."""
