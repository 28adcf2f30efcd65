"""A Dask cluster for the tests of consolidation."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DEADLY = f"""
import os, signal
from pathlib import Path
from perfsheet.consolidate import batches

real = getattr(batches.contribute, "real", batches.contribute)

def contribute(path, job, where=None):
    once = path.endswith("once.xlsx") and Path(os.path.abspath(where)).parents[1] / "once.seen"
    if path.endswith("deadly.xlsx") or once and not once.exists():
        if once:
            once.touch()
        os.kill(os.getpid(), {int(signal.SIGKILL)})
    return real(path, job, where)

contribute.real = real
batches.contribute = contribute
"""
"""Makes a process that reads "deadly.xlsx" be killed each time, and one that reads "once.xlsx" the first time."""


@pytest.fixture(scope="session")
def deadly() -> str:
    """The source of a module that makes some files deadly for the process that reads them."""
    return DEADLY


@dataclass(frozen=True)
class Dask:
    """A scheduler and two workers, each a process of its own, in another folder than the tests."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: subprocess.Popen[bytes]

    def kill(self, what: str) -> None:
        """Ends the "scheduler" or the "workers" and who watches them at once, without a word."""
        os.killpg(getattr(self, what).pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, deadly: str) -> Iterator[str]:
    """A Dask cluster for all tests of a module; no longer, because its four processes work even when nobody asks."""
    with _running(tmp_path_factory.mktemp("cluster"), deadly) as dask:
        yield dask.address


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    """A Dask cluster to break."""
    (tmp_path / "cluster").mkdir()
    with _running(tmp_path / "cluster", "") as dask:
        yield dask


@contextlib.contextmanager
def _running(folder: Path, preloaded: str) -> Iterator[Dask]:
    (folder / "preloaded.py").write_text(preloaded)
    told = ["--scheduler-file", str(folder / "scheduler.json"), "--no-dashboard"]
    workers = ["worker", *told, "--nthreads", "1", "--nworkers", "2", "--preload", str(folder / "preloaded.py")]
    scheduler = ["scheduler", *told, "--host", "127.0.0.1", "--port", "0"]
    settings = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}  # fmt: skip
    running = [
        subprocess.Popen([sys.executable, "-m", "dask", *command], cwd=folder, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for command in (scheduler, workers)
    ]  # fmt: skip
    try:
        yield Dask(_address(folder / "scheduler.json"), *running)
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(30)


def _address(file: Path) -> str:
    for _ in range(300):
        if file.exists() and file.stat().st_size:
            return str(json.loads(file.read_text())["address"])
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")
