"""One team workbook, and the doors through which it can be worked on: a file, a program in memory, LibreOffice."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pytest

from perfsheet import cycle, live
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.live_columns import cells_in_force, remembered
from perfsheet.records import read_records
from perfsheet.scoring import score_book
from perfsheet.tables import Address, Book, Cell, Change, Scalar
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.live.hosts import Found
from perfsheet.workbooks.live.reading import read as read_live
from perfsheet.workbooks.package import Package, open_package
from perfsheet.workbooks.reading import read

from .memory import App, MemoryBook, MemoryHost, handed

AS_OF = date(2026, 8, 28)


@pytest.fixture(autouse=True)
def backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is kept before a change goes into the test's own folder."""
    monkeypatch.setenv("PERFSHEET_BACKUPS", str(tmp_path / "backups"))
    return tmp_path / "backups"


@pytest.fixture(scope="session")
def team_bytes() -> bytes:
    """A sales team in which a later due date is proposed for T1 and its twin T9, its live cells calculated."""
    sales = list(demo_teams(2))[1]
    twins = {
        form: [*rows, *({**r, "goal_id": "T9"} for r in rows if r.get("goal_id") == "T1")]
        for form, rows in sales.rows.items()
    }
    data = fill(template_bytes("team"), twins, sales.settings)
    book = read_records(read(Package.from_bytes(data)))
    return edit(Package.from_bytes(data), remembered(book, score_book(book, AS_OF).goals, AS_OF))


@pytest.fixture
def team(team_bytes: bytes, tmp_path: Path) -> Path:
    """That workbook as a file."""
    path = tmp_path / "team.xlsx"
    path.write_bytes(team_bytes)
    return path


# ------------------------------------------------------------------------- doors


class Door(Protocol):
    """A way to work on the workbook."""

    def score(self) -> None: ...
    def apply(self) -> cycle.Applied: ...
    def type(self, address: Address, value: Scalar) -> None: ...
    def book(self) -> Book: ...


@dataclass
class FileDoor:
    """The workbook on the disk."""

    path: Path

    def score(self) -> None:
        cycle.write(cycle.score(cycle.read(self.path)), self.path)

    def apply(self) -> cycle.Applied:
        return cycle.apply(self.path)

    def type(self, address: Address, value: Scalar) -> None:
        self.path.write_bytes(edit(open_package(self.path), [Change(address, value)]))

    def book(self) -> Book:
        return read(self.path)


@dataclass
class OpenDoor:
    """The workbook in a program."""

    found: Found

    def score(self) -> None:
        live.score(self.found)

    def apply(self) -> cycle.Applied:
        return live.apply(self.found)

    def type(self, address: Address, value: Scalar) -> None:
        cell = self.found.book.sheets[address.sheet].range((address.row, address.column))
        cell.raw_value = value

    def book(self) -> Book:
        return read_live(self.found.book, self.found.host)


@pytest.fixture
def file_door(team: Path, tmp_path: Path) -> FileDoor:
    path = tmp_path / "file" / "team.xlsx"
    path.parent.mkdir()
    shutil.copy(team, path)
    return FileDoor(path)


def calculated(book: MemoryBook) -> None:
    """The live cells get their results, by Python's numbers: that they are those of a program is proven elsewhere."""
    host = MemoryHost(book.app)
    records = read_records(read_live(host.found(book.name).book, host))
    if not records.places:
        return
    used = {**vars(records.policy), **vars(records.settings)}
    in_force = [Change(place, used[name]) for name, place in cells_in_force(records).items() if name in used]
    in_force = [c for c in in_force if book.sheets("Settings").cells[c.address[1:]][0] is None]
    for change in (*in_force, *remembered(records, score_book(records, AS_OF).goals, AS_OF)):
        sheet, row, column = change.address
        cell = book.sheets(sheet).cells.get((row, column))
        if cell and cell[1] is not None:
            words = {True: "Yes", False: "No"} if isinstance(change.value, bool) else {}
            cell[0] = handed(Cell("number", words.get(change.value, change.value)))


@pytest.fixture(scope="session")
def calculated_cells(team_bytes: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[Any, list[Any]]]:
    """By tab what a program in memory shows when it has opened and calculated the workbook."""
    path = tmp_path_factory.mktemp("calculated") / "team.xlsx"
    path.write_bytes(team_bytes)
    book = App().opened(path)
    calculated(book)
    return {tab.name: tab.cells for tab in book.tabs}


@pytest.fixture
def memory(team: Path, calculated_cells: dict[str, dict[Any, list[Any]]]) -> MemoryHost:
    """A program in memory with the workbook open in it."""
    app = App()
    for tab in app.opened(team).tabs:
        tab.cells = {place: list(cell) for place, cell in calculated_cells[tab.name].items()}
    app.recalculate = calculated
    return MemoryHost(app)


@pytest.fixture
def memory_door(memory: MemoryHost) -> OpenDoor:
    return OpenDoor(memory.found())


# ------------------------------------------------------------------ a real LibreOffice


@pytest.fixture(scope="session")
def office(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A LibreOffice of our own, reached through the pipe that PERFSHEET_UNO names, and ended by us."""
    from perfsheet.workbooks.live.calc.bridge import Office, connected, uno_module

    uno_module()
    folder = tmp_path_factory.mktemp("office")
    pipe = f"perfsheet_test_{os.getpid()}"
    plain = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    command = [
        soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--nologo", "--nodefault",
        f"--accept=pipe,name={pipe};urp;",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=plain, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    patch = pytest.MonkeyPatch()
    patch.setenv("PERFSHEET_UNO", pipe)
    try:
        running: Office = _connected(connected)
        yield running
        with contextlib.suppress(Exception):  # it closes the bridge while it answers
            running.desktop.terminate()
        process.wait(timeout=30)
    finally:
        patch.undo()
        process.kill()


def _connected(connect: Any) -> Any:
    from perfsheet.errors import NotRunning

    for _ in range(240):
        try:
            return connect()
        except NotRunning:
            time.sleep(0.25)
    raise AssertionError("LibreOffice did not start within a minute")


@dataclass
class Desk:
    """Documents in LibreOffice, as a user opens them."""

    office: Any

    def open(self, path: Path) -> Any:
        url = self.office.uno.systemPathToFileUrl(str(path))
        return self.office.desktop.loadComponentFromURL(url, "_blank", 0, ())

    def save(self, document: Any, path: Path) -> None:
        url = self.office.uno.systemPathToFileUrl(str(path))
        document.storeToURL(url, self.office.arguments(FilterName="Calc MS Excel 2007 XML"))


@pytest.fixture
def desk(office: Any) -> Iterator[Desk]:
    yield Desk(office)
    for document in office.documents():
        document.close(True)


@pytest.fixture
def office_door(desk: Desk, team: Path) -> OpenDoor:
    desk.open(team)
    return OpenDoor(live.find("team.xlsx"))


# ------------------------------------------------------------------------ comparing


def plain_formula(text: str) -> str:
    """A formula without the differences in writing that programs have: capitals, spaces, prefixes, quotes."""
    return re.sub(r"_xl[a-z]+\.|[\s$']", "", text).casefold()
