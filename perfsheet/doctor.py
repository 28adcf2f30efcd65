"""What is wrong with this machine's set-up, and what to do: small checks in two visible tuples.

A check looks at a Machine and says what it found: all right, worth knowing, or wrong with a remedy.
Nothing is changed, nothing is sent anywhere, and what a system does not have is passed over.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from . import __version__
from .addin import fingerprint
from .addin.building import script
from .addin.excel import addin_bytes
from .addin.libreoffice import texts
from .addin.places import FILE as ADDIN
from .addin.places import SCRIPT, extension_folder, office_program, program_path, script_folder, startup_folder
from .errors import InUse, Misuse, Obstacle
from .machine import Machine
from .workbooks.claiming import beside
from .workbooks.openers import refuse_if_open

AGAIN = "Run: perfsheet addin install"


class State(StrEnum):
    """What a check says about what it saw."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Found:
    """One thing that a check saw, and what to do about it."""

    state: State
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """A question about a machine: why it matters, and how it is looked up."""

    name: str
    why: str
    look: Callable[[Machine], Iterable[Found]]


@dataclass(frozen=True)
class FileCheck:
    """A question about one workbook."""

    name: str
    why: str
    look: Callable[[Machine, Path], Iterable[Found]]


@dataclass(frozen=True)
class Seen:
    """What one check found, about a file or about the machine (file None)."""

    check: Check | FileCheck
    found: Found
    file: str | None = None


@dataclass(frozen=True)
class Examined:
    """Everything that was looked at."""

    platform: str
    seen: list[Seen]

    @property
    def wrong(self) -> bool:
        return any(s.found.state is State.WRONG for s in self.seen)

    def answer(self) -> dict[str, Any]:
        """The JSON for scripts."""
        return {
            "perfsheet": __version__,
            "platform": self.platform,
            "checks": [
                {
                    "check": s.check.name, "state": s.found.state.value, "file": s.file, "found": s.found.what,
                    "why": s.check.why, "remedy": s.found.remedy or None,
                }
                for s in self.seen
            ],
        }  # fmt: skip


def examine(machine: Machine, files: Sequence[str | os.PathLike[str]] = ()) -> Examined:
    """Every check on this machine, and every check of each file."""
    seen = [Seen(check, found) for check in CHECKS for found in _asked(check.look, machine)]
    for file in files:
        path = Path(os.path.abspath(file))
        for file_check in FILE_CHECKS:
            seen += [Seen(file_check, f, os.fspath(file)) for f in _asked(file_check.look, machine, path)]
    return Examined(machine.system, seen)


def _asked(look: Callable[..., Iterable[Found]], *about: Machine | Path) -> list[Found]:
    """What a check found; what cannot be looked up is worth knowing too."""
    try:
        return list(look(*about))
    except (OSError, Obstacle) as error:
        return [note(f"this could not be looked up: {error}")]


def fine(what: str) -> Found:
    return Found(State.OK, what)


def note(what: str, remedy: str = "") -> Found:
    return Found(State.NOTE, what, remedy)


def wrong(what: str, remedy: str) -> Found:
    return Found(State.WRONG, what, remedy)


# ---------------------------------------------------------------------- Python


def _python(machine: Machine) -> Iterator[Found]:
    try:
        ours = program_path(machine)
    except Obstacle as obstacle:
        yield wrong(
            f"Python {machine.version} runs perfsheet, but no program perfsheet lies beside it", obstacle.remedy
        )
        return
    yield fine(f"Python {machine.version}; buttons that are installed now start {ours}")
    on_path = machine.which("perfsheet")
    if on_path is None:
        yield note("a terminal does not find perfsheet by its name", f"Add the folder {Path(ours).parent} to PATH")
    elif Path(on_path).resolve() != Path(ours).resolve():
        yield note(
            f"a terminal starts another perfsheet: {on_path}",
            "Remove one of the two, or call the one you mean by its path",
        )


def _xlwings(machine: Machine) -> Iterator[Found]:
    if machine.has_module("xlwings"):
        yield fine("xlwings is installed")
    elif startup_folder(machine) or extension_folder(machine):
        yield wrong(
            "xlwings is missing: the buttons cannot reach the open workbook", "Run: pip install 'perfsheet[live]'"
        )
    else:
        yield note("xlwings is missing: `perfsheet live` does not work", "Run: pip install 'perfsheet[live]'")


# ------------------------------------------------------------------ LibreOffice


def _libreoffice(machine: Machine) -> Iterator[Found]:
    soffice = office_program(machine, "soffice")
    if soffice is None:
        yield note("LibreOffice was not found")
        return
    answer = machine.ask([soffice, "--version"])
    if answer.code == 0:
        yield fine(f"{answer.text.splitlines()[0] if answer.text else 'LibreOffice'}, {soffice}")
    else:
        yield wrong(f"{soffice} does not start: {answer.text[:200]}", "Install LibreOffice anew")


def _uno(machine: Machine) -> Iterator[Found]:
    if office_program(machine, "soffice") is None:
        return
    attempt = "from perfsheet.workbooks.live.calc.bridge import uno_module; uno_module()"
    if machine.ask([str(machine.python), "-c", attempt]).code == 0:
        yield fine("this Python can speak with LibreOffice (uno)")
        return
    found = wrong if extension_folder(machine) else note
    yield found(
        f"Python {machine.version} cannot speak with LibreOffice: the module uno is missing",
        "Install LibreOffice's Python package (Debian, Ubuntu: python3-uno), and perfsheet with the same minor version of Python",
    )


def _extension(machine: Machine) -> Iterator[Found]:
    if office_program(machine, "soffice") is None:
        return
    place = extension_folder(machine)
    if place is None:
        yield note("LibreOffice has no buttons for perfsheet", AGAIN)
        return
    program = _program_of(place / "handler.py")
    if program and not Path(program).is_file():
        yield wrong(f"LibreOffice's buttons start {program}, which is gone", AGAIN)
    stale = [name for name, text in texts(program).items() if _text(place / name) != text]
    if stale:
        yield wrong(f"LibreOffice's buttons are those of another version of perfsheet ({', '.join(stale)})", AGAIN)
    elif not program or Path(program).is_file():
        yield fine(f"LibreOffice's buttons are current and start {program or 'the perfsheet on the PATH'}")


def _program_of(handler: Path) -> str:
    """The path that was written into an installed handler; "" if there is none."""
    line = next((line for line in (_text(handler) or "").splitlines() if line.startswith("PROGRAM = ")), "")
    try:
        return str(ast.literal_eval(line.partition(" = ")[2].partition("  #")[0]))
    except (SyntaxError, ValueError):
        return ""


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


# ------------------------------------------------------------------------ Excel


def _startup(machine: Machine) -> Iterator[Found]:
    folder = startup_folder(machine)
    if folder is None:
        return
    if folder.is_dir() and not machine.writable(folder):
        yield wrong(f"Excel's startup folder {folder} lets you write nothing", "Ask IT for write permission in it")
    elif folder.is_dir():
        yield fine(f"Excel's startup folder is {folder}")
    else:
        yield note(f"Excel's startup folder {folder} is not there yet; installing the add-in makes it")


def _addin(machine: Machine) -> Iterator[Found]:
    folder = startup_folder(machine)
    if folder is None:
        return
    path = folder / ADDIN
    if not path.is_file():
        yield note("Excel has no buttons for perfsheet", AGAIN)
        return
    content = path.read_bytes()
    hashed = f"SHA-256 {fingerprint(content)}"
    if b"vbaProjectSignature" in content:
        yield note(f"{path} is signed, {hashed}; a signature changes the file, so its version cannot be told from it")
        return
    try:
        current = content in (addin_bytes(program_path(machine)), addin_bytes())
    except (Misuse, Obstacle) as problem:
        yield note(f"{path}, {hashed}; whether it is current cannot be said: {problem}")
    else:
        yield (
            fine(f"{path} is current, {hashed}")
            if current
            else wrong(f"{path} is not what this perfsheet builds, {hashed}; it may be of another version", AGAIN)
        )


def _marked(machine: Machine) -> Iterator[Found]:
    folder = startup_folder(machine)
    if folder and (folder / ADDIN).is_file():
        yield from _zone(machine, folder / ADDIN)


def _zone(machine: Machine, path: Path) -> Iterator[Found]:
    """Windows notes on a file where it came from: 3 is the internet, 4 an untrusted place."""
    if (machine.zone(path) or 0) >= 3:
        yield wrong(
            f"{path} carries the Mark of the Web: Excel blocks its macros, or opens it in Protected View",
            "If you trust where it came from: its Properties, tick Unblock",
        )


_POLICIES = r"HKCU\Software\Policies\Microsoft\Office\16.0"
_CHOICES = r"HKCU\Software\Microsoft\Office\16.0"
_BY_IT = "Ask IT to allow it (docs/it.md), or use perfsheet from a terminal: every command works there"


def _macros(machine: Machine) -> Iterator[Found]:
    if not machine.windows:
        return
    seen = [*_macros_by_policy(machine), *_macros_by_choice(machine)]
    yield from seen or [fine("no policy and no setting blocks the add-in's macros")]


def _macros_by_policy(machine: Machine) -> Iterator[Found]:
    security = rf"{_POLICIES}\Excel\Security"
    if machine.registry(rf"{_POLICIES}\Common", "VBAOff") == 1:
        yield wrong("a policy turns VBA off for all of Office", _BY_IT)
    if machine.registry(security, "DisableAllAddins") == 1:
        yield wrong("a policy turns all add-ins off", _BY_IT)
    if machine.registry(security, "RequireAddinSig") == 1:
        yield wrong("a policy lets only signed add-ins in", "Have IT sign the add-in (docs/it.md)")
    warnings = machine.registry(security, "VBAWarnings")
    if warnings in (3, 4):
        kind = "all macros off" if warnings == 4 else "unsigned macros off"
        yield note(f"a policy turns {kind} outside of trusted locations; Excel's startup folder is one by default")
    if machine.registry(rf"{security}\Trusted Locations", "AllLocationsDisabled") == 1:
        yield wrong(
            "a policy turns trusted locations off, Excel's startup folder among them",
            "Have IT sign the add-in (docs/it.md)",
        )


def _macros_by_choice(machine: Machine) -> Iterator[Found]:
    security = rf"{_CHOICES}\Excel\Security"
    if machine.registry(security, "DisableAllAddins") == 1:
        yield wrong("all add-ins are turned off in Excel", "File, Options, Trust Center, Add-ins: untick Disable all")
    if machine.registry(rf"{security}\Trusted Locations", "AllLocationsDisabled") == 1:
        yield wrong(
            "trusted locations are turned off in Excel, its startup folder among them",
            "File, Options, Trust Center, Trusted Locations: untick Disable all",
        )


CHILD_PROCESS_RULE = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
"""Microsoft Defender's name for the rule that Office may start no program."""

_RULES = (
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
    r"HKLM\SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
)


def _children(machine: Machine) -> Iterator[Found]:
    if not machine.windows:
        return
    values = {str(machine.registry(key, CHILD_PROCESS_RULE)) for key in _RULES}
    if "1" in values:
        yield wrong(
            "a policy lets Office start no program, so the buttons do nothing",
            "Use `perfsheet live` in a terminal: it attaches to Excel from outside, and the policy stays as it is",
        )
    elif "6" in values:
        yield note("a policy warns when Office starts a program: allow it when a button asks")
    else:
        yield fine("no policy that can be read here keeps Office from starting perfsheet")


def _script(machine: Machine) -> Iterator[Found]:
    folder = script_folder(machine)
    if folder is None:
        return
    text = _text(folder / SCRIPT)
    if text is None:
        yield note("Excel has no script to start perfsheet with", AGAIN)
    elif text.encode() != script(program_path(machine)):
        yield wrong(f"{folder / SCRIPT} is not what this perfsheet writes", AGAIN)
    else:
        yield fine(f"{folder / SCRIPT} is current")


def _automation(machine: Machine) -> Iterator[Found]:
    """Asked only while Excel runs: the question would start it."""
    if not machine.macos:
        return
    running = machine.ask(["/usr/bin/osascript", "-e", 'application "Microsoft Excel" is running'])
    if running.text.strip() != "true":
        yield note("Excel does not run, so whether perfsheet may control it was not asked")
        return
    answer = machine.ask(["/usr/bin/osascript", "-e", 'tell application "Microsoft Excel" to get version'])
    if answer.code == 0:
        yield fine(f"perfsheet may control Excel {answer.text}")
    else:
        yield wrong(
            f"perfsheet may not control Excel: {answer.text[:200]}",
            "System Settings, Privacy & Security, Automation: allow Microsoft Excel there for your terminal and for Excel",
        )


# ---------------------------------------------------------------------- folders


def _cache(machine: Machine) -> Iterator[Found]:
    folder = machine.cache_folder()
    above = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    if machine.writable(above):
        yield fine(f"the cache folder is {folder}")
    else:
        yield wrong(
            f"nothing can be written into the cache folder {folder}", "Set PERFSHEET_CACHE to a folder of yours"
        )


# ------------------------------------------------------------------------ files


def _there(machine: Machine, path: Path) -> Iterator[Found]:
    if not path.is_file():
        yield wrong("there is no such file", "Check the name")
    elif not machine.writable(path):
        yield wrong("the file is read-only for you", "Ask its owner for write permission, or work on a copy")
    elif not machine.writable(path.parent):
        yield wrong(
            f"nothing can be written into the folder {path.parent}", "Ask for write permission there, or work on a copy"
        )
    else:
        yield fine("it can be read and written")


def _open(machine: Machine, path: Path) -> Iterator[Found]:
    if not path.is_file():
        return
    try:
        refuse_if_open(path, path.resolve())
    except InUse as held:
        yield wrong(held.what, held.remedy)
    leftover = beside(path.resolve(), ".tmp")
    if leftover.exists():
        yield note(
            f"another perfsheet is writing it, or one that was cut off left {leftover.name}",
            "If none is running: the next run of perfsheet takes it away",
        )


SYNCED = ("OneDrive", "Dropbox", "Google Drive", "GoogleDrive", "Mobile Documents", "CloudStorage", "Nextcloud")
"""How the folders of sync programs begin."""


def _synced(machine: Machine, path: Path) -> Iterator[Found]:
    variables = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
    roots = [Path(root) for name in variables if (root := machine.environ.get(name))]
    inside = any(root in path.parents for root in roots)
    if inside or any(part.name.startswith(SYNCED) for part in path.parents):
        yield note(
            "it lies in a folder that a sync program copies elsewhere",
            "Let it finish before you open the workbook on another computer (docs/saving.md)",
        )


CHECKS = (
    Check("python", "The buttons and the terminal should start the same perfsheet.", _python),
    Check("xlwings", "Through it perfsheet reaches a workbook that is open.", _xlwings),
    Check("libreoffice", "perfsheet works in LibreOffice as in Excel.", _libreoffice),
    Check("uno", "LibreOffice speaks to Python through this module.", _uno),
    Check("extension", "The toolbar in LibreOffice should be that of this version.", _extension),
    Check("startup_folder", "Excel loads the add-in from there.", _startup),
    Check("addin", "The ribbon tab in Excel should be that of this version.", _addin),
    Check("mark_of_the_web", "Windows marks files from the internet, and Excel blocks macros in them.", _marked),
    Check("macros", "Policies and settings can turn macros off.", _macros),
    Check("child_processes", "Hardened computers let Office start no other program.", _children),
    Check("applescript", "Excel on macOS starts perfsheet through a script.", _script),
    Check("automation", "macOS asks you whether a program may control Excel.", _automation),
    Check("cache_folder", "consolidate remembers there what it read.", _cache),
)

FILE_CHECKS = (
    FileCheck("file", "perfsheet replaces a workbook whole, in its folder.", _there),
    FileCheck("file_marked", "Excel opens marked files in Protected View.", _zone),
    FileCheck("file_open", "A workbook that is open elsewhere is not written.", _open),
    FileCheck("file_synced", "Two computers can change one file at the same time.", _synced),
)
