"""The texts in macros/, and archives made of them: the same bytes on every machine.

Archives are stored without compression: what a compressor makes of the same text differs from one
Python to the next, and then a hash would say nothing.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: the first that a zip file can hold."""


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
