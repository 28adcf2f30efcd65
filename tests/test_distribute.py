"""A workbook for each manager, who has not returned theirs, and who should be reminded of what."""

from __future__ import annotations

import csv
import email
import io
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import perfsheet
from perfsheet.consolidate.nudges import Nudge, nudges_of, write_nudges
from perfsheet.distribute import distribute, safe_name
from perfsheet.errors import Misuse, Unwritable
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, FEEDBACK, GOALS, PEOPLE
from perfsheet.handed_out import MANIFEST, read_manifest
from perfsheet.lists import read_goals
from perfsheet.tables import Change
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import open_package
from perfsheet.workbooks.reading import read

FACTS = {"organisation": "Org", "period": "2026 Q1", "start": date(2026, 1, 1), "end": date(2026, 3, 31)}
ROSTER = """
Name;E-mail;Role;Reports to;Department
Mona May;mona@x.example;Head;;Board
Ada Bell;ada@x.example;Seller;Mona May;North
Bo Diaz;bo@x.example;Seller;mona@x.example;North
Cy Eno;cy@x.example;Analyst;Ada Bell;North
"""


def roster(folder: Path, text: str = ROSTER) -> Path:
    path = folder / "roster.csv"
    path.write_text(text.strip() + "\n", encoding="utf-8")
    return path


def hand_out(folder: Path, **more: Any) -> Any:
    return distribute(roster(folder), folder / "out", facts=FACTS, **more)


def test_each_manager_gets_a_workbook_with_their_people(tmp_path: Path) -> None:
    done = hand_out(tmp_path)
    assert [(h.file, h.manager, h.team, h.people) for h in done.handed] == [
        ("Mona-May.xlsx", "Mona May", "North", 3),
        ("Ada-Bell.xlsx", "Ada Bell", "North", 2),
    ]
    book = perfsheet.read(tmp_path / "out" / "Ada-Bell.xlsx")
    assert [(p.person, p.manager, p.role) for p in book.people] == [
        ("Ada Bell", None, "Seller"),
        ("Cy Eno", "Ada Bell", "Analyst"),
    ]
    s = book.settings
    assert (s.organisation, s.team, s.manager, s.period, s.period_end) == (
        "Org",
        "North",
        "Ada Bell",
        "2026 Q1",
        date(2026, 3, 31),
    )
    assert s.workbook_id == done.handed[1].id


def test_the_same_roster_gives_the_same_ids_and_bytes(tmp_path: Path) -> None:
    runs = []
    for name in ("a", "b"):
        done = distribute(roster(tmp_path), tmp_path / name, facts=FACTS)
        runs.append([(h.id, h.digest) for h in done.handed])
    assert runs[0] == runs[1]
    assert len({id for id, _ in runs[0]}) == 2


def test_processes_make_the_same_workbooks(tmp_path: Path) -> None:
    one, two = (
        distribute(roster(tmp_path), tmp_path / name, facts=FACTS, jobs=jobs) for name, jobs in (("a", 1), ("b", 2))
    )
    assert one.handed == two.handed


class Terminal(io.StringIO):
    """Standard error as a person sees it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "told"), [(Terminal, "\r2 of 2 workbooks\n"), (io.StringIO, "")])
def test_a_terminal_sees_how_far_it_is_and_a_pipe_nothing(
    stream: type[io.StringIO], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", stream())
    hand_out(tmp_path, progress=True)
    assert sys.stderr.getvalue() == told  # type: ignore[attr-defined]


def test_a_workbook_that_is_there_is_left_alone(tmp_path: Path) -> None:
    hand_out(tmp_path)
    before = read_manifest(tmp_path / "out" / MANIFEST)
    path = tmp_path / "out" / "Ada-Bell.xlsx"
    path.write_bytes(b"filled in")
    again = hand_out(tmp_path)
    assert again.kept == ("Mona-May.xlsx", "Ada-Bell.xlsx")
    assert path.read_bytes() == b"filled in"
    assert read_manifest(tmp_path / "out" / MANIFEST) == before
    hand_out(tmp_path, force=True)
    assert path.read_bytes() != b"filled in"


def test_a_namesake_who_joins_does_not_get_another_ones_workbook(tmp_path: Path) -> None:
    rows = ["Ada;a1@x.example;", "Bo;b@x.example;a1@x.example"]
    head = "Person;Email;Manager"
    distribute(roster(tmp_path, "\n".join((head, *rows))), tmp_path / "out", facts=FACTS)
    joined = ["Ada;a0@x.example;", "Cy;c@x.example;a0@x.example", *rows]
    done = distribute(roster(tmp_path, "\n".join((head, *joined))), tmp_path / "out", facts=FACTS)
    assert [(h.file, h.email) for h in done.handed] == [("Ada-a0.xlsx", "a0@x.example"), ("Ada.xlsx", "a1@x.example")]
    assert done.kept == ("Ada.xlsx",)


def test_a_second_roster_for_the_period_adds_to_the_list(tmp_path: Path) -> None:
    hand_out(tmp_path)
    south = roster(tmp_path, "Person;Email;Manager\nZoe;z@x.example;\nYan;;Zoe")
    distribute(south, tmp_path / "out", facts=FACTS)
    assert {h.manager for h in read_manifest(tmp_path / "out" / MANIFEST)} == {"Mona May", "Ada Bell", "Zoe"}


def test_another_period_needs_another_folder(tmp_path: Path) -> None:
    hand_out(tmp_path)
    with pytest.raises(Misuse, match=r"holds the workbooks of Org 2026 Q1; choose another folder"):
        distribute(roster(tmp_path), tmp_path / "out", facts={**FACTS, "period": "2026 Q2"})


def test_a_file_of_somebody_else_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "Ada-Bell.xlsx").write_bytes(template_bytes("team"))
    with pytest.raises(Misuse, match=r"Ada-Bell\.xlsx: another file is there already"):
        hand_out(tmp_path)
    assert os.listdir(tmp_path / "out") == ["Ada-Bell.xlsx"]


def test_without_its_list_a_folder_is_still_known_by_the_ids(tmp_path: Path) -> None:
    hand_out(tmp_path)
    (tmp_path / "out" / MANIFEST).unlink()
    assert hand_out(tmp_path).kept == ("Mona-May.xlsx", "Ada-Bell.xlsx")
    assert perfsheet.consolidate([tmp_path / "out"]).not_returned == []


def test_a_folder_that_cannot_be_made_is_an_obstacle(tmp_path: Path) -> None:
    path = roster(tmp_path)
    with pytest.raises(Unwritable, match="the folder cannot be made"):
        distribute(path, path / "out", facts=FACTS)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    assert len(hand_out(tmp_path, dry_run=True).handed) == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("Ada;a@x;;Zoe;", "D3: the manager Zoe has no row in the roster; add one, or correct the name"),
        ("Ada;m@x;;Mona;", "B3: m@x stands in the roster twice; remove one of the rows"),
        ("Mona;n@x;;;\nAda;a@x;;Mona;", "D4: the roster has 2 people called Mona; name the manager by e-mail address"),
        ("Ada;a@x;;Bo;\nBo;b@x;;Ada;", "D3: managers in a circle, Ada → Bo → Ada; correct one of them"),
        (
            "Ada;;;Mona;\nada;a@x;;Mona;",
            "A4: ada stands in the roster twice, in rows 3 and 4; remove one, or give each an e-mail",
        ),
        (
            "Ada;a@x;;Mona;\nAda;b@x;;Mona;",
            "A4: Ada comes into one workbook with the one in row 3; write one as 'Ada (…)'",
        ),
        (";a@x;;Mona;", "A3: People row 3 has no Person"),
    ],
)
def test_what_is_wrong_in_a_roster_is_named_by_cell(tmp_path: Path, rows: str, line: str) -> None:
    path = roster(tmp_path, f"Person;Email;Role;Manager;Group\nMona;m@x;;;\n{rows}")
    with pytest.raises(Misuse) as wrong:
        distribute(path, tmp_path / "out", facts=FACTS)
    assert any(text.startswith(f"{path}, {line}") for text in str(wrong.value).splitlines()), str(wrong.value)
    assert not (tmp_path / "out").exists()


def test_who_is_in_no_workbook_is_named(tmp_path: Path) -> None:
    path = roster(tmp_path, "Person;Email;Manager\nMona;m@x.example;Mona\nAda;;mona\nLost;;")
    done = distribute(path, tmp_path / "out", facts=FACTS)
    assert [h.manager for h in done.handed] == ["Mona"]
    assert done.notes == (f"{path}, C4: Lost has no manager and manages nobody, so is in no workbook; fill in Manager",)


def test_who_left_before_the_period_is_not_handed_out(tmp_path: Path) -> None:
    path = roster(tmp_path, "Person;Manager;End\nMona;;\nAda;Mona;2025-12-31\nBo;Mona;2026-02-01")
    distribute(path, tmp_path / "out", facts=FACTS)
    assert [p.person for p in perfsheet.read(tmp_path / "out" / "Mona.xlsx").people] == ["Mona", "Bo"]


def test_a_roster_behind_a_cover_sheet_is_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "Export of the HR system"
    for row in (["Employee", "Line manager"], ["Mona", None], ["Ada", "Mona"]):
        book["Staff"].append(row) if "Staff" in book.sheetnames else book.create_sheet("Staff").append(row)
    book.save(tmp_path / "r.xlsx")
    assert [h.people for h in distribute(tmp_path / "r.xlsx", tmp_path / "out", facts=FACTS).handed] == [2]


def test_an_old_encoding_is_read_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes("Person;Manager\nJörg;\nAda;Jörg\n".encode("cp1252"))
    assert [h.file for h in distribute(path, tmp_path / "out", facts=FACTS).handed] == ["Jörg.xlsx"]
    assert "is read as Windows-1252" in caplog.text


def test_goals_come_from_a_library_by_role(tmp_path: Path) -> None:
    library = tmp_path / "goals.csv"
    library.write_text(
        "Goal ID,Goal,Role,Kind,Baseline,Target,Due date\nS1,Win customers,seller,Count,,12,2026-02-28\nX1,Safety course,*,Yes/No,,,\n"
    )
    assert [g.owners for g in read_goals(library)] == [("seller",), ("*",)]
    hand_out(tmp_path, goals=library)
    goals = perfsheet.read(tmp_path / "out" / "Mona-May.xlsx").goals
    assert [(g.goal_id, g.owner, g.target, g.due) for g in goals] == [
        ("S1-1", "Ada Bell", 12, date(2026, 2, 28)),
        ("S1-2", "Bo Diaz", 12, date(2026, 2, 28)),
        ("X1-1", "Mona May", None, None),
        ("X1-2", "Ada Bell", None, None),
        ("X1-3", "Bo Diaz", None, None),
    ]
    # Ada manages Cy; her own goals stand in the workbook of her manager
    assert [(g.goal_id, g.owner) for g in perfsheet.read(tmp_path / "out" / "Ada-Bell.xlsx").goals] == [
        ("X1", "Cy Eno")
    ]


def test_goals_are_handed_down_as_drafts_under_their_parent(tmp_path: Path) -> None:
    top = tmp_path / "top.xlsx"
    goal = {
        "goal_id": "O1",
        "goal": "Grow",
        "owners": ("Mona May",),
        "kind": "Increase",
        "unit": "MEUR",
        "baseline": 1,
        "target": 2,
    }
    top.write_bytes(
        fill(
            template_bytes("team"),
            {PEOPLE: [{"person": "Mona May"}], GOALS: [goal]},
            {"team": "Top", "manager": "Mona May"},
        )
    )
    hand_out(tmp_path, cascade=top)
    own, below = (perfsheet.read(tmp_path / "out" / name).goals for name in ("Mona-May.xlsx", "Ada-Bell.xlsx"))
    assert [(g.goal_id, g.goal, g.owner, g.parent, g.unit, g.state) for g in below] == [
        ("C1", "Our part in: Grow", "Ada Bell", "O1", "MEUR", "Draft"),
    ]  # fmt: skip
    assert own == ()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Ada Bell", "Ada-Bell"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "CON-team"),
        ("", "team"),
        ("Zoë Ōta", "Zoë-Ōta"),
        ("a" * 200, "a" * 80),
    ],
)
def test_names_never_lead_out_of_the_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_two_managers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    rows = "Person;Email;Manager\nAda;a1@x.example;\nADA;a2@x.example;\nBo;b@x.example;a1@x.example\nCy;c@x.example;a2@x.example"
    done = distribute(roster(tmp_path, rows), tmp_path / "out", facts=FACTS)
    assert [h.file for h in done.handed] == ["Ada-a1.xlsx", "ADA-a2.xlsx"]
    assert len({h.id for h in done.handed}) == 2


# --------------------------------------------------------------------------------- collecting


def test_who_has_not_returned_theirs_is_known_by_id(tmp_path: Path) -> None:
    hand_out(tmp_path)
    folder = tmp_path / "out"
    path = folder / "Ada-Bell.xlsx"
    person = perfsheet.read(path).people[0]
    path.write_bytes(edit(open_package(path), [Change(person.at("role"), "Lead")]))
    os.rename(path, folder / "ada final (2).xlsx")
    org = perfsheet.consolidate([folder], output=tmp_path / "org.xlsx")
    assert [(r["manager"], r["reason"].partition(":")[0]) for r in org.not_returned] == [
        ("Mona May", "it is as it was handed out")
    ]
    (folder / "Mona-May.xlsx").unlink()
    (row,) = perfsheet.consolidate([folder], output=tmp_path / "org.xlsx").answer()["not_returned"]
    assert (row["file"], row["email"], row["reason"]) == ("Mona-May.xlsx", "mona@x.example", "it has not come back")
    files = read(tmp_path / "org.xlsx").sheet("Files")
    assert files is not None
    assert "not returned" in {cell.value for cell in files.cells.values()}


def test_without_a_list_nobody_is_missing(tmp_path: Path) -> None:
    hand_out(tmp_path)
    (tmp_path / "out" / MANIFEST).rename(tmp_path / "list.json")
    assert perfsheet.consolidate([tmp_path / "out"]).not_returned is None
    (tmp_path / "out" / "Ada-Bell.xlsx").unlink()
    org = perfsheet.consolidate([tmp_path / "out"], distributed=tmp_path / "list.json")
    assert {r["manager"] for r in org.not_returned} == {"Ada Bell", "Mona May"}


@pytest.mark.parametrize("text", ["", "[]", '{"workbooks": [{"id": 1}]}'])
def test_another_file_is_no_list(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.json").write_text(text)
    with pytest.raises(Misuse, match="no list"):
        read_manifest(tmp_path / "list.json")


# ------------------------------------------------------------------------------------ nudges


def rows(*texts: tuple[str, str, str]) -> list[dict[str, Any]]:
    """(file, person, text)."""
    return [{"file": f, "team": f.upper(), "person": p, "text": t} for f, p, t in texts]


PEOPLE_KNOWN = [
    {"file": "n", "person": "Ada Bell", "email": "ada@x.example", "manager": "Mona"},
    {"file": "s", "person": "Ada Bell", "email": "ADA@x.example", "manager": "Mona"},
    {"file": "n", "person": "Bo", "email": None, "manager": "Mona"},
]  # fmt: skip


def test_one_row_a_person() -> None:
    found = nudges_of(
        rows(("n", "Ada Bell", "One."), ("s", "ada bell", "Two."), ("n", "Bo", "Three."), ("n", "Ada Bell", "One.")),
        PEOPLE_KNOWN,
        [],
    )
    assert [(n.person, n.reminders) for n in found] == [("Ada Bell", ("One.", "Two.")), ("Bo", ("Three.",))]


def test_a_manager_hears_of_the_workbook_that_has_not_come_back() -> None:
    missing = [
        {
            "manager": "Ada Bell",
            "email": "ada@x.example",
            "team": "N",
            "file": "Ada-Bell.xlsx",
            "reason": "it has not come back",
        }
    ]
    (nudge,) = nudges_of(rows(("n", "Ada Bell", "One.")), PEOPLE_KNOWN, missing)
    assert nudge.reminders == ("One.", "Your workbook Ada-Bell.xlsx for N: it has not come back.")


EVIL = Nudge(
    "=cmd|' /C calc'!A0",
    "x@evil.example\nBcc: all@x.example",
    "+1",
    "T\r\nBcc: x@y.example",
    ("@SUM(1)\n.\nTo: z@y.example", "a\u202eb"),
)


def test_a_csv_for_a_mail_merge_has_nothing_that_calculates(tmp_path: Path) -> None:
    write_nudges([EVIL], str(tmp_path / "n.csv"))
    assert (tmp_path / "n.csv").read_bytes().startswith(b"\xef\xbb\xbfPerson,Email")
    with open(tmp_path / "n.csv", encoding="utf-8-sig", newline="") as file:
        line = list(csv.reader(file))[1]
    assert [cell[:1] for cell in (line[0], line[2], line[5])] == ["'", "'", "'"]
    assert "[U+202E]" in line[5]


@pytest.mark.parametrize("start", [*"=+-@＝＋－＠", "\t=", "\n=", " ="])
def test_a_text_that_a_program_would_calculate_gets_an_apostrophe(tmp_path: Path, start: str) -> None:
    text = f"{start}1+1"
    write_nudges([Nudge(text, None, None, "North", ("a = b",))], str(tmp_path / "n.csv"))
    with open(tmp_path / "n.csv", encoding="utf-8-sig", newline="") as file:
        person, *_, what = list(csv.reader(file))[1]
    assert (person, what) == (f"'{text}", "a = b")


def test_a_workbook_of_nudges_holds_texts(tmp_path: Path) -> None:
    write_nudges([EVIL], str(tmp_path / "n.xlsx"))
    cells = read(tmp_path / "n.xlsx").sheets[0].cells
    assert (cells[2, 1].value, cells[2, 1].type, cells[2, 1].formula) == ("=cmd|' /C calc'!A0", "text", False)


def test_drafts_are_unsent_and_nobody_slips_a_header_in(tmp_path: Path) -> None:
    honest = Nudge("Ada Bell", "ada@x.example", "Mona", EVIL.team, EVIL.reminders)
    write_nudges([EVIL, honest], f"{tmp_path / 'drafts'}/")
    (path,) = (tmp_path / "drafts").iterdir()
    message = email.message_from_bytes(path.read_bytes())
    assert message.keys() == [
        "To", "Subject", "X-Unsent", "X-Perfsheet", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    ]  # fmt: skip
    assert (message["To"], message["X-Unsent"]) == ("ada@x.example", "1")


@pytest.mark.parametrize("name", ["roster.csv", "team.xlsx"])
def test_only_nudges_are_replaced_by_nudges(tmp_path: Path, name: str) -> None:
    own = tmp_path / name
    own.write_bytes(ROSTER.encode() if name.endswith(".csv") else template_bytes("team"))
    before = own.read_bytes()
    with pytest.raises(Unwritable, match="perfsheet did not make"):
        write_nudges([EVIL], str(own))
    assert own.read_bytes() == before
    again = tmp_path / f"nudges{own.suffix}"
    for nudges in ([EVIL], []):
        write_nudges(nudges, str(again))


def test_a_draft_of_an_earlier_run_goes_when_nothing_is_left_to_say(tmp_path: Path) -> None:
    ada, bo = (Nudge(name, f"{name}@x.example", None, "T", ("Check in.",)) for name in ("ada", "bo"))
    (tmp_path / "mine.eml").write_text("Subject: my own")
    write_nudges([ada, bo], f"{tmp_path}/")
    write_nudges([bo], f"{tmp_path}/")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bo-x.example.eml", "mine.eml"]


def test_who_gets_no_draft_is_said(tmp_path: Path) -> None:
    odd = [Nudge("Mona", "möna@x.example", None, "T", ("a",)), Nudge("Bo", None, None, "T", ("b",))]
    assert write_nudges(odd, f"{tmp_path}/") == ["no draft for Mona: möna@x.example", "no draft for Bo: no e-mail"]


def test_a_long_title_makes_no_long_line_in_a_message(tmp_path: Path) -> None:
    write_nudges([Nudge("Ada", "ada@x.example", None, "Ö" * 400, ("x" * 3000,))], f"{tmp_path}/")
    data = (tmp_path / "ada-x.example.eml").read_bytes()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert "x" * 3000 in email.message_from_bytes(data).get_payload(decode=True).decode()


@pytest.mark.parametrize(("visible_to", "told"), [(None, True), ("Both", True), ("Manager", False), ("HR", False)])
def test_what_is_for_hr_alone_is_not_betrayed_by_a_reminder(tmp_path: Path, visible_to: str | None, told: bool) -> None:
    follow_up = {"day": date(2026, 1, 5), "giver": "Mona", "receiver": "Ada", "kind": "Concern", "text": "…", "follow_up": "Talk",
                 "follow_up_due": date(2026, 1, 20), "visible_to": visible_to}  # fmt: skip
    people = [{"person": "Ada", "manager": "Mona"}, {"person": "Mona"}]
    facts = {
        "team": "N",
        "manager": "Mona",
        "period": "Q",
        "period_start": date(2026, 1, 1),
        "period_end": date(2026, 3, 31),
    }
    (tmp_path / "n.xlsx").write_bytes(fill(template_bytes("team"), {PEOPLE: people, FEEDBACK: [follow_up]}, facts))
    org = perfsheet.consolidate([tmp_path / "n.xlsx"], as_of=date(2026, 1, 28))
    assert any("follow-up" in text for text in org.reminders["text"]) is told


@pytest.mark.parametrize("options", [{"audience": "exec"}, {"pseudonym_key": "key.json"}])
def test_names_of_those_who_have_not_returned_theirs_are_hidden_too(tmp_path: Path, options: dict[str, str]) -> None:
    done = distribute(roster(tmp_path, "Person;Email;Manager\nAda Bell;a@x.example;\nBo Diaz;;Ada Bell\nZed Quist;z@x.example;\nYan Wu;;Zed Quist"),
                      tmp_path / "out", facts=FACTS)  # fmt: skip
    assert [h.file for h in done.handed] == ["Ada-Bell.xlsx", "Zed-Quist.xlsx"]
    (tmp_path / "out" / "Zed-Quist.xlsx").unlink()
    options = {k: str(tmp_path / v) if k == "pseudonym_key" else v for k, v in options.items()}
    perfsheet.consolidate([tmp_path / "out"], output=tmp_path / "org.xlsx", **options)
    texts = [str(c.value) for s in read(tmp_path / "org.xlsx").sheets for c in s.cells.values()]
    assert "not returned" in texts
    assert [t for t in texts if "Quist" in t] == []


def test_other_kinds_of_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"\.csv"):
        write_nudges([], str(tmp_path / "n.pdf"))


def test_reminders_hold_no_scores_and_no_feedback(tmp_path: Path) -> None:
    log = [{"day": date(2026, 1, 9), "goal_id": "G1", "value": 3}]
    goal = {"goal_id": "G1", "goal": "Calls", "owners": ("Ada Bell",), "kind": "Count", "target": 9}
    book = fill(
        template_bytes("team"), {PEOPLE: [{"person": "Ada Bell", "email": "ada@x.example"}], GOALS: [goal], CHECKINS: log},
        {"team": "North", "manager": "Mona May", "period": "Q", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31)},
    )  # fmt: skip
    (tmp_path / "n.xlsx").write_bytes(book)
    perfsheet.consolidate([tmp_path / "n.xlsx"], as_of=date(2026, 2, 14), nudges=tmp_path / "n.csv")
    with open(tmp_path / "n.csv", encoding="utf-8-sig", newline="") as file:
        found = {line["Person"]: line["What"] for line in csv.DictReader(file)}
    assert found["Ada Bell"] == "Check in on G1 Calls: Last check-in 36 days ago (2026-01-09), every 7 days expected."
    assert found["Mona May"].startswith("Feedback is due to Ada Bell.")
    assert json.dumps(found).count("%") == 0


def test_what_has_come_back_unreadable_is_not_called_missing(tmp_path: Path) -> None:
    hand_out(tmp_path)
    (tmp_path / "out" / "Mona-May.xlsx").write_bytes(b"PK cut off by the mail program")
    org = perfsheet.consolidate([tmp_path / "out"], output=tmp_path / "org.xlsx", nudges=tmp_path / "nudges.csv")
    reasons = {row["manager"]: row["reason"] for row in org.not_returned or ()}
    assert "cannot be read" in reasons["Mona May"]
    assert "it has come back, but cannot be read" in (tmp_path / "nudges.csv").read_text(encoding="utf-8-sig")
