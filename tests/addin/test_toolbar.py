"""The toolbar in a real window: the mouse presses its buttons, and the real program changes the open workbook.

With PERFSHEET_PICTURES set to a folder, the window is kept there as toolbar.png.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfsheet.addin import install

from .conftest import Noted, Office, new_home, running, until

pytestmark = pytest.mark.libreoffice
WINDOW = "1280x760x24"


@pytest.fixture
def display() -> Iterator[str]:
    """A screen that nobody sees, with a window manager."""
    needed = ("Xvfb", "openbox", "xdotool", "import")
    missing = [program for program in needed if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no mouse can be moved here: {', '.join(missing)} not installed")
    with contextlib.ExitStack() as ended:
        read, write = os.pipe()
        screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", WINDOW, "-nolisten", "tcp"]
        ended.callback(_end, subprocess.Popen(screen, pass_fds=[write], stderr=subprocess.DEVNULL))
        os.close(write)
        with os.fdopen(read) as told:
            name = f":{told.readline().strip()}"
        manager = ["openbox", "--sm-disable"]
        ended.callback(_end, subprocess.Popen(manager, env=os.environ | {"DISPLAY": name}, stderr=subprocess.DEVNULL))
        yield name


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


class Window:
    """The window with the workbook, and somebody at the mouse."""

    def __init__(self, office: Office, noted: Noted, display: str) -> None:
        self.office, self._noted, self._environment = office, noted, os.environ | {"DISPLAY": display}

    def press(self, label: str) -> str:
        """Presses a button and waits. Returns how the program ended, and what it was told."""
        before = len(self._noted.runs())
        x, y, height = until(lambda: self._resting(label), f"the button {label} is shown")
        told = self._mouse("search", "--onlyvisible", "--name", "team.xlsx", "getwindowgeometry", "--shell")
        window, whole = (re.search(rf"{name}=(\d+)", told)[1] for name in ("WINDOW", "HEIGHT"))
        menu = int(whole) - height
        self._mouse("mousemove", "--window", window, str(x), str(y + menu), "click", "1")
        return str(until(lambda: self._noted.runs()[before:], f"{label} starts the program")[0])

    def _resting(self, label: str) -> list[int] | None:
        """Where the button is, once it has stopped moving: toolbars find their places one after the other."""
        before = self.office.button(label)
        time.sleep(0.5)
        return before if before == self.office.button(label) else None

    def _mouse(self, *order: str) -> str:
        done = subprocess.run(["xdotool", *order], env=self._environment, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def keep_picture(self, name: str) -> None:
        if folder := os.environ.get("PERFSHEET_PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = str(Path(folder) / name)
            time.sleep(1)  # until everything is drawn
            subprocess.run(["import", "-window", "root", path], env=self._environment, check=True)


@pytest.fixture
def window(soffice: str, python_with_uno: str, display: str, noted: Noted, team: Path) -> Iterator[Window]:
    """LibreOffice of a user who installed the extension, with a workbook that was never scored."""
    with new_home(soffice) as home:
        install(home.machine, program=str(noted.path))
        environment = {"DISPLAY": display, "SAL_USE_VCLPLUGIN": "gtk3"}
        pipe = f"perfsheet_driver_{os.getpid()}"
        with running(
            soffice, python_with_uno, home.machine.home, "--calc", str(team), environment=environment, pipe=pipe
        ) as office:
            office.find(str(team))
            yield Window(office, noted, display)


def test_the_mouse_presses_score(window: Window, team: Path) -> None:
    office = window.office
    assert window.press("Score") == f"0 live score --book {team}"
    assert {"Summary", "Adjustments", "Checks"} <= set(office.sheets())
    assert office.undo_steps() == ["perfsheet score"]
    office.show("Summary")
    window.keep_picture("toolbar.png")

    assert window.press("Restore last") == f"3 live restore --book {team}"
    until(lambda: office.told("org.perfsheet.Handler"), "what stands in the way is said above the sheet")
    window.keep_picture("toolbar-obstacle.png")
