"""Workbooks filled in: prepared rows, grown tables, a designer's own copy, a roster."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.drawing.image import Image
from openpyxl.styles import PatternFill

from perfsheet.errors import Misuse
from perfsheet.filling import fill, new_file, new_workbook, workbook_id
from perfsheet.forms import ACTIONS, CHECKINS, GOALS, PEOPLE, PLAN
from perfsheet.lists import read_people
from perfsheet.live_columns import SHOWN, remembered
from perfsheet.records import TeamBook, read_records
from perfsheet.scoring import score_book
from perfsheet.scoring.parts import Status
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

SETTINGS = {
    "team": "Support",
    "manager": "Mary",
    "period": "Q1",
    "period_start": date(2026, 1, 1),
    "period_end": date(2026, 3, 31),
}
GOAL = {
    "goal_id": "G1",
    "goal": "Grow",
    "owners": ("Ada", "Bob"),
    "kind": "Increase",
    "baseline": 0.0,
    "target": 10.0,
    "due_fixed": True,
}


def team_of(data: bytes) -> TeamBook:
    return read_records(read(Package.from_bytes(data)))


def people(count: int) -> list[dict[str, Any]]:
    return [{"person": f"Person {n}"} for n in range(1, count + 1)]


def test_what_is_filled_in_is_read_back(team_template: bytes) -> None:
    log = [{"day": date(2026, 1, 9), "goal_id": "G1", "value": 2.5, "confidence": 0.7}]
    team = team_of(
        fill(team_template, {GOALS: [GOAL], CHECKINS: log}, {**SETTINGS, "cadence": 14, "at_risk_pace": 0.8})
    )
    (goal,), (check_in,) = team.goals, team.checkins
    assert (goal.goal_id, goal.owners, goal.target, goal.due_fixed) == ("G1", ("Ada", "Bob"), 10.0, True)
    assert (check_in.day, check_in.value, check_in.confidence) == (date(2026, 1, 9), 2.5, 0.7)
    assert (team.settings.team, team.settings.period_end, team.policy.cadence, team.policy.at_risk_pace) == (
        "Support",
        date(2026, 3, 31),
        14,
        0.8,
    )
    assert team.findings == ()


def test_the_same_input_gives_the_same_bytes(team_template: bytes) -> None:
    assert fill(team_template, {GOALS: [GOAL]}, SETTINGS) == fill(team_template, {GOALS: [GOAL]}, SETTINGS)


def test_more_rows_go_below_the_first_ones(team_template: bytes) -> None:
    once = fill(team_template, {PEOPLE: [{"person": "Ada"}]}, SETTINGS)
    twice = fill(once, {PEOPLE: [{"person": "Bob"}]}, {})
    assert [(p.person, p.row) for p in team_of(twice).people] == [("Ada", 5), ("Bob", 6)]


def test_a_table_grows_when_its_prepared_rows_are_used_up(team_template: bytes) -> None:
    data = fill(team_template, {PEOPLE: people(50)}, SETTINGS)
    team = team_of(data)
    assert len(team.people) == 50
    assert team.book.sheet("People").list_objects[0].area.bottom == 54
    assert team.findings == ()


def test_grown_goals_calculate_as_the_prepared_ones_do(team_template: bytes, recalculate: Any) -> None:
    goals = [{**GOAL, "goal_id": f"G{n}"} for n in range(1, 41)]
    log = [{"day": date(2026, 2, 10), "goal_id": g["goal_id"], "value": 5} for g in goals]
    data = fill(team_template, {GOALS: goals, CHECKINS: log}, {**SETTINGS, "as_of": date(2026, 2, 14)})
    sheet = read(recalculate({"grown": data})["grown"]).sheet("Goals")
    assert {(sheet.cells[row, 18].value, sheet.cells[row, 21].value) for row in range(5, 45)} == {
        (5, SHOWN[Status.ON_TRACK])
    }


def test_live_cells_remember_what_python_scored(team_template: bytes) -> None:
    settings = {**SETTINGS, "as_of": date(2026, 2, 14)}
    data = fill(
        team_template, {GOALS: [GOAL], CHECKINS: [{"day": date(2026, 2, 10), "goal_id": "G1", "value": 5}]}, settings
    )
    team = team_of(data)
    day = date(2026, 2, 14)
    changes = remembered(team, score_book(team, day).goals, day)
    cells = team_of(edit(Package.from_bytes(data), changes)).book.sheet("Goals").cells
    assert [cells[5, column].value for column in (18, 19, 20, 21)] == [5, 0.5, 0.5, SHOWN[Status.ON_TRACK]]
    assert all(cells[5, column].formula for column in (18, 19, 20, 21))


# -------------------------------------------------------------------------- a designer's own copy


class Logo(Image):
    """A picture of one pixel, placed without the imaging library that openpyxl would ask for its size."""

    def __init__(self) -> None:
        self.ref, self.width, self.height, self.format = None, 40, 20, "png"

    def _data(self) -> bytes:
        def chunk(kind: bytes, body: bytes) -> bytes:
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

        head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(b"\0\0\0\x80"))
            + chunk(b"IEND", b"")
        )


def designers_copy(template: bytes) -> bytes:
    """Another tab, another column in front, a logo, another colour, another title; no Plan tab."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    book.create_sheet("House rules", 0)["A1"] = "Be kind."
    book["Goals"]["A1"] = "Our goals"
    book["Goals"]["B5"].fill = PatternFill("solid", fgColor="FFE0F0")
    people = book["People"]
    people["H4"], people["H5"] = "Shoe size", 42
    people.tables["tblPeople"].ref = "A4:H24"
    people.tables["tblPeople"].tableColumns = []
    people.tables["tblPeople"]._initialise_columns()
    for column, cell in zip(people.tables["tblPeople"].tableColumns, people[4], strict=True):
        column.name = cell.value
    book["Start here"].add_image(Logo(), "E1")
    del book["Plan"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_everything_a_designer_added_survives(team_template: bytes) -> None:
    own = designers_copy(team_template)
    data = new_workbook(own, SETTINGS, [{"person": "Ada", "role": "Analyst"}])
    with zipfile.ZipFile(io.BytesIO(own)) as before, zipfile.ZipFile(io.BytesIO(data)) as after:
        assert before.namelist() == after.namelist()
        assert "xl/media/image1.png" in before.namelist()
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    sheets = {
        f"xl/worksheets/sheet{1 + openpyxl.load_workbook(io.BytesIO(own)).sheetnames.index(tab)}.xml"
        for tab in ("People", "Settings")
    }
    assert changed - {"xl/workbook.xml"} == sheets
    book = read(Package.from_bytes(data))
    assert book.sheets[0].name == "House rules"
    assert book.sheet("People").cells[5, 8].value == 42
    assert [p.person for p in read_records(book).people] == ["Ada"]


def test_what_has_no_place_in_the_template_is_said(team_template: bytes) -> None:
    own = designers_copy(team_template)
    with pytest.raises(Misuse, match=r"own\.xlsx has no Plan tab, and there are 1 rows for it"):
        fill(own, {PLAN: [{"goal_id": "G1"}]}, {}, "own.xlsx")
    with pytest.raises(Misuse, match="no row for the setting 'shoe_size'"):
        fill(team_template, {ACTIONS: []}, {"shoe_size": 42})


# ------------------------------------------------------------------------------ new, and the roster


def test_a_workbook_id_follows_from_the_facts() -> None:
    assert workbook_id(SETTINGS) == workbook_id(dict(SETTINGS))
    assert workbook_id(SETTINGS) != workbook_id({**SETTINGS, "team": "Sales"})


def test_a_new_file_is_ready_for_a_manager(tmp_path: Any) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("Name;Line manager;Department\nAda Lovelace;Mary;Support\n", encoding="utf-8-sig")
    new_file(
        tmp_path / "team.xlsx", roster=roster, facts={"team": "Support", "manager": "Mary", "start": date(2026, 1, 1)}
    )
    team = read_records(read(tmp_path / "team.xlsx"))
    assert (team.settings.team, team.settings.period_start) == ("Support", date(2026, 1, 1))
    assert team.settings.workbook_id
    assert [(p.person, p.manager, p.group) for p in team.people] == [("Ada Lovelace", "Mary", "Support")]


def test_an_existing_file_is_not_replaced_unasked(tmp_path: Any) -> None:
    new_file(tmp_path / "team.xlsx", facts={"team": "One"})
    with pytest.raises(Misuse, match="there already"):
        new_file(tmp_path / "team.xlsx", facts={"team": "Two"})
    new_file(tmp_path / "team.xlsx", facts={"team": "Two"}, force=True)
    assert read_records(read(tmp_path / "team.xlsx")).settings.team == "Two"


ROSTERS = {
    "comma": b"Person,Email,Start\nAda Lovelace,ada@x.example,2026-01-05\n\n",
    "semicolon with BOM": "\ufeffPerson;Email;Start\nAda Lovelace;ada@x.example;5.1.2026\n".encode(),
    "tab": b"Person\tEmail\tStart\nAda Lovelace\tada@x.example\t2026-01-05\n",
    "quoted": b'Person,Email,Start\n"Ada Lovelace","ada@x.example",2026-01-05\n',
    "UTF-16, as Excel writes Unicode text": "Person\tEmail\tStart\nAda Lovelace\tada@x.example\t2026-01-05\n".encode(
        "utf-16"
    ),
}


@pytest.mark.parametrize("content", ROSTERS.values(), ids=ROSTERS)
def test_a_roster_is_read(tmp_path: Any, content: bytes) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    (person,) = read_people(tmp_path / "r.csv")
    assert (person.person, person.email, person.start) == ("Ada Lovelace", "ada@x.example", date(2026, 1, 5))


def test_a_roster_may_be_a_workbook(tmp_path: Any) -> None:
    book = openpyxl.Workbook()
    for row in (["Staff list", None], ["Employee", "Line manager"], ["Ada Lovelace", "Mary"]):
        book.active.append(row)
    book.save(tmp_path / "r.xlsx")
    (person,) = read_people(tmp_path / "r.xlsx")
    assert (person.person, person.manager, str(person.at("person"))) == ("Ada Lovelace", "Mary", "People!A3")


BAD_ROSTERS = {
    "no names": (b"Shoe size\n42\n", "must name the columns, Person among them"),
    "empty": (b"", "there is nothing in it"),
    "a line without a name": (b"Person,Email\n,ada@x.example\n", "A2: People row 2 has no Person"),
    "a date that is none": (b"Person,Start\nAda,soon\n", "B2: .*soon"),
    "no text": (b"Person\n\x81\xff\n", "not in UTF-8"),
}


@pytest.mark.parametrize(("content", "message"), BAD_ROSTERS.values(), ids=BAD_ROSTERS)
def test_a_roster_that_cannot_be_used_is_refused(tmp_path: Any, content: bytes, message: str) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    with pytest.raises(Misuse, match=message):
        read_people(tmp_path / "r.csv")
