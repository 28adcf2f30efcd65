"""Many workbooks into one: every file accounted for, sums that tie out, and nothing of others replaced."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import perfsheet
from perfsheet.consolidate.sources import gather
from perfsheet.demo import demo_teams
from perfsheet.errors import Unwritable
from perfsheet.filling import fill, workbook_id
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five teams in a folder and a folder below it."""
    folder = tmp_path_factory.mktemp("teams")
    (folder / "south").mkdir()
    for number, team in enumerate(demo_teams(5)):
        settings = {**team.settings, "workbook_id": workbook_id(team.settings)}
        place = folder / "south" if number % 2 else folder
        (place / team.file_name).write_bytes(fill(template_bytes("team"), team.rows, settings))
    return folder


@pytest.fixture
def teams(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "teams"))


def names(paths: object) -> list[str]:
    return sorted(os.path.basename(getattr(p, "path", p)) for p in paths)  # type: ignore[attr-defined]


def test_folders_globs_and_files_are_the_same_files(teams: Path) -> None:
    by_folder = gather([teams]).files
    assert len(by_folder) == 5
    assert gather([f"{teams}/**/*.xlsx"]).files == by_folder
    assert gather(sorted(by_folder, reverse=True)).files == by_folder


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("~$team.xlsx", b"\x03Ada" + bytes(161), "somebody has the workbook open"),
        (".~lock.team.xlsx#", b",Ada,", "somebody has the workbook open"),
        ("~WRL0001.xlsx", b"x", "unfinished"),
        ("old.xls", b"x", "not read"),
        ("placeholder.xlsx", b"", "empty"),
    ],
)
def test_what_lies_around_in_folders_is_left_out_with_a_reason(
    teams: Path, name: str, content: bytes, reason: str
) -> None:
    (teams / name).write_bytes(content)
    (skipped,) = gather([teams]).skipped
    assert (os.path.basename(skipped.path), reason in skipped.reason) == (name, True)


def test_the_output_is_never_its_own_source(teams: Path) -> None:
    output = teams / "org.xlsx"
    perfsheet.consolidate([teams], output=output)
    again = perfsheet.consolidate([teams], output=output)
    assert (again.read, names(again.skipped)) == (5, ["org.xlsx"])


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="every file name is text there")
def test_a_name_that_is_no_text_is_written_so_that_it_can_be_read(teams: Path, tmp_path: Path) -> None:
    r"""A name from an old archive; a file that is called \xe9 by its letters beside it stays another file."""
    first, second = sorted(teams.glob("*.xlsx"))[:2]
    os.rename(first, os.path.join(os.fsencode(teams), b"equip\xe9.xlsx"))
    second.rename(teams / r"equip\xe9.xlsx")
    runs = [
        perfsheet.consolidate(
            [teams], output=tmp_path / "org.xlsx", cache=tmp_path / "cache", dataset=tmp_path / "data"
        )
        for _ in range(2)
    ]
    named = [[name for name in names(org.goals["file"].unique()) if "equip" in name] for org in runs]
    assert named == [[r"equip\xe9.xlsx", r"equip\xe9.xlsx (2)"]] * 2
    assert [len(org.failed) for org in runs] == [0, 0]


def test_a_folder_that_may_not_be_looked_into_is_one_line_and_the_rest_goes_on(
    teams: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system answers whoever is not the super-user; these tests may be run by one."""
    closed, real, asked = teams / "closed", (os.scandir, os.listdir, os.stat), (str(teams), str(teams / "closed"))
    closed.mkdir()

    def refusing(call: Any) -> Any:
        def called(path: Any, *rest: Any, **more: Any) -> Any:
            below = os.path.dirname(path) if call is real[2] else path
            if isinstance(path, (str, Path)) and str(below) == str(closed):
                raise PermissionError(13, "Permission denied", str(path))
            return call(path, *rest, **more)

        return called

    for name, call in zip(("scandir", "listdir", "stat"), real, strict=True):
        monkeypatch.setattr(os, name, refusing(call))
    org = perfsheet.consolidate(asked, jobs=1)
    assert (org.read, [f.line for f in org.failed]) == (
        5,
        [f"{closed}: Permission denied. Check the path and your rights."],
    )


def test_sums_tie_out_with_the_workbooks(teams: Path) -> None:
    org = perfsheet.consolidate([teams])
    reviews = [perfsheet.score(perfsheet.read(path)) for path in gather([teams]).files]
    assert len(org.goals) == sum(len(r.scores.goals) for r in reviews)
    assert org.check_ins == sum(len(r.book.checkins) for r in reviews)
    weights = [r.scores.team.n for r in reviews]
    progress = sum(r.scores.team.progress * n for r, n in zip(reviews, weights, strict=True)) / sum(weights)
    assert org.totals["progress"] == pytest.approx(progress, abs=1e-12)
    assert sum(org.status_counts.values()) == len(org.goals)


def test_a_bad_file_is_one_line_and_the_rest_goes_on(teams: Path) -> None:
    good = perfsheet.consolidate([teams])
    (teams / "broken.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (teams / "words.xlsx").write_text("hello")
    org = perfsheet.consolidate([teams])
    assert names(org.failed) == ["broken.xlsx", "words.xlsx"]
    assert all("\n" not in f.line for f in org.failed)
    assert org.goals.drop(columns="file").equals(good.goals.drop(columns="file"))
    assert len(org.files) == 7


def test_an_older_copy_is_left_out_and_named(teams: Path) -> None:
    original = next(teams.glob("*.xlsx"))
    copy = Path(shutil.copy(original, teams / "copy (1).xlsx"))
    os.utime(copy, (1, 1))
    org = perfsheet.consolidate([teams])
    (skipped,) = org.skipped
    assert (org.read, os.path.basename(skipped.path)) == (5, "copy (1).xlsx")
    assert str(original) in skipped.reason


def test_processes_give_the_same_frames_in_the_same_order(teams: Path) -> None:
    one, two = perfsheet.consolidate([teams], jobs=1), perfsheet.consolidate([teams], jobs=2)
    for name in ("teams", "goals", "people", "issues", "findings", "files"):
        assert getattr(one, name).equals(getattr(two, name)), name


def test_the_same_input_gives_the_same_bytes(teams: Path, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        perfsheet.consolidate([teams], output=tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_file_that_is_not_ours_is_never_replaced(teams: Path, tmp_path: Path) -> None:
    output = Path(shutil.copy(next(teams.glob("*.xlsx")), tmp_path / "budget.xlsx"))
    before = output.read_bytes()
    with pytest.raises(Unwritable, match=r"perfsheet did not make"):
        perfsheet.consolidate([teams], output=output)
    assert output.read_bytes() == before


def test_no_room_to_put_it_together_is_one_line(teams: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(Unwritable, match="folder for temporary files: No such file"):
        perfsheet.consolidate([teams], output=tmp_path / "org.xlsx")
    assert not (tmp_path / "org.xlsx").exists()


def test_the_workbook_holds_every_tab_and_no_formula_from_others(teams: Path, tmp_path: Path) -> None:
    path = next(teams.glob("*.xlsx"))
    org = perfsheet.consolidate([teams], output=tmp_path / "org.xlsx")
    book = read(tmp_path / "org.xlsx")
    assert [s.name for s in book.sheets] == [
        "Summary",
        "Teams",
        "Goals",
        "Alignment",
        "People",
        "Issues",
        "Proposals",
        "Data quality",
        "Forecasts",
        "Control",
        "Files",
    ]
    goals = book.sheet("Goals")
    assert goals is not None
    assert sum(1 for (row, column) in goals.cells if column == 2 and row > 4) == len(org.goals)
    quality = book.sheet("Data quality")
    assert quality is not None
    said = sum(1 for (row, column) in quality.cells if column == 3 and row > 4)
    assert said == int((org.findings["severity"] != "info").sum()) > 0
    plain = [sheet for sheet in book.sheets if sheet.name not in ("Summary", "Forecasts", "Control")]
    assert not any(cell.formula for sheet in plain for cell in sheet.cells.values())
    assert path.exists()


def test_the_teams_furthest_behind_come_first(teams: Path, tmp_path: Path) -> None:
    org = perfsheet.consolidate([teams], output=tmp_path / "org.xlsx")
    sheet = read(tmp_path / "org.xlsx").sheet("Teams")
    assert sheet is not None
    shown = [cell.value for (row, column), cell in sorted(sheet.cells.items()) if column == 1 and row > 4]
    behind = org.teams.assign(gap=org.teams["expected"] - org.teams["progress"])
    assert shown == list(behind.sort_values(["gap", "team"], ascending=[False, True])["team"])
    assert shown != sorted(shown)


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "http://example.com/x", "{=1}", "internal:Sheet1!A1", "-2+3"]
)
def test_text_from_a_team_stays_text(teams: Path, tmp_path: Path, text: str) -> None:
    from perfsheet.tables import Change
    from perfsheet.workbooks.editing import edit
    from perfsheet.workbooks.package import open_package

    path = next(teams.glob("*.xlsx"))
    goal = perfsheet.read(path).goals[0]
    path.write_bytes(edit(open_package(path), [Change(goal.at("goal"), text)]))
    perfsheet.consolidate([path], output=tmp_path / "org.xlsx")
    sheet = read(tmp_path / "org.xlsx").sheet("Goals")
    assert sheet is not None
    found = [cell for cell in sheet.cells.values() if cell.value == text]
    assert [(cell.type, cell.formula) for cell in found] == [("text", False)]


def test_a_tab_that_a_run_was_not_asked_for_is_not_left_from_the_run_before(teams: Path, tmp_path: Path) -> None:
    def tabs(name: str, **asked: Any) -> list[str]:
        perfsheet.consolidate([teams], output=tmp_path / name, **asked)
        return [sheet.name for sheet in read(tmp_path / name).sheets]

    assert "Fairness" in tabs("renewed.xlsx", fairness=True)
    assert tabs("renewed.xlsx") == tabs("fresh.xlsx")
    assert "Fairness" in tabs("renewed.xlsx", fairness=True)


def test_fairness_numbers_are_off_unless_switched_on(teams: Path, tmp_path: Path) -> None:
    plain = perfsheet.consolidate([teams], output=tmp_path / "plain.xlsx")
    asked = perfsheet.consolidate([teams], output=tmp_path / "asked.xlsx", fairness=True)
    tabs = [[s.name for s in read(tmp_path / name).sheets] for name in ("plain.xlsx", "asked.xlsx")]
    assert [("Fairness" in names) for names in tabs] == [False, True]
    assert plain.answer()["fairness"] is None
    outcomes = asked.answer()["fairness"]["outcomes"]
    assert [o["title"] for o in outcomes] == [
        "No goal off track or overdue", "Feedback received in the period", "A proposal accepted",
    ]  # fmt: skip
    assert all(rate["people"] >= 5 for o in outcomes for rate in o["rates"])


def test_forecasts_are_scored_once_enough_goals_are_over(goals_that_are_over: bytes, tmp_path: Path) -> None:
    path, output = tmp_path / "over.xlsx", tmp_path / "org.xlsx"
    path.write_bytes(goals_that_are_over)
    during = perfsheet.consolidate([path], as_of=date(2026, 3, 30))
    assert (during.forecast_skill, during.answer()["forecasts"]["scores"]) == (None, None)
    after = perfsheet.consolidate([path], as_of=date(2026, 4, 10), output=output)
    skill = after.forecast_skill
    assert skill is not None
    assert (skill.n, skill.base_rate) == (32, 0.5)
    said, met = after.forecasts["chance"], after.forecasts["met"]
    assert skill.brier == pytest.approx(((said - met) ** 2).mean())
    sheet = read(output).sheet("Forecasts")
    assert sheet is not None
    assert sum(1 for (row, column) in sheet.cells if column == 3 and row > 27) == 32


def test_what_the_workbooks_said_ties_out_with_what_stands_here(teams: Path, tmp_path: Path) -> None:
    perfsheet.consolidate([teams], output=tmp_path / "org.xlsx")
    control = read(tmp_path / "org.xlsx").sheet("Control")
    assert control is not None
    lines = {
        control.cells[row, 1].value: control.cells[row, 5].value
        for (row, column) in control.cells
        if column == 1 and row > 6
    }
    assert len(lines) == 17
    assert (set(lines.values()), control.cells[3, 2].value) == ({"OK"}, "OK")


def test_a_row_that_is_missing_shows_in_control(teams: Path) -> None:
    from perfsheet.consolidate.writing import view_of
    from perfsheet.tabs.organisation import organisation_tabs

    org = perfsheet.consolidate([teams])
    goals = org.parcels[0].goals
    org.parcels[0] = org.parcels[0]._replace(goals=goals._replace(ids=goals.ids[1:], progress=goals.progress - 0.25))
    control = next(tab for tab in organisation_tabs(view_of(org)) if tab.name == "Control")
    verdicts = {put.row: put.value for put in control.cells if put.column == 5}
    wrong = {put.value for put in control.cells if put.column == 1 and verdicts.get(put.row) == "CHECK"}
    assert {"Goals", "Goals, by team", "Sum of progress"} <= wrong
    assert next(put.value for put in control.cells if (put.row, put.column) == (3, 2)) == "CHECK"
