"""From period to period: numbers of earlier consolidations, with the same protection as those of today."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner

import perfsheet
from perfsheet.cli import cli
from perfsheet.consolidate import Organisation
from perfsheet.errors import Misuse
from perfsheet.filling import fill
from perfsheet.forms import ACTIONS, CHECKINS, GOALS, PEOPLE
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

QUARTERS = {"2026 Q1": (date(2026, 1, 1), date(2026, 3, 31)), "2026 Q2": (date(2026, 4, 1), date(2026, 6, 30))}


def workbook(period: str, done: int, people: int = 6) -> bytes:
    """A team in which everybody has one goal of 100 and `done` of it."""
    start, end = QUARTERS[period]
    staff = [f"Person{n} Ofnorth" for n in range(people)]
    goals = [{"goal_id": f"G{n}", "goal": "Calls", "owners": (who,), "kind": "Increase", "baseline": 0, "target": 100} for n, who in enumerate(staff)]  # fmt: skip
    log = [{"day": start.replace(day=d), "goal_id": f"G{n}", "value": done} for d in (8, 15, 22) for n in range(people)]
    agreed = [
        {
            "action_id": f"A{n}-{d}",
            "action": "Call back",
            "owner": who,
            "agreed": start,
            "due": start.replace(day=d),
            "done": start.replace(day=d),
        }
        for n, who in enumerate(staff)
        for d in (10, 12, 14)
    ]
    settings = {
        "organisation": "Org", "team": "North", "manager": staff[0], "period": period, "period_start": start, "period_end": end,
        "workbook_id": f"north {period}",
    }  # fmt: skip
    return fill(
        template_bytes("team"),
        {PEOPLE: [{"person": who} for who in staff], GOALS: goals, CHECKINS: log, ACTIONS: agreed},
        settings,
    )


def run(folder: Path, period: str, done: int, people: int = 6, **options: object) -> Organisation:
    path = folder / f"{period}.xlsx"
    path.write_bytes(workbook(period, done, people))
    return perfsheet.consolidate([path], as_of=QUARTERS[period][0].replace(day=28), **options)  # type: ignore[arg-type]


def lines(org: Organisation) -> list[tuple[object, ...]]:
    return [
        (row["team"], row["period"], row["progress"], row["on_track"], row["index_people"])
        for row in org.answer()["trend"]
    ]


WITHOUT_INDEX = ["Team", "Period", "As of", "Progress", "Coverage", "On track", "Goals", "People"]


def headers(path: Path) -> list[object]:
    """What stands above the columns of the trend: none of them is empty."""
    sheet = read(path).sheet("Trend")
    assert sheet is not None
    return [cell.value for (row, _), cell in sorted(sheet.cells.items()) if row == 4]


def test_each_period_of_the_dataset_is_a_line_of_the_organisation_and_of_each_team(tmp_path: Path) -> None:
    run(tmp_path, "2026 Q1", 40, dataset=tmp_path / "data")
    second = run(tmp_path, "2026 Q2", 10, dataset=tmp_path / "data", output=tmp_path / "org.xlsx")
    assert lines(second) == [
        (None, "2026 Q1", pytest.approx(0.4), 1.0, 6), (None, "2026 Q2", pytest.approx(0.1), 0.0, 6),
        ("North", "2026 Q1", pytest.approx(0.4), 1.0, 6), ("North", "2026 Q2", pytest.approx(0.1), 0.0, 6),
    ]  # fmt: skip
    sheet = read(tmp_path / "org.xlsx").sheet("Trend")
    assert sheet is not None
    assert [sheet.cells[row, 1].value for row in range(5, 9)] == ["Org", "Org", "North", "North"]
    assert set(headers(tmp_path / "org.xlsx")) - set(WITHOUT_INDEX) == {"Practice index", "People with an index"}


def test_the_present_period_is_told_by_the_workbooks_and_not_by_the_last_run(tmp_path: Path) -> None:
    run(tmp_path, "2026 Q1", 40, dataset=tmp_path / "data")
    assert lines(run(tmp_path, "2026 Q1", 60, dataset=tmp_path / "data"))[0][:3] == (
        None,
        "2026 Q1",
        pytest.approx(0.6),
    )


def test_no_mean_index_of_fewer_people_than_the_minimum(tmp_path: Path) -> None:
    org = run(tmp_path, "2026 Q1", 40, people=4, dataset=tmp_path / "data")
    assert {(row["index"], row["index_people"]) for row in org.trend or ()} == {(None, None)}


def test_managers_have_the_trend_without_the_index_and_nothing_is_written(tmp_path: Path) -> None:
    run(tmp_path, "2026 Q1", 40, dataset=tmp_path / "data")
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    org = run(tmp_path, "2026 Q2", 10, trend=tmp_path / "data", audience="manager", output=tmp_path / "org.xlsx")
    assert [row[-1] for row in lines(org)] == [None] * 4
    assert headers(tmp_path / "org.xlsx") == WITHOUT_INDEX
    assert {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()} == before


def test_executives_have_the_periods_that_they_were_shown(tmp_path: Path) -> None:
    run(tmp_path, "2026 Q1", 40, audience="exec", output=tmp_path / "first.xlsx")
    run(tmp_path, "2026 Q1", 60, people=4, audience="exec", output=tmp_path / "small.xlsx")
    org = run(tmp_path, "2026 Q2", 10, audience="exec", output=tmp_path / "second.xlsx")
    assert lines(org)[:2] == [
        (None, "2026 Q1", pytest.approx(0.4), 1.0, None), (None, "2026 Q2", pytest.approx(0.1), 0.0, None),
    ]  # fmt: skip
    assert headers(tmp_path / "second.xlsx") == WITHOUT_INDEX


@pytest.mark.parametrize(("version", "remedy"), [("0", "write into another folder"), ("2", "update perfsheet")])
def test_another_schema_is_refused_in_one_line(tmp_path: Path, version: str, remedy: str) -> None:
    run(tmp_path, "2026 Q1", 40, dataset=tmp_path / "data")
    for path in (tmp_path / "data").rglob("*.parquet"):
        table = pyarrow.parquet.read_table(path, partitioning=None)
        metadata = {**table.schema.metadata, b"perfsheet_schema": version.encode()}
        pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), path)
    with pytest.raises(Misuse, match=remedy) as caught:
        run(tmp_path, "2026 Q2", 40, dataset=tmp_path / "data")
    assert "\n" not in str(caught.value)


def test_the_command_answers_with_the_trend(tmp_path: Path) -> None:
    run(tmp_path, "2026 Q1", 40, dataset=tmp_path / "data")
    (tmp_path / "2026 Q2.xlsx").write_bytes(workbook("2026 Q2", 10))
    command = ["consolidate", str(tmp_path / "2026 Q2.xlsx"), "-o", str(tmp_path / "org.xlsx"), "--trend", str(tmp_path / "data"), "--format", "json", "--as-of", "2026-04-28"]  # fmt: skip
    answer = json.loads(CliRunner().invoke(cli, command).stdout)
    assert [(row["team"], row["period"], row["as_of"]) for row in answer["trend"]][:2] == [
        (None, "2026 Q1", "2026-01-28"), (None, "2026 Q2", "2026-04-28"),
    ]  # fmt: skip
