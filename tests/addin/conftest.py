"""LibreOffice with a home folder of its own, as a user has it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from perfsheet.machine import Machine, ask

NOBODY = 65534


@dataclass(frozen=True)
class OwnLibreOffice:
    """One user's LibreOffice: the machine as perfsheet sees it."""

    machine: Machine

    def extensions(self) -> str:
        """What LibreOffice itself says is installed."""
        return self.machine.ask([self.machine.which("unopkg"), "list"]).text


@pytest.fixture
def own_libreoffice(soffice: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnLibreOffice]:
    """A user with an empty home folder. unopkg refuses root, so for root it runs as nobody."""
    unopkg = shutil.which("unopkg", path=f"{Path(soffice).resolve().parent}{os.pathsep}{os.environ['PATH']}")
    assert unopkg, "LibreOffice is here without its unopkg"
    with tempfile.TemporaryDirectory(prefix="perfsheet-home-") as home:
        Path(home).chmod(0o777)
        monkeypatch.setenv("HOME", home)
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        if os.geteuid() == 0:
            unopkg = _as_nobody(unopkg, Path(home) / "unopkg")
        found = {"unopkg": unopkg, "soffice": soffice}
        yield OwnLibreOffice(Machine(home=Path(home), which=found.get, ask=ask))


def _as_nobody(program: str, path: Path) -> str:
    path.write_text(f'#!/bin/sh\nexec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups {program} "$@"\n')
    path.chmod(0o755)
    return str(path)
