"""The command line as a user meets it: what it prints, what it returns, what it leaves alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import perfsheet
from perfsheet.cli import cli
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.tables import Change
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import open_package
from perfsheet.workbooks.reading import read as read_cells

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: to start Python and import everything takes longer than most commands."""
    monkeypatch.chdir(tmp_path)

    def perfsheet(*arguments: object) -> subprocess.CompletedProcess[str]:
        with pytest.raises(SystemExit) as ended:
            cli([*map(str, arguments)], prog_name="perfsheet")
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), said.out, said.err)

    return perfsheet


@pytest.fixture
def started(tmp_path: Path) -> Run:
    """The command as a program of its own, as a user has it."""

    def perfsheet(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "perfsheet", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, encoding="utf-8")

    return perfsheet


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four filled-in workbooks; the second has a slip."""
    folder = tmp_path_factory.mktemp("filled")
    paths = []
    for team in demo_teams(4):
        path = folder / team.file_name
        path.write_bytes(fill(template_bytes("team"), team.rows, team.settings))
        paths.append(path)
    return paths


@pytest.fixture
def team(filled: list[Path], tmp_path: Path) -> Path:
    return Path(shutil.copy(filled[0], tmp_path / "team.xlsx"))


def test_help_names_every_step_and_imports_nothing_heavy(started: Run) -> None:
    text = started("--help").stdout
    assert [w for w in ("demo", "new", "validate", "score", "consolidate", "rule", "templates") if w not in text] == []
    code = "import sys, perfsheet.cli; print([m for m in ('pandas', 'lxml', 'openpyxl', 'xlsxwriter') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_validate_and_score_of_one_workbook_need_no_pandas_and_no_openpyxl(team: Path) -> None:
    code = (
        "import sys, perfsheet; book = perfsheet.read(sys.argv[1]); perfsheet.write(perfsheet.score(book), sys.argv[1]); "
        "print([m for m in ('pandas', 'openpyxl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, team], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_validate_changes_nothing_and_names_the_cell(run: Run, filled: list[Path]) -> None:
    before = filled[1].read_bytes()
    done = run("validate", filled[1])
    assert filled[1].read_bytes() == before
    assert f"{filled[1]}:Goals!" in done.stdout
    assert "unknown_owner" in done.stdout


def test_score_twice_gives_the_same_bytes(started: Run, team: Path) -> None:
    started("score", team)
    once = team.read_bytes()
    assert "nothing new" in started("score", team).stdout
    assert team.read_bytes() == once


def test_dry_run_writes_nothing(run: Run, team: Path) -> None:
    before = team.read_bytes()
    assert "would write Summary, Adjustments, Checks" in run("score", "--dry-run", team).stdout
    assert team.read_bytes() == before


def test_json_is_one_document_and_nothing_else(started: Run, team: Path) -> None:
    answer = json.loads(started("score", "--format", "json", team).stdout)
    assert set(answer) == {"perfsheet", "as_of", "workbooks"}
    (workbook,) = answer["workbooks"]
    assert {
        "path",
        "workbook_id",
        "team",
        "manager",
        "period",
        "findings",
        "team_score",
        "goals",
        "people",
        "issues",
        "proposals",
    } <= set(workbook)
    assert {"progress", "expected", "coverage", "low", "high", "status_counts", "worst"} <= set(workbook["team_score"])


def test_as_of_moves_the_day_of_judgement(run: Run, team: Path) -> None:
    early = json.loads(run("score", "--dry-run", "--as-of", "2026-07-03", "--format", "json", team).stdout)
    statuses = {g["status"] for g in early["workbooks"][0]["goals"]}
    assert early["as_of"] == "2026-07-03"
    assert statuses <= {"no_data", "too_early", "not_started", "on_track", "achieved"}


def test_policy_from_a_file_goes_before_the_settings(run: Run, team: Path, tmp_path: Path) -> None:
    (tmp_path / "house.toml").write_text("off_track_pace = 0.0\nat_risk_pace = 0.0\n")
    answer = json.loads(run("score", "--dry-run", "--policy", "house.toml", "--format", "json", team).stdout)
    assert not {"off_track", "at_risk"} & {g["status"] for g in answer["workbooks"][0]["goals"]}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["validate"], 2, "Missing argument"),
        (["score", "none.xlsx"], 3, "none.xlsx: there is no such file"),
        (["score", "text.xlsx"], 3, "text.xlsx: "),
        (["score", "--as-of", "tomorrow", "team.xlsx"], 2, "tomorrow"),
        (["score", "--policy", "bad.toml", "team.xlsx"], 2, "no policy number is called 'colour'"),
        (["score", "--person", "Nobody", "team.xlsx"], 2, "nobody is called 'Nobody'"),
        (["rule", "no_such_rule"], 2, "no_such_rule"),
    ],
)
def test_wrong_usage_and_obstacles_are_one_line(
    run: Run, team: Path, tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    (tmp_path / "text.xlsx").write_text("just text")
    (tmp_path / "bad.toml").write_text("colour = 'red'")
    done = run(*arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    if code == 3:
        assert len(done.stderr.strip().splitlines()) == 1


def test_one_bad_file_of_many_is_one_line_and_the_rest_goes_on(started: Run, team: Path, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("just text")
    done = started("validate", "text.xlsx", team)
    assert done.returncode == 1
    assert "text.xlsx" in done.stderr
    assert str(team) in done.stdout


def test_a_person_sees_their_own_sheet(run: Run, team: Path) -> None:
    name = next(demo_teams(1)).manager
    done = run("score", "--person", name, team)
    assert done.returncode == 0
    assert done.stdout.startswith(name)
    assert "Recorded practice" in done.stdout
    trials = run("score", "--explain", name, team).stdout
    assert "cadence" in trials
    assert "Check-ins" in trials


def test_everything_held_about_a_person_is_in_the_json_too(run: Run, team: Path) -> None:
    name = next(demo_teams(1)).manager
    (workbook,) = json.loads(run("score", "--person", name, "--format", "json", team).stdout)["workbooks"]
    (person,) = workbook["people"]
    counted = [c for index in (person["accountability"], person["as_manager"]) for c in index["components"]]
    assert len(workbook["trials"]) == sum(c["trials"] for c in counted) > 0
    assert sum(t["credit"] for t in workbook["trials"]) == pytest.approx(sum(c["successes"] for c in counted))
    assert {h["kind"] for h in workbook["held"]} <= {"action", "development", "feedback", "absence"}


def test_a_tab_of_trials_comes_on_request_and_is_renewed_while_it_is_there(run: Run, team: Path) -> None:
    def tabs() -> list[str]:
        return [sheet.name for sheet in read_cells(team).sheets]

    assert run("score", team).returncode in (0, 1)
    assert "Trials" not in tabs()
    assert "Trials" in run("score", "--trials", team).stdout
    with_trials = team.read_bytes()
    assert "Trials" in tabs()
    run("score", team)
    assert team.read_bytes() == with_trials
    assert run("score", "--trials", "--explain", "Ada", team).returncode == 2


def test_new_makes_a_workbook_that_validates(run: Run, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(
        "Name;E-mail;Reports to;Department\nAda Lovelace;ada@x.example;;North\nGrace Hopper;grace@x.example;Ada Lovelace;North\n"
    )
    made = run(
        "new", "north.xlsx", "--team", "North", "--manager", "Ada Lovelace", "--period", "2026 Q1", "--start", "2026-01-01",
        "--end", "2026-03-31", "--people", "roster.csv",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    answer = json.loads(run("validate", "north.xlsx", "--as-of", "2026-01-05", "--format", "json").stdout)
    (workbook,) = answer["workbooks"]
    assert (workbook["team"], workbook["manager"]) == ("North", "Ada Lovelace")
    assert [f for f in workbook["findings"] if f["severity"] == "error"] == []
    assert run("new", "north.xlsx", "--team", "North").returncode == 2
    assert "north.csv: what is made from team.xlsx is .xlsx too" in run("new", "north.csv", "--team", "North").stderr


def test_consolidate_accounts_for_every_file(started: Run, filled: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "teams"
    folder.mkdir()
    for path in filled:
        shutil.copy(path, folder)
    shutil.copy(filled[0], folder / "copy of a team.xlsx")
    (folder / "~$team.xlsx").write_bytes(b"\x05Ada L" + bytes(159))
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 not really")
    done = started("consolidate", folder, "-o", "org.xlsx", "--format", "json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["read"], len(answer["failed"]), len(answer["skipped"])) == (1, 4, 1, 2)
    assert answer["goals"] == sum(len(t.rows[next(f for f in t.rows if f.tab == "Goals")]) for t in demo_teams(4))
    assert (tmp_path / "org.xlsx").stat().st_size > 5000


def test_consolidate_says_what_it_found_and_what_moved(run: Run, filled: list[Path], tmp_path: Path) -> None:
    """Exit code 1 has its reason on the terminal; a target that moved since the last run does too."""
    folder = tmp_path / "teams"
    folder.mkdir()
    for path in filled:
        shutil.copy(path, folder)
    consolidate = ("consolidate", folder, "-o", "org.xlsx", "--dataset", "data")
    first = run(*consolidate)
    assert (first.returncode, first.stdout.splitlines()[1:]) == (1, ["  entries with errors: 1, in 1 of 4 workbooks"])
    path = folder / filled[0].name
    goal = next(g for g in perfsheet.read(path).goals if g.target)
    path.write_bytes(edit(open_package(path), [Change(goal.at("target"), 1_000_000)]))
    assert run(*consolidate).stdout.splitlines()[-1] == "  goalposts moved since the last run: 1, not explained: 1"


def test_a_dry_run_of_consolidate_says_what_it_found_and_writes_nothing(
    run: Run, filled: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "teams"
    folder.mkdir()
    for path in filled:
        shutil.copy(path, folder)
    everything = ("consolidate", folder, "-o", "org.xlsx", "--dataset", "data")

    def there() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    before = there()
    first = run(*everything, "--pseudonyms", "key.json", "--nudges", "nudges.csv", "--dry-run")
    assert (first.returncode, there()) == (1, before)
    assert first.stdout.startswith("would write org.xlsx: 4 workbooks read, 0 failed, 0 skipped; ")
    assert run(*everything).returncode == 1
    path = folder / filled[0].name
    goal = next(g for g in perfsheet.read(path).goals if g.target)
    path.write_bytes(edit(open_package(path), [Change(goal.at("target"), 1_000_000)]))
    before = there()
    second = run(*everything, "--dry-run")
    assert second.stdout.splitlines()[-1] == "  goalposts moved since the last run: 1, not explained: 1"
    assert there() == before
    assert run(*everything).stdout.splitlines()[-1] == second.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-o", "somebodys.xlsx"), "somebodys.xlsx: there is a file of this name that perfsheet did not make"),
        (("-o", "no folder/org.xlsx"), "no folder/org.xlsx: the folder does not exist"),
        (("-o", "org.xlsx", "--dataset", "teams"), "teams: the folder holds files that perfsheet did not write"),
        (
            ("-o", "org.xlsx", "--nudges", "somebodys.xlsx"),
            "somebodys.xlsx: there is a file of this name that perfsheet did not make",
        ),
        (("-o", "org.xlsx", "--audience", "exec"), "a dry run would show it and forget it"),
    ],
)
def test_a_dry_run_of_consolidate_refuses_what_a_run_refuses(
    run: Run, filled: list[Path], tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "teams").mkdir()
    shutil.copy(filled[0], tmp_path / "teams")
    book = openpyxl.Workbook()
    book.save(tmp_path / "somebodys.xlsx")
    done = run("consolidate", "teams", *options, "--dry-run")
    assert said in done.stderr
    assert done.returncode == (2 if "exec" in options else 3)


@pytest.mark.parametrize(
    ("sources", "options"),
    [
        ((), ()),
        (("nosuch",), ()),
        (("nosuch",), ("--quiet",)),
        (("team.xlsx",), ("--period", "1999 Q1", "--dataset", "data")),
        ((), ("--audience", "exec", "--editions", "editions")),
    ],
)
def test_where_no_workbook_was_read_what_is_there_stays(
    run: Run, team: Path, tmp_path: Path, sources: tuple[str, ...], options: tuple[str, ...]
) -> None:
    """A share that is not there, or a slip of the finger in --period, takes nobody's last organisation workbook."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "org.xlsx").write_bytes(b"what was there")
    done = run("consolidate", "empty", *sources, "-o", "org.xlsx", *options)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "no workbook was read, so nothing was written")
    assert (tmp_path / "org.xlsx").read_bytes() == b"what was there"
    assert not (tmp_path / "data").exists()


def test_what_an_audience_may_not_know_is_left_out_of_the_lines(run: Run, tmp_path: Path) -> None:
    """A team of three: executives get no numbers, and whose workbook has not come back HR alone is told."""
    (tmp_path / "roster.csv").write_text("Person,Manager\nAda Top,\nBo Mid,Ada Top\nCy Low,Ada Top\n")
    assert run("distribute", "roster.csv", "-o", "teams", "--period", "2026 Q1", "--start", "2026-01-01", "--end", "2026-03-31").returncode == 0  # fmt: skip
    lines = {
        audience: run("consolidate", "teams", "-o", f"{audience}.xlsx", "--audience", audience).stdout.splitlines()
        for audience in ("hr", "manager", "exec")
    }
    waiting = {audience: line for audience, (_, line, _) in lines.items()}
    assert waiting["hr"].startswith("  not returned: Ada Top, Ada-Top.xlsx: it is as it was handed out")
    assert waiting["manager"].startswith("  not returned: Ada-Top.xlsx: it is as it was handed out")
    assert "; 1 teams, 3 people, 0 goals, 0 check-ins in " in lines["hr"][-1]
    assert "; 1 teams in " in lines["exec"][-1]
    assert "None" not in str(lines["manager"] + lines["exec"])


@pytest.mark.parametrize("name", ["org", "org.xls", "org.csv", "org.xlsm"])
def test_an_organisation_workbook_is_called_what_it_is(run: Run, team: Path, tmp_path: Path, name: str) -> None:
    done = run("consolidate", team, "-o", name)
    assert (done.returncode, done.stderr) == (2, f"Error: {name}: the organisation workbook is an .xlsx file; give it such a name\n")  # fmt: skip
    assert not (tmp_path / name).exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_answer_that_cannot_be_written_is_one_line(team: Path, tmp_path: Path, form: str) -> None:
    command = [sys.executable, "-m", "perfsheet", "consolidate", team, "-o", tmp_path / "org.xlsx", "--format", form]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert done.stderr.startswith("the answer: No space left on device")


def test_a_workbook_without_goals_is_left_alone(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "budget.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = "Budget"
    book.save(path)
    before = path.read_bytes()
    done = run("score", path)
    assert (done.returncode, path.read_bytes()) == (1, before)
    assert "nothing is written into" in done.stdout


def test_the_file_layer_edits_a_file_in_its_place(team: Path) -> None:
    command = [sys.executable, "-m", "perfsheet.workbooks", "edit", team, "Goals!B5=Sell more", "-o", team]
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0
    assert read_cells(team).sheet("Goals").cells[5, 2].value == "Sell more"
    assert [p.name for p in team.parent.iterdir() if p.name.startswith(".~")] == []
