"""A save that is killed, or whose disk fails, at any of its calls: the old file or the new one is there, whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

FAULTS = Path(__file__).with_name("saving_faults.py")
ROOT = Path(__file__).resolve().parents[2]
OLD, NEW, NEXT = "old workbook", "the new workbook", "the workbook after it"
SAVED, REFUSED = 0, 3
SCENARIOS = ("a file", "a link, a leftover, an attribute", "a new file", "a share")
ERRORS = ("ENOSPC", "EIO", "EDQUOT", "EROFS", "ESTALE", "EINTR", "EACCES", "EMFILE")
CLEANING = ("unlink", "lstat", "fstat")
"""Calls with which the temporary file is removed: where one of them fails, it may stay until the next save."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each trial is a forked process")


def trials(tmp_path: Path, scenario: str, fault: str) -> list[dict]:
    run = subprocess.run(
        [sys.executable, FAULTS, tmp_path / "folder", scenario, fault], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(found) > 40, "so few calls can hardly be a whole save"
    return found


def wrong(found: list[dict], holds) -> list[dict]:
    return [trial for trial in found if not holds(trial)]


def before(scenario: str) -> str | None:
    return None if scenario == "a new file" else OLD


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("fault", ["killed before", "killed after"])
def test_killed_at_every_call(tmp_path, scenario, fault):
    found = trials(tmp_path, scenario, fault)
    assert wrong(found, lambda t: t["ended"] == -9) == []
    assert wrong(found, lambda t: t["content"] in (before(scenario), NEW)) == []
    assert {t["content"] for t in found} == {before(scenario), NEW}
    most = 2 if scenario == "a share" else 1
    assert wrong(found, lambda t: len(t["litter"]) <= most) == []
    assert wrong(found, lambda t: all(name.startswith(".~perfsheet-") for name in t["litter"])) == []
    assert wrong(found, lambda t: t["kept"] in (None, OLD) or t["content"] == OLD) == []
    assert wrong(found, lambda t: (t["next"], t["left"]) == (NEXT, [])) == []


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_error_at_every_call(tmp_path, scenario):
    check_errors(trials(tmp_path, scenario, "errors in turn"), scenario)


@pytest.mark.parametrize("fault", ERRORS)
def test_each_error_at_every_call(tmp_path, fault):
    check_errors(trials(tmp_path, "a file", fault), "a file")


def check_errors(found: list[dict], scenario: str) -> None:
    assert wrong(found, lambda t: t["ended"] in (SAVED, REFUSED)) == []
    assert wrong(found, lambda t: t["ended"] == REFUSED or t["content"] == NEW) == []
    assert wrong(found, lambda t: t["ended"] == SAVED or t["content"] == before(scenario) or t["kept"] == OLD) == []
    assert wrong(found, lambda t: t["litter"] == [] or t["call"] in CLEANING or t["kept"] == OLD) == []
    assert wrong(found, lambda t: (t["next"], t["left"]) == (NEXT, [])) == []
    if scenario != "a new file":
        assert {t["rights"] for t in found} == {"0o640"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_disk_that_fails_for_ever_from_a_call_on(tmp_path, scenario):
    found = trials(tmp_path, scenario, "EIO for ever")
    assert wrong(found, lambda t: t["ended"] in (SAVED, REFUSED)) == []
    assert wrong(found, lambda t: t["content"] in (before(scenario), NEW)) == []
    assert wrong(found, lambda t: t["ended"] == REFUSED or t["content"] == NEW) == []
    assert wrong(found, lambda t: (t["next"], t["left"]) == (NEXT, [])) == []


# ------------------------------------------------------------------- at each system call, by strace

SAVE = """\
import hashlib, logging, sys
sys.path.insert(0, sys.argv[1])
logging.disable()
from perfsheet.errors import Obstacle
from perfsheet.workbooks.saving import save
try:
    save(sys.argv[2], b"the new workbook", expected_digest=hashlib.sha256(b"old workbook").hexdigest())
except Obstacle as refused:
    sys.exit(3)
"""


@pytest.fixture(scope="module")
def strace() -> str:
    """The tracer, or the test is skipped."""
    found = shutil.which("strace")
    if not found:
        pytest.skip("strace is not installed, so a save cannot be stopped at each system call")
    tried = subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
    return found


class Traced:
    """Saves under strace, which sees and stirs only the calls that touch the workbook, its folder or our files."""

    def __init__(self, strace: str, folder: Path) -> None:
        from perfsheet.workbooks.claiming import beside

        self.strace, self.folder, self.book = strace, folder, folder / "team.xlsx"
        self.paths = (self.book, folder, beside(self.book, ".tmp"), folder / "~$team.xlsx")

    def run(self, log: Path, *inject: str) -> int:
        for name in os.listdir(self.folder):
            (self.folder / name).unlink()
        self.book.write_bytes(OLD.encode())
        only = [option for path in self.paths for option in ("-P", str(path))]
        command = [self.strace, "-o", str(log), *only, *inject, sys.executable, "-I", "-S", "-c", SAVE]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [*command, str(ROOT), str(self.book)], env=environment, capture_output=True, check=False
        ).returncode

    def calls(self, log: Path) -> list[tuple[str, int]]:
        """Each system call of a save with its ordinal among those of its name, which is how strace counts."""
        assert self.run(log) == SAVED
        seen: Counter[str] = Counter()
        points = []
        for line in log.read_text().splitlines():
            if call := re.match(r"(\w+)\(", line):
                seen[call[1]] += 1
                points.append((call[1], seen[call[1]]))
        return points

    def next_save_cleans(self, log: Path) -> bool:
        from perfsheet.workbooks.saving import save

        save(self.book, NEXT.encode(), expected_digest=None)
        return self.book.read_text() == NEXT and os.listdir(self.folder) == ["team.xlsx"]


@pytest.fixture
def traced(strace, tmp_path) -> Traced:
    folder = tmp_path / "folder"
    folder.mkdir()
    return Traced(strace, folder)


def test_killed_at_every_system_call(traced, tmp_path):
    log = tmp_path / "log"
    points = traced.calls(log)
    assert {"openat", "write", "fsync", "rename", "fchmod"} <= {name for name, _ in points}
    outcomes = set()
    for name, when in points:
        traced.run(log, "-e", f"inject={name}:signal=KILL:when={when}")
        assert "killed by SIGKILL" in log.read_text(), (name, when)
        content, litter = traced.book.read_text(), len(os.listdir(traced.folder)) - 1
        assert (content in (OLD, NEW), litter <= 1) == (True, True), (name, when, content)
        assert traced.next_save_cleans(log), (name, when)
        outcomes.add(content)
    assert outcomes == {OLD, NEW}


def test_an_error_at_every_system_call(traced, tmp_path):
    log = tmp_path / "log"
    outcomes = set()
    for number, (name, when) in enumerate(traced.calls(log)):
        error = ERRORS[number % len(ERRORS)]
        ended = traced.run(log, "-e", f"inject={name}:error={error}:when={when}")
        assert "INJECTED" in log.read_text(), (name, when)
        content = traced.book.read_text()
        assert (ended, content) in ((SAVED, NEW), (REFUSED, OLD)), (name, when, error)
        assert traced.next_save_cleans(log), (name, when, error)
        outcomes.add(content)
    assert outcomes == {OLD, NEW}
