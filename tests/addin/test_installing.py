"""The buttons put in place and taken away: Windows and macOS as folders laid out alike, LibreOffice for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfsheet.addin import install, remove
from perfsheet.addin.building import script
from perfsheet.addin.excel import addin_bytes
from perfsheet.addin.places import extension_folder, program_path
from perfsheet.errors import Missing, Obstacle, Unwritable
from perfsheet.machine import Answer, Machine


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "bin" / "perfsheet"
    path.parent.mkdir()
    path.touch(mode=0o755)
    return str(path)


def machine(system: str, home: Path, **more: object) -> Machine:
    """A computer without any spreadsheet program but Excel."""
    return Machine(**{"system": system, "home": home, "environ": {}, "which": lambda _: None, **more})


def files(home: Path) -> list[str]:
    return sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())


WINDOWS = ["AppData/Roaming/Microsoft/Excel/XLSTART/perfsheet.xlam"]
MACOS = [
    "Library/Application Scripts/com.microsoft.Excel/perfsheet.applescript",
    "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel/perfsheet.xlam",
]


@pytest.mark.parametrize(("system", "places"), [("win32", WINDOWS), ("darwin", MACOS)])
def test_excel_finds_the_files_where_it_looks(system, places, tmp_path, program):
    home = tmp_path / "home"
    here = machine(system, home)
    changes = install(here, program=program)
    assert files(home) == places
    assert sorted(c.place for c in changes) == [str(home / p) for p in places]
    assert next(home.rglob("*.xlam")).read_bytes() == addin_bytes(program)
    assert all(p.read_bytes() == script(program) for p in home.rglob("*.applescript"))
    remove(here)
    assert files(home) == []


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_dry_run_says_the_same_and_writes_nothing(system, tmp_path, program):
    here = machine(system, tmp_path / "home")
    said = [(c.what, c.place) for c in install(here, program=program, dry_run=True)]
    assert files(tmp_path / "home") == []
    assert said == [(c.what, c.place) for c in install(here, program=program)]
    before = files(tmp_path / "home")
    assert [c.place for c in remove(here, dry_run=True)] == [place for _, place in said]
    assert files(tmp_path / "home") == before


def test_windows_says_where_its_folder_is(tmp_path, program):
    elsewhere = tmp_path / "roaming"
    install(machine("win32", tmp_path / "home", environ={"APPDATA": str(elsewhere)}), program=program)
    assert files(elsewhere) == ["Microsoft/Excel/XLSTART/perfsheet.xlam"]


def test_installing_again_renews_what_is_there(tmp_path, program):
    here = machine("win32", tmp_path)
    place = Path(install(here, program=program)[0].place)
    place.write_bytes(b"of another version")
    install(here, program=program)
    assert place.read_bytes() == addin_bytes(program)
    assert [p.name for p in place.parent.iterdir()] == ["perfsheet.xlam"]


def test_removing_what_is_not_there_is_no_error(tmp_path):
    assert remove(machine("darwin", tmp_path)) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, program):
    (tmp_path / "AppData").write_text("a file where a folder should be")
    with pytest.raises(Unwritable, match="Close the program that uses it"):
        install(machine("win32", tmp_path), program=program)


def test_there_must_be_a_program_to_start(tmp_path):
    with pytest.raises(Missing, match="there is no such program"):
        install(machine("win32", tmp_path), program=str(tmp_path / "gone"))


def test_the_program_is_the_one_beside_this_python(tmp_path, program):
    beside = machine("linux", tmp_path, python=Path(program).parent / "python3")
    assert program_path(beside) == program
    assert program_path(machine("linux", tmp_path, python=tmp_path / "python3", which=lambda _: program)) == program


def test_without_any_spreadsheet_program_one_line_says_so(tmp_path, program):
    with pytest.raises(Missing, match="no spreadsheet program"):
        install(machine("linux", tmp_path), program=program)


REFUSALS = [
    ("ERROR: Cannot run unopkg as root without --shared or --bundled option.", "the user who is to press"),
    (
        "ERROR: unopkg cannot be started. The lock file indicates it is already running. If this does not apply, delete the lock file at:\n/home/ada/.lock",
        "Close it, and run again; if it is closed, delete /home/ada/.lock",
    ),
    ("ERROR: There is no such extension deployed: x", "There is no such extension"),
]


@pytest.mark.parametrize(("said", "told"), REFUSALS)
def test_what_libreoffice_refuses_is_one_line(said, told, tmp_path, program):
    here = machine("linux", tmp_path, which=lambda name: name, ask=lambda _: Answer(1, said))
    with pytest.raises(Obstacle, match=told):
        install(here, program=program)


def test_the_usual_places_of_libreoffice_are_looked_at(tmp_path, program):
    unopkg = tmp_path / "Program Files" / "LibreOffice" / "program" / "unopkg.com"
    unopkg.parent.mkdir(parents=True)
    unopkg.touch()
    asked: list[list[str]] = []
    here = machine(
        "win32", tmp_path / "home", environ={"ProgramFiles": str(tmp_path / "Program Files")},
        ask=lambda command: asked.append(list(command)) or Answer(0, ""),
    )  # fmt: skip
    install(here, program=program)
    assert [(c[0], c[1], Path(c[-1]).name) for c in asked] == [(str(unopkg), "add", "perfsheet.oxt")]


@pytest.mark.libreoffice
def test_libreoffice_takes_the_extension_and_gives_it_up(own_libreoffice, program):
    here = own_libreoffice.machine
    (change,) = install(here, program=program)
    assert change.what == "extension for LibreOffice"
    assert "Identifier: org.perfsheet.buttons" in own_libreoffice.extensions()
    handler = extension_folder(here) / "handler.py"
    assert f"PROGRAM = {program!r}" in handler.read_text(encoding="utf-8")
    install(here, program=program)  # renewing is no error
    (removed,) = remove(here)
    assert removed.what == "extension for LibreOffice"
    assert extension_folder(here) is None
    assert "org.perfsheet" not in own_libreoffice.extensions()
