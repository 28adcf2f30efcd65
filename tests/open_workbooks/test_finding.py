"""The open workbook is found by its name; what is in the way comes out as one line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from perfsheet.errors import Ambiguous, Busy, NotOpen, NotRunning, Obstacle
from perfsheet.workbooks.live import engines
from perfsheet.workbooks.live.calc import bridge
from perfsheet.workbooks.live.excel import Excel
from perfsheet.workbooks.live.hosts import find

from .memory import App, MemoryHost


class Absent(MemoryHost):
    """A program that does not run."""

    def apps(self) -> list[object]:
        raise NotRunning("Excel", "it is not running", "Open the workbook in Excel first")


class Rejecting(MemoryHost):
    """A program that answers no call while a cell is edited, as Excel; `busy_for` calls long."""

    def apps(self) -> list[object]:
        self.busy_for -= 1
        if self.busy_for >= 0:
            raise ComError(-2147418111, "Call was rejected by callee.")
        return super().apps()

    def is_busy(self, error: Exception) -> bool:
        return Excel().is_busy(error)


class ComError(Exception):
    """As pywin32 raises it: number, text, (…, source, description, …, number), argument."""


ComError.__name__ = "com_error"


@pytest.fixture
def program(team: Path, tmp_path: Path) -> MemoryHost:
    """A program with three workbooks, two of one name; the last one is in front."""
    app = App()
    for place in ("north/team.xlsx", "south/team.xlsx", "Quarter.XLSX"):
        path = tmp_path / place
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(team.read_bytes())
        app.opened(path)
    return MemoryHost(app)


@pytest.mark.parametrize(
    "wanted", ["Quarter.XLSX", "quarter.xlsx", "Quarter", "https://cloud/Team%20A/quarter.xlsx", None]
)
def test_a_workbook_is_found_by_its_name(program: MemoryHost, wanted: str | None) -> None:
    assert find(wanted, [program]).book.name == "Quarter.XLSX"


def test_of_two_with_one_name_the_path_says_which(program: MemoryHost, tmp_path: Path) -> None:
    with pytest.raises(Ambiguous, match=r"several open workbooks are called that: .*north.*south.*--book PATH"):
        find("team.xlsx", [program])
    found = find(str(tmp_path / "south" / "team.xlsx"), [program])
    assert found.book.impl.fullname == str(tmp_path / "south" / "team.xlsx")


def test_a_workbook_that_is_not_open(program: MemoryHost) -> None:
    with pytest.raises(NotOpen, match=r"other.xlsx: is not open in Memory. Name one that is open with --book: team"):
        find("other.xlsx", [program])


def test_no_workbook_is_open_at_all() -> None:
    with pytest.raises(NotOpen, match=r"no workbook is in front\. Open the workbook first"):
        find(None, [MemoryHost(App())])


def test_the_first_program_that_has_it_is_taken(program: MemoryHost) -> None:
    assert find("Quarter", [Absent(), MemoryHost(App()), program]).host is program


def test_no_program_runs() -> None:
    with pytest.raises(NotRunning, match=r"Excel: it is not running\. Open the workbook in Excel first"):
        find(None, [Absent(), Absent()])


def test_a_program_that_rejects_calls_is_waited_for(program: MemoryHost) -> None:
    busy = Rejecting(*program.running)
    busy.busy_for = 2
    assert find("Quarter", [busy], patience=5).book.name == "Quarter.XLSX"
    busy.busy_for = 1000
    with pytest.raises(Busy, match=r"Quarter: a cell is being edited .* Finish it with Enter"):
        find("Quarter", [busy], patience=0.3)


# --------------------------------------------------------------------------------------- Excel


def test_what_excel_says_is_read_from_its_exceptions() -> None:
    excel = Excel()
    refused = ComError(
        -2147352567, "Exception occurred.", (0, "Microsoft Excel", "The cell is protected.", "", 0, -2146827284), None
    )
    refused.excepinfo = refused.args[2]  # type: ignore[attr-defined]
    editing = ComError(-2147352567, "Exception occurred.", (0, None, None, None, 0, -2146777998), None)
    assert excel.trouble(refused) == "The cell is protected"
    assert [excel.is_busy(e) for e in (refused, editing, ValueError(1))] == [False, True, False]
    assert excel.trouble(ValueError("ours")) is None


def test_excel_is_not_waited_for_without_end_and_not_swept_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """xlwings' defaults would try for ever, and end other Excels when Python ends."""
    import atexit
    import sys
    from types import ModuleType

    from perfsheet.workbooks.live.excel import _only_attach

    windows, gone = ModuleType("xlwings._xlwindows"), []
    windows.cleanup = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xlwings._xlwindows", windows)
    monkeypatch.setattr(atexit, "unregister", gone.append)
    _only_attach(7)
    assert (windows.N_COM_ATTEMPTS, gone) == (7, [windows.cleanup])


def test_hidden_lines_are_found_by_halves() -> None:
    from perfsheet.workbooks.live.excel import _lines

    hidden = {3, 4, 9}

    def ask(first: int, count: int) -> bool | None:
        seen = {line in hidden for line in range(first, first + count)}
        return seen.pop() if len(seen) == 1 else None

    assert list(_lines(1, 12, ask)) == [3, 4, 9]


# ------------------------------------------------------------------------------- LibreOffice


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("perfsheet_ada", "uno:pipe,name=perfsheet_ada;urp;StarOffice.ComponentContext"),
        ("socket,host=localhost,port=2002", "uno:socket,host=localhost,port=2002;urp;StarOffice.ComponentContext"),
        ("uno:pipe,name=x;urp;StarOffice.ServiceManager", "uno:pipe,name=x;urp;StarOffice.ServiceManager"),
    ],
)
def test_where_libreoffice_listens(monkeypatch: pytest.MonkeyPatch, given: str, address: str) -> None:
    monkeypatch.setenv("PERFSHEET_UNO", given)
    assert bridge.address() == address


def test_the_default_pipe_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERFSHEET_UNO", raising=False)
    monkeypatch.setenv("LOGNAME", "Ada.Bell")
    assert bridge.address() == "uno:pipe,name=perfsheet_ada_bell;urp;StarOffice.ComponentContext"


def test_without_the_uno_module_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(bridge, "PLACES", ())
    monkeypatch.setitem(sys.modules, "uno", None)
    with pytest.raises(NotRunning, match=r"LibreOffice: no uno module for Python 3\.\d+ is here. Install python3-uno"):
        bridge.uno_module()


@pytest.mark.libreoffice
def test_no_libreoffice_listens(soffice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFSHEET_UNO", "perfsheet_nobody_is_here")
    with pytest.raises(NotRunning, match="none is listening at pipe,name=perfsheet_nobody_is_here"):
        bridge.connected()


@pytest.mark.parametrize(("hung_up", "reached"), [(0, True), (1, True), (2, False)])
def test_a_libreoffice_that_hangs_up_is_called_once_more(
    monkeypatch: pytest.MonkeyPatch, hung_up: int, reached: bool
) -> None:
    class Trouble(Exception):
        Message = "Binary URP bridge disposed during call"

    class Disposed(Trouble):
        pass

    class Unheard(Trouble):
        pass

    kinds = {"uno.Exception": Trouble, "lang.DisposedException": Disposed, "connection.NoConnectException": Unheard}
    context = SimpleNamespace(ServiceManager=SimpleNamespace(createInstanceWithContext=lambda name, _: name))
    answers: list[Any] = [*[Disposed()] * hung_up, context]
    calls = Mock(side_effect=answers)
    local = SimpleNamespace(
        ServiceManager=SimpleNamespace(createInstanceWithContext=lambda name, _: SimpleNamespace(resolve=calls))
    )
    uno = SimpleNamespace(
        getComponentContext=lambda: local, getClass=lambda name: kinds[name.removeprefix("com.sun.star.")]
    )
    monkeypatch.setattr(bridge, "uno_module", lambda: uno)
    if reached:
        assert bridge.connected().desktop == "com.sun.star.frame.Desktop"
    else:
        with pytest.raises(NotRunning, match="bridge disposed during call"):
            bridge.connected()
    assert calls.call_count == min(hung_up + 1, 2)


# ----------------------------------------------------------------------------------- xlwings


def test_xlwings_is_imported_without_pandas() -> None:
    import subprocess
    import sys

    code = "import sys; from perfsheet.workbooks.live import engines; engines.load(); print('pandas' in sys.modules, 'numpy' in sys.modules); import pandas"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_hook_for_engines_is_where_we_expect_it(memory: MemoryHost) -> None:
    """xlwings does not document it: if this fails, xlwings has moved it, and the pin in setup.cfg must stay below."""
    xw = engines.load()
    assert xw.__version__.startswith("0.37.")
    book = memory.found().book
    assert isinstance(book, xw.Book)
    block = book.sheets["Goals"].range((4, 1), (4, 2))
    assert block.options(ndim=2, err_to_str=True).value == [["Goal ID", "Goal"]]
    assert [engine.name for engine in xw.engines if engine.name == "memory"] == ["memory"]


def test_without_xlwings_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib
    import sys

    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.delitem(sys.modules, "xlwings", raising=False)
    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(Obstacle, match=r"xlwings is not installed. Run: pip install 'perfsheet\[live\]'"):
        engines.load()
