"""What a user finds afterwards: the window as it was, one step to undo, a sentence, and a way back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from perfsheet import live
from perfsheet.cli import cli
from perfsheet.demo import demo_teams
from perfsheet.errors import Busy, Changed, InUse, Refused
from perfsheet.records import read_records
from perfsheet.tables import Address, Change, Tab
from perfsheet.workbooks.live import keeping, session
from perfsheet.workbooks.live.session import Patience, at_work
from perfsheet.workbooks.palette import PALETTE

from .conftest import Desk, OpenDoor
from .memory import MemoryHost
from .test_contract import decided, differing, entries, formulas

QUICK = Patience(with_user=0.6)
REASON = "the decision is Change, and Decided value is empty; fill it in"
libreoffice = pytest.mark.libreoffice


def front(host: MemoryHost) -> tuple[str, int, int, int, int]:
    return host.running[0].chosen


# ------------------------------------------------------------------------------ the window


def test_the_selected_cells_are_selected_afterwards(memory: MemoryHost) -> None:
    live.score(memory.found())
    for chosen in (("Goals", 6, 2, 3, 1), ("Summary", 5, 1, 1, 1)):
        memory.running[0].chosen = chosen
        live.score(memory.found())
        assert front(memory) == chosen


def test_the_way_of_calculating_is_the_same_afterwards(memory: MemoryHost) -> None:
    app = memory.running[0]
    app.mode = "semiautomatic"
    app.modes.clear()
    live.score(memory.found())
    assert (app.mode, set(app.modes)) == ("semiautomatic", {"manual", "semiautomatic"})
    assert (app.screen_updating, app.enable_events) == (True, True)


def test_the_status_bar_says_what_is_done_and_is_given_back(memory: MemoryHost) -> None:
    live.score(memory.found(), patience=Patience(to_read=0.01))
    said = [words for words in memory.said if words]
    assert said[0] == "perfsheet: reading team.xlsx …"
    assert "perfsheet: writing Summary, Adjustments, Checks …" in said
    assert said[-1].startswith("perfsheet: 7 notes") or "go to" in said[-1]
    assert memory.said[-1] is None


def test_a_user_who_is_typing_is_waited_for(memory: MemoryHost) -> None:
    memory.busy_for = 2
    live.score(memory.found(), patience=QUICK)
    assert "perfsheet waits until you have finished the cell (Enter or Esc) …" in memory.said


def test_a_user_who_goes_on_typing_is_left_alone(memory: MemoryHost) -> None:
    before = memory.found().book.impl.tabs[:]
    memory.busy_for = 1000
    with pytest.raises(Busy, match=r"team.xlsx: a cell is being edited .* Finish it with Enter"):
        live.score(memory.found(), patience=QUICK)
    assert memory.found().book.impl.tabs == before
    assert memory.said[-1] is None


# ---------------------------------------------------------------------- what stands in the way


def test_a_protected_structure_is_one_line(memory: MemoryHost) -> None:
    memory.found().book.impl.locked = True
    with pytest.raises(Refused, match=r"team.xlsx: its structure is protected, so no tab may be added"):
        live.score(memory.found())


def test_what_the_program_says_is_one_line(memory: MemoryHost) -> None:
    live.score(memory.found())
    decided(OpenDoor(memory.found()))
    memory.found().book.impl.sheets("Goals").locked = True
    with pytest.raises(Refused, match=r"team.xlsx: Goals!N5 cannot be changed: The cell is on a protected sheet"):
        live.apply(memory.found())


def test_an_obstacle_stands_in_the_workbook_with_the_cell_to_go_to(memory: MemoryHost) -> None:
    live.score(memory.found())
    decided(OpenDoor(memory.found()))
    memory.found().book.impl.sheets("Goals").locked = True
    with pytest.raises(Refused):
        live.apply(memory.found(), patience=QUICK)
    message = OpenDoor(memory.found()).book().sheet("Message")
    assert message is not None
    assert [message.cells[place].value for place in ((1, 1), (4, 1), (4, 2))] == [
        "perfsheet could not go on",
        "Goals!N5",
        "Goals!N5 cannot be changed: The cell is on a protected sheet. Look whether the tab is protected, and try again",
    ]
    assert front(memory)[0] != "Message"


def test_what_only_the_status_bar_says_stays_there_longer(memory: MemoryHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no tab can come in, four times as long as the sentence after a score."""
    naps: list[float] = []
    monkeypatch.setattr(session.time, "sleep", naps.append)
    live.score(memory.found(), patience=Patience(to_read=4))
    memory.running[0].open[0].locked = True
    for stays in (False, True):
        monkeypatch.setattr(MemoryHost, "obstacles_stay", stays)
        memory.running[0].open[0].sheets("Summary").cells[1, 1][0] = "Mine"
        with pytest.raises(Refused, match="structure is protected"):
            live.score(memory.found(), patience=Patience(to_read=4))
    assert naps == [4, 16, 4]


def test_what_nobody_foresaw_is_said_in_the_status_bar(memory: MemoryHost) -> None:
    def stumble() -> None:
        with at_work(memory.found(), "test", Patience(to_read=0.01)):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert [said for said in memory.said if said] == [
        "perfsheet: stumbled over something that it does not know (ZeroDivisionError). "
        "Save the workbook, and run the command in a terminal"
    ]


def test_a_locked_structure_is_said_before_a_cell_is_changed(memory: MemoryHost) -> None:
    door = OpenDoor(memory.found())
    door.score()
    decided(door)
    before = entries(door.book())
    memory.found().book.impl.locked = True
    assert len(live.apply(memory.found(), dry_run=True).plan.applied) == 1  # no list, but the sentence
    with pytest.raises(Refused, match="its structure is protected"):
        door.apply()
    assert entries(door.book()) == before


def test_a_team_workbook_without_goals_says_so_in_a_tab(memory: MemoryHost) -> None:
    live.score(memory.found())
    book = memory.found().book.impl
    book.tabs = [tab for tab in book.tabs if tab.name != "Goals"]
    memory.running[0].chosen = ("Summary", 1, 1, 1, 1)
    for command in (live.validate, live.score, live.apply):
        command(memory.found())
        message = OpenDoor(memory.found()).book().sheet("Message")
        assert message is not None
        assert message.cells[1, 1].value == "team.xlsx has no tab with goals"
        live.tell(memory.found(), Refused("team.xlsx", "another", "Other"))


def test_the_preview_lists_what_apply_would_do_and_is_in_sight(memory: MemoryHost) -> None:
    """The cell with a link, goal, field, now and proposed; below that what cannot be applied, and why."""
    door = OpenDoor(memory.found())
    door.score()
    decided(door)
    before = entries(door.book())
    other = next(d for d in read_records(door.book()).decisions if d.goal_id == "T9" and d.field)
    door.type(other.at("decision"), "Change")
    live.apply(memory.found(), dry_run=True)
    shown = door.book().sheet("Message")
    assert shown is not None
    table = [[c.value if (c := shown.cells.get((row, n))) else None for n in range(1, 6)] for row in (4, 5, 7, 8)]
    table[1][3:] = [str(value)[:10] for value in table[1][3:]]
    assert table == [
        ["Cell", "Goal", "Field", "Now", "Proposed"],
        ["Goals!N5", "T1", "Due date", "2026-09-30", "2026-11-15"],
        ["What cannot be applied", None, None, None, None],
        [str(other.at("proposal_id")), f"{other.proposal_id}: {REASON}", None, None, None],
    ]
    assert front(memory)[0] == "Message"
    after = entries(door.book())
    assert {name: after[name] for name in ("Goals", "Checks")} == {name: before[name] for name in ("Goals", "Checks")}
    door.score()
    assert door.book().sheet("Message") is None


def test_a_cell_that_changed_a_moment_ago_is_not_overwritten(memory: MemoryHost) -> None:
    with at_work(memory.found(), "test", QUICK) as session:
        session.read()
        session.book.sheets["Goals"].range((5, 2)).raw_value = "Typed just now"
        with pytest.raises(Changed, match=r"Goals!B5 was changed a moment ago"):
            session.change([Change(Address("Goals", 5, 2), "Ours")])


def test_a_refused_adjustment_stands_in_a_tab_with_a_link(memory: MemoryHost) -> None:
    door = OpenDoor(memory.found())
    door.score()
    row = next(d for d in read_records(door.book()).decisions if d.goal_id == "T1" and d.field)
    door.type(row.at("decision"), "Change")
    applied = door.apply()
    assert len(applied.plan.refused) == 1
    message = door.book().sheet("Message")
    assert message is not None
    assert (message.cells[4, 1].value, message.mark) == (str(row.at("proposal_id")), "Message")
    assert "Decided value is empty" in str(message.cells[4, 2].value)
    door.type(row.at("decision"), "Later")
    door.score()
    assert door.book().sheet("Message") is None


def test_a_workbook_of_somebody_else_is_left_alone(memory: MemoryHost) -> None:
    book = memory.found().book.impl
    book.tabs = [tab for tab in book.tabs if tab.name == "Absences"]
    memory.running[0].chosen = ("Absences", 1, 1, 1, 1)
    _, written = live.score(memory.found())
    assert (written.tabs, [tab.name for tab in book.tabs]) == ({}, ["Absences"])


def test_formulas_that_look_at_our_tabs_still_do(memory: MemoryHost) -> None:
    door = OpenDoor(memory.found())
    door.score()
    memory.found().book.impl.sheets("Start here").cells[40, 1] = ["Sales North", 'Summary!A1&" Summary!"', "General"]
    door.score()
    assert door.book().formulas("Start here").texts[40, 1] == 'Summary!A1&" Summary!"'  # type: ignore[misc]


HOLDING = """
import sys
from perfsheet.workbooks.live.locking import alone
with alone("team.xlsx", sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_press_gives_way_until_the_first_has_ended(memory: MemoryHost) -> None:
    """However it ends: here it is killed."""
    found = memory.found()
    command = [sys.executable, "-c", HOLDING, memory.fullname(found.book)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        before = found.book.impl.tabs[:]
        with pytest.raises(InUse, match=r"team.xlsx: perfsheet is at work in this workbook already. Wait until"):
            live.score(found)
        assert found.book.impl.tabs == before
        first.kill()
    live.score(found)
    assert found.book.impl.tabs != before


# -------------------------------------------------------------------------------- the way back


def test_what_is_about_to_change_is_kept_first(memory: MemoryHost, backups: Path) -> None:
    """Even if the program goes down half-way: the cells are written down before the first one is touched."""
    door = OpenDoor(memory.found())
    door.score()
    decided(door)
    memory.found().book.impl.sheets("Goals").locked = True
    with pytest.raises(Refused):
        door.apply()
    (kept,) = backups.glob("*.json")
    assert [change[:3] for change in json.loads(kept.read_text())["changes"]] == [["Goals", 5, 14]]
    assert kept.stat().st_mode & 0o077 == 0


def test_restoring_after_half_an_apply_leaves_the_untouched_cells(memory: MemoryHost) -> None:
    test_what_is_about_to_change_is_kept_first(memory, keeping.folder())
    memory.found().book.impl.sheets("Goals").locked = False
    restored = live.restore(memory.found())
    assert (restored.changes, restored.left) == ((), ())


def test_a_cell_that_was_changed_since_is_left_and_named(memory: MemoryHost) -> None:
    door = OpenDoor(memory.found())
    door.score()
    decided(door)
    door.apply()
    door.type(Address("Goals", 5, 14), 46400)
    restored = live.restore(memory.found())
    assert [(str(place), why) for place, why in restored.left] == [("Goals!N5", "Goals!N5 was changed since")]
    assert door.book().sheet("Message") is not None


def test_nothing_to_restore(memory: MemoryHost) -> None:
    with pytest.raises(Refused, match="no adjustments are remembered that were applied to it on this computer"):
        live.restore(memory.found())


def test_ten_are_kept_of_a_workbook(backups: Path) -> None:
    for number in range(12):
        keeping.keep("W1", keeping.Kept("team.xlsx", (), {}, {"number": number}))
    keeping.keep("W2", keeping.Kept("other.xlsx", (), {}, {}))
    assert len(list(backups.glob("*.json"))) == 11
    latest = keeping.latest("w1")
    assert latest is not None
    assert latest.facts == {"number": 11}
    keeping.forget(latest)
    assert keeping.latest("W1").facts == {"number": 10}  # type: ignore[union-attr]


# ---------------------------------------------------------------------------- LibreOffice


def test_formulas_in_both_ways_of_writing() -> None:
    from perfsheet.workbooks.live.calc.grammar import from_calc, to_calc

    for excel, calc in {
        "=IF(A1>0,\"a,b;c\",'Check-ins'!$B$2)": "=IF(A1>0;\"a,b;c\";$'Check-ins'.$B$2)",
        "=SUM(Goals!A1:B4,tblGoals[[#This Row],[Due, or not]])": "=SUM($Goals.A1:B4;tblGoals[[#This Row];[Due, or not]])",
        "=T.TEST(A1:A3,B1:B3,2,1)+1.5": "=T.TEST(A1:A3;B1:B3;2;1)+1.5",
        "=SUM({1,2;3,4})": "=SUM({1;2|3;4})",
    }.items():
        assert to_calc(excel) == calc
        assert from_calc(calc) == excel


@libreoffice
def test_one_press_is_one_step_and_undo_brings_everything_back(
    office_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, undo = office_door, office_door.found.book.api.UndoManager
    states = [door.book()]
    for version in ("1", "2"):  # so that the second press renews all tabs
        monkeypatch.setattr(live, "__version__", version)
        door.score()
        states.append(door.book())
    assert list(undo.getAllUndoActionTitles()) == ["perfsheet score", "perfsheet score"]
    for before in reversed(states[:-1]):
        undo.undo()
        names, now = [s.name for s in before.sheets], door.book()
        assert [(s.name, s.list_objects) for s in now.sheets] == [(s.name, s.list_objects) for s in before.sheets]
        assert differing(entries(now), entries(before)) == []
        assert differing(formulas(now, *names), formulas(before, *names)) == []
    for after in states[1:]:
        undo.redo()
        names, now = [s.name for s in after.sheets], door.book()
        assert differing(entries(now), entries(after)) == []
        assert differing(formulas(now, *names), formulas(after, *names)) == []


@libreoffice
def test_what_fails_while_tabs_come_in_is_taken_back(office_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Summary is out, and the copy of the new one fails: the old one stands again, with what looks at it."""
    from perfsheet.workbooks.live.calc.bridge import Complaint
    from perfsheet.workbooks.live.calc.engine import Sheet

    office_door.score()
    office_door.type(Address("Summary", 1, 27), "Mine")
    before = office_door.book()

    def broken(self: Sheet, **_: object) -> None:
        raise Complaint("no memory")

    monkeypatch.setattr(Sheet, "copy", broken)
    with pytest.raises(Refused, match="no memory"):
        office_door.score()
    now, names = office_door.book(), [s.name for s in before.sheets]
    assert [(s.name, s.list_objects) for s in now.sheets] == [(s.name, s.list_objects) for s in before.sheets]
    assert differing(entries(now), entries(before)) == []
    assert differing(formulas(now, *names), formulas(before, *names)) == []


@libreoffice
def test_colours_and_charts_are_those_of_the_report(office_door: OpenDoor) -> None:
    """Each status word in its own colour, the chart over its own tab: also where the tab was renewed."""
    for _ in range(2):
        office_door.score()
    document = office_door.found.book.api
    summary = document.Sheets.getByName("Summary")
    charts = [a for n in range(summary.Charts.Count) for a in summary.Charts.getByIndex(n).getRanges()]
    assert {area.Sheet for area in charts} == {summary.RangeAddress.Sheet}
    styles = document.StyleFamilies.getByName("CellStyles")
    rules = [c.getByIndex(n) for c in summary.ConditionalFormats.getConditionalFormats() for n in range(c.Count)]
    looks = {
        r.Formula1.strip('"'): styles.getByName(r.StyleName).CellBackColor for r in rules if hasattr(r, "StyleName")
    }
    words = {
        word: PALETTE[style]["bg_color"]
        for tab in (shown_summary(),)
        for m in tab.marked
        for word, style in m.looks
        if "bg_color" in PALETTE[style]
    }
    assert {word: f"#{looks[word]:06X}" for word in words} == words


def shown_summary() -> Tab:
    """Summary as it is painted: its status words and their styles are the same for every team."""
    from perfsheet import cycle
    from perfsheet.filling import fill
    from perfsheet.tabs import summary
    from perfsheet.templates import template_bytes
    from perfsheet.workbooks.package import Package
    from perfsheet.workbooks.reading import read

    team = next(demo_teams(1))
    return summary(
        cycle.score(read_records(read(Package.from_bytes(fill(template_bytes("team"), team.rows, team.settings)))))
    )


@libreoffice
def test_a_command_that_fails_takes_back_what_it_did(office_door: OpenDoor) -> None:
    before, document = office_door.book(), office_door.found.book.api

    def half() -> None:
        with at_work(office_door.found, "perfsheet test", QUICK) as session:
            session.change([Change(Address("Goals", 5, 2), "Half")])
            session.book.sheets["Goals"].range("A1:nonsense")

    with pytest.raises(Refused, match="LibreOffice would not go on"):
        half()
    assert differing(entries(office_door.book()), entries(before)) == []
    assert document.UndoManager.getAllUndoActionTitles() == ()


@libreoffice
def test_the_window_of_libreoffice_is_as_it_was(office_door: OpenDoor) -> None:
    document = office_door.found.book.api
    view, goals = document.CurrentController, document.Sheets.getByName("Goals")
    view.setActiveSheet(goals)
    view.select(goals.getCellRangeByName("B5:C7"))
    document.enableAutomaticCalculation(False)
    live.score(office_door.found)
    assert view.ActiveSheet.Name == "Goals"
    assert view.Selection.AbsoluteName == "$Goals.$B$5:$C$7"
    assert document.isAutomaticCalculationEnabled() is False
    assert document.hasControllersLocked() is False


@libreoffice
def test_the_preview_is_in_sight_in_libreoffice(office_door: OpenDoor) -> None:
    office_door.score()
    decided(office_door)
    live.apply(office_door.found, dry_run=True)
    document = office_door.found.book.api
    assert document.CurrentController.ActiveSheet.Name == "Message"
    shown = document.Sheets.getByName("Message").getCellRangeByName("A5:C5").getDataArray()
    assert shown == (("Goals!N5", "T1", "Due date"),)


@libreoffice
def test_the_command_works_on_the_open_workbook(desk: Desk, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = desk.open(team)

    def run(*arguments: str) -> tuple[int, Any]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["live", *arguments, "--format", "json"], prog_name="perfsheet")
        return int(str(ended.value.code)), json.loads(capsys.readouterr().out)

    code, answer = run("score", "--book", "team")
    assert (code, answer["workbooks"][0]["team"]) == (1, "Sales North")  # a goal has an owner who is not in People
    assert document.Sheets.ElementNames[-3:] == ("Summary", "Adjustments", "Checks")
    decided(OpenDoor(live.find("team")))
    assert [c["cell"] for c in run("apply", "--dry-run")[1]["workbooks"][0]["changes"]] == ["Goals!N5"]
    assert document.Sheets.hasByName("History") is False
    run("apply")
    assert document.Sheets.hasByName("History") is True
    assert run("restore")[1]["workbooks"][0]["restored"] == [{"cell": "Goals!N5", "from": "2026-11-15", "to": None}]
    assert document.Sheets.hasByName("History") is False


@libreoffice
def test_a_workbook_that_is_not_open_is_one_line(desk: Desk, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk.open(team)
    with pytest.raises(SystemExit) as ended:
        cli.main(["live", "score", "--book", "other.xlsx"], prog_name="perfsheet")
    assert ended.value.code == 3
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "", "other.xlsx: is not open in LibreOffice. Name one that is open with --book: team.xlsx\n"
    )  # fmt: skip
