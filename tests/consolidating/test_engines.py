"""Every engine gives the same result, byte for byte, also when its workers are killed in the middle."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import perfsheet
from perfsheet.consolidate import batches, consolidated, engines
from perfsheet.consolidate import cluster as room
from perfsheet.consolidate.contributions import Job
from perfsheet.consolidate.sources import Source
from perfsheet.demo import demo_teams
from perfsheet.errors import Misuse, Unreachable
from perfsheet.filling import fill
from perfsheet.templates import template_bytes

from .conftest import Dask

OPTIONS = {"as_of": None, "policy": None, "period": None, "fairness": False, "audience": "hr", "pseudonym_key": None, "nudges": None, "distributed": None, "cache": None}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six teams, a copy of one of them and a file that cannot be read."""
    folder = tmp_path_factory.mktemp("made") / "teams"
    folder.mkdir()
    for team in demo_teams(6):
        (folder / team.file_name).write_bytes(fill(template_bytes("team"), team.rows, team.settings))
    shutil.copy(next(folder.glob("S*.xlsx")), folder / "z (1).xlsx")
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 cut off")
    return folder


@pytest.fixture
def teams(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them, named by its relative path, and handed out two by two."""
    shutil.copytree(made, tmp_path / "teams")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(batches, "size_for", lambda count, ahead: 2)
    return Path("teams")


@pytest.fixture
def deadly_processes(monkeypatch: pytest.MonkeyPatch, deadly: str) -> None:
    """Worker processes in which deadly files are deadly; they get it from this process by forking."""
    space: dict[str, object] = {}
    monkeypatch.setattr(batches, "contribute", batches.contribute)
    exec(deadly, space)
    fork = multiprocessing.get_context("fork")
    monkeypatch.setattr(engines, "ProcessPoolExecutor", lambda n, _, **more: ProcessPoolExecutor(n, fork, **more))


@pytest.mark.parametrize(
    ("files", "workers", "first"),
    [(1, 2, 1), (20, 2, 1), (100, 2, 8), (1_000, 2, 16), (1_000, 16, 10), (100_000, 16, 16)],
)
def test_no_worker_is_left_with_more_than_the_others(files, workers, first):
    handed_out = [Source(str(number), str(number)) for number in range(files)]
    found = list(batches.batches_of(handed_out, batches.AHEAD * workers))
    assert [source for batch in found for source in batch] == handed_out
    assert len(found[0]) == first
    assert {len(batch) for batch in found[-workers:]} == {1}
    assert max(map(len, found)) <= batches.BATCH


Outcome = tuple[dict[str, object], bytes, dict[str, bytes]]


def outcome(teams: Path, **how: object) -> Outcome:
    """All that a run answers and writes: the JSON but for its seconds, the workbook, the dataset."""
    shutil.rmtree("data", ignore_errors=True)
    Path("org.xlsx").unlink(missing_ok=True)
    return written(consolidated([str(teams)], "org.xlsx", dataset="data", **{**OPTIONS, **how}))


def written(answer: dict[str, object]) -> Outcome:
    dataset = {str(p): p.read_bytes() for p in sorted(Path("data").rglob("*")) if p.is_file()}
    return {**answer, "seconds": None}, Path("org.xlsx").read_bytes(), dataset


@pytest.fixture(scope="module")
def expected(made: Path) -> Outcome:
    """What this process alone makes of them."""
    with contextlib.chdir(made.parent):
        return outcome(Path("teams"), jobs=1)


def test_processes_give_the_same_bytes(teams: Path, expected: Outcome) -> None:
    assert outcome(teams, jobs=2) == expected
    assert (expected[0]["read"], len(expected[2])) == (6, 9)


def test_a_cluster_gives_the_same_bytes(teams: Path, expected: Outcome, address: str) -> None:
    assert outcome(teams, cluster=address) == expected


def test_a_cluster_of_our_own_gives_the_same_bytes(teams: Path, expected: Outcome) -> None:
    command = "consolidate teams -o org.xlsx --dataset data --no-cache --format json --cluster local --jobs 2"
    done = subprocess.run([sys.executable, "-m", "perfsheet", *command.split()], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert written(json.loads(done.stdout)) == expected


# --------------------------------------------------------------------------------- workers are lost


@pytest.fixture(params=["processes", "cluster"])
def engine(request: pytest.FixtureRequest) -> dict[str, object]:
    """Each engine that has workers to lose."""
    if request.param == "cluster":
        return {"cluster": request.getfixturevalue("address")}
    request.getfixturevalue("deadly_processes")
    return {"jobs": 2}


def test_a_worker_killed_in_the_middle_changes_nothing(teams: Path, engine: dict[str, object]) -> None:
    shutil.move(next(teams.glob("L*.xlsx")), teams / "once.xlsx")
    found = outcome(teams, **engine)
    assert Path("once.seen").exists(), "nobody was killed"
    assert found == outcome(teams, jobs=1)


def test_a_file_that_kills_every_worker_is_a_file_that_failed(teams: Path, engine: dict[str, object]) -> None:
    before = perfsheet.consolidate([teams], jobs=1)
    shutil.copy(next(teams.glob("L*.xlsx")), teams / "deadly.xlsx")
    org = perfsheet.consolidate([teams], **engine)
    codes = [(f.path, f.code) for f in org.failed]
    assert codes == [("teams/broken.xlsx", "damaged"), ("teams/deadly.xlsx", "crashed")]
    assert org.failed[1].line == (
        "teams/deadly.xlsx: it ended the process that read it, perhaps for want of memory. "
        "Save it as a new .xlsx in Excel, and try again"
    )
    assert (org.goals.equals(before.goals), len(org.files)) == (True, len(before.files) + 1)


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("workers", "the scheduler has had no workers for 1 s. Start some: dask worker tcp"),
        ("scheduler", "the connection to the scheduler was lost. Run it again: what was read so far is remembered"),
    ],
)
def test_a_cluster_that_is_lost_in_the_middle_is_one_line(
    teams: Path, dask: Dask, lost: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [Source(str(p), str(p)) for p in sorted(teams.glob("*.xlsx"))] * 20
    with engines.engine(cluster=dask.address) as workers:
        parcels = workers.map(sources, Job())
        next(parcels)
        monkeypatch.setattr(room, "WORKERS_S", 1)
        dask.kill(lost)
        with pytest.raises(Unreachable) as raised:
            list(parcels)
    assert said in str(raised.value)


def test_where_no_process_can_be_started_one_line_says_so(teams: Path) -> None:
    """A script that does everything when it is imported does it in every process that is spawned."""
    script = (
        "import perfsheet, multiprocessing as m; m.set_start_method('spawn'); perfsheet.consolidate(['teams'], jobs=2)"
    )
    Path("script.py").write_text(script.replace("; ", "\n"))
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith(
        "perfsheet.errors.Misuse: no worker process can be started; use jobs=1"
    )


# ---------------------------------------------------------------------------- one file's own trouble


@pytest.mark.parametrize(
    ("trouble", "code"), [(MemoryError, "crashed"), (RecursionError, "fault"), (ValueError, "fault")]
)
def test_what_goes_wrong_in_one_file_stays_in_it(
    teams: Path, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception], code: str
) -> None:
    from perfsheet import cycle

    real, name = cycle.read, str(next(teams.glob("L*.xlsx")))

    def read(path: str, **more: object) -> object:
        if path == name:
            raise trouble("a secret out of a cell")
        return real(path, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(cycle, "read", read)
    org = perfsheet.consolidate([teams], jobs=1)
    failed = {f.path: f for f in org.failed}
    assert set(failed) == {name, "teams/broken.xlsx"}
    assert (failed[name].code, "secret" in failed[name].line, "\n" in failed[name].line) == (code, False, False)


# --------------------------------------------------------------------------- what cannot be asked for


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"cluster": "here"}, "--cluster here: this is no address; use tcp://HOST:8786, tls://HOST:8786 or local"),
        ({"cluster": "tcp://h:1", "jobs": 2}, "--jobs says how many processes of this machine to use"),
    ],
)
def test_a_wrong_address_is_wrong_usage(teams: Path, how: dict[str, object], said: str) -> None:
    with pytest.raises(Misuse) as found:
        perfsheet.consolidate([teams], **how)
    assert str(found.value).startswith(said)


def test_a_scheduler_that_does_not_answer_is_named(teams: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CONNECT_S", 0.3)
    with pytest.raises(Unreachable, match=r"^tcp://127\.0\.0\.1:9: no Dask scheduler answers there\. "):
        perfsheet.consolidate([teams], cluster="tcp://127.0.0.1:9")


def test_without_dask_one_line_says_what_to_install(teams: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Misuse, match=r"^--cluster needs Dask; install it with: pip install 'perfsheet\[cluster\]'$"):
        perfsheet.consolidate([teams], cluster="local")


@pytest.mark.parametrize("late", [False, True], ids=["at the start", "come late"])
def test_workers_with_another_version_are_refused(
    teams: Path, address: str, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    monkeypatch.setattr(room, "__version__", "9.9")
    if late:
        monkeypatch.setattr(room, "_refuse_others", lambda client, address: None)
    with pytest.raises(Unreachable, match=f"has perfsheet {perfsheet.__version__} and Python 3") as found:
        perfsheet.consolidate([teams], cluster=address)
    assert (found.value.code, "Install perfsheet 9.9 with Python 3" in str(found.value)) == ("versions_differ", True)


def test_workers_with_other_code_of_the_same_version_are_refused(
    teams: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "code_digest", lambda: b"edited")
    with pytest.raises(Unreachable, match=f"has a perfsheet {perfsheet.__version__} that differs from the one here"):
        perfsheet.consolidate([teams], cluster=address)


def test_ctrl_c_cancels_what_was_handed_out(teams: Path, address: str) -> None:
    from distributed import Client

    sources = [Source(str(p), str(p)) for p in sorted(teams.glob("*.xlsx"))] * 5
    workers = engines.engine(cluster=address)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(workers, sources)
    tasks = lambda dask_scheduler: len(dask_scheduler.tasks)  # noqa: E731 (a function of this module is not known there)
    with Client(address, set_as_default=False) as client:
        left = [client.run_on_scheduler(tasks) for _ in range(20) if not time.sleep(0.1)]  # type: ignore[func-returns-value]
    assert left[-1] == 0


def _interrupted(workers: Any, sources: list[Source]) -> None:
    with workers:
        next(workers.map(sources, Job()))
        raise KeyboardInterrupt


def test_workers_begin_before_anybody_asks_for_the_first_workbook(teams: Path) -> None:
    """So they are at what changed while the rest is read back from what is remembered."""
    sources = [Source(str(p), str(p)) for p in sorted(teams.glob("*.xlsx"))]
    before = set(multiprocessing.active_children())
    with engines.engine(jobs=2) as workers:
        read = workers.map(sources, Job())
        assert set(multiprocessing.active_children()) - before
        assert [one.path for one in read] == [source.name for source in sources]
    assert not set(multiprocessing.active_children()) - before


def test_ctrl_c_on_a_terminal_ends_at_once_and_says_one_line(teams: Path) -> None:
    """It reaches every process of the group, workers too."""
    for n in range(150):
        shutil.copy(next(teams.glob("L*.xlsx")), teams / f"more{n}.xlsx")
    command = [sys.executable, "-m", "perfsheet", "consolidate", "teams", "-o", "org.xlsx", "--no-cache", "--jobs", "2"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while len(_children(run.pid)) < 2:
        time.sleep(0.02)
    time.sleep(1)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=30)
    assert (run.returncode, said, Path("org.xlsx").exists()) == (130, "interrupted; nothing is half-written\n", False)


def _children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()
