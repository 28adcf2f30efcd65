"""LibreOffice with a home folder of its own, as a user has it, and driven as a person would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from perfsheet.addin.places import program_path
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.machine import Machine, ask
from perfsheet.templates import template_bytes

NOBODY = 65534
PATIENCE = 60
"""Seconds after which something that should happen did not."""

NO_QUESTIONS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="ShowTipOfTheDay" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Setup/Product"><prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>99.9</value></prop></item>
</oor:items>
"""


@dataclass(frozen=True)
class Home:
    """One user's home folder and LibreOffice: the machine as perfsheet sees it."""

    machine: Machine

    def extensions(self) -> str:
        """What LibreOffice itself says is installed."""
        return self.machine.ask([self.machine.which("unopkg") or "unopkg", "list"]).text


@contextlib.contextmanager
def new_home(soffice: str) -> Iterator[Home]:
    """A user with an empty home folder. unopkg refuses root, so for root it runs as nobody."""
    unopkg = shutil.which("unopkg", path=f"{Path(soffice).resolve().parent}{os.pathsep}{os.environ['PATH']}")
    assert unopkg, "LibreOffice is here without its unopkg"
    with tempfile.TemporaryDirectory(prefix="perfsheet-home-", ignore_cleanup_errors=True) as folder, pytest.MonkeyPatch.context() as patch:  # fmt: skip
        home = Path(folder)
        home.chmod(0o777)
        patch.setenv("HOME", folder)
        patch.delenv("XDG_CONFIG_HOME", raising=False)
        if os.geteuid() == 0:
            unopkg = _as_nobody(unopkg, home / "unopkg")
        yield Home(Machine(home=home, which={"unopkg": unopkg, "soffice": soffice}.get, ask=ask))


def _as_nobody(program: str, path: Path) -> str:
    """The program run as nobody, at home: nobody may not enter a checkout in a private folder."""
    path.write_text(
        f'#!/bin/sh\ncd "$HOME"\nexec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups {program} "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def own_libreoffice(soffice: str) -> Iterator[Home]:
    with new_home(soffice) as home:
        yield home


@pytest.fixture(scope="session")
def program() -> str:
    """The real perfsheet, as installed beside this Python."""
    return program_path(Machine())


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A filled-in team workbook that was never scored; one of its proposals changes a date."""
    rows = list(demo_teams(7))[-1]
    path = tmp_path / "team.xlsx"
    path.write_bytes(fill(template_bytes("team"), rows.rows, rows.settings))
    return path


class Noted:
    """A program that runs the real perfsheet and notes how each run ended."""

    def __init__(self, real: str, folder: Path) -> None:
        self._notes, self.path = folder / "runs.txt", folder / "perfsheet"
        self._notes.touch()
        # --quiet: it does not wait until its last sentence in the status bar was read
        self.path.write_text(f'#!/bin/sh\n{real} "$@" --quiet\ncode=$?\necho "$code $*" >> {self._notes}\nexit $code\n')
        self.path.chmod(0o755)

    def runs(self) -> list[str]:
        return self._notes.read_text().splitlines()


@pytest.fixture
def noted(program: str, tmp_path: Path) -> Noted:
    return Noted(program, tmp_path)


class Office:
    """A LibreOffice that runs. Every method is an order of drive.py."""

    def __init__(self, python: str, pipe: str) -> None:
        driver = Path(__file__).with_name("drive.py")
        self._driver = subprocess.Popen(
            [python, str(driver), pipe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __getattr__(self, order: str) -> Callable[..., Any]:
        return lambda *arguments: self._ask(order, *arguments)

    def _ask(self, *order: object) -> Any:
        assert self._driver.stdin
        assert self._driver.stdout
        print(json.dumps(order), file=self._driver.stdin, flush=True)
        answer = json.loads(self._driver.stdout.readline() or '{"error": "LibreOffice is gone"}')
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def end(self) -> None:
        """Closes LibreOffice; a driver that hangs on it is ended."""
        with contextlib.suppress(subprocess.TimeoutExpired, OSError):
            self._driver.communicate('["quit"]\n', timeout=15)
        self._driver.kill()
        self._driver.wait()


def until(what: Callable[[], Any], why: str) -> Any:
    """What it answers as soon as it answers something; fails with `why` if it never does."""
    end = time.monotonic() + PATIENCE
    while not (seen := what()):
        assert time.monotonic() < end, f"{why}: not within {PATIENCE} seconds"
        time.sleep(0.05)
    return seen


@contextlib.contextmanager
def running(
    soffice: str, python: str, home: Path, *arguments: str, environment: Mapping[str, str], pipe: str
) -> Iterator[Office]:
    """LibreOffice as it starts for a user with this home folder, driven by that Python, and its end."""
    profile = home / ".config" / "libreoffice" / "4" / "user"
    profile.mkdir(parents=True, exist_ok=True)
    settings = profile / "registrymodifications.xcu"
    settings.unlink(missing_ok=True)
    settings.write_text(NO_QUESTIONS)
    command = [
        soffice,
        *arguments,
        "--norestore",
        "--nologo",
        "--nofirststartwizard",
        f"--accept=pipe,name={pipe};urp;",
    ]
    clean = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), **environment}
    process = subprocess.Popen(
        command, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    office = Office(python, pipe)
    try:
        yield office
    finally:
        office.end()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
