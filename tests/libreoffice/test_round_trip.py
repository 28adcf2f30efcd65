"""A manager with LibreOffice: opens what `new` made, types, saves; perfsheet scores; LibreOffice shows the tabs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import perfsheet
from perfsheet import cycle
from perfsheet.demo import demo_teams
from perfsheet.filling import fill, new_file
from perfsheet.records import locate
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

pytestmark = pytest.mark.libreoffice

Calc = Callable[..., dict[str, Any]]


def cells(path: Path, tab: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """Values by cell for the first free rows of a tab's form."""
    place = locate(read(path))[tab]
    return {
        f"{chr(64 + place.columns[name])}{place.header_row + 1 + i}": value
        for i, row in enumerate(rows)
        for name, value in row.items()
    }


def test_a_manager_types_and_perfsheet_scores(calc: Calc, tmp_path: Path) -> None:
    made, typed, shown = (tmp_path / name for name in ("new.xlsx", "typed.xlsx", "shown.xlsx"))
    facts = {
        "team": "North",
        "manager": "Ada Lovelace",
        "period": "2026 Q1",
        "start": date(2026, 1, 1),
        "end": date(2026, 3, 31),
    }
    new_file(str(made), template="team", roster=None, force=False, facts=facts)
    order = {
        "People": cells(made, "People", {"person": "Ada Lovelace"}, {"person": "Grace Hopper", "manager": "Ada Lovelace"}),
        "Goals": cells(
            made, "Goals",
            {"goal_id": "G1", "goal": "Raise sales", "owners": "Grace Hopper", "kind": "Increase", "baseline": 20, "target": 40},
            {"goal_id": "G2", "goal": "Fewer errors", "owners": "Ada Lovelace", "kind": "Decrease", "baseline": 50, "target": 10, "due": "2026-02-28"},
        ),
        "Check-ins": cells(
            made, "Check-ins",
            {"day": "2026-01-20", "goal_id": "G1", "value": 24}, {"day": "2026-02-10", "goal_id": "G1", "value": 29},
            {"day": "2026-02-10", "goal_id": "G2", "value": 35, "note": "half way"},
        ),
    }  # fmt: skip
    answer = calc(open=made, type=order, save=typed, look={"Goals": []})
    assert answer["sheets"][:3] == ["Start here", "Goals", "Check-ins"]

    review = cycle.score(cycle.read(typed), date(2026, 2, 14))
    assert {g.goal_id: g.progress for g in review.scores.goals} == {
        "G1": pytest.approx(0.45),
        "G2": pytest.approx(0.375),
    }
    assert [str(f.address) + " " + f.code for f in review.findings if f.severity == "error"] == []
    cycle.write(review, typed)

    seen = calc(open=typed, look={"Summary": ["A1"], "Checks": ["A1", "A3"], "Adjustments": ["A1"]}, save=shown)
    assert seen["sheets"][-3:] == ["Summary", "Adjustments", "Checks"]
    assert seen["seen"] == {
        "Summary": {"A1": "North"},
        "Checks": {"A1": "Checks", "A3": "OK"},
        "Adjustments": {"A1": "Adjustments"},
    }

    again = cycle.score(cycle.read(shown), date(2026, 2, 14))
    assert [s.mark for s in read(shown).sheets if s.mark] == ["Summary", "Adjustments", "Checks"]
    assert [g.progress for g in again.scores.goals] == [g.progress for g in review.scores.goals]
    written = cycle.write(again, shown)
    assert list(written.tabs.values()) == ["Summary", "Adjustments", "Checks"]


def test_every_formula_of_ours_says_what_libreoffice_calculates(calc: Calc, tmp_path: Path) -> None:
    """The cached values in Summary and Checks are what a program gets from the formulas."""
    team = list(demo_teams(2))[1]
    path, saved = tmp_path / "team.xlsx", tmp_path / "saved.xlsx"
    path.write_bytes(fill(template_bytes("team"), team.rows, team.settings))
    cycle.write(cycle.score(cycle.read(path)), path)
    calc(open=path, save=saved)
    assert formulas_that_agree(path, saved, "Summary", "Checks") > 20


def test_the_organisations_numbers_are_what_libreoffice_calculates(
    calc: Calc, goals_that_are_over: bytes, tmp_path: Path
) -> None:
    path, org, saved = (tmp_path / name for name in ("over.xlsx", "org.xlsx", "saved.xlsx"))
    path.write_bytes(goals_that_are_over)
    perfsheet.consolidate([path], as_of=date(2026, 4, 10), output=org)
    calc(open=org, save=saved)
    assert formulas_that_agree(org, saved, "Summary", "Forecasts", "Control") > 70


@pytest.mark.parametrize(
    ("audience", "typed"),
    [
        ("hr", {}),
        ("hr", {"Goals": {"H5": 0.987}}),
        ("hr", {"Teams": {"D5": 0.987}}),
        ("hr", {"Summary": {"A5": 0.987}}),
        ("manager", {"Files": {"B5": "lost"}}),
        ("manager", {"Teams": {"J5": 41}}),
    ],
)
def test_a_cell_that_somebody_changes_turns_control_to_check(
    calc: Calc, tmp_path: Path, audience: str, typed: dict[str, Any]
) -> None:
    """Beside workbooks that count there are an older copy, one that cannot be read and one that is none."""
    for team in demo_teams(2):
        (tmp_path / team.file_name).write_bytes(fill(template_bytes("team"), team.rows, team.settings))
    shutil.copy(tmp_path / team.file_name, tmp_path / f"Copy of {team.file_name}")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "notes.txt").write_text("none")
    org = tmp_path / "out" / "org.xlsx"
    org.parent.mkdir()
    perfsheet.consolidate([tmp_path], output=org, audience=audience)
    seen = calc(open=org, type=typed, look={"Control": ["B3"], "Summary": ["H1"]}, save=tmp_path / "saved.xlsx")
    verdict = "CHECK" if typed else "OK"
    assert seen["seen"] == {"Control": {"B3": verdict}, "Summary": {"H1": verdict}}
    if not typed:
        assert formulas_that_agree(org, tmp_path / "saved.xlsx", "Control") == 69


def formulas_that_agree(ours: Path, calculated: Path, *tabs: str) -> int:
    """How many formulas the tabs hold; each one's remembered result is what the program got."""
    wanted, found = read(ours), read(calculated)
    compared = 0
    for name in tabs:
        before, after = wanted.sheet(name), found.sheet(name)
        assert before is not None
        assert after is not None
        for place, cell in before.cells.items():
            if cell.formula:
                compared += 1
                result, said = after.cells[place].value, "" if cell.value is None else cell.value
                assert result == (pytest.approx(said, abs=1e-9) if isinstance(said, (int, float)) else said), (
                    name,
                    place,
                )
    return compared


def test_libreoffice_changes_nothing_it_should_not(calc: Calc, tmp_path: Path) -> None:
    """The entries read the same before our tabs came and after LibreOffice saved the result."""
    team = next(demo_teams(1))
    path, saved = tmp_path / "team.xlsx", tmp_path / "saved.xlsx"
    path.write_bytes(fill(template_bytes("team"), team.rows, team.settings))
    before = cycle.read(path)
    shutil.copy(path, saved)
    cycle.write(cycle.score(before), path)
    calc(open=path, save=saved)
    after = cycle.read(saved)
    assert [(g.goal_id, g.owners, g.target, g.due) for g in after.goals] == [
        (g.goal_id, g.owners, g.target, g.due) for g in before.goals
    ]
    assert [(c.day, c.goal_id, c.value, c.confidence, c.note) for c in after.checkins] == [
        (c.day, c.goal_id, c.value, c.confidence, c.note) for c in before.checkins
    ]
