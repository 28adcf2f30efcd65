"""Where each spreadsheet program looks for what one user added to it; no administrator is needed for any."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import Missing
from ..machine import Machine

FILE = "perfsheet.xlam"
SCRIPT = "perfsheet.applescript"
EXTENSION = "perfsheet.oxt"
IDENTIFIER = "org.perfsheet.buttons"
"""The extension's name in LibreOffice."""


def startup_folder(machine: Machine) -> Path | None:
    """Excel opens every add-in in this folder when it starts; None where there is no Excel."""
    if machine.windows:
        return machine.roaming() / "Microsoft" / "Excel" / "XLSTART"
    if machine.macos:
        office = machine.home / "Library" / "Group Containers" / "UBF8T346G9.Office"
        return office / "User Content.localized" / "Startup.localized" / "Excel"
    return None


def script_folder(machine: Machine) -> Path | None:
    """Excel on macOS may ask the scripts in this folder to do what it may not do itself."""
    return machine.home / "Library" / "Application Scripts" / "com.microsoft.Excel" if machine.macos else None


def profile(machine: Machine) -> Path:
    """What LibreOffice keeps for the user."""
    if machine.windows:
        return machine.roaming() / "LibreOffice" / "4"
    if machine.macos:
        return machine.home / "Library" / "Application Support" / "LibreOffice" / "4"
    return Path(machine.environ.get("XDG_CONFIG_HOME") or machine.home / ".config") / "libreoffice" / "4"


def extension_folder(machine: Machine) -> Path | None:
    """Where LibreOffice unpacked our extension; None if it is not installed.

    What was replaced or removed lies there too, until LibreOffice starts the next time; its list of
    packages names the one that counts.
    """
    packages = profile(machine) / "user" / "uno_packages" / "cache"
    try:
        listed = (packages / "uno_packages.pmap").read_text("latin-1")
    except OSError:
        return None
    found = packages.glob(f"uno_packages/*/{EXTENSION}")
    return next((path for path in found if path.parent.name.removesuffix("_") in listed), None)


def office_program(machine: Machine, name: str) -> str | None:
    """The path of a program of LibreOffice, such as soffice or unopkg."""
    if machine.windows:
        usual = [
            Path(machine.environ[root]) / "LibreOffice" / "program" / f"{name}.com"
            for root in ("ProgramFiles", "ProgramFiles(x86)")
            if root in machine.environ
        ]
    else:
        usual = [Path("/Applications/LibreOffice.app/Contents/MacOS", name)] if machine.macos else []
    return machine.which(name) or next((str(path) for path in usual if path.is_file()), None)


def program_path(machine: Machine, given: str | None = None) -> str:
    """The program that the buttons start: the one given, or the one that belongs to this Python.

    Raises Missing when there is none.
    """
    name = "perfsheet.exe" if machine.windows else "perfsheet"
    found = given or shutil.which(name, path=str(machine.python.parent)) or machine.which("perfsheet")
    if found is None or not Path(found).is_file():
        raise Missing(given or name, "there is no such program", "Install perfsheet with pip or pipx, and run again")
    return str(Path(found).absolute())
