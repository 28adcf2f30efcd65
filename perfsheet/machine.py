"""This computer as the set-up sees it: system, home folder, environment, programs, registry.

Everything that is looked up outside our own files goes through one Machine, so that Windows and
macOS can be laid out in a test with folders and a few values.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Registry = Callable[[str, str], "str | int | None"]
"""registry(key, name): the value, or None where there is none or nobody may look. A key begins with HKCU or HKLM."""

PATIENCE = 60
"""Seconds that another program may take to answer."""


@dataclass(frozen=True)
class Answer:
    """What a program said: its exit code and its output, both streams; None if it could not be run."""

    code: int | None
    text: str


def ask(command: Sequence[str]) -> Answer:
    """Runs a program without a shell and without what a virtual environment sets."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE, check=False, env=environment,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return Answer(None, str(error))
    return Answer(done.returncode, done.stdout.decode("utf-8", "replace").strip())


if sys.platform == "win32":
    import winreg

    _HIVES = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}

    def registry(key: str, name: str) -> str | int | None:
        """A value of Windows' registry."""
        hive, _, path = key.partition("\\")
        try:
            with winreg.OpenKey(_HIVES[hive], path) as opened:
                value, _ = winreg.QueryValueEx(opened, name)
        except OSError:
            return None
        return value if isinstance(value, (str, int)) else None

else:

    def registry(key: str, name: str) -> str | int | None:
        """There is a registry on Windows alone."""
        return None


def zone(path: Path) -> int | None:
    """The zone that Windows noted on a file where it came from; None where it noted nothing."""
    if sys.platform != "win32":
        return None
    try:
        text = Path(f"{path}:Zone.Identifier").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return zone_in(text)


def zone_in(note: str) -> int | None:
    """The number in a note such as `[ZoneTransfer]`, `ZoneId=3`."""
    found = re.search(r"^\s*ZoneId\s*=\s*(\d+)", note, re.MULTILINE | re.IGNORECASE)
    return int(found[1]) if found else None


def has_module(name: str) -> bool:
    """Whether this Python has a module; it is not imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def writable(path: Path) -> bool:
    """Whether this user may write a file, or into a folder."""
    return os.access(path, os.W_OK)


@dataclass(frozen=True)
class Machine:
    """One user's account on one computer."""

    system: str = sys.platform
    home: Path = field(default_factory=Path.home)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    which: Callable[[str], str | None] = shutil.which
    ask: Callable[[Sequence[str]], Answer] = ask
    registry: Registry = registry
    zone: Callable[[Path], int | None] = zone
    has_module: Callable[[str], bool] = has_module
    writable: Callable[[Path], bool] = writable
    python: Path = field(default_factory=lambda: Path(sys.executable))
    version: str = platform.python_version()

    @property
    def windows(self) -> bool:
        return self.system == "win32"

    @property
    def macos(self) -> bool:
        return self.system == "darwin"

    def roaming(self) -> Path:
        """Windows' folder for what programs keep for one user."""
        return Path(self.environ.get("APPDATA") or self.home / "AppData" / "Roaming")

    def cache_folder(self) -> Path:
        """Where what can be made again is kept, or what PERFSHEET_CACHE says."""
        if given := self.environ.get("PERFSHEET_CACHE"):
            return Path(given)
        if self.windows:
            return Path(self.environ.get("LOCALAPPDATA") or self.home / "AppData" / "Local") / "perfsheet" / "Cache"
        if self.macos:
            return self.home / "Library" / "Caches" / "perfsheet"
        return Path(self.environ.get("XDG_CACHE_HOME") or self.home / ".cache") / "perfsheet"
