"""A real LibreOffice, driven over UNO by whatever Python has its module."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DRIVER = Path(__file__).with_name("drive.py")


def _python_with_uno() -> str | None:
    candidates = ["/usr/bin/python3", "/usr/lib/libreoffice/program/python", shutil.which("python3"), sys.executable]
    for python in filter(None, candidates):
        if (
            Path(python).exists()
            and subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0
        ):
            return python
    return None


@pytest.fixture(scope="session")
def calc(soffice: str) -> Callable[..., dict[str, Any]]:
    """calc(open=..., type={...}, look={...}, save=...) -> {"sheets": [...], "seen": {...}}."""
    python = _python_with_uno()
    if python is None:
        pytest.skip("no Python here has LibreOffice's uno module (package python3-uno)")

    def drive(**order: Any) -> dict[str, Any]:
        paths = {k: str(v) for k, v in order.items() if k in ("open", "save")}
        order_text = json.dumps({"soffice": soffice, **order, **paths})
        done = subprocess.run(
            [python, str(DRIVER)], input=order_text, capture_output=True, text=True, timeout=1200, check=False
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    return drive
