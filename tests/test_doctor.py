"""What doctor finds on machines that are laid out in the test, and that it says what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from perfsheet.addin import install
from perfsheet.addin.libreoffice import texts
from perfsheet.cli import cli
from perfsheet.doctor import CHECKS, FILE_CHECKS, Found, State, examine
from perfsheet.machine import Answer, Machine, zone_in

POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0"
CHOICE = r"HKCU\Software\Microsoft\Office\16.0"
DEFENDER = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
NO_CHILDREN = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's folder; perfsheet's program lies in its bin."""
    program = tmp_path / "bin" / "perfsheet"
    program.parent.mkdir()
    program.touch(mode=0o755)
    (tmp_path / "bin" / "perfsheet.exe").touch(mode=0o755)
    return tmp_path


def machine(home: Path, system: str = "linux", **more: object) -> Machine:
    """A computer where perfsheet is installed and nothing else."""
    programs = more.pop("programs", {})
    values: Mapping[str, int] = more.pop("values", {})  # of the registry, as KEY\NAME
    known = {"perfsheet": str(home / "bin" / ("perfsheet.exe" if system == "win32" else "perfsheet")), **programs}
    usual = {
        "system": system, "home": home, "environ": {"PERFSHEET_CACHE": str(home)}, "which": known.get, "python": home / "bin" / "python",
        "registry": lambda key, name: values.get(rf"{key}\{name}"), "ask": lambda _: Answer(0, "LibreOffice 7.4"), "has_module": lambda _: True,
    }  # fmt: skip
    return Machine(**{**usual, **more})


def found(machine: Machine, check: str, *files: Path) -> list[Found]:
    return [s.found for s in examine(machine, files).seen if s.check.name == check]


def words(seen: list[Found]) -> list[str]:
    return [f.state.value for f in seen]


# ---------------------------------------------------------------------- Python


def test_a_sound_machine_has_nothing_wrong(home):
    assert not examine(machine(home)).wrong


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_every_system_is_looked_at_to_the_end(system, home):
    """Nothing raises where the registry, Excel, LibreOffice and every folder are missing."""
    bare = Machine(
        system=system, home=home / "nobody", environ={}, which=lambda _: None, ask=lambda _: Answer(None, "no"),
        registry=lambda *_: None, has_module=lambda _: False, python=home / "nowhere" / "python",
    )  # fmt: skip
    seen = examine(bare, [home / "no.xlsx"])
    assert [s.check.name for s in seen.seen if s.found.state is State.WRONG and not s.found.remedy] == []
    assert seen.wrong


def test_this_very_machine_is_looked_at(tmp_path):
    done = CliRunner().invoke(cli, ["doctor", "--format", "json"])
    answer = json.loads(done.stdout)
    assert {c["check"] for c in answer["checks"]} >= {"python", "cache_folder"}
    assert done.exit_code == any(c["state"] == "wrong" for c in answer["checks"])


def test_no_program_beside_this_python(home):
    seen = found(machine(home, python=home / "elsewhere" / "python", which=lambda _: None), "python")
    assert words(seen) == ["wrong"]
    assert "no program perfsheet lies beside it" in seen[0].what


def test_another_perfsheet_on_the_path(home):
    other = home / "other" / "perfsheet"
    seen = found(machine(home, programs={"perfsheet": str(other)}), "python")
    assert words(seen) == ["ok", "note"]
    assert str(other) in seen[1].what


def test_no_perfsheet_on_the_path(home):
    seen = found(machine(home, programs={"perfsheet": None}), "python")
    assert "does not find perfsheet" in seen[1].what


@pytest.mark.parametrize(("system", "state"), [("win32", "wrong"), ("darwin", "wrong"), ("linux", "note")])
def test_xlwings_is_missing(system, state, home):
    assert words(found(machine(home, system, has_module=lambda name: name != "xlwings"), "xlwings")) == [state]


# ------------------------------------------------------------------ LibreOffice

OFFICE = {"soffice": "/usr/bin/soffice"}


def with_extension(home: Path, program: str, **changed: str) -> None:
    """What LibreOffice keeps of an installed extension: its files, and its list of packages."""
    cache = home / ".config" / "libreoffice" / "4" / "user" / "uno_packages" / "cache"
    for name, text in {**texts(program), **changed}.items():
        path = cache / "uno_packages" / "lu1.tmp_" / "perfsheet.oxt" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (cache / "uno_packages.pmap").write_bytes(b"Pmp1\xfforg.perfsheet.buttons\nlu1.tmp\xffperfsheet.oxt\n")


def test_libreoffice_tells_its_version(home):
    (seen,) = found(machine(home, programs=OFFICE), "libreoffice")
    assert seen.what == "LibreOffice 7.4, /usr/bin/soffice"


def test_libreoffice_does_not_start(home):
    (seen,) = found(machine(home, programs=OFFICE, ask=lambda _: Answer(77, "bad profile")), "libreoffice")
    assert (seen.state, "bad profile" in seen.what) == (State.WRONG, True)


def test_uno_matters_more_once_the_buttons_are_there(home):
    here = machine(home, programs=OFFICE, ask=lambda command: Answer(int("uno_module" in command[-1]), "7.4"))
    assert words(found(here, "uno")) == ["note"]
    with_extension(home, "")
    assert words(found(here, "uno")) == ["wrong"]


def test_the_extension_is_current(home):
    here = machine(home, programs=OFFICE)
    assert words(found(here, "extension")) == ["note"]
    with_extension(home, str(home / "bin" / "perfsheet"))
    assert words(found(here, "extension")) == ["ok"]


def test_the_extension_is_of_another_version(home):
    with_extension(home, str(home / "bin" / "perfsheet"), **{"description.xml": "older"})
    (seen,) = found(machine(home, programs=OFFICE), "extension")
    assert (seen.state, "description.xml" in seen.what) == (State.WRONG, True)


def test_the_extension_starts_what_is_gone(home):
    with_extension(home, "/gone/perfsheet")
    (seen,) = found(machine(home, programs=OFFICE), "extension")
    assert (seen.state, "/gone/perfsheet" in seen.what) == (State.WRONG, True)


def test_an_extension_that_was_removed_is_not_there(home):
    with_extension(home, "")
    (home / ".config/libreoffice/4/user/uno_packages/cache/uno_packages.pmap").write_bytes(b"Pmp1\n")
    assert words(found(machine(home, programs=OFFICE), "extension")) == ["note"]


# ------------------------------------------------------------------------ Excel


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_the_add_in_is_current_until_it_is_not(system, home):
    here = machine(home, system)
    assert words(found(here, "addin")) == ["note"]
    place = Path(install(here)[0].place)
    assert words(found(here, "addin")) == ["ok"]
    place.write_bytes(place.read_bytes() + b"\0")
    (seen,) = found(here, "addin")
    assert (seen.state, "SHA-256" in seen.what) == (State.WRONG, True)


def test_a_signed_add_in_is_not_compared(home):
    here = machine(home, "win32")
    place = Path(install(here)[0].place)
    place.write_bytes(place.read_bytes() + b"xl/vbaProjectSignature.bin")
    (seen,) = found(here, "addin")
    assert (seen.state, "is signed" in seen.what) == (State.NOTE, True)


def test_the_startup_folder_is_read_only(home):
    here = machine(home, "win32", writable=lambda path: path.name != "XLSTART")
    assert words(found(here, "startup_folder")) == ["note"]
    install(here)
    assert words(found(here, "startup_folder")) == ["wrong"]


def test_the_add_in_came_from_the_internet(home):
    here = machine(home, "win32", zone=lambda path: 3)
    assert found(here, "mark_of_the_web") == []
    install(here)
    (seen,) = found(here, "mark_of_the_web")
    assert (seen.state, "Unblock" in seen.remedy) == (State.WRONG, True)


ZONES = [("[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://a", 3), ("[ZoneTransfer]\nZoneId = 0", 0), ("", None), ("ZoneId=x", None)]  # fmt: skip


@pytest.mark.parametrize(("text", "zone"), ZONES)
def test_the_note_on_a_file_is_read(text, zone):
    assert zone_in(text) == zone


MACROS = [
    ({}, ["ok"]),
    ({rf"{POLICY}\Common\VBAOff": 1}, ["wrong"]),
    ({rf"{POLICY}\Excel\Security\DisableAllAddins": 1}, ["wrong"]),
    ({rf"{POLICY}\Excel\Security\RequireAddinSig": 1}, ["wrong"]),
    ({rf"{POLICY}\Excel\Security\VBAWarnings": 3}, ["note"]),
    ({rf"{POLICY}\Excel\Security\VBAWarnings": 4}, ["note"]),
    ({rf"{POLICY}\Excel\Security\VBAWarnings": 2}, ["ok"]),
    ({rf"{POLICY}\Excel\Security\Trusted Locations\AllLocationsDisabled": 1}, ["wrong"]),
    ({rf"{CHOICE}\Excel\Security\DisableAllAddins": 1}, ["wrong"]),
    ({rf"{CHOICE}\Excel\Security\Trusted Locations\AllLocationsDisabled": 1}, ["wrong"]),
]


@pytest.mark.parametrize(("values", "states"), MACROS)
def test_what_blocks_macros(values, states, home):
    assert words(found(machine(home, "win32", values=values), "macros")) == states


@pytest.mark.parametrize(("value", "state"), [(None, "ok"), (0, "ok"), (1, "wrong"), (2, "ok"), (6, "note")])
def test_what_keeps_office_from_starting_programs(value, state, home):
    here = machine(home, "win32", values={rf"{DEFENDER}\{NO_CHILDREN}": value})
    (seen,) = found(here, "child_processes")
    assert seen.state == state
    assert "perfsheet live" in seen.remedy or state != "wrong"


def test_the_script_for_macos(home):
    here = machine(home, "darwin")
    assert words(found(here, "applescript")) == ["note"]
    install(here)
    assert words(found(here, "applescript")) == ["ok"]
    next(home.rglob("*.applescript")).write_text("-- older")
    assert words(found(here, "applescript")) == ["wrong"]


AUTOMATION = [("false", Answer(0, "16.80"), "note"), ("true", Answer(0, "16.80"), "ok"), ("true", Answer(1, "not allowed (-1743)"), "wrong")]  # fmt: skip


@pytest.mark.parametrize(("running", "answer", "state"), AUTOMATION)
def test_whether_perfsheet_may_control_excel_is_asked_only_while_it_runs(running, answer, state, home):
    asked: list[str] = []

    def ask(command: list[str]) -> Answer:
        asked.append(command[-1])
        return Answer(0, running) if "is running" in command[-1] else answer

    assert words(found(machine(home, "darwin", ask=ask), "automation")) == [state]
    assert any("tell" in question for question in asked) == (running == "true")


# ------------------------------------------------------------- folders and files


def test_the_cache_folder_cannot_be_written(home):
    assert words(found(machine(home), "cache_folder")) == ["ok"]
    assert words(found(machine(home, writable=lambda _: False), "cache_folder")) == ["wrong"]


@pytest.fixture
def book(home: Path) -> Path:
    path = home / "team.xlsx"
    path.write_bytes(b"PK")
    return path


def test_a_file_in_order(home, book):
    seen = examine(machine(home), [book])
    assert [(s.check.name, s.found.state) for s in seen.seen if s.file] == [("file", "ok")]


def test_a_file_that_is_not_there_or_read_only(home, book):
    assert words(found(machine(home), "file", home / "no.xlsx")) == ["wrong"]
    assert "read-only" in found(machine(home, writable=lambda p: p != book), "file", book)[0].what
    assert "the folder" in found(machine(home, writable=lambda p: p != book.parent), "file", book)[0].what


def test_a_file_from_the_internet(home, book):
    assert words(found(machine(home, "win32", zone=lambda _: 3), "file_marked", book)) == ["wrong"]


def test_somebody_has_the_file_open(home, book):
    (home / "~$team.xlsx").write_bytes(b"\x03Ada".ljust(55) + b"\x03\0" + "Ada".encode("utf-16-le"))
    (seen,) = found(machine(home), "file_open", book)
    assert (seen.state, seen.what) == (State.WRONG, "the workbook is open by Ada")


def test_what_a_save_that_was_cut_off_left(home, book):
    from perfsheet.workbooks.claiming import beside

    beside(book.resolve(), ".tmp").touch()
    assert words(found(machine(home), "file_open", book)) == ["note"]


@pytest.mark.parametrize("folder", ["OneDrive - Contoso", "Dropbox", "Library/Mobile Documents"])
def test_a_file_that_a_sync_program_copies(folder, home):
    path = home / folder / "team.xlsx"
    path.parent.mkdir(parents=True)
    path.touch()
    assert words(found(machine(home), "file_synced", path)) == ["note"]


def test_windows_says_which_folder_it_syncs(home, book):
    assert found(machine(home), "file_synced", book) == []
    here = machine(home, environ={"OneDrive": str(home), "PERFSHEET_CACHE": str(home)})
    assert words(found(here, "file_synced", book)) == ["note"]


# ------------------------------------------------------------------ the command


def test_every_check_has_a_name_of_its_own_and_says_why_it_matters():
    checks = [*CHECKS, *FILE_CHECKS]
    assert len({c.name for c in checks}) == len(checks)
    assert all(c.why.endswith(".") for c in checks)


def test_a_check_that_cannot_look_is_no_crash(home, monkeypatch):
    def locked(_: Machine) -> list[Found]:
        raise PermissionError("not for you")

    monkeypatch.setattr("perfsheet.doctor.CHECKS", [SimpleNamespace(name="folder", why="It matters.", look=locked)])
    (seen,) = examine(machine(home)).seen
    assert (seen.found.state, seen.found.what) == (State.NOTE, "this could not be looked up: not for you")


def test_the_exit_code_and_the_remedy(tmp_path):
    done = CliRunner().invoke(cli, ["doctor", "--quiet", str(tmp_path / "no.xlsx")])
    assert done.exit_code == 1
    assert done.output.splitlines()[-2:] == [
        f"wrong  file: {tmp_path / 'no.xlsx'}: there is no such file",
        "       Check the name.",
    ]
