"""The built add-in, loaded by LibreOffice: its macros run as from the ribbon, and the real program changes the open workbook."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfsheet.addin.excel import addin_bytes, modules

from .conftest import Noted, Office, running, until

pytestmark = pytest.mark.libreoffice


@pytest.fixture
def office(soffice: str, python_with_uno: str, noted: Noted, team: Path, tmp_path: Path) -> Iterator[Office]:
    """LibreOffice with the add-in and a workbook that was never scored, opened in this order."""
    addin = tmp_path / "perfsheet.xlam"
    addin.write_bytes(addin_bytes(str(noted.path)))
    pipe = f"perfsheet_test_{os.getpid()}"
    with running(
        soffice, python_with_uno, tmp_path, "--headless", environment={"PERFSHEET_UNO": pipe}, pipe=pipe
    ) as office:
        office.load_addin(str(addin))
        office.load(str(team))
        yield office


def accept_an_adjustment(office: Office) -> None:
    """Types Accept beside a proposal that would change a cell, as a manager would."""
    rows = office.rows("Adjustments")
    (top,) = [i for i, row in enumerate(rows) if "Proposal ID" in row]
    field, decision = rows[top].index("Field"), rows[top].index("Decision")
    office.type("Adjustments", decision, next(i for i, row in enumerate(rows) if i > top and row[field]), "Accept")


def test_every_button_works_in_the_open_workbook(office: Office, noted: Noted) -> None:
    def press(callback: str) -> str:
        """Runs a callback as the ribbon does, and waits. Returns how the program ended, and what it was told."""
        before = len(noted.runs())
        office.macro(f"PerfRibbon.{callback}", True)
        return until(lambda: noted.runs()[before:], f"{callback} starts the program")[0]

    assert {name: office.macro(f"{name}.PerfPing", False) for name in modules()} == {name: name for name in modules()}

    assert press("PerfValidate") == "0 live validate --book team.xlsx"
    assert "Checks" in office.sheets()
    assert "Summary" not in office.sheets()

    assert press("PerfScore") == "0 live score --book team.xlsx"
    assert {"Summary", "Adjustments"} <= set(office.sheets())
    assert office.undo_steps() == ["perfsheet score", "perfsheet validate"]

    accept_an_adjustment(office)
    before = office.rows("Goals")
    assert press("PerfPreview") == "0 live apply --dry-run --book team.xlsx"
    assert office.rows("Goals") == before

    assert press("PerfApply") == "0 live apply --book team.xlsx"
    assert office.rows("Goals") != before
    assert "History" in office.sheets()
    assert office.undo_steps()[0] == "perfsheet apply"

    assert press("PerfRestore") == "0 live restore --book team.xlsx"
    assert office.rows("Goals") == before

    runs = noted.runs()
    office.macro("PerfRibbon.PerfHelp", True)
    assert noted.runs() == runs


def test_a_program_that_is_gone_is_no_silence(office: Office, noted: Noted) -> None:
    """The message box is answered by itself where there is no screen; the macro comes to its end."""
    noted.path.unlink()
    office.macro("PerfRibbon.PerfScore", True)
    assert office.macro("PerfRibbon.PerfPing", False) == "PerfRibbon"
