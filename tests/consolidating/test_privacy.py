"""Who may see what: names, small groups, audiences, and a look through the finished files."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import perfsheet
from perfsheet.cli import cli
from perfsheet.consolidate.dataset import SCHEMA, read_table
from perfsheet.consolidate.leaks import found_in, leaks, leaks_in_folder
from perfsheet.consolidate.privacy import OF_GOALS, SOMEBODY, Names, pseudonyms
from perfsheet.demo import demo_teams
from perfsheet.errors import Leaking, Misuse, Unwritable
from perfsheet.filling import fill
from perfsheet.findings import Rule
from perfsheet.forms import ACTIONS, CHECKINS, DEVELOPMENT, FEEDBACK, GOALS, PEOPLE
from perfsheet.issues import rules
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


@pytest.mark.parametrize(
    ("name", "text", "hidden"),
    [
        ("王伟", "王伟的目标", "*的目标"),
        ("王伟", "teams/王伟.xlsx", "teams/*.xlsx"),
        ("김민수", "김민수가 말했다", "*가 말했다"),
        ("محمد", "قال محمد نعم", "قال * نعم"),
        ("10023", "The weights of 10023 sum to 30", "The weights of * sum to 30"),
        ("e10023", "Ask e10023, not e1", "Ask *, not e1"),
        ("12", "12 % done on 2026-02-12", "12 % done on 2026-02-12"),
        ("2026", "due 2026-02-14", "due 2026-02-14"),
        ("ada", "an ada and Ada", "an ada and *"),
    ],
)
def test_names_of_one_word_are_replaced_where_they_can_be_told_from_others(name: str, text: str, hidden: str) -> None:
    """And in a column of names each is replaced, whatever it looks like."""
    names = Names([{"file": "n.xlsx", "person": name}], lambda _: "*")
    assert names.hidden(text) == hidden
    assert names.row({"file": "n.xlsx", "owner": name})["owner"] == "*"


@pytest.mark.parametrize(("name", "left"), [("王伟", True), ("محمد", True), ("+1+1", False), ("10023", False)])
def test_a_look_through_finds_names_of_any_script_and_takes_no_number_for_a_name(name: str, left: bool) -> None:
    """Whoever calls themselves +1+1 keeps nobody from an edition."""
    assert bool(found_in(f"... {name} ... 1 1 ... 10023", Names([{"person": name}], lambda _: "*").forbidden)) is left


@pytest.mark.parametrize("audience", ["hr", "exec"])
def test_editions_without_names_have_none_that_is_one_word(tmp_path: Path, audience: str) -> None:
    staff = ["王伟", "李娜", "张敏", "10023", "ada", "محمد"]
    settings = {"team": "North", "manager": staff[0], "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31)}  # fmt: skip
    goals = [{"goal_id": f"G{n}", "goal": f"Of {who.title()}", "owners": (who,), "kind": "Increase", "baseline": 0, "target": 9} for n, who in enumerate(staff)]  # fmt: skip
    data = fill(template_bytes("team"), {PEOPLE: [{"person": who} for who in staff], GOALS: goals}, settings)
    (tmp_path / "王伟.xlsx").write_bytes(data)
    data = None if audience == "exec" else tmp_path / "data"
    perfsheet.consolidate([tmp_path / "王伟.xlsx"], output=tmp_path / "org.xlsx", audience=audience, dataset=data, pseudonym_key=tmp_path / "key")  # fmt: skip
    told = everything(tmp_path / "org.xlsx") + str([read_table(tmp_path / "data", table) for table in SCHEMA])
    assert [
        who for who in staff if f"{who}<" in told or f"'{who}'" in told or (not who.isascii() and who in told)
    ] == []


@pytest.mark.parametrize("name", ["Off track", "Goal Owner", "No data", "Progress Expected", "File outcome"])
@pytest.mark.parametrize("audience", ["hr", "exec"])
def test_whoever_is_called_as_a_word_of_ours_keeps_nobody_from_an_edition(
    tmp_path: Path, name: str, audience: str
) -> None:
    """A name that was left in a template, say: its statuses stay what they are."""
    people = [*(f"Ada{n} Bell{n}" for n in range(5)), name]
    goals = [{"goal_id": f"G{n}", "goal": "Calls", "owners": (who,), "kind": "Increase", "baseline": 0, "target": 9} for n, who in enumerate(people)]  # fmt: skip
    log = [{"day": date(2026, 1, 30), "goal_id": f"G{n}", "value": 1} for n in range(6)]
    settings = {"team": "North", "manager": people[0], "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31)}  # fmt: skip
    (tmp_path / "north.xlsx").write_bytes(fill(template_bytes("team"), {PEOPLE: [{"person": who} for who in people], GOALS: goals, CHECKINS: log}, settings))  # fmt: skip
    data = tmp_path / "data" if audience == "hr" else None
    perfsheet.consolidate([tmp_path / "north.xlsx"], output=tmp_path / "org.xlsx", as_of=date(2026, 2, 14), audience=audience, dataset=data, pseudonym_key=tmp_path / "key")  # fmt: skip
    if data:
        assert {row["status"] for row in read_table(data, "goals")} == {"off_track"}
        assert not {name, people[0]} & {row["person"] for row in read_table(data, "people")}
    assert "Bell0" not in everything(tmp_path / "org.xlsx")


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
    dataset = tmp_path / "data" if audience == "hr" else None
    perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience=audience, fairness=True, dataset=dataset)
    texts = everything(tmp_path / "org.xlsx").casefold()
    assert "canary" not in texts
    if dataset:
        assert leaks_in_folder(dataset, [tuple(SECRET.casefold().split()[1:])]) == []


FOR = {
    "HR": "canary for the office",
    "Manager": "canary for the manager",
    "Both": "canary for two",
    None: "canary for whom",
}


@pytest.fixture(scope="module")
def with_feedback(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two teams, of eleven and of four, with feedback for everybody who may see some."""
    folder = tmp_path_factory.mktemp("feedback")
    for team, people in (("North", 11), ("South", 4)):
        staff = [f"Person{n} Of{team}" for n in range(people)]
        given = [
            {"day": date(2026, 2, 1), "giver": staff[0], "receiver": staff[1], "kind": "Concern", "text": f"{text}, {staff[2]}", "visible_to": to}
            for to, text in FOR.items()
        ]  # fmt: skip
        settings = {"team": team, "manager": staff[0], "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31)}  # fmt: skip
        data = fill(template_bytes("team"), {PEOPLE: [{"person": who} for who in staff], FEEDBACK: given}, settings)
        (folder / f"{team}.xlsx").write_bytes(data)
    (folder.parent / "house.toml").write_text("feedback_for_hr = true\n")
    return folder


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param({}, 0, id="by default nothing"),
        pytest.param({"policy": True}, 2, id="policy sends what is for HR"),
        pytest.param({"policy": True, "audience": "manager"}, 0, id="to HR, not to managers"),
        pytest.param({"policy": True, "audience": "exec"}, 0, id="nor to executives"),
        pytest.param({"policy": True, "pseudonym_key": True}, 1, id="without names only from large teams"),
    ],
)
def test_feedback_leaves_its_workbook_by_policy_alone(
    with_feedback: Path, tmp_path: Path, options: Mapping[str, object], told: int
) -> None:
    files = {"policy": with_feedback.parent / "house.toml", "pseudonym_key": tmp_path / "key.json"}
    run = {name: files.get(name) if value is True else value for name, value in options.items()}
    data = None if "audience" in run else tmp_path / "data"
    org = perfsheet.consolidate([with_feedback], output=tmp_path / "org.xlsx", dataset=data, **run)
    text = everything(tmp_path / "org.xlsx")
    assert (text.count("canary for the office"), text.count("canary for")) == (told, told)
    assert "canary" not in json.dumps(org.answer())
    if data:
        assert leaks_in_folder(data, [("canary", "for")]) == []
    if "pseudonym_key" in run:
        assert "Person2" not in text


def test_feedback_for_hr_that_policy_no_longer_sends_is_not_left_behind(with_feedback: Path, tmp_path: Path) -> None:
    policy = str(with_feedback.parent / "house.toml")
    perfsheet.consolidate([with_feedback], output=tmp_path / "org.xlsx", policy=policy)
    with pytest.raises(Unwritable, match=r"shows more than this run may \(Feedback\)"):
        perfsheet.consolidate([with_feedback], output=tmp_path / "org.xlsx")


CANARY = "canary-9x2"


def test_a_canary_in_every_cell_is_nowhere_but_where_its_audience_looks(tmp_path: Path) -> None:
    """Every text that a team writes holds its own canary: outputs, what is printed, the cache's rights, and no litter."""
    who, text = (
        "Ada Canaryname",
        {
            name: f"{CANARY}-{name}"
            for name in ("feedback", "follow", "note", "blocker", "action", "evidence", "plan", "title")
        },
    )
    rows = {
        PEOPLE: [{"person": who, "email": f"{CANARY}@x.example"}],
        GOALS: [{"goal_id": "G1", "goal": text["title"], "owners": (who,), "kind": "Increase", "baseline": 0, "target": 9}],
        CHECKINS: [{"day": date(2026, 1, 20), "goal_id": "G1", "value": 1, "note": text["note"], "blocker": text["blocker"], "by": who}],
        FEEDBACK: [{"day": date(2026, 1, 20), "giver": who, "receiver": who, "kind": "Concern", "text": text["feedback"], "follow_up": text["follow"], "visible_to": v} for v in ("Both", "HR", "Manager")],
        ACTIONS: [{"action_id": "A1", "action": text["action"], "owner": who, "due": date(2026, 1, 25)}],
        DEVELOPMENT: [{"person": who, "kind": "Opportunity", "skill": "Rest", "evidence": text["evidence"], "plan": text["plan"]}],
    }  # fmt: skip
    settings = {
        "team": "T",
        "manager": who,
        "period": "2026 Q1",
        "period_start": date(2026, 1, 1),
        "period_end": date(2026, 3, 31),
    }
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "team.xlsx").write_bytes(fill(template_bytes("team"), rows, settings))
    cache, seen = tmp_path / "cache", {}
    for audience in ("hr", "manager", "exec"):
        out = tmp_path / audience / "org.xlsx"
        out.parent.mkdir()
        command = [
            "consolidate",
            str(tmp_path / "in"),
            "-o",
            str(out),
            "--audience",
            audience,
            "--as-of",
            "2026-02-14",
            "--fairness",
        ]
        done = CliRunner(env={"PERFSHEET_CACHE": str(cache)}).invoke(
            cli, [*command, *(["--dataset", str(out.parent / "data")] if audience == "hr" else [])]
        )
        assert CANARY not in done.output
        assert "Canaryname" not in done.output
        data = str([read_table(out.parent / "data", table) for table in SCHEMA])
        seen[audience] = {name for name, canary in text.items() if canary in everything(out) or canary in data}
        assert {p.name for p in out.parent.iterdir()} <= {"org.xlsx", "data"}
        if audience == "exec":
            assert "Canaryname" not in everything(out)
            assert f"{CANARY}@" not in everything(out)
    assert seen == {"hr": {"title", "blocker"}, "manager": {"title"}, "exec": set()}
    assert cache.stat().st_mode & 0o077 == 0
    assert [p.name for p in cache.iterdir() if p.stat().st_mode & 0o077] == []
    assert {
        name for name in text if f"{CANARY}-{name}".encode() in b"".join(p.read_bytes() for p in cache.iterdir())
    } <= {"title", "action", "blocker"}


def test_managers_see_the_issues_that_say_how_goals_stand(teams: Path, tmp_path: Path) -> None:
    """And none about what somebody typed, or what passed between two people."""
    org = perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience="manager", as_of=date(2026, 8, 28))
    wanted = org.issues[org.issues["code"].isin(OF_GOALS)][["code", "goal_id", "evidence"]]
    sheet = read(tmp_path / "org.xlsx").sheet("Issues")
    assert sheet is not None
    rows = range(5, 1 + max(row for row, _ in sheet.cells))
    assert [[sheet.cells[row, column].value for column in (3, 4, 6)] for row in rows] == wanted.values.tolist()
    assert {"off_track", "at_risk"} <= set(wanted["code"]) < set(org.issues["code"])
    assert {rule.code for rule in vars(rules).values() if isinstance(rule, Rule)} >= OF_GOALS


@pytest.mark.parametrize(
    ("audience", "tabs"),
    [
        ("manager", {"Summary", "Teams", "Goals", "Alignment", "Issues", "Forecasts", "Control", "Files"}),
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


HIDING_PLACES = {
    "xl/sharedStrings.xml": "<sst><si><t>Ada &#66;ell</t></si></sst>",
    "xl/worksheets/sheet1.xml": '<c><f>HYPERLINK("mailto:ada@x.example")</f><v>0</v></c>',
    "xl/worksheets/sheet2.xml": "<c t='str'><f>A1&amp;B1</f><v>ADA BELL</v></c>",
    "xl/worksheets/sheet3.xml": "<is><r><t>A</t></r><r><rPr><b/></rPr><t>da Be</t></r><r><rPr/><t xml:space='preserve'>ll</t></r></is>",
    "xl/worksheets/sheet4.xml": "<is><t>Ada_x0020_Bell</t></is>",
    "xl/worksheets/sheet5.xml": "\ufeff<is><t>Ada Bell</t></is>".encode("utf-16-le"),
    "xl/workbook.xml": '<definedName name="x">"Ada Bell"</definedName>',
    "xl/workbook2.xml": "<sheet name='Ada Bell' state='veryHidden'/>",
    "xl/comments1.xml": "<r>ada</r><r>bell</r>",
    "xl/threadedComments/threadedComment1.xml": "<text>ask Ada Bell</text>",
    "xl/persons/person.xml": '<person displayName="Bell" userId="ada@x.example"/>',
    "xl/charts/chart1.xml": "<c:strCache><c:pt><c:v>Ada Bell</c:v></c:pt></c:strCache>",
    "xl/drawings/drawing1.xml": "<a:p><a:r><a:t>Ada B</a:t></a:r><a:r><a:rPr lang='de'/><a:t>ell</a:t></a:r></a:p>",
    "xl/pivotCache/pivotCacheDefinition1.xml": '<sharedItems><s v="Ada Bell"/></sharedItems>',
    "xl/externalLinks/externalLink1.xml": "<v>Ada Bell</v>",
    "docProps/core.xml": "<dc:creator>Ada Bell</dc:creator>",
    "docProps/custom.xml": "<vt:lpwstr>Ada Bell</vt:lpwstr>",
    "customXml/item1.xml": "<x>Ada Bell</x>",
    "xl/media/Ada Bell.png": b"\x89PNG",
    "xl/printerSettings/printerSettings1.bin": b"Ada Bell",
}  # fmt: skip


def packed(parts: Mapping[str, str | bytes], comment: bytes = b"") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.comment = comment
        for name, text in parts.items():
            package.writestr(name, text)
    return data.getvalue()


@pytest.mark.parametrize("part", HIDING_PLACES)
def test_a_leak_is_found_wherever_it_hides(part: str) -> None:
    planted = packed({"xl/other.xml": "<v>nobody, a da bell and ada. B</v>", part: HIDING_PLACES[part]})
    assert {place for place, _ in leaks(planted, [("ada", "bell"), ("ada@x.example",)])} == {part}
    inside = packed({"xl/embeddings/book.xlsx": planted})
    assert {place for place, _ in leaks(inside, [("ada", "bell"), ("ada@x.example",)])} == {
        f"xl/embeddings/book.xlsx: {part}"
    }


def test_a_leak_in_the_archives_own_comment_is_found() -> None:
    assert leaks(packed({}, b"by Ada Bell"), [("ada", "bell")]) == [("", "ada bell")]


@pytest.mark.parametrize(
    "spelling", ["Jürgen Müller", "Ju\u0308rgen Mu\u0308ller", "juergen_mueller", "JURGEN-MULLER", "Müller, Jürgen"]
)
def test_a_name_is_known_in_every_spelling(spelling: str) -> None:
    names = Names([{"file": "a", "person": "Jürgen Müller", "email": "o'brien@x.example"}], lambda _: "*")
    hidden = names.hidden(f"teams/{spelling}.xlsx to 'O'Brien@x.example' now")
    assert hidden in ("teams/*.xlsx to '*' now", "teams/*, *.xlsx to '*' now")
    assert found_in(hidden, names.forbidden) == []
    assert found_in(f"x {spelling} y 'o'brien@x.example'", names.forbidden)


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
    with pytest.raises(Unwritable, match="shows more"):
        perfsheet.consolidate([teams], output=tmp_path / "org.xlsx", audience="exec")
    assert (tmp_path / "org.xlsx").read_bytes() == before


@pytest.mark.parametrize("audience", ["manager", "exec"])
def test_a_dataset_is_for_hr_alone(teams: Path, tmp_path: Path, audience: str) -> None:
    with pytest.raises(Misuse, match="everything of everybody"):
        perfsheet.consolidate([teams], as_of=date(2026, 8, 28), dataset=tmp_path / "data", audience=audience)


def test_nudges_are_not_made_with_an_edition_for_executives(teams: Path, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="nudges name people"):
        perfsheet.consolidate([teams], output=tmp_path / "o.xlsx", audience="exec", nudges=tmp_path / "n.csv")
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------- editions and answers


def the_team(
    people: int, done: Mapping[int, int] | None = None, name: str = "North", **of_goals: Mapping[int, object]
) -> bytes:
    """A team in which everybody has one goal of 100 with 10 done, or what `done` says; `of_goals` holds more of some goals."""
    staff = [f"Person{n} Of{name}" for n in range(people)]
    goals = [
        {"goal_id": f"G{n}", "goal": "Calls", "owners": (who,), "kind": "Increase", "baseline": 0, "target": 100}
        | {field: values[n] for field, values in of_goals.items() if n in values}
        for n, who in enumerate(staff)
    ]
    log = [{"day": date(2026, 1, 20), "goal_id": f"G{n}", "value": (done or {}).get(n, 10)} for n in range(people)]
    settings = {
        "organisation": "Org", "team": name, "manager": staff[0], "period": "2026 Q1", "period_start": date(2026, 1, 1),
        "period_end": date(2026, 3, 31), "workbook_id": name.lower(),
    }  # fmt: skip
    return fill(
        template_bytes("team"), {PEOPLE: [{"person": who} for who in staff], GOALS: goals, CHECKINS: log}, settings
    )


def edition(folder: Path, output: Path, day: int, **teams: bytes) -> dict[str, tuple[object, object]]:
    """Consolidates for executives; gives (progress, as of) of the organisation and of each team shown."""
    folder.mkdir(exist_ok=True)
    for name, data in teams.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    answer = perfsheet.consolidate([folder], output=output, audience="exec", as_of=date(2026, 2, day)).answer()
    sheet = read(output).sheet("Teams")
    assert sheet is not None
    columns = {cell.value: column for (row, column), cell in sheet.cells.items() if row == 4}
    found = {}
    for row in sorted(row for (row, column) in sheet.cells if column == 1 and row > 4):
        progress, shown_of = (sheet.cells[row, columns[name]].value for name in ("Progress", "As of"))
        found[str(sheet.cells[row, 1].value)] = (progress, getattr(shown_of, "day", None))
    return {"whole": (answer["progress"], answer["held"]), **found}


def test_the_next_edition_holds_back_what_one_who_joined_would_be_known_by(tmp_path: Path) -> None:
    """Six people at 10 %; a seventh joins with 80 %: 7 x 20 % - 6 x 10 % would be theirs."""
    first = edition(tmp_path / "t", tmp_path / "a.xlsx", 1, north=the_team(6), south=the_team(9, name="South"))
    assert first["North"] == (pytest.approx(0.1), 1)
    joined = edition(tmp_path / "t", tmp_path / "b.xlsx", 2, north=the_team(7, {6: 80}))
    assert (joined["North"], joined["South"]) == (first["North"], (pytest.approx(0.1), 2))
    assert joined["whole"] == (first["whole"][0], 2)
    five = edition(tmp_path / "t", tmp_path / "c.xlsx", 3, north=the_team(11, dict.fromkeys(range(6, 11), 80)))
    assert five["North"] == (pytest.approx((6 * 0.1 + 5 * 0.8) / 11), 3)
    assert five["whole"][1] == 0


def test_one_who_fills_an_empty_cell_changes_nobody_elses_entry(tmp_path: Path) -> None:
    """A column with an empty cell holds 10 as 10.0; all seven seemed to have changed when the seventh had a target."""
    first = edition(tmp_path / "t", tmp_path / "a.xlsx", 1, north=the_team(7, target={6: None}))
    filled = edition(tmp_path / "t", tmp_path / "b.xlsx", 2, north=the_team(7))
    assert filled["North"] == first["North"]


def test_four_whose_goals_make_up_another_ones_are_four(tmp_path: Path) -> None:
    """G6 is the sum of four goals: its owner entered nothing when these four changed."""
    tree = {"parent": {6: "G5", **dict.fromkeys(range(7, 11), "G6")}, "target": {6: None}}
    first = edition(tmp_path / "t", tmp_path / "a.xlsx", 1, north=the_team(11, **tree))
    assert first["North"] == (pytest.approx(0.1), 1)
    changed = edition(tmp_path / "t", tmp_path / "b.xlsx", 2, north=the_team(11, dict.fromkeys(range(7, 11), 80), **tree))  # fmt: skip
    assert changed["North"] == first["North"]


def test_a_team_whose_coverage_moves_still_weighs_as_it_did_for_who_subtracts(tmp_path: Path) -> None:
    """Two change in North, one joins in South: the organisation less itself would rest on three. Two in West weigh nothing."""
    light, south = {5: 0, 6: 0}, {"name": "South", "target": {2: None}, "weight": {0: 1, 1: 2, 2: 2, 3: 1}}
    first = edition(
        tmp_path / "t", tmp_path / "a.xlsx", 1,
        north=the_team(9), south=the_team(3, **south), west=the_team(7, name="West", weight=light),
    )  # fmt: skip
    assert first["whole"] == (pytest.approx(0.1), 0)
    moved = edition(
        tmp_path / "t", tmp_path / "b.xlsx", 2,
        north=the_team(9, {0: 80, 1: 80}), south=the_team(4, {3: 80}, **south),
        west=the_team(7, {5: 80, 6: 80}, name="West", weight=light),
    )  # fmt: skip
    assert moved["whole"][0] == first["whole"][0]


@pytest.mark.parametrize(
    "of_goals",
    [
        pytest.param({"parent": dict.fromkeys(range(1, 7), "G0")}, id="the head's goal speaks for all under it"),
        pytest.param({"weight": {0: 1, **dict.fromkeys(range(1, 7), 0)}}, id="the others weigh nothing"),
        pytest.param({"target": dict.fromkeys(range(4, 7))}, id="only four have a number"),
        pytest.param({"owners": dict.fromkeys(range(1, 7), ("Nobody We-Know",))}, id="the others belong to nobody in People"),
    ],
)  # fmt: skip
def test_a_team_of_many_whose_number_is_one_persons_is_not_shown(
    tmp_path: Path, of_goals: Mapping[str, Mapping[int, object]]
) -> None:
    found = edition(
        tmp_path / "t", tmp_path / "a.xlsx", 1, north=the_team(7, **of_goals), south=the_team(9, name="South")
    )
    assert found == {"whole": (pytest.approx(0.1), 0)}, "and South, because the whole less South is North"


def test_a_number_from_below_is_shown_where_enough_people_carry_it(tmp_path: Path) -> None:
    """Under G0 six people; under G7 one, who has six below him that his own number speaks for."""
    parents = {**dict.fromkeys(range(1, 7), "G0"), 8: "G7", **dict.fromkeys(range(9, 15), "G8")}
    edition(tmp_path / "t", tmp_path / "a.xlsx", 1, north=the_team(20, parent=parents), south=the_team(9, name="South"))  # fmt: skip
    below = from_below(tmp_path / "a.xlsx")
    assert {goal: value is not None for goal, value in below.items()} == {"G0": True, "G7": False, "G8": True}
    tree = read(tmp_path / "a.xlsx").sheet("Alignment")
    assert tree is not None
    assert "stand at" not in str(tree.cells[2, 1].value)


def from_below(output: Path) -> dict[str, object]:
    """What Alignment shows from below, by goal."""
    tree = read(output).sheet("Alignment")
    assert tree is not None
    column = {str(cell.value): at for (row, at), cell in tree.cells.items() if row == 4}
    goals = {row: str(cell.value) for (row, at), cell in tree.cells.items() if at == column["Goal ID"] and row > 4}
    return {goal: getattr(tree.cells.get((row, column["From below"])), "value", None) for row, goal in goals.items()}


def test_the_same_goals_from_below_with_other_shares_are_another_number(tmp_path: Path) -> None:
    """One who joins in West takes a fifth of it from the four there: two such numbers less one another are these four."""
    under = {"parent": dict.fromkeys(range(4), "TOP")}
    teams = {"north": the_team(6, goal_id={0: "TOP"}), "south": the_team(4, name="South", **under)}
    ahead = dict.fromkeys(range(4), 50)
    edition(tmp_path / "t", tmp_path / "a.xlsx", 1, **teams, west=the_team(4, ahead, name="West", **under))
    assert from_below(tmp_path / "a.xlsx") == {"TOP": pytest.approx((0.1 + 0.5) / 2)}
    edition(tmp_path / "t", tmp_path / "b.xlsx", 2, **teams, west=the_team(5, ahead, name="West", **under))
    assert from_below(tmp_path / "b.xlsx").get("TOP") is None


def test_one_who_changed_is_held_back_wherever_the_workbooks_lie(tmp_path: Path) -> None:
    first = edition(tmp_path / "t", tmp_path / "a.xlsx", 1, north=the_team(6))
    moved = edition(tmp_path / "elsewhere", tmp_path / "b.xlsx", 9, north=the_team(6, {2: 90}))
    assert moved["North"] == first["North"]


def test_without_the_record_nothing_is_known_of_earlier_editions(tmp_path: Path) -> None:
    (tmp_path / "north.xlsx").write_bytes(the_team(6))
    run = {"audience": "exec", "as_of": date(2026, 2, 1)}
    perfsheet.consolidate([tmp_path / "north.xlsx"], output=tmp_path / "a.xlsx", editions=tmp_path / "one", **run)
    (tmp_path / "north.xlsx").write_bytes(the_team(7))
    same, new = (
        perfsheet.consolidate([tmp_path / "north.xlsx"], output=tmp_path / f"{n}.xlsx", editions=tmp_path / n, **run)
        for n in ("one", "two")
    )
    assert [org.answer()["held"] for org in (same, new)] == [2, 0]


def test_a_damaged_record_stops_the_edition(tmp_path: Path) -> None:
    (tmp_path / "north.xlsx").write_bytes(the_team(6))
    (tmp_path / "record").write_bytes(b"no database at all" * 100)
    with pytest.raises(Unwritable, match="earlier editions"):
        perfsheet.consolidate(
            [tmp_path / "north.xlsx"], output=tmp_path / "o.xlsx", audience="exec", editions=tmp_path / "record"
        )
    assert not (tmp_path / "o.xlsx").exists()


def test_the_record_of_editions_names_nobody(tmp_path: Path, record_of_editions: Path) -> None:
    edition(tmp_path / "t", tmp_path / "a.xlsx", 1, north=the_team(6))
    assert b"Person1" not in record_of_editions.read_bytes()
    assert record_of_editions.stat().st_mode & 0o077 == 0


def test_the_files_tab_of_others_than_hr_tells_nothing_of_what_is_in_the_files(teams: Path, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "north.xlsx").write_bytes(the_team(3))
    (tmp_path / "t" / "Ada's copy.xlsx").write_bytes(b"PK nothing")
    (tmp_path / "t" / "notes.txt").write_text("left out")
    for audience in ("manager", "exec"):
        perfsheet.consolidate([tmp_path / "t"], output=tmp_path / f"{audience}.xlsx", audience=audience)
        files = read(tmp_path / f"{audience}.xlsx").sheet("Files")
        assert files is not None
        (note,) = (column for (row, column), cell in files.cells.items() if cell.value == "What to know")
        notes = {str(cell.value) for (row, column), cell in files.cells.items() if column == note and row > 4}
        assert notes == {"it cannot be read", "it is no part of this consolidation"}
    assert not any(cell.type == "number" for cell in files.cells.values())


@pytest.mark.parametrize("audience", ["manager", "exec"])
def test_the_answer_is_for_the_same_audience_as_the_workbook(teams: Path, tmp_path: Path, audience: str) -> None:
    org = perfsheet.consolidate([teams], audience=audience, fairness=True, pseudonym_key=tmp_path / "key.json")
    org.not_returned = [
        {"id": "x", "file": "x.xlsx", "team": "T", "manager": "Ada Bell", "email": "ada@x.example", "reason": "gone"}
    ]
    org.without_draft = ["no draft for Ada Bell: no e-mail"]
    answer = json.dumps(org.answer())
    forbidden = Names(org.named(), str).forbidden
    assert ("ada", "bell") in forbidden
    assert found_in(answer, forbidden) == []
    assert org.answer().keys() >= perfsheet.consolidate([teams]).answer().keys()


def test_executives_are_answered_no_sum_that_the_workbook_does_not_show(tmp_path: Path) -> None:
    (tmp_path / "north.xlsx").write_bytes(the_team(4))
    answer = perfsheet.consolidate([tmp_path / "north.xlsx"], audience="exec").answer()
    assert {
        answer[name] for name in ("people", "goals", "progress", "expected", "coverage", "proposals", "status_counts")
    } == {None}
    assert {name: answer["alignment"][name] for name in ("progress", "unsupported")} == {
        "progress": None,
        "unsupported": [],
    }


def test_a_cached_run_knows_another_secret_behind_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "north.xlsx").write_bytes(the_team(6))
    key, out = tmp_path / "key.json", tmp_path / "out.xlsx"

    def people() -> set[str]:
        command = [
            "consolidate",
            str(tmp_path / "north.xlsx"),
            "-o",
            str(out),
            "--pseudonyms",
            str(key),
            "--as-of",
            "2026-02-01",
        ]
        assert CliRunner().invoke(cli, command).exit_code == 0
        sheet = read(out).sheet("People")
        assert sheet is not None
        return {str(cell.value) for (row, column), cell in sheet.cells.items() if column == 1 and row > 4}

    first, again = people(), people()
    key.unlink()
    assert first == again
    assert people().isdisjoint(first)
