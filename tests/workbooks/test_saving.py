"""A file is replaced whole or not at all, keeps what it was, and nobody's newer work is lost."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import multiprocessing
import os
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from perfsheet.errors import Changed, InUse, Missing, Obstacle, Unwritable
from perfsheet.workbooks import claiming, saving
from perfsheet.workbooks.openers import owner_of_excel_note, owner_of_libreoffice_note
from perfsheet.workbooks.saving import check_writable, create, kept_version, save

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW, THEIRS = b"old workbook", b"the new workbook", b"OLD WORKBOOK"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these tests need the rights and signals of POSIX")
root_only = pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may do this")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "team.xlsx"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may reach, as the test's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="perfsheet-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def refusal(act: Callable[[], object], kind: type[Obstacle], path: Path) -> str:
    """The one line with which `act` is refused; nothing in the folder has changed."""
    before = {p.name: (p.lstat().st_ino, p.lstat().st_mtime_ns) for p in path.parent.iterdir()}
    with pytest.raises(kind) as refused:
        act()
    assert type(refused.value) is kind
    assert {p.name: (p.lstat().st_ino, p.lstat().st_mtime_ns) for p in path.parent.iterdir()} == before
    line = str(refused.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    return line.removeprefix(f"{path}: ")


def as_nobody(act: Callable[[], object]) -> str:
    """What `act` says when an ordinary user does it: its answer, or its refusal in one line."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            answer = str(act())
        except BaseException as raised:
            answer = f"{type(raised).__name__} {raised}"
        os.write(write_end, answer.encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


@contextlib.contextmanager
def another_process(act: Callable[[], object]) -> Iterator[None]:
    """A process that has done `act` and waits; it is killed at the end, without a chance to clean up."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        try:
            act()
            os.write(write_end, b"ready")
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.close(write_end)
    try:
        assert os.read(read_end, 5) == b"ready"
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(read_end)


# ------------------------------------------------------------------- saved


def test_the_new_bytes_are_there_and_nothing_else(book):
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_a_large_file_and_an_empty_one(book):
    large = os.urandom(3 << 20)
    save(book, large, expected_digest=digest(OLD))
    assert book.read_bytes() == large
    save(book, b"", expected_digest=digest(large))
    assert book.read_bytes() == b""


def test_a_relative_name(book, monkeypatch):
    monkeypatch.chdir(book.parent)
    save("team.xlsx", NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW


def test_the_new_file_is_written_for_nobody_else_to_read(book, monkeypatch):
    modes = []

    def look(file: int, data: bytes, write: Callable[..., int] = os.write) -> int:
        modes.append(stat.S_IMODE(os.fstat(file).st_mode))
        return write(file, data)

    monkeypatch.setattr(os, "write", look)
    save(book, NEW, expected_digest=digest(OLD))
    assert modes == [0o600]


# ------------------------------------------------------------------- kept as it was


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o666, 0o755])
def test_the_rights_are_kept(book, mode):
    book.chmod(mode)
    save(book, NEW, expected_digest=digest(OLD))
    assert stat.S_IMODE(book.stat().st_mode) == mode


@root_only
def test_the_administrator_keeps_owner_and_group(book):
    os.chown(book, 1234, 2345)
    save(book, NEW, expected_digest=digest(OLD))
    assert (book.stat().st_uid, book.stat().st_gid) == (1234, 2345)


@root_only
def test_a_group_that_cannot_be_kept_is_refused_for_it_would_let_others_in(open_folder):
    book = open_folder / "team.xlsx"
    book.write_bytes(OLD)
    os.chown(book, 65534, 2345)
    book.chmod(0o660)
    open_folder.chmod(0o777)
    assert as_nobody(lambda: save(book, NEW, expected_digest=None)) == (
        f"Unwritable {book}: the group of the file cannot be kept by you. Let its owner run perfsheet, or work on a copy"
    )
    assert book.read_bytes() == OLD
    assert os.listdir(open_folder) == ["team.xlsx"]


@root_only
def test_an_owner_that_cannot_be_kept_is_said(open_folder, caplog):
    book = open_folder / "team.xlsx"
    book.write_bytes(OLD)
    os.chown(book, 1234, 65534)
    book.chmod(0o660)
    open_folder.chmod(0o777)
    said = as_nobody(lambda: save(book, NEW, expected_digest=None) or caplog.messages)
    assert said == f"['{book}: saved, but its owner is now you: only an administrator may keep another one']"
    assert book.read_bytes() == NEW
    assert (book.stat().st_uid, book.stat().st_gid, stat.S_IMODE(book.stat().st_mode)) == (65534, 65534, 0o660)


def set_attribute(path: Path, name: str, value: bytes) -> None:
    if not hasattr(os, "setxattr"):
        pytest.skip("Python gives no way to extended attributes on this system")
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"the file system of {path.parent} keeps no attribute {name}: {error.strerror}")


def test_extended_attributes_are_kept(book):
    set_attribute(book, "user.label", b"confidential")
    save(book, NEW, expected_digest=digest(OLD))
    assert os.getxattr(book, "user.label") == b"confidential"


@root_only
def test_the_label_of_the_system_is_kept_but_not_its_checksum_of_the_old_bytes(book):
    set_attribute(book, "security.ima", b"checksum of the old bytes")
    set_attribute(book, "security.label", b"label")
    save(book, NEW, expected_digest=digest(OLD))
    assert os.getxattr(book, "security.label") == b"label"
    assert "security.ima" not in os.listxattr(book)


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """An access list as Linux stores it: (tag, rights, id); 1 owner, 2 user, 4 group, 16 mask, 32 others."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 0xFFFFFFFF
ANNA_TOO = access_list((1, 6, NOBODY), (2, 6, 1234), (4, 4, NOBODY), (16, 6, NOBODY), (32, 0, NOBODY))


def test_the_access_list_is_kept(book):
    set_attribute(book, "system.posix_acl_access", ANNA_TOO)
    mode = book.stat().st_mode
    save(book, NEW, expected_digest=digest(OLD))
    assert os.getxattr(book, "system.posix_acl_access") == ANNA_TOO
    assert book.stat().st_mode == mode


def test_the_access_list_of_the_folder_lets_nobody_in_whom_the_file_did_not(book):
    set_attribute(book.parent, "system.posix_acl_default", ANNA_TOO)
    save(book, NEW, expected_digest=digest(OLD))
    assert os.listxattr(book) == []
    assert stat.S_IMODE(book.stat().st_mode) == 0o640


def test_an_attribute_that_cannot_be_kept_stops_the_save(book, monkeypatch):
    set_attribute(book, "user.label", b"confidential")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "setxattr", full)
    assert refusal(lambda: save(book, NEW, expected_digest=None), Unwritable, book).startswith("there is no room left")
    assert book.read_bytes() == OLD


def test_a_symbolic_link_stays_one_and_its_file_is_replaced(book):
    (book.parent / "links").mkdir()
    link = book.parent / "links" / "this quarter.xlsx"
    link.symlink_to("../team.xlsx")
    save(link, NEW, expected_digest=digest(OLD))
    assert os.readlink(link) == "../team.xlsx"
    assert book.read_bytes() == NEW
    assert sorted(os.listdir(book.parent)) == ["links", "team.xlsx"]
    assert os.listdir(link.parent) == ["this quarter.xlsx"]


# ------------------------------------------------------------------- refused before anything is touched


def test_a_read_only_file(book):
    book.chmod(0o444)
    assert refusal(lambda: save(book, NEW, expected_digest=digest(OLD)), Unwritable, book) == (
        "the file is read-only. Lift the write protection, or work on a copy"
    )


@root_only
def test_a_file_marked_immutable(book):
    if not shutil.which("chattr") or subprocess.run(["chattr", "+i", book], capture_output=True).returncode:
        pytest.skip("chattr cannot mark a file immutable here")
    try:
        assert refusal(lambda: save(book, NEW, expected_digest=None), Unwritable, book).startswith(
            "the file is read-only"
        )
    finally:
        subprocess.run(["chattr", "-i", book], check=True)


def test_a_hard_link(book):
    os.link(book, book.with_name("same.xlsx"))
    assert refusal(lambda: save(book, NEW, expected_digest=digest(OLD)), Unwritable, book) == (
        "the file has a second name (a hard link), and replacing it would part the two. "
        "Work on a copy, or remove the other name"
    )


@root_only
def test_a_folder_in_which_nothing_may_be_written(open_folder):
    book = open_folder / "team.xlsx"
    book.write_bytes(OLD)
    book.chmod(0o666)
    assert as_nobody(lambda: check_writable(book)) == (
        f"Unwritable {book}: nothing may be written into its folder. "
        "Ask for the right to write there, or work on a copy"
    )


def test_what_is_no_file(book):
    fifo = book.parent / "pipe.xlsx"
    os.mkfifo(fifo)
    for path in (fifo, book.parent, Path("/dev/null")):
        with pytest.raises(Missing, match=r"this is not a file\. Name the workbook itself"):
            check_writable(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gone.xlsx", "there is no such file. Check the name and the folder"),
        ("team.xlsx/inside.xlsx", "there is no such file. Check the name and the folder"),
        ("zero\0.xlsx", "this is no name that a file can have. Check the name"),
    ],
)
def test_what_is_not_there(book, name, expected):
    with pytest.raises(Missing) as refused:
        save(book.parent / name, NEW, expected_digest=None)
    assert str(refused.value).endswith(expected)


def test_links_in_a_circle_and_links_to_nowhere(book):
    circle, nowhere = book.parent / "circle.xlsx", book.parent / "nowhere.xlsx"
    circle.symlink_to("circle.xlsx")
    nowhere.symlink_to("gone.xlsx")
    with pytest.raises(Unwritable, match="the links to it lead in a circle"):
        save(circle, NEW, expected_digest=None)
    with pytest.raises(Missing, match="there is no such file"):
        save(nowhere, NEW, expected_digest=None)


# ------------------------------------------------------------------- open in a program


def excel_note(name: str, page: str = "cp1252") -> bytes:
    """An owner file as Excel writes it: 165 bytes, the name twice."""
    narrow, wide = name.encode(page, "replace"), name.encode("utf-16-le")
    return (
        bytes([len(narrow)])
        + narrow.ljust(54)
        + struct.pack("<H", len(name))
        + wide
        + " ".encode("utf-16-le") * (54 - len(name))
    )


@pytest.mark.parametrize("name", ["Anna Example", "Zoë Müller", "李小龍", "J", "x" * 52])
def test_the_name_in_an_owner_file(name):
    note = excel_note(name)
    assert len(note) == 165
    assert owner_of_excel_note(note) == name


@pytest.mark.parametrize(
    ("note", "name"),
    [(b"", ""), (b"\x00", ""), (b"\x04Anna", "Anna"), (b"\xff" * 165, "ÿ" * 52), (excel_note("Zoë")[:55], "Zoë")],
)
def test_the_name_in_a_damaged_owner_file(note, name):
    assert owner_of_excel_note(note) == name


@pytest.mark.parametrize(
    ("note", "name"),
    [
        (b"Anna Example,anna,desk-7,24.11.2026 00:20,file:///home/anna;", "Anna Example on desk-7"),
        (b",root,vm,24.11.2026 00:20,file:///tmp/profile;", "root on vm"),
        (rb"Example\, Anna,anna,desk-7,,;", "Example, Anna on desk-7"),
        ("Zoë,,,,".encode(), "Zoë"),
        (b"", ""),
    ],
)
def test_the_name_in_a_lock_file_of_libreoffice(note, name):
    assert owner_of_libreoffice_note(note) == name


@pytest.mark.parametrize(
    ("note", "content", "expected"),
    [
        ("~$team.xlsx", excel_note("Anna Example"), "the workbook is open by Anna Example"),
        ("~$team.xlsx", b"", "the workbook is open in another program"),
        (".~lock.team.xlsx#", b",anna,desk-7,,;", "the workbook is open by anna on desk-7"),
        ("~$team.xlsx", excel_note("\x1b]52;c;x\x07"), r"the workbook is open by \x1b]52;c;x\x07"),
    ],
)
def test_open_in_a_program(book, note, content, expected):
    book.with_name(note).write_bytes(content)
    assert refusal(lambda: save(book, NEW, expected_digest=digest(OLD)), InUse, book) == (
        f"{expected}. Close it there; if nobody has it open, delete the file {note} beside it"
    )


def test_open_under_the_name_of_a_link(book):
    link = book.parent / "link.xlsx"
    link.symlink_to(book)
    link.with_name("~$link.xlsx").write_bytes(excel_note("Anna"))
    assert refusal(lambda: save(link, NEW, expected_digest=None), InUse, link).startswith(
        "the workbook is open by Anna"
    )


def test_notes_of_other_workbooks_are_no_matter(book):
    for other in ("~$am.xlsx", "~$team.xlsm", ".~lock.team.ods#"):
        book.with_name(other).write_bytes(excel_note("Anna"))
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW


@pytest.mark.parametrize("lock", ["flock", "lockf"])
def test_a_lock_that_another_program_holds(book, lock):
    import fcntl

    def hold() -> None:
        getattr(fcntl, lock)(os.open(book, os.O_RDWR), fcntl.LOCK_EX)

    with another_process(hold):
        line = refusal(lambda: save(book, NEW, expected_digest=None), InUse, book)
    assert line == "another program holds the workbook. Close it there, and run again"


# ------------------------------------------------------------------- changed meanwhile


def test_other_bytes_than_were_read(book):
    book.write_bytes(THEIRS)
    assert refusal(lambda: save(book, NEW, expected_digest=digest(OLD)), Changed, book) == (
        "the file changed while perfsheet was at work. Run perfsheet again"
    )
    assert book.read_bytes() == THEIRS


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Lets `act` happen after the new bytes are written and read back, before the switch."""
    fill = saving._fill

    def fill_and_act(*given: object) -> tuple[str, ...]:
        notices = fill(*given)
        act()
        return notices

    monkeypatch.setattr(saving, "_fill", fill_and_act)


def rewrite_with_same_size_and_time(book: Path) -> None:
    facts = book.stat()
    with open(book, "r+b") as file:
        file.write(THEIRS)
    os.utime(book, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert (book.stat().st_size, book.stat().st_mtime_ns) == (facts.st_size, facts.st_mtime_ns)


def replace_by_another(book: Path) -> None:
    other = book.with_name("other")
    other.write_bytes(THEIRS)
    os.replace(other, book)


@pytest.mark.parametrize("expected", [digest(OLD), None])
@pytest.mark.parametrize("change", [rewrite_with_same_size_and_time, replace_by_another])
def test_somebody_saves_in_between(book, monkeypatch, change, expected):
    meanwhile(monkeypatch, lambda: change(book))
    with pytest.raises(Changed):
        save(book, NEW, expected_digest=expected)
    assert book.read_bytes() == THEIRS
    assert os.listdir(book.parent) == ["team.xlsx"]


@pytest.mark.parametrize(
    "change",
    [lambda book: book.chmod(0o444), lambda book: os.rename(book, book.with_name("moved.xlsx"))],
    ids=["protects it", "moves it"],
)
def test_somebody_protects_or_moves_it_in_between(book, monkeypatch, change):
    meanwhile(monkeypatch, lambda: change(book))
    with pytest.raises(Changed):
        save(book, NEW, expected_digest=None)
    assert [path.read_bytes() for path in book.parent.iterdir()] == [OLD]


def test_a_link_that_leads_elsewhere_in_between(book, monkeypatch):
    other, link = book.with_name("other.xlsx"), book.with_name("link.xlsx")
    other.write_bytes(OLD)
    link.symlink_to(book)

    def turn() -> None:
        link.unlink()
        link.symlink_to(other)

    meanwhile(monkeypatch, turn)
    with pytest.raises(Changed):
        save(link, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == other.read_bytes() == OLD


# ------------------------------------------------------------------- disks


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "there is no room left on the disk. Free some room, and run again"),
        (errno.EDQUOT, "your share of the disk is used up. Free some room, and run again"),
        (errno.EROFS, "the disk is read-only. Work on a copy on another disk"),
        (errno.ESTALE, "the network drive lost the file. Connect the drive again, and run again"),
        (errno.EIO, "the disk reports an error (Input/output error). Check the disk; the old file is untouched"),
    ],
)
def test_what_the_disk_reports(book, monkeypatch, number, expected):
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(Unwritable) as refused:
        save(book, NEW, expected_digest=digest(OLD))
    assert str(refused.value) == f"{book}: {expected}"
    assert book.read_bytes() == OLD
    assert os.listdir(book.parent) == ["team.xlsx"]


@root_only
def test_a_disk_without_room(tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        book = tmp_path / "team.xlsx"
        book.write_bytes(OLD)
        with pytest.raises(Unwritable, match="there is no room left on the disk"):
            save(book, bytes(128 << 10), expected_digest=digest(OLD))
        assert book.read_bytes() == OLD
        assert os.listdir(tmp_path) == ["team.xlsx"]
        subprocess.run(["mount", "-o", "remount,ro", tmp_path], check=True)
        with pytest.raises(Unwritable, match="read-only"):
            save(book, NEW, expected_digest=digest(OLD))
        assert book.read_bytes() == OLD
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_limit_on_the_size_of_files(book):
    import resource

    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        try:
            save(book, bytes(20000), expected_digest=digest(OLD))
        except Unwritable as refused:
            os._exit(3 if "larger than is allowed" in str(refused) else 4)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert book.read_bytes() == OLD
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_no_memory_left(book, monkeypatch):
    def fail(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(os, "read", fail)
    assert refusal(lambda: save(book, NEW, expected_digest=None), Unwritable, book).startswith(
        "there is not enough memory"
    )


def drop(file: int, data: bytes) -> int:
    return len(data)


def flip(file: int, data: bytes, write: Callable[..., int] = os.write) -> int:
    return write(file, bytes([data[0] ^ 1]) + bytes(data[1:]))


def tear(file: int, data: bytes, write: Callable[..., int] = os.write) -> int:
    write(file, data[: len(data) // 2])
    return len(data)


@pytest.mark.parametrize("lie", [drop, flip, tear])
def test_a_disk_that_says_written_and_has_not(book, monkeypatch, lie):
    monkeypatch.setattr(os, "write", lie)
    with pytest.raises(Unwritable, match="what was written could not be read back"):
        save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == OLD
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_a_disk_that_takes_a_few_bytes_at_a_time(book, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW


def test_a_disk_that_takes_nothing_and_says_no_reason(book, monkeypatch):
    monkeypatch.setattr(os, "write", lambda file, data: 0)
    with pytest.raises(Unwritable, match="the disk reports an error"):
        save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == OLD


def test_a_disk_that_tells_only_on_closing(book, monkeypatch):
    close, written = os.close, []

    def fail_after_writing(file: int) -> None:
        facts = os.fstat(file)
        close(file)
        if facts.st_size == len(NEW) and not written:
            written.append(file)
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "close", fail_after_writing)
    with pytest.raises(Unwritable, match="the disk reports an error"):
        save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == OLD
    assert os.listdir(book.parent) == ["team.xlsx"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a program ask for it")
def test_what_is_read_back_comes_from_the_disk_and_not_from_memory(book):
    asked = calls_of(lambda: save(book, NEW, expected_digest=digest(OLD)), book)
    assert asked == ["write", "fsync file", "posix_fadvise", "replace", "fsync folder"]


def test_a_folder_that_cannot_be_flushed_is_a_notice_and_no_failure(book, monkeypatch, caplog):
    flush = os.fsync

    def fail_on_folders(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        flush(file)

    monkeypatch.setattr(os, "fsync", fail_on_folders)
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW
    assert caplog.messages == [
        f"{book}: saved, but its durability is not confirmed: the disk reports Input/output error, "
        "so keep a copy elsewhere"
    ]


def test_an_answer_that_was_lost_on_the_way(book, monkeypatch):
    replace = os.replace

    def replace_and_fail(*names: Path) -> None:
        replace(*names)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", replace_and_fail)
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW


# ------------------------------------------------------------------- network shares


@pytest.fixture
def share(monkeypatch):
    """The folder counts as one where names may not be switched in one step."""
    monkeypatch.setattr(saving, "_switches_at_once", lambda target: False)


def test_on_a_share_the_old_file_is_kept_until_the_new_one_is_seen(book, share, monkeypatch):
    during = []
    replace = os.replace

    def look(*names: Path) -> None:
        kept = kept_version(book)
        during.append(kept.read_bytes() if kept else None)
        replace(*names)

    monkeypatch.setattr(os, "replace", look)
    save(book, NEW, expected_digest=digest(OLD))
    assert during == [OLD]
    assert book.read_bytes() == NEW
    assert os.listdir(book.parent) == ["team.xlsx"]


@pytest.mark.parametrize("left", [b"the n", b"", None])
def test_on_a_share_that_damages_the_file_the_old_one_stays_beside(book, share, monkeypatch, left):
    def copy_in_part(temporary: Path, target: Path) -> None:
        target.unlink()
        if left is not None:
            target.write_bytes(left)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", copy_in_part)
    with pytest.raises(Unwritable) as refused:
        save(book, NEW, expected_digest=digest(OLD))
    kept = kept_version(book)
    assert kept is not None
    assert str(refused.value).endswith(
        f"the drive lost the file while it was replaced. The old version is beside it: rename {kept.name}"
    )
    assert kept.read_bytes() == OLD
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


def test_a_share_that_says_replaced_and_has_not(book, share, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *names: None)
    with pytest.raises(Unwritable, match="the drive lost the file while it was replaced"):
        save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == OLD


def test_a_missing_workbook_whose_old_version_was_kept(book, share, monkeypatch):
    with monkeypatch.context() as patch, contextlib.suppress(Unwritable):
        patch.setattr(os, "replace", lambda temporary, target: target.unlink())
        save(book, NEW, expected_digest=None)
    kept = kept_version(book)
    with pytest.raises(Missing, match=f"Its last version is beside it: rename {kept.name}"):
        check_writable(book)
    kept.rename(book)
    save(book, NEW, expected_digest=digest(OLD))
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_a_failed_save_on_a_share_leaves_nothing(book, share, monkeypatch):
    meanwhile(monkeypatch, lambda: replace_by_another(book) if book.read_bytes() == OLD else None)
    with pytest.raises(Changed):
        save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == THEIRS
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_the_disk_of_this_computer_and_a_share_are_told_apart(monkeypatch):
    mounts = b"""\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
22 21 0:5 / /home/anna/Team\\040share rw - cifs //server/team rw
23 21 0:6 / /mnt rw - nfs4 server:/team rw
24 23 0:7 / /mnt rw - xfs /dev/vdb rw
"""
    monkeypatch.setattr(saving, "_content", lambda path: mounts)
    monkeypatch.setattr(sys, "platform", "linux")
    seen = {
        name: saving._switches_at_once(Path(name))
        for name in ("/home/anna/team.xlsx", "/home/anna/Team share/q1/team.xlsx", "/mnt/team.xlsx")
    }
    assert seen == {
        "/home/anna/team.xlsx": True,
        "/home/anna/Team share/q1/team.xlsx": False,
        "/mnt/team.xlsx": True,
    }


# ------------------------------------------------------------------- leftovers and other writers


def test_what_a_crash_left_is_removed_by_the_next_save_of_that_workbook(book):
    mine, other = claiming.beside(book, ".tmp"), claiming.beside(book.with_name("other.xlsx"), ".tmp")
    mine.write_bytes(b"half of a workbook")
    other.write_bytes(b"half of another")
    save(book, NEW, expected_digest=digest(OLD))
    assert sorted(os.listdir(book.parent)) == sorted([other.name, "team.xlsx"])


@pytest.mark.parametrize("spelling", ["TEAM ZOË.XLSX", "team zoe\u0308.xlsx"])
def test_spellings_that_some_disks_take_for_one_name_meet_at_one_temporary_file(spelling):
    assert claiming.beside(Path(spelling), ".tmp") == claiming.beside(Path("team zoë.xlsx"), ".tmp")


def test_a_refused_save_removes_what_a_crash_left_too(book):
    claiming.beside(book, ".tmp").write_bytes(b"half of a workbook")
    with pytest.raises(Changed):
        save(book, NEW, expected_digest=digest(THEIRS))
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_a_planted_link_in_place_of_our_temporary_file_is_not_followed(book):
    secret = book.with_name("secret.txt")
    secret.write_bytes(b"secret")
    claiming.beside(book, ".tmp").symlink_to(secret)
    assert refusal(lambda: save(book, NEW, expected_digest=None), InUse, book) == (
        "another perfsheet is writing this workbook. Run again when it is done; if none is running, "
        f"delete the file {claiming.beside(book, '.tmp').name} beside the workbook"
    )
    assert secret.read_bytes() == b"secret"


def test_the_killed_writer_blocks_nobody(book):
    claims = contextlib.ExitStack()
    with another_process(lambda: claims.enter_context(claiming.claimed(book))):
        assert refusal(lambda: save(book, NEW, expected_digest=None), InUse, book).startswith("another perfsheet")
    assert len(os.listdir(book.parent)) == 2
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_without_locks_the_file_itself_is_the_claim(book, monkeypatch):
    import fcntl

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with claiming.claimed(book):
        assert refusal(lambda: save(book, NEW, expected_digest=None), InUse, book).startswith("another perfsheet")
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW


def test_a_temporary_file_that_is_no_longer_ours_is_never_switched_in(book):
    with claiming.claimed(book) as claim:
        claim.path.unlink()
        claim.path.write_bytes(b"half of another writer's file")
        with pytest.raises(InUse):
            claim.replace(book)
    assert book.read_bytes() == OLD
    assert claim.path.read_bytes() == b"half of another writer's file"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_waits_until_the_file_is_whole(book, number):
    child = os.fork()
    if not child:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        write = os.write
        os.write = lambda file, data: (os.kill(os.getpid(), number), write(file, data))[1]  # type: ignore[assignment]
        try:
            save(book, NEW, expected_digest=digest(OLD))
        except KeyboardInterrupt:
            os._exit(130)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended == (130 if number == signal.SIGINT else -number)
    assert book.read_bytes() == NEW
    assert os.listdir(book.parent) == ["team.xlsx"]


WRITERS, ROUNDS = 8, 25


def sealed(lines: list[str]) -> bytes:
    """A file that shows whether it is whole: its first line is the digest of the rest."""
    body = "\n".join(lines).encode()
    return digest(body).encode() + b"\n" + body


def unsealed(data: bytes) -> list[str]:
    seal, _, body = data.partition(b"\n")
    assert seal.decode() == digest(body), "a damaged file was read"
    return body.decode().split("\n")


def add_lines(book: Path, writer: int, start: multiprocessing.synchronize.Barrier) -> None:
    start.wait()
    for turn in range(ROUNDS):
        while True:
            data = book.read_bytes()
            with contextlib.suppress(Changed, InUse):
                save(book, sealed([*unsealed(data), f"{writer}.{turn}"]), expected_digest=digest(data))
                break


def read_on(book: Path, stop: multiprocessing.synchronize.Event) -> None:
    while not stop.is_set():
        unsealed(book.read_bytes())


def test_eight_writers_lose_nothing_and_a_reader_never_sees_a_damaged_file(book):
    book.write_bytes(sealed(["start"]))
    context = multiprocessing.get_context("fork")
    start, stop = context.Barrier(WRITERS), context.Event()
    reader = context.Process(target=read_on, args=(book, stop))
    writers = [context.Process(target=add_lines, args=(book, n, start)) for n in range(WRITERS)]
    for process in (reader, *writers):
        process.start()
    for process in writers:
        process.join()
    stop.set()
    reader.join()
    assert [process.exitcode for process in (reader, *writers)] == [0] * (WRITERS + 1)
    lines = unsealed(book.read_bytes())
    assert sorted(lines) == sorted(["start", *(f"{n}.{turn}" for n in range(WRITERS) for turn in range(ROUNDS))])
    assert os.listdir(book.parent) == ["team.xlsx"]


# ------------------------------------------------------------------- new files


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path):
    path, plain = tmp_path / "new.xlsx", tmp_path / "plain.xlsx"
    create(path, NEW)
    plain.write_bytes(NEW)
    assert path.read_bytes() == NEW
    assert (path.stat().st_mode, path.stat().st_nlink) == (plain.stat().st_mode, 1)
    assert sorted(os.listdir(tmp_path)) == ["new.xlsx", "plain.xlsx"]


def test_an_existing_file_stays_unless_it_is_said_to_go(book):
    assert refusal(lambda: create(book, NEW), Unwritable, book) == (
        "there is a file of this name already. Choose another name, or remove it first"
    )
    create(book, NEW, overwrite=True)
    assert book.read_bytes() == NEW
    assert stat.S_IMODE(book.stat().st_mode) == 0o640


def test_a_new_file_where_somebody_makes_one_in_between(tmp_path, monkeypatch):
    path = tmp_path / "new.xlsx"
    meanwhile(monkeypatch, lambda: path.write_bytes(THEIRS))
    with pytest.raises(Unwritable, match="there is a file of this name already"):
        create(path, NEW, overwrite=True)
    assert path.read_bytes() == THEIRS
    assert os.listdir(tmp_path) == ["new.xlsx"]


@pytest.mark.parametrize("exists", [False, True])
def test_a_new_file_where_files_can_have_no_second_name(tmp_path, monkeypatch, exists):
    path = tmp_path / "new.xlsx"

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    if exists:
        meanwhile(monkeypatch, lambda: path.write_bytes(THEIRS))
    with pytest.raises(Unwritable) if exists else contextlib.nullcontext():
        create(path, NEW)
    assert path.read_bytes() == (THEIRS if exists else NEW)
    assert os.listdir(tmp_path) == ["new.xlsx"]


def test_a_new_file_whose_making_was_cut_off_after_it_had_its_name(book):
    os.link(book, claiming.beside(book, ".tmp"))
    save(book, NEW, expected_digest=digest(OLD))
    assert book.read_bytes() == NEW
    assert os.listdir(book.parent) == ["team.xlsx"]


def test_a_new_file_in_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(Missing, match=r"the folder does not exist\. Make the folder first, or check the name"):
        create(tmp_path / "gone" / "new.xlsx", NEW)


# ------------------------------------------------------------------- each safety line is missed when it is gone


def broken_promises(folder: Path) -> list[str]:
    """What a save does not do that it should: written from outside, by what it asks of the system."""
    book = folder / "team.xlsx"
    broken = []
    book.write_bytes(OLD)
    asked = calls_of(lambda: save(book, NEW, expected_digest=digest(OLD)), book)
    switch = asked.index("replace")
    if "fsync file" not in asked[asked.index("write") : switch]:
        broken.append("the bytes are flushed before the switch")
    if "fsync folder" not in asked[switch:]:
        broken.append("the folder is flushed after the switch")
    for promise, act, kind in (
        ("a disk that lies is found out", lambda: saved_on_a_lying_disk(book), Unwritable),
        ("newer work is not replaced", lambda: save(book, NEW, expected_digest=digest(THEIRS)), Changed),
        ("newer work of the last moment is not replaced", lambda: saved_while_another_saves(book), Changed),
    ):
        book.write_bytes(OLD)
        try:
            act()
            broken.append(promise)
        except kind:
            continue
    return broken


def calls_of(act: Callable[[], object], book: Path) -> list[str]:
    asked: list[str] = []

    def record(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def recorded(*given: object, **more: object) -> object:
            kind = ""
            if name == "fsync":
                kind = " folder" if stat.S_ISDIR(os.fstat(given[0]).st_mode) else " file"  # type: ignore[arg-type]
            asked.append(name + kind)
            return real(*given, **more)

        return recorded

    with pytest.MonkeyPatch.context() as patch:
        for name in ("write", "fsync", "posix_fadvise", "replace"):
            patch.setattr(os, name, record(name))
        act()
    return asked


def saved_on_a_lying_disk(book: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", flip)
        save(book, NEW, expected_digest=digest(OLD))


def saved_while_another_saves(book: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        meanwhile(patch, lambda: rewrite_with_same_size_and_time(book))
        save(book, NEW, expected_digest=digest(OLD))


def test_no_promise_is_broken(tmp_path):
    assert broken_promises(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("_flush", ["the bytes are flushed before the switch", "the folder is flushed after the switch"]),
        ("_flush_folder", ["the folder is flushed after the switch"]),
        ("_verify", ["a disk that lies is found out"]),
        ("_refuse_other", ["newer work is not replaced"]),
        ("_refuse_changed", ["newer work of the last moment is not replaced"]),
    ],
)
def test_a_safety_line_that_is_taken_out_breaks_its_promise(tmp_path, monkeypatch, line, expected):
    monkeypatch.setattr(saving, line, lambda *_: [])
    assert broken_promises(tmp_path) == expected
