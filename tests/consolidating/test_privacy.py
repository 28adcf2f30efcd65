"""Who may see what: names, small groups, audiences, and a look through the finished files."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import perfsheet
from perfsheet.consolidate.leaks import leaks, leaks_in_folder
from perfsheet.consolidate.privacy import SOMEBODY, Names, pseudonyms
from perfsheet.demo import demo_teams
from perfsheet.errors import Leaking, Misuse, Unwritable
from perfsheet.filling import fill
from perfsheet.forms import ACTIONS, CHECKINS, FEEDBACK, GOALS, PEOPLE
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

SECRET = "canary-7f3k2 walked out of the meeting"

PEOPLE_ROWS = [
    {"file": "n.xlsx", "person": "Ada Bell", "email": "ada@x.example"},
    {"file": "n.xlsx", "person": "Anne-Marie May", "email": None},
    {"file": "s.xlsx", "person": "Ada Bell", "email": "bell@x.example"},
    {"file": "s.xlsx", "owner": "Li"},
]


@pytest.mark.parametrize(
    ("text", "file", "hidden"),
    [
        ("Ada Bell", "n.xlsx", "<ada@x.example>"),
        ("ADA  bell's goal", "s.xlsx", "<bell@x.example>'s goal"),
        ("teams/anne-marie_may.xlsx", "", "teams/<anne marie may>.xlsx"),
        ("Write to ada@X.example now", "", "Write to <ada@x.example> now"),
        ("Coach Bell", "", "Coach <ada bell>"),
        ("Marie asked", "", "<anne marie may> asked"),
        ("due in May", "", "due in May"),
        ("ring the bell", "", "ring the bell"),
        ("Li said, a li", "", "<li> said, a li"),
        ("nobody@x.example", "", "nobody@x.example"),
    ],
)
def test_names_parts_of_names_and_addresses_are_replaced(text: str, file: str, hidden: str) -> None:
    """Ada Bell is two people, told apart by the workbook; where that does not help she is only a name."""
    assert Names(PEOPLE_ROWS, lambda identity: f"<{identity}>").hidden(text, file) == hidden


@given(st.text(alphabet="Ada Bell-@x.example,May ", max_size=40))
def test_no_name_survives_in_any_text(text: str) -> None:
    names = Names(PEOPLE_ROWS, lambda _: "*")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("xl/sharedStrings.xml", f"<t>{names.hidden(text)}</t>")
    assert leaks(data.getvalue(), names.forbidden) == []


def test_pseudonyms_stay_with_whoever_has_the_key(tmp_path: Path) -> None:
    key, other = tmp_path / "key.json", tmp_path / "other.json"
    first, again, elsewhere = (pseudonyms(str(k), ())("ada@x.example") for k in (key, key, other))
    assert first == again != elsewhere
    assert re.fullmatch(r"Person [2-9A-HJ-NP-Z]{8}", first)
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "[]", '{"perfsheet_pseudonyms": "not hex"}'])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(Misuse, match="no key"):
        pseudonyms(str(tmp_path / "key.json"), ())


def test_the_key_is_kept_apart_from_what_is_given_away(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="kept apart"):
        pseudonyms(str(tmp_path / "data" / "key.json"), (str(tmp_path / "data"),))


# ------------------------------------------------------------------------------- finished files


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo teams, two of them small, with a canary in every feedback cell and a name in a goal's title."""
    folder = tmp_path_factory.mktemp("teams")
    for number, team in enumerate(demo_teams(6)):
        rows = {form: list(entries) for form, entries in team.rows.items()}
        rows[FEEDBACK] = [
            {**row, "text": SECRET, "follow_up": row.get("follow_up") and SECRET} for row in rows[FEEDBACK]
        ]
        rows[GOALS][0] = {**rows[GOALS][0], "goal": f"Relieve {rows[PEOPLE][1]['person']} of the reports"}
        if number in (1, 2):
            kept = {row["person"] for row in rows[PEOPLE][:3]}
            rows[PEOPLE] = rows[PEOPLE][:3]
            rows[GOALS] = [row for row in rows[GOALS] if set(row["owners"]) <= kept]
            ids = {row["goal_id"] for row in rows[GOALS]}
            rows[CHECKINS] = [row for row in rows[CHECKINS] if row["goal_id"] in ids]
            rows[ACTIONS] = []
        (folder / team.file_name).write_bytes(fill(template_bytes("team"), rows, team.settings))
    return folder


def everything(path: Path) -> str:
    """Every byte of text in a workbook's parts."""
    with zipfile.ZipFile(path) as package:
        return "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())


def people_of(teams: Path) -> set[str]:
    return {person.person for path in teams.glob("*.xlsx") for person in perfsheet.read(path).people}


@pytest.mark.parametrize("audience", ["hr", "manager", "exec"])
def test_feedback_never_leaves_its_workbook(teams: Path, tmp_path: Path, audience: str) -> None:
    dataset = None if audience == "exec" else tmp_path / "data"
    perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience=audience, fairness=True, dataset=dataset)
    texts = everything(tmp_path / "org.xlsx").casefold()
    assert "canary" not in texts
    if dataset:
        assert leaks_in_folder(dataset, [tuple(SECRET.casefold().split()[1:])]) == []


@pytest.mark.parametrize(
    ("audience", "tabs"),
    [
        ("manager", {"Summary", "Teams", "Goals", "Alignment", "Issues", "Forecasts", "Files"}),
        ("exec", {"Summary", "Teams", "Alignment", "Issues", "Fairness", "Files"}),
    ],
)
def test_each_audience_has_its_tabs(teams: Path, tmp_path: Path, audience: str, tabs: set[str]) -> None:
    perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience=audience, fairness=True)
    assert {s.name for s in read(tmp_path / "org.xlsx").sheets} == tabs


def test_executives_see_nobodys_name(teams: Path, tmp_path: Path) -> None:
    perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience="exec", fairness=True)
    text = everything(tmp_path / "org.xlsx")
    assert [name for name in sorted(people_of(teams)) if name in text] == []
    assert SOMEBODY in text


def test_executives_see_no_team_that_is_too_small_to_hide_in(teams: Path, tmp_path: Path) -> None:
    org = perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience="exec")
    sheet = read(tmp_path / "org.xlsx").sheet("Teams")
    assert sheet is not None
    shown = {str(sheet.cells[row, 1].value) for (row, column) in sheet.cells if column == 1 and row > 4}
    small = set(org.teams[org.teams["people"] < 5]["team"])
    assert len(small) == 2
    assert shown == set(org.teams["team"]) - small
    assert "2 teams are not shown" in str(sheet.cells[2, 1].value)
    assert not any(cell.formula for s in read(tmp_path / "org.xlsx").sheets for cell in s.cells.values())


def test_pseudonyms_stand_everywhere_and_lead_back_to_nobody(teams: Path, tmp_path: Path) -> None:
    key, out, data = tmp_path / "key.json", tmp_path / "org.xlsx", tmp_path / "data"
    org = perfsheet.consolidate([teams], output=out, dataset=data, pseudonym_key=key)
    forbidden = Names(org.named(), str).forbidden
    assert len(forbidden) > 30
    assert leaks(out.read_bytes(), forbidden) == leaks_in_folder(data, forbidden) == []
    people = read(out).sheet("People")
    assert people is not None
    shown = [str(people.cells[row, 1].value) for (row, column) in people.cells if column == 1 and row > 4]
    assert all(name.startswith("Person ") for name in shown)
    assert len(set(shown)) == len(people_of(teams))


def test_a_leak_is_found_wherever_it_hides() -> None:
    parts = {
        "xl/sharedStrings.xml": "<sst><si><t>Ada &#66;ell</t></si></sst>",
        "xl/comments1.xml": "<r>ada</r><r>bell</r>",
        "docProps/core.xml": "<dc:creator>Ada Bell</dc:creator>",
        "xl/workbook.xml": '<definedName name="x">"Ada Bell"</definedName><sheet name="Ada Bell" state="veryHidden"/>',
        "xl/worksheets/sheet1.xml": '<c><f>HYPERLINK("mailto:ada@x.example")</f></c>',
        "xl/charts/chart1.xml": "<c:v>nobody</c:v>",
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    found = leaks(data.getvalue(), [("ada", "bell"), ("ada@x.example",)])
    assert {part for part, _ in found} == parts.keys() - {"xl/charts/chart1.xml"}


def test_nothing_is_written_where_a_name_would_be_left(
    teams: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Names, "hidden", lambda self, text, file="": text)
    with pytest.raises(Leaking, match="would be left"):
        perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience="exec")
    with pytest.raises(Leaking, match="would be left"):
        perfsheet.consolidate([teams], dataset=tmp_path / "data", pseudonym_key=tmp_path / "key.json")
    assert not (tmp_path / "org.xlsx").exists()
    assert not (tmp_path / "data").exists()


def test_a_workbook_for_hr_is_not_renewed_for_others(teams: Path, tmp_path: Path) -> None:
    perfsheet.consolidate([teams], output=tmp_path / "org.xlsx")
    before = (tmp_path / "org.xlsx").read_bytes()
    with pytest.raises(Unwritable, match="sees more"):
        perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience="exec")
    assert (tmp_path / "org.xlsx").read_bytes() == before


def test_a_dataset_is_nothing_for_executives(teams: Path, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="single people"):
        perfsheet.consolidate([teams], as_of=date(2026, 8, 28), dataset=tmp_path / "data", audience="exec")
