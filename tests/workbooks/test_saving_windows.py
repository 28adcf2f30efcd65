"""The lines that only Windows runs, tried on any POSIX system with stand-ins for what only Windows has.

Nothing here proves that Windows behaves so; it proves that those lines say what was meant.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stand-ins are for other systems")

STAND_INS = """\
import ctypes, fcntl, hashlib, logging, os, pathlib, signal, sys, time, types

copied = []
def read_access_list(path, what, room, size, needed):
    needed._obj.value = 8
    return 1
def set_access_list(path, what, room):
    copied.append(os.path.basename(path))
    return 1
def locking(descriptor, mode, count):
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
advapi32 = types.SimpleNamespace(GetFileSecurityW=read_access_list, SetFileSecurityW=set_access_list)
ctypes.windll = types.SimpleNamespace(advapi32=advapi32)
sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=2)
os.O_BINARY = os.O_NOINHERIT = 0
time.sleep = lambda seconds: None
sys.platform = "win32"

from perfsheet.errors import Obstacle
from perfsheet.workbooks.claiming import beside, claimed
from perfsheet.workbooks.saving import create, save

book = pathlib.Path(sys.argv[1])
temporary = beside(book, ".tmp")
old = hashlib.sha256(book.read_bytes()).hexdigest()

def attempt(act):
    try:
        act()
        print("done")
    except Obstacle as refused:
        print(type(refused).__name__, refused.what)
"""


def on_windows(tmp_path: Path, script: str) -> list[str]:
    """What the script prints, and then the folder: each file's name and content."""
    folder = tmp_path / "folder"
    folder.mkdir()
    book = folder / "team.xlsx"
    book.write_bytes(b"old")
    code = STAND_INS + textwrap.dedent(script)
    run = subprocess.run(
        [sys.executable, "-c", code, book], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.stderr == ""
    return run.stdout.splitlines() + [f"{p.name}: {p.read_text()}" for p in sorted(folder.iterdir())]


def test_saved_with_the_access_list_of_the_old_file_and_what_a_crash_left_removed(tmp_path):
    assert on_windows(
        tmp_path,
        """
        temporary.write_bytes(b"left by a crash")
        attempt(lambda: save(book, b"new", expected_digest=old))
        print(copied == [temporary.name])
        """,
    ) == ["done", "True", "team.xlsx: new"]


def test_the_mark_of_a_file_from_the_internet_goes_along(tmp_path):
    *_, book, mark = on_windows(
        tmp_path,
        """
        pathlib.Path(f"{book}:Zone.Identifier").write_text("from the internet")
        attempt(lambda: save(book, b"new", expected_digest=old))
        os.replace(f"{temporary}:Zone.Identifier", f"{book}:Zone.Identifier")  # a part of the file there
        """,
    )
    assert (book, mark) == ("team.xlsx: new", "team.xlsx:Zone.Identifier: from the internet")


def test_newer_work_is_not_replaced(tmp_path):
    assert on_windows(
        tmp_path,
        """
        book.write_bytes(b"theirs")
        attempt(lambda: save(book, b"new", expected_digest=old))
        """,
    ) == ["Changed the file changed while perfsheet was at work", "team.xlsx: theirs"]


def test_one_writer_at_a_time(tmp_path):
    assert on_windows(
        tmp_path,
        """
        with claimed(book):
            attempt(lambda: save(book, b"new", expected_digest=old))
        attempt(lambda: save(book, b"new", expected_digest=old))
        """,
    ) == ["InUse another perfsheet is writing this workbook", "done", "team.xlsx: new"]


def test_a_virus_scanner_that_holds_the_file_for_a_moment(tmp_path):
    assert on_windows(
        tmp_path,
        """
        replace, held = os.replace, [True, True]
        def scanned(*names):
            if held:
                held.pop()
                raise PermissionError(13, "held")
            replace(*names)
        os.replace = scanned
        attempt(lambda: save(book, b"new", expected_digest=old))
        """,
    ) == ["done", "team.xlsx: new"]


def test_a_program_that_holds_the_file(tmp_path):
    assert on_windows(
        tmp_path,
        """
        def held(*names):
            raise PermissionError(13, "held")
        os.replace = held
        attempt(lambda: save(book, b"new", expected_digest=old))
        """,
    ) == ["InUse another program has the workbook open, or you may not change it", "team.xlsx: old"]


def test_a_new_file(tmp_path):
    assert on_windows(tmp_path, 'attempt(lambda: create(book.with_name("new.xlsx"), b"new"))') == [
        "done",
        "new.xlsx: new",
        "team.xlsx: old",
    ]
