"""Puts the buttons where this user's spreadsheet programs load them, and takes all of it away again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import Missing, Obstacle, Unwritable
from ..machine import Machine
from .building import Built, put, script
from .places import (
    EXTENSION,
    FILE,
    IDENTIFIER,
    SCRIPT,
    extension_folder,
    office_program,
    program_path,
    script_folder,
    startup_folder,
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Something that was put somewhere or taken away: what it is, and where."""

    what: str
    place: str
    sha256: str = ""


def install(machine: Machine, *, program: str | None = None, dry_run: bool = False) -> list[Change]:
    """Puts the add-in into Excel's startup folder and the extension into LibreOffice, for this user.

    `program` is what the buttons start; without it, the perfsheet of this Python. Raises Missing when
    there is no program, or no spreadsheet program that could use the buttons.
    """
    path = program_path(machine, program)
    changes = [*_install_excel(machine, path, dry_run), *_install_libreoffice(machine, path, dry_run)]
    if not changes:
        raise Missing("soffice", "no spreadsheet program was found here", "Install LibreOffice, and run again")
    return changes


def remove(machine: Machine, *, dry_run: bool = False) -> list[Change]:
    """Takes the buttons away from every program of this user. Nothing there is nothing to do."""
    return [*_remove_excel(machine, dry_run), *_remove_libreoffice(machine, dry_run)]


def files_for_excel(machine: Machine) -> dict[str, Path]:
    """Where the files for Excel lie on this system, by what they are."""
    folders = {
        (FILE, "add-in for Excel"): startup_folder(machine),
        (SCRIPT, "script for Excel"): script_folder(machine),
    }
    return {what: folder / name for (name, what), folder in folders.items() if folder}


def _install_excel(machine: Machine, program: str, dry_run: bool) -> Iterator[Change]:
    from .excel import addin_bytes

    for what, path in files_for_excel(machine).items():
        content = script(program) if path.name == SCRIPT else addin_bytes(program)
        built = None if dry_run else put(path, content)
        yield Change(what, str(path), built.sha256 if built else "")


def _remove_excel(machine: Machine, dry_run: bool) -> Iterator[Change]:
    for what, path in files_for_excel(machine).items():
        if not path.exists():
            continue
        try:
            if not dry_run:
                path.unlink()
        except OSError as error:
            raise Unwritable(path, f"it cannot be removed: {error.strerror}", "Close Excel, and run again") from None
        yield Change(what, str(path))


def _install_libreoffice(machine: Machine, program: str, dry_run: bool) -> Iterator[Change]:
    from .libreoffice import extension_bytes

    unopkg = office_program(machine, "unopkg")
    if unopkg is None:
        return
    built: Built | None = None
    if not dry_run:
        with tempfile.TemporaryDirectory(prefix="perfsheet-") as folder:
            Path(folder).chmod(0o755)  # for an unopkg that another user runs
            built = put(Path(folder) / EXTENSION, extension_bytes(program))
            _order(machine, unopkg, "add", "--force", "--suppress-license", str(built.path))
    yield Change("extension for LibreOffice", unopkg, built.sha256 if built else "")


def _remove_libreoffice(machine: Machine, dry_run: bool) -> Iterator[Change]:
    place = extension_folder(machine)
    if place is None:
        return
    unopkg = office_program(machine, "unopkg")
    if unopkg is None:
        raise Missing("unopkg", "LibreOffice's own program for extensions is missing", f"Delete the folder {place}")
    if not dry_run:
        _order(machine, unopkg, "remove", IDENTIFIER)
    yield Change("extension for LibreOffice", str(place))


def _order(machine: Machine, unopkg: str, *order: str) -> None:
    answer = machine.ask([unopkg, *order])
    if answer.code != 0:
        raise _refusal(unopkg, answer.text)


def _refusal(unopkg: str, text: str) -> Obstacle:
    """What LibreOffice said, in our words where we know what to do."""
    if "root" in text:
        return Obstacle(
            unopkg, "LibreOffice takes no extension from root", "Run it as the user who is to press the buttons"
        )
    if "lock file" in text:
        lock = text.rstrip().splitlines()[-1].strip()
        return Obstacle(unopkg, "LibreOffice is open", f"Close it, and run again; if it is closed, delete {lock}")
    said = " ".join(text.split())[:300].rstrip(".") or "it said nothing"
    return Obstacle(unopkg, f"LibreOffice did not take the extension: {said}", "Run perfsheet doctor")
