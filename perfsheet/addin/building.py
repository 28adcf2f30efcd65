"""The texts in macros/ -> the files that spreadsheet programs load, the same bytes on every machine.

Archives are stored without compression: what a compressor makes of the same text differs from one
Python to the next, and then a hash would say nothing.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import Misuse, Unwritable
from .places import EXTENSION, FILE, SCRIPT

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: the first that a zip file can hold."""


@dataclass(frozen=True)
class Kind:
    """A file that we build: its usual name, what it is, and how its bytes are made for a program's path.

    Without a path ("") the buttons look for the program when they are pressed.
    """

    file: str
    what: str
    make: Callable[[str], bytes]


def macros_folder() -> Path:
    """The folder of the texts: within the installed package, or beside it in a source checkout."""
    inside = Path(__file__).resolve().parents[1] / "macros"
    return inside if inside.is_dir() else inside.parents[1] / inside.name


def text_of(name: str) -> str:
    """One of the texts, with plain line ends."""
    return (macros_folder() / name).read_text(encoding="utf-8")


def filled(text: str, line: str, filled_line: str) -> str:
    """The text with its one place for the program's path filled in."""
    before, place, after = text.partition(f"\n{line}\n")
    if not place:
        raise ValueError(f"there is no line {line!r}")
    return f"{before}\n{filled_line}\n{after}"


def archived(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of the files, in their order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system = 0
            archive.writestr(entry, content)
    return target.getvalue()


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
