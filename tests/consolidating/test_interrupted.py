"""Ctrl-C, or a request to end, in the middle of a run: one line, nothing half-written, no process left, and the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.templates import template_bytes

WORKBOOKS = 12


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("teams")
    team = next(demo_teams(1))
    for n in range(WORKBOOKS):
        settings = {**team.settings, "team": f"Team {n}", "workbook_id": f"W{n}"}
        (folder / f"t{n}.xlsx").write_bytes(fill(template_bytes("team"), team.rows, settings))
    return folder


@pytest.mark.parametrize(("asked", "everybody"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_an_interrupted_run_leaves_nothing_and_goes_on(
    teams: Path, tmp_path: Path, asked: signal.Signals, everybody: bool
) -> None:
    """A terminal sends Ctrl-C to every process of the command, `kill` and a scheduler to the first alone."""
    command = [
        sys.executable,
        "-m",
        "perfsheet",
        "consolidate",
        str(teams),
        "-o",
        "org.xlsx",
        "--dataset",
        "data",
        "--jobs",
        "2",
    ]
    environment = {**os.environ, "PERFSHEET_CACHE": str(tmp_path / "cache")}
    run = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )  # fmt: skip
    while not (tmp_path / "cache" / "consolidate.sqlite").exists() and run.poll() is None:
        time.sleep(0.02)
    time.sleep(0.4)
    (os.killpg if everybody else os.kill)(run.pid, asked)
    printed, said = run.communicate(timeout=60)
    assert (run.returncode, printed, said) == (130, "", "interrupted; nothing is half-written\n")
    assert {p.name for p in tmp_path.iterdir()} == {"cache"}
    with pytest.raises(ProcessLookupError):
        os.killpg(run.pid, 0)
    again = subprocess.run(
        [*command, "--quiet"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (again.returncode, again.stderr) == (0, "")
    assert {p.name for p in tmp_path.iterdir()} == {"cache", "org.xlsx", "data"}
