"""The workbooks in workbook_templates/: built from the forms, found again, and checked to be current."""

from __future__ import annotations

import io
import os
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable
from pathlib import Path

from ..errors import Misuse

__all__ = [
    "build",
    "check",
    "in_language",
    "run_templates",
    "same_parts",
    "template_bytes",
    "template_path",
    "templates_folder",
    "write",
]


def build() -> dict[str, bytes]:
    """Every template's bytes by its name ("team", "okr" …); the same bytes each time."""
    from .assembly import workbook_of
    from .designs import DESIGNS
    from .finishing import finished
    from .results import results_of

    built = {}
    for design in DESIGNS:
        book = workbook_of(design)
        built[design.name] = finished(book, design.title, results_of(book))
    return built


def check(folder: str | os.PathLike[str]) -> list[str]:
    """The names of templates in the folder that are missing or differ from what the forms say.

    Parts are compared, not the zip around them: how well a zip is packed depends on the machine.
    """
    return list(_stale(folder))


def write(folder: str | os.PathLike[str]) -> list[str]:
    """Builds the templates into a folder; returns the names of those that changed."""
    stale = _stale(folder)
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, data in stale.items():
        (Path(folder) / f"{name}.xlsx").write_bytes(data)
    return list(stale)


def _stale(folder: str | os.PathLike[str]) -> dict[str, bytes]:
    """The templates that are not in the folder as they should be, with the bytes that belong there."""
    return {name: data for name, data in build().items() if not same_parts(Path(folder) / f"{name}.xlsx", data)}


def same_parts(path: Path, data: bytes) -> bool:
    """Whether a file holds the parts of a built workbook; how its zip is packed does not matter."""
    return path.is_file() and _parts(path.read_bytes()) == _parts(data)


def _parts(data: bytes) -> list[tuple[str, str]]:
    """The parts of a template in order, as canonical XML: spelling and order of attributes do not matter."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [(name, ElementTree.canonicalize(package.read(name).decode())) for name in package.namelist()]


def templates_folder() -> Path:
    """The folder of the templates: within the installed package, or beside it in a source checkout."""
    inside = Path(__file__).resolve().parents[1] / "workbook_templates"
    return inside if inside.is_dir() else inside.parents[1] / inside.name


def template_path(name_or_path: str | os.PathLike[str] = "team") -> Path:
    """Where a template lies: one of ours by its name, or any workbook by its path.

    Raises Misuse, naming our templates, when it is neither.
    """
    text = os.fspath(name_or_path)
    ours = templates_folder() / f"{text}.xlsx"
    if Path(text).name == text and ours.is_file():
        return ours
    if Path(text).is_file():
        return Path(text)
    names = ", ".join(sorted(p.stem for p in templates_folder().glob("*.xlsx")))
    raise Misuse(f"there is no template {text!r}: give the path of a workbook, or one of {names}")


def template_bytes(name_or_path: str | os.PathLike[str] = "team") -> bytes:
    """A template's bytes. Raises Misuse when there is no such template."""
    return template_path(name_or_path).read_bytes()


def in_language(template: bytes, language: str) -> bytes:
    """A template with its headers and choices in a language; "en" is as it is. Raises Misuse for one that there is not."""
    from .localising import localised

    return template if language == "en" else localised(template, language)


def run_templates(*, check: bool, say: Callable[[str], object]) -> int:
    """Rebuilds the templates, or with `check` only says which are not current. Returns the exit code."""
    folder = templates_folder()
    stale = list(_stale(folder)) if check else write(folder)
    for name in stale:
        say(f"{folder.name}/{name}.xlsx: {'not current; run `perfsheet templates`' if check else 'rebuilt'}")
    if not stale:
        say("The templates are current.")
    return 1 if stale and check else 0
