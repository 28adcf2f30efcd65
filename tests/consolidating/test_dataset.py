"""The organisation as Parquet: what is in it, whole or not at all, and what moved since the last time."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest

import perfsheet
from perfsheet import cycle
from perfsheet.consolidate import dataset
from perfsheet.consolidate.dataset import MARKER, SCHEMA, read_table
from perfsheet.consolidate.goalposts import moved_goalposts
from perfsheet.errors import Misuse, Unwritable
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.tables import Change
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import open_package

AS_OF = date(2026, 2, 14)


def workbook(period: str = "2026 Q1", workbook_id: str | None = "north") -> bytes:
    settings = {
        "organisation": "Org", "team": "North", "manager": "Mona May", "period": period, "period_start": date(2026, 1, 1),
        "period_end": date(2026, 3, 31), "workbook_id": workbook_id and f"{workbook_id}-{period}",
    }  # fmt: skip
    goal = {
        "goal_id": "G1",
        "goal": "Calls",
        "owners": ("Ada Bell",),
        "kind": "Increase",
        "baseline": 0,
        "target": 90,
        "measure": "=1+1",
    }
    log = [{"day": date(2026, 1, d), "goal_id": "G1", "value": d} for d in (6, 13, 20)]
    return fill(template_bytes("team"), {PEOPLE: [{"person": "Ada Bell"}], GOALS: [goal], CHECKINS: log}, settings)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    path = tmp_path / "north.xlsx"
    path.write_bytes(workbook())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def change(team: Path, *changes: tuple[str, str, object]) -> None:
    """(tab, field, value) of the first row of a form."""
    book = cycle.read(team)
    first = {"Goals": book.goals[0], "Check-ins": book.checkins[0]}
    team.write_bytes(edit(open_package(team), [Change(first[tab].at(field), value) for tab, field, value in changes]))  # type: ignore[arg-type]


def run(team: Path, folder: Path) -> perfsheet.consolidate.Organisation:  # type: ignore[name-defined]
    return perfsheet.consolidate([team], as_of=AS_OF, dataset=folder)


def test_every_table_stands_in_a_folder_for_each_period(team: Path, folder: Path) -> None:
    org = run(team, folder)
    assert {p.name for p in folder.iterdir()} >= {"teams", "goals", "people", "check_ins", "findings", "files", MARKER}
    goals = pd.read_parquet(folder / "goals")
    assert goals.drop(columns="period").columns.tolist() == [f.name for f in SCHEMA["goals"]]
    assert goals["period"].unique().tolist() == ["2026 Q1"]
    assert goals["progress"].tolist() == org.goals["progress"].tolist()
    assert [(r["day"], r["value"]) for r in read_table(folder, "check_ins")] == [
        (date(2026, 1, d), d) for d in (6, 13, 20)
    ]


def test_the_schema_says_what_it_means_and_which_version_it_is(team: Path, folder: Path) -> None:
    run(team, folder)
    file = next((folder / "goals").rglob("*.parquet"))
    schema = pyarrow.parquet.ParquetFile(file).schema_arrow
    assert (schema.metadata[b"perfsheet_schema"], schema.metadata[b"table"]) == (b"1", b"goals")
    assert schema.field("spi_t").metadata[b"meaning"] == b"earned by elapsed time"


def test_a_run_replaces_its_period_and_keeps_the_others(team: Path, folder: Path, tmp_path: Path) -> None:
    run(team, folder)
    before = next((folder / "goals").rglob("*.parquet")).read_bytes()
    later = tmp_path / "later.xlsx"
    later.write_bytes(workbook("2026 Q2"))
    run(later, folder)
    run(later, folder)
    assert sorted({r["period"] for r in read_table(folder, "goals")}) == ["2026 Q1", "2026 Q2"]
    assert (folder / "goals" / "period=2026%20Q1" / "data.parquet").read_bytes() == before


@pytest.mark.parametrize(
    "place", ["report.pbix", "goals/notes.txt", "goals/period=2026%20Q1/mine.csv", "own/deep/a.txt"]
)
def test_what_somebody_else_puts_into_the_folder_stays(team: Path, folder: Path, place: str) -> None:
    run(team, folder)
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text("mine")
    run(team, folder)
    assert (folder / place).read_text() == "mine"
    assert [r["goal_id"] for r in read_table(folder, "goals")] == ["G1"]


def test_a_weight_that_nobody_typed_moves_with_the_others_and_is_no_goalpost(team: Path, folder: Path) -> None:
    """An empty weight is the mean of those that are filled in."""
    goals = [{"goal_id": f"G{n}", "goal": f"Calls {n}", "owners": ("Ada Bell",), "kind": "Increase", "baseline": 0, "target": 90, "weight": w} for n, w in ((1, 20), (2, None), (3, 40))]  # fmt: skip
    log = [{"day": date(2026, 1, 6), "goal_id": "G1", "value": 6}]
    settings = {"team": "North", "manager": "Mona May", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31)}  # fmt: skip
    team.write_bytes(
        fill(template_bytes("team"), {PEOPLE: [{"person": "Ada Bell"}], GOALS: goals, CHECKINS: log}, settings)
    )
    run(team, folder)
    change(team, ("Goals", "weight", 60))
    moved = run(team, folder).moved
    assert [(m.goal_id, m.field, m.before, m.after) for m in moved] == [("G1", "Weight", 20, 60)]
    assert [r["weight_given"] for r in read_table(folder, "goals")] == [True, False, True]


def test_pandas_reads_tables_with_rows_that_have_no_period(team: Path, folder: Path, tmp_path: Path) -> None:
    """A file that was left out has none, and a workbook may name none."""
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / "south.xlsx").write_bytes(workbook("", "south"))
    org = perfsheet.consolidate([tmp_path], as_of=AS_OF, dataset=folder)
    assert org.read == 2
    found = {table: pd.read_parquet(folder / table)["period"].tolist() for table in ("files", "goals")}
    assert {table: sorted(map(str, periods)) for table, periods in found.items()} == {
        "files": ["(none)", "(none)", "2026 Q1"],
        "goals": ["(none)", "2026 Q1"],
    }
    assert [r["period"] for r in read_table(folder, "goals")] == [None, "2026 Q1"]
    assert perfsheet.consolidate([tmp_path], as_of=AS_OF, dataset=folder).moved == []


def test_a_slip_in_capitals_makes_no_other_period(team: Path, folder: Path, tmp_path: Path) -> None:
    """On many disks the two would be one folder, and one would write over the other."""
    (tmp_path / "south.xlsx").write_bytes(workbook("2026 q1", "south"))

    def run() -> list[object]:
        org = perfsheet.consolidate([tmp_path], as_of=AS_OF, dataset=folder)
        return [(m.goal_id, m.field, m.after) for m in org.moved or ()]

    assert run() == run() == []
    assert pd.read_parquet(folder / "goals")[["workbook_id", "period"]].values.tolist() == [
        ["north-2026 Q1", "2026 Q1"],
        ["south-2026 q1", "2026 Q1"],
    ]
    change(tmp_path / "south.xlsx", ("Goals", "target", 60))
    assert run() == [("G1", "Target", 60)]
    team.unlink()
    change(tmp_path / "south.xlsx", ("Goals", "target", 50))
    assert ("G1", "Target", 50) in run()
    assert [path.name for path in (folder / "goals").iterdir()] == ["period=2026%20q1"]


def test_a_table_without_rows_leaves_no_empty_folder(team: Path, folder: Path) -> None:
    run(team, folder)
    shutil.copytree(folder / "goals", folder / "history")  # rows of History, as if there had been some
    run(team, folder)
    assert not (folder / "history").exists()


def test_the_same_input_gives_the_same_files(team: Path, tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        run(team, tmp_path / name)
        made.append(
            {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        )
    assert made[0] == made[1]


def test_many_rows_are_written_in_groups_and_no_extremes_of_them_are_told(
    team: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "ROWS", 2)
    run(team, folder)
    file = pyarrow.parquet.ParquetFile(next((folder / "check_ins").rglob("*.parquet")))
    groups = [file.metadata.row_group(n) for n in range(file.metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [2, 1]
    assert not any(group.column(c).is_stats_set for group in groups for c in range(group.num_columns))
    assert [r["value"] for r in read_table(folder, "check_ins")] == [6, 13, 20]
    change(team, ("Check-ins", "value", 7))
    assert [m.after for m in run(team, folder).moved] == [7]


def test_behind_pseudonyms_only_what_moved_has_moved(folder: Path, tmp_path: Path) -> None:
    """The dataset knows Ada Bell as somebody else, and her file, which is known by its name alone, too."""
    ada = tmp_path / "Ada Bell.xlsx"
    ada.write_bytes(workbook(workbook_id=None))

    def run() -> list[object]:
        org = perfsheet.consolidate([ada], as_of=AS_OF, dataset=folder, pseudonym_key=tmp_path / "key")
        return [(m.field, m.before, m.after) for m in org.moved or ()]

    assert run() == run() == []
    change(ada, ("Goals", "target", 60))
    assert run() == [("Target", 90, 60)]


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        pytest.param("key", None, "pseudonyms stand for names in it", id="names after pseudonyms"),
        pytest.param(None, "key", "it holds names", id="pseudonyms after names"),
        pytest.param("key", "another", "pseudonyms were made with another key", id="another key"),
    ],
)
def test_names_and_pseudonyms_never_stand_side_by_side(
    team: Path, folder: Path, tmp_path: Path, before: str | None, now: str | None, says: str
) -> None:
    def run(key: str | None) -> None:
        perfsheet.consolidate([team], as_of=AS_OF, dataset=folder, pseudonym_key=key and tmp_path / key)

    run(before)
    there = {path: path.read_bytes() for path in folder.rglob("*.*")}
    with pytest.raises(Misuse, match=says):
        run(now)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == there


def test_a_folder_of_somebody_else_is_left_alone(team: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.docx").write_text("years of work")
    with pytest.raises(Unwritable, match="did not write"):
        perfsheet.consolidate([team], as_of=AS_OF, dataset=folder, output=team.parent / "org.xlsx")
    assert not (team.parent / "org.xlsx").exists()
    assert [p.name for p in folder.iterdir()] == ["thesis.docx"]


def test_it_is_written_whole_or_not_at_all(team: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(team, folder)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    written, real = [], dataset._write_table

    def full(*args: object) -> None:
        written.append(args)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(dataset, "_write_table", full)
    with pytest.raises(Unwritable, match="No space left"):
        run(team, folder)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert sorted(p.name for p in folder.parent.iterdir()) == ["data", "north.xlsx"]


def test_a_run_that_was_cut_off_while_putting_it_in_place_loses_nothing(team: Path, folder: Path) -> None:
    run(team, folder)
    os.rename(folder, folder.with_name(".data.old"))
    assert run(team, folder).moved == []
    assert len(read_table(folder, "goals")) == 1


# ------------------------------------------------------------------------------- moved goalposts


def test_the_first_run_has_nothing_to_compare_with(team: Path, folder: Path) -> None:
    assert [run(team, folder).moved, run(team, folder).moved] == [None, []]


def test_a_target_that_moved_in_silence_is_not_explained(team: Path, folder: Path, tmp_path: Path) -> None:
    run(team, folder)
    change(team, ("Goals", "target", 45.0))
    org = perfsheet.consolidate([team], as_of=AS_OF, dataset=folder, output=tmp_path / "org.xlsx")
    assert [(m.field, m.before, m.after, m.explained) for m in org.moved] == [("Target", 90, 45, "")]
    assert "Moved goalposts" in [s.name for s in perfsheet.cycle.reading.read(tmp_path / "org.xlsx").sheets]


def test_an_old_check_in_that_was_edited_shows(team: Path, folder: Path) -> None:
    run(team, folder)
    change(team, ("Check-ins", "value", 60.0))
    (moved,) = run(team, folder).moved
    assert (moved.field, moved.before, moved.after, moved.cell) == ("Check-in of 2026-01-06", 6, 60, "'Check-ins'!A5")


GOAL = {
    "workbook_id": "W", "team": "North", "file": "north.xlsx", "goal_id": "G1", "goal": "Calls", "target": 90.0, "baseline": 0.0,
    "weight": 1.0, "start": date(2026, 1, 1), "due": date(2026, 3, 31), "kind": "Increase", "owner": "Ada", "cell": "Goals!A5",
    "lower": None, "upper": None, "state": "Active", "parent": "O1",
}  # fmt: skip
SAID = {"workbook_id": "W", "file": "north.xlsx", "goal_id": "g1", "field": "Due date", "new": "2026-04-30", "who": "Mona", "when": "2026-02-01", "reason": "strike", "chain_intact": True}  # fmt: skip


def compare(now: dict[str, object], history: list[dict[str, object]], log: tuple[list, list] = ([], [])) -> list[str]:  # type: ignore[type-arg]
    found = moved_goalposts(
        {"goals": [GOAL], "check_ins": log[0]}, {"goals": [{**GOAL, **now}], "check_ins": log[1], "history": history}
    )
    return [f"{m.field}: {m.before} -> {m.after} ({m.explained or 'not explained'})" for m in found]


@pytest.mark.parametrize(
    ("now", "history", "said"),
    [
        pytest.param({}, [], [], id="nothing"),
        pytest.param({"owner": "ada ", "target": 90}, [], [], id="spelling is no change"),
        pytest.param({"kind": "Count", "weight": 2.0}, [], ["Weight: 1.0 -> 2.0 (not explained)", "Kind: Increase -> Count (not explained)"], id="silent"),
        pytest.param({"due": date(2026, 4, 30)}, [SAID], ["Due date: 2026-03-31 -> 2026-04-30 (Mona, 2026-02-01: strike)"], id="explained"),
        pytest.param({"due": date(2026, 5, 31)}, [SAID], ["Due date: 2026-03-31 -> 2026-05-31 (not explained)"], id="to another value"),
        pytest.param({"due": date(2026, 4, 30)}, [{**SAID, "chain_intact": False}], ["Due date: 2026-03-31 -> 2026-04-30 (not explained)"], id="broken chain"),
        pytest.param({"due": date(2026, 4, 30)}, [{**SAID, "workbook_id": "V"}], ["Due date: 2026-03-31 -> 2026-04-30 (not explained)"], id="another workbook"),
        pytest.param({"due": date(2026, 4, 30)}, [SAID, {**SAID, "new": "2026-05-31"}], ["Due date: 2026-03-31 -> 2026-04-30 (not explained)"], id="put back by hand after History's last word"),
        pytest.param({"lower": 5.0, "parent": "O2", "state": "Dropped"}, [], ["Lower: None -> 5.0 (not explained)", "Parent goal: O1 -> O2 (not explained)", "State: Active -> Dropped (not explained)"], id="limits, parent and state"),
        pytest.param({"goal_id": "G2"}, [], ["Goal: a row -> no row (not explained)"], id="a goal that is gone"),
        pytest.param({"workbook_id": None, "file": "other.xlsx", "target": 5}, [], ["Workbook: goals -> not in this run, or without goals (not explained)"], id="a workbook that is gone"),
    ],
)  # fmt: skip
def test_changes_are_explained_by_an_intact_history_alone(
    now: dict[str, object], history: list[dict[str, object]], said: list[str]
) -> None:
    assert compare(now, history) == said


def test_a_dataset_from_before_a_column_says_nothing_of_it() -> None:
    old = {name: value for name, value in GOAL.items() if name not in ("lower", "upper", "state")}
    assert moved_goalposts({"goals": [old], "check_ins": []}, {"goals": [GOAL], "check_ins": [], "history": []}) == []


def row(day: int, value: float | None) -> dict[str, object]:
    return {
        "workbook_id": "W",
        "file": "north.xlsx",
        "goal_id": "G1",
        "day": date(2026, 1, day),
        "value": value,
        "cell": f"A{day}",
    }


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        pytest.param([row(6, 1)], [row(6, 1), row(13, 2)], [], id="the log grows at its end"),
        pytest.param([row(6, 1), row(13, 2)], [row(13, 2)], ["Check-in of 2026-01-06: 1 -> no row (not explained)"], id="deleted"),
        pytest.param([row(13, 2)], [row(6, 9), row(13, 2)], ["Check-in of 2026-01-06: no row -> 9 (not explained)"], id="added for a day before"),
        pytest.param([], [row(6, 9)], [], id="the first check-in"),
    ],
)  # fmt: skip
def test_old_check_ins(before: list[dict[str, object]], now: list[dict[str, object]], said: list[str]) -> None:
    assert compare({}, [], (before, now)) == said


def test_a_date_that_moved_stands_in_the_answer_as_a_text(team: Path, folder: Path) -> None:
    run(team, folder)
    change(team, ("Goals", "due", date(2026, 3, 1)))
    (moved,) = json.loads(json.dumps(run(team, folder).answer()))["moved"]
    assert (moved["before"], moved["after"]) == ("2026-03-31", "2026-03-01")
