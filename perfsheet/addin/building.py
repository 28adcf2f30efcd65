"""What can be built, and how a file gets to its place: whole, with its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import Misuse, Unwritable
from .places import EXTENSION, FILE, SCRIPT
from .texts import filled, text_of


@dataclass(frozen=True)
class Kind:
    """A file that we build: its usual name, what it is, and how its bytes are made for a program's path.

    Without a path ("") the buttons look for the program when they are pressed.
    """

    file: str
    what: str
    make: Callable[[str], bytes]


def _addin(program: str) -> bytes:
    from .excel import addin_bytes

    return addin_bytes(program)


def _extension(program: str) -> bytes:
    from .libreoffice import extension_bytes

    return extension_bytes(program)


def script(program: str) -> bytes:
    """The AppleScript that starts the program on macOS."""
    literal = program.replace("\\", "\\\\").replace('"', '\\"')
    place = 'property programPath : ""'
    return filled(text_of(SCRIPT), place, f'{place[:-1]}{literal}"').encode()


KINDS = (
    Kind(FILE, "the add-in for Excel", _addin),
    Kind(EXTENSION, "the extension for LibreOffice", _extension),
)


@dataclass(frozen=True)
class Built:
    """A file that was built."""

    path: Path
    size: int
    sha256: str


def build(target: str | None = None, *, program: str = "") -> list[Built]:
    """Builds the file of that name, or every kind in the working folder under its usual name.

    Raises Misuse for a name that ends like none of them or when a library is missing, and
    Unwritable when a file cannot be written.
    """
    kinds = [(kind, Path(kind.file)) for kind in KINDS]
    if target is not None:
        kinds = [(kind, Path(target)) for kind, usual in kinds if usual.suffix == Path(target).suffix.lower()]
    if not kinds:
        endings = " or ".join(Path(kind.file).suffix for kind in KINDS)
        raise Misuse(f"{target}: what is built ends in {endings}")
    return [put(path, kind.make(program)) for kind, path in kinds]


def put(path: Path, content: bytes) -> Built:
    """Writes the file whole or not at all, and its folder where that is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".~{path.name}.tmp")
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise Unwritable(
            path, f"it cannot be written: {why}", "Close the program that uses it, and run again"
        ) from None
    return Built(path, len(content), fingerprint(content))


def fingerprint(content: bytes) -> str:
    """The SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()
