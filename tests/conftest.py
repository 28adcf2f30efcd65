"""What many tests need: workbooks written as text tables, LibreOffice, the corpus."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from perfsheet.tables import Area, Book, Cell, ListObject, Sheet

ROOT = Path(__file__).resolve().parents[1]


def parse_cell(text: str) -> Cell | None:
    """A cell as it is written in a test: 12, 80%, 2026-03-31, TRUE, #N/A, =? (never calculated), 'text."""
    if not text:
        return None
    if text.startswith("'"):
        return Cell("text", text[1:])
    if text == "=?":
        return Cell("empty", None, formula=True)
    if text in ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"):
        return Cell("error", text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return Cell("date", datetime.fromisoformat(text), format="yyyy-mm-dd")
    if re.fullmatch(r"-?\d+(\.\d+)?%", text):
        return Cell("number", float(text[:-1]) / 100, format="0%")
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Cell("number", float(text))
    if text in ("TRUE", "FALSE"):
        return Cell("bool", text == "TRUE")
    return Cell("text", text)


def parse_sheet(
    name: str, text: str, *, table: str | None = None, top: int = 1, left: int = 1, **more: object
) -> Sheet:
    """A sheet from lines of `| a | b |`; an empty line is an empty row."""
    cells: dict[tuple[int, int], Cell] = {}
    rows = [line.strip() for line in text.strip("\n").splitlines()]
    width = 0
    for i, line in enumerate(rows):
        values = [v.strip() for v in line.strip("|").split("|")] if line else []
        width = max(width, len(values))
        for j, value in enumerate(values):
            cell = parse_cell(value)
            if cell is not None:
                cells[top + i, left + j] = cell
    objects: tuple[ListObject, ...] = ()
    if table:
        headers = tuple(str(cells[top, left + j].value) for j in range(width))
        objects = (ListObject(table, Area(top, left, top + len(rows) - 1, left + width - 1), headers),)
    return Sheet(name, cells=cells, list_objects=objects, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """Who starts the tests in the background has Ctrl-C ignored, and with it all that the tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def make_book() -> Callable[..., Book]:
    """make_book({"Goals": "| Goal ID | ... |"}) -> a Book as the reader would give it."""

    def make(sheets: Mapping[str, str | Sheet], path: str = "team.xlsx") -> Book:
        made = tuple(s if isinstance(s, Sheet) else parse_sheet(name, s) for name, s in sheets.items())
        return Book(path, made)

    return make


@pytest.fixture
def make_sheet() -> Callable[..., Sheet]:
    """make_sheet("Goals", "| ... |", table="tblGoals", top=4) -> a Sheet."""
    return parse_sheet


@pytest.fixture(scope="session")
def soffice() -> str:
    """LibreOffice's command, or the test is skipped."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if not found:
        pytest.skip("LibreOffice is not installed, so nothing can be tried in a real spreadsheet program")
    return found


def python_driving_libreoffice() -> str | None:
    """The first Python here that has LibreOffice's uno module."""
    candidates = ["/usr/bin/python3", "/usr/lib/libreoffice/program/python", shutil.which("python3"), sys.executable]
    for python in filter(None, candidates):
        asked = [python, "-c", "import uno"]
        if Path(python).exists() and subprocess.run(asked, capture_output=True, check=False).returncode == 0:
            return python
    return None


@pytest.fixture(scope="session")
def python_with_uno() -> str:
    """A Python that can drive LibreOffice, or the test is skipped before one is started."""
    python = python_driving_libreoffice()
    return python or pytest.skip("no Python here has LibreOffice's uno module (package python3-uno)")


@pytest.fixture(scope="session")
def calc(soffice: str, python_with_uno: str) -> Iterator[Callable[..., dict[str, Any]]]:
    """calc(open=..., type={...}, look={...}, save=...) -> {"sheets": [...], "seen": {...}}, all in one LibreOffice."""
    command = [python_with_uno, str(ROOT / "tests" / "libreoffice" / "drive.py"), soffice]
    driver = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    orders, answers = driver.stdin, driver.stdout
    assert orders
    assert answers

    def drive(**order: Any) -> dict[str, Any]:
        paths = {k: str(v) for k, v in order.items() if k in ("open", "save")}
        print(json.dumps({**order, **paths}), file=orders, flush=True)
        answer = answers.readline()
        assert answer, "the driver of LibreOffice has ended; its last words are in the captured output"
        return dict(json.loads(answer))

    yield drive
    driver.communicate(timeout=60)


@pytest.fixture(scope="session")
def recalculate(
    calc: Callable[..., dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Mapping[str, bytes]], dict[str, Path]]:
    """recalculate({name: bytes}) -> {name: path of the workbook that LibreOffice calculated and saved}."""

    def run(books: Mapping[str, bytes]) -> dict[str, Path]:
        folder = tmp_path_factory.mktemp("books")
        for name, data in books.items():
            (folder / f"{name}.xlsx").write_bytes(data)
        saved = {name: folder / f"{name}, saved.xlsx" for name in books}
        calc(resave={str(folder / f"{name}.xlsx"): str(path) for name, path in saved.items()})
        return saved

    return run


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of public workbooks beside the project, or the test is skipped."""
    folder = ROOT.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus of public workbooks is not beside the project")
    return folder


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Commands under test remember nothing in the cache of whoever runs the tests."""
    os.environ["PERFSHEET_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def records_of_editions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A path for each test: a folder that most never make."""
    folder = tmp_path_factory.mktemp("editions")
    return (folder / str(number) / "editions.sqlite" for number in itertools.count())


@pytest.fixture(autouse=True)
def record_of_editions(records_of_editions: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test knows what another one showed to executives."""
    path = next(records_of_editions)
    monkeypatch.setenv("PERFSHEET_EDITIONS", str(path))
    return path


@pytest.fixture(scope="session")
def templates() -> dict[str, bytes]:
    """Every template as the forms say, by its name."""
    from perfsheet.templates import build

    return build()


@pytest.fixture(scope="session")
def team_template(templates: dict[str, bytes]) -> bytes:
    """The team template as the forms say."""
    return templates["team"]


@pytest.fixture(scope="session")
def goals_that_are_over() -> bytes:
    """A workbook of 32 goals that ran about as planned; every second one met its target of 90 at the end."""
    from perfsheet.filling import fill
    from perfsheet.forms import CHECKINS, GOALS, PEOPLE, Form
    from perfsheet.templates import template_bytes

    goals: list[dict[str, Any]] = []
    checkins: list[dict[str, Any]] = []
    for n in range(32):
        name = f"G{n}"
        goals.append(
            {"goal_id": name, "goal": "Calls", "owners": ("Ada Bell",), "kind": "Increase", "baseline": 0, "target": 90}
        )
        log = (
            (date(2026, 1, 13), 7),
            (date(2026, 1, 27), 18),
            (date(2026, 2, 13), 30),
            (date(2026, 3, 28), 90 - n % 2),
        )
        checkins += [{"day": day, "goal_id": name, "value": value} for day, value in log]
    settings = {
        "team": "North", "manager": "Mona May", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
    }  # fmt: skip
    rows: dict[Form, list[dict[str, Any]]] = {PEOPLE: [{"person": "Ada Bell"}], GOALS: goals, CHECKINS: checkins}
    return fill(template_bytes("team"), rows, settings)


@pytest.fixture(scope="session")
def hostile_org(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """org.xlsx, consolidated from the team.xlsx beside it, which is full of formulas, links and calls."""
    import perfsheet

    from .payloads import write_team

    folder = tmp_path_factory.mktemp("hostile")
    write_team(folder / "team.xlsx")
    perfsheet.consolidate([folder / "team.xlsx"], output=folder / "org.xlsx", as_of=date(2026, 2, 14), fairness=True)
    return folder / "org.xlsx"
