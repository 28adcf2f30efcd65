"""What was read is remembered by content; no answer ever comes from other bytes or other rules."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import perfsheet
from perfsheet.consolidate import batches, consolidated, contributions
from perfsheet.consolidate import cache as room
from perfsheet.consolidate.parcels import parcel
from perfsheet.consolidate.rollup import Audience
from perfsheet.consolidate.writing import write_organisation
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.tables import Change
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import open_package
from perfsheet.workbooks.reading import read

AS_OF = date(2026, 8, 28)
OPTIONS = {
    "as_of": AS_OF,
    "policy": None,
    "period": None,
    "fairness": False,
    "audience": "hr",
    "pseudonym_key": None,
    "dataset": None,
    "nudges": None,
    "distributed": None,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("teams")
    for team in demo_teams(4):
        (folder / team.file_name).write_bytes(fill(template_bytes("team"), team.rows, team.settings))
    return folder


@pytest.fixture
def teams(made: Path, tmp_path: Path) -> Path:
    """Four workbooks saved long enough ago that their times can be trusted."""
    folder = Path(shutil.copytree(made, tmp_path / "teams"))
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were really read."""
    found: list[str] = []
    real = contributions.contribute

    def counted(path: str, job: contributions.Job, where: str) -> contributions.Contribution:
        found.append(Path(path).name)
        return real(path, job, where)

    monkeypatch.setattr(batches, "contribute", counted)
    return found


@pytest.fixture
def run(teams: Path, tmp_path: Path, reads: list[str]) -> Callable[..., perfsheet.consolidate.Organisation]:  # type: ignore[name-defined]
    """run(as_of=...) -> the organisation; `reads` then holds what this run read."""

    def consolidate(**more: object) -> perfsheet.consolidate.Organisation:  # type: ignore[name-defined]
        reads.clear()
        return perfsheet.consolidate([teams], cache=tmp_path / "cache", **{"as_of": AS_OF, **more})

    return consolidate


def same(one: object, other: object) -> bool:
    return all(
        getattr(one, name).equals(getattr(other, name))
        for name in ("teams", "goals", "people", "issues", "findings", "files")
    )


def test_a_second_run_reads_nothing_and_says_the_same(run: Callable[..., object], reads: list[str]) -> None:
    first = run()
    assert len(reads) == 4
    second = run()
    assert reads == []
    assert same(first, second)


def test_only_what_changed_is_read_again(run: Callable[..., object], reads: list[str], teams: Path) -> None:
    run()
    path = next(teams.glob("L*.xlsx"))
    goal = perfsheet.read(path).goals[0]
    path.write_bytes(edit(open_package(path), [Change(goal.at("goal"), "Another title")]))
    org = run()
    assert reads == [path.name]
    assert "Another title" in set(org.goals["goal"])  # type: ignore[attr-defined]


def test_the_same_size_and_time_do_not_hide_other_bytes(
    run: Callable[..., object], reads: list[str], teams: Path
) -> None:
    """Size, times and even the inode may be as before; the change of status cannot be set back."""
    run()
    path = next(teams.glob("L*.xlsx"))
    stat, data = os.stat(path), bytearray(path.read_bytes())
    data[-1] ^= 1
    with open(path, "r+b") as file:
        file.write(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    run()
    assert reads == [path.name]


@pytest.mark.parametrize(
    "more", [{"as_of": date(2026, 8, 29)}, {"period": "2026 Q3"}, {"policy": "policy.toml"}, {"dataset": "data"}]
)
def test_other_rules_read_anew(
    run: Callable[..., object], reads: list[str], tmp_path: Path, more: dict[str, object]
) -> None:
    (tmp_path / "policy.toml").write_text("cap = 1.5\n")
    given = {k: str(tmp_path / str(v)) if k in ("policy", "dataset") else v for k, v in more.items()}
    run()
    run(**given)
    assert len(reads) == 4


def test_other_code_reads_anew(run: Callable[..., object], reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr(room, "code_digest", lambda: b"a later version")
    run()
    assert len(reads) == 4


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\x00" + bytes(200)])
def test_a_damaged_cache_is_begun_anew(
    run: Callable[..., object], reads: list[str], tmp_path: Path, damage: bytes
) -> None:
    first = run()
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(damage)
    assert same(first, run())
    run()
    assert reads == []


def test_a_cache_that_somebody_tampered_with_runs_no_code(
    run: Callable[..., object], reads: list[str], tmp_path: Path
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {tmp_path / 'owned'}",)

    first = run()
    with sqlite3.connect(tmp_path / "cache" / "consolidate.sqlite") as db:
        db.execute("UPDATE contributions SET data = ?", (pickle.dumps(Evil()),))
    assert same(first, run())
    assert len(reads) == 4
    assert not (tmp_path / "owned").exists()


def test_the_cache_is_for_its_owner_alone(run: Callable[..., object], tmp_path: Path) -> None:
    run()
    assert {oct(p.stat().st_mode & 0o077) for p in (tmp_path / "cache").iterdir()} == {"0o0"}


def test_a_file_that_could_not_be_read_is_tried_again(
    run: Callable[..., object], reads: list[str], teams: Path
) -> None:
    (teams / "broken.xlsx").write_bytes(b"PK\x03\x04")
    run()
    run()
    assert reads == ["broken.xlsx"]


def test_an_interrupted_run_goes_on_where_it_was(
    run: Callable[..., object], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batches.contribute

    def interrupted(path: str, job: contributions.Job, where: str) -> contributions.Contribution:
        if len(reads) == 3:
            raise KeyboardInterrupt
        return real(path, job, where)

    monkeypatch.setattr(batches, "contribute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.setattr(batches, "contribute", real)
    run()
    assert len(reads) == 1


# ----------------------------------------------------------------------------------- whole runs


def test_a_run_with_nothing_changed_answers_at_once(teams: Path, tmp_path: Path, reads: list[str]) -> None:
    output, folder = str(tmp_path / "org.xlsx"), tmp_path / "cache"
    first = consolidated([str(teams)], output, cache=folder, **OPTIONS)
    reads.clear()
    written = Path(output).read_bytes()
    second = consolidated([str(teams)], output, cache=folder, **OPTIONS)
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert (reads, Path(output).read_bytes() == written) == ([], True)


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(lambda teams, output: output.unlink(), id="the output is gone"),
        pytest.param(
            lambda teams, output: shutil.copy(next(teams.glob("L*")), teams / "one-more.xlsx"), id="a new file"
        ),
        pytest.param(lambda teams, output: next(teams.glob("S*")).unlink(), id="a file less"),
    ],
)
def test_a_run_with_something_changed_runs(
    teams: Path, tmp_path: Path, disturb: Callable[[Path, Path], object]
) -> None:
    output, folder = tmp_path / "org.xlsx", tmp_path / "cache"
    before = consolidated([str(teams)], str(output), cache=folder, **OPTIONS)
    disturb(teams, output)
    after = consolidated([str(teams)], str(output), cache=folder, **OPTIONS)
    assert output.exists()
    assert (after["files"] != before["files"]) == (len(list(teams.iterdir())) != 4)


def test_a_file_saved_while_the_answer_is_written_is_in_the_next_answer(
    teams: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, folder, path = str(tmp_path / "org.xlsx"), tmp_path / "cache", next(teams.glob("L*.xlsx"))

    def overtaken(*told: object, **how: object) -> None:
        write_organisation(*told, **how)  # type: ignore[arg-type]
        path.write_bytes(b"no workbook any more")
        os.utime(path, (1_700_000_001, 1_700_000_001))

    with monkeypatch.context() as during:
        during.setattr("perfsheet.consolidate.write_organisation", overtaken)
        assert consolidated([str(teams)], output, cache=folder, **OPTIONS)["read"] == 4
    assert consolidated([str(teams)], output, cache=folder, **OPTIONS)["read"] == 3


# ------------------------------------------------------------------- the workbook, from what is remembered


def workbook(teams: Path, output: Path, cache: Path | None, **more: object) -> bytes:
    output.unlink(missing_ok=True)
    perfsheet.consolidate([teams], output=output, cache=cache, **{"as_of": AS_OF, **more})
    return output.read_bytes()


def test_what_is_remembered_gives_the_same_bytes_as_what_is_read(teams: Path, tmp_path: Path) -> None:
    """Nothing remembered, everything remembered, one file changed; each beside a run without a cache."""
    output, cache = tmp_path / "org.xlsx", tmp_path / "cache"
    fresh = workbook(teams, output, None)
    assert workbook(teams, output, cache) == workbook(teams, output, cache) == fresh
    path = next(teams.glob("L*.xlsx"))
    path.write_bytes(edit(open_package(path), [Change(perfsheet.read(path).goals[0].at("goal"), "<b>&</b>")]))
    assert workbook(teams, output, cache) == workbook(teams, output, None) != fresh


def test_rows_that_an_earlier_run_did_not_need_are_painted_from_what_is_remembered(
    teams: Path, tmp_path: Path, reads: list[str]
) -> None:
    output, cache = tmp_path / "org.xlsx", tmp_path / "cache"
    perfsheet.consolidate([teams], as_of=AS_OF, cache=cache)
    reads.clear()
    first = workbook(teams, output, cache)
    assert reads == []
    assert first == workbook(teams, output, None)


def test_painted_rows_are_what_the_rows_of_the_frames_would_be(teams: Path, tmp_path: Path) -> None:
    """The workbook for the same audience, once from each workbook's own painted rows and once row by row."""
    org = perfsheet.consolidate([teams], output=tmp_path / "painted.xlsx", as_of=AS_OF)
    org.parcels = [one._replace(listings=None) for one in org.parcels]
    write_organisation(org, str(tmp_path / "rows.xlsx"), Audience())
    one, other = (read(tmp_path / name) for name in ("painted.xlsx", "rows.xlsx"))
    assert [sheet.name for sheet in one.sheets] == [sheet.name for sheet in other.sheets]
    for mine, theirs in zip(one.sheets, other.sheets, strict=True):
        assert mine.cells == theirs.cells, mine.name


# -------------------------------------------------------------------------------- damage and company


def test_a_remembered_workbook_with_one_bit_turned_is_read_again(
    run: Callable[..., object], reads: list[str], tmp_path: Path
) -> None:
    first = run()
    with sqlite3.connect(tmp_path / "cache" / "consolidate.sqlite") as db:
        for path, data in db.execute("SELECT path, data FROM contributions").fetchall():
            turned = bytearray(data)
            turned[len(turned) // 2] ^= 1
            db.execute("UPDATE contributions SET data = ? WHERE path = ?", (bytes(turned), path))
    assert same(first, run())
    assert len(reads) == 4


def test_a_file_that_changes_while_it_is_read_is_not_remembered_as_what_it_is_by_then(
    run: Callable[..., object], reads: list[str], teams: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = next(teams.glob("L*.xlsx")), batches.contribute

    def overtaken(name: str, *rest: object) -> object:
        found = real(name, *rest)  # type: ignore[arg-type]
        if name == str(path):
            path.write_bytes(edit(open_package(path), [Change(perfsheet.read(path).goals[0].at("goal"), "Meanwhile")]))
            os.utime(path, (1_700_000_001, 1_700_000_001))
        return found

    monkeypatch.setattr(batches, "contribute", overtaken)
    run()
    monkeypatch.setattr(batches, "contribute", real)
    org = run()
    assert reads == [path.name]
    assert "Meanwhile" in set(org.goals["goal"])  # type: ignore[attr-defined]


def test_two_runs_at_once_take_nothing_from_each_other(teams: Path, tmp_path: Path) -> None:
    """Two runs of different days, step by step in turn: each finds what it put away itself, and no more."""
    paths, jobs = sorted(map(str, teams.iterdir())), [contributions.Job(date(2026, 8, day)) for day in (27, 28)]
    caches = [room.Cache(tmp_path / "cache", job) for job in jobs]
    for path in paths:
        for cache, job in zip(caches, jobs, strict=True):
            assert not cache.has(path)
            cache.keep(parcel(contributions.contribute(path, job), job))
            cache._put_away()
    for cache in caches:
        cache.close()
    last = room.Cache(tmp_path / "cache", jobs[1])
    assert [last.has(path) for path in paths] == [True] * 4
    found = [last.known(path) for path in paths]
    assert {one.team["as_of"] for one in found if one} == {date(2026, 8, 28)}
    assert not any(map(room.Cache(tmp_path / "cache", jobs[0]).has, paths))
