"""Team workbooks made of rows, and what LibreOffice makes of their formulas."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from perfsheet.forms import Form

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""

Rows = Mapping[Form, Sequence[Mapping[str, Any]]]
Recalculate = Callable[[Mapping[str, bytes]], dict[str, Path]]


@pytest.fixture(scope="session")
def recalculate(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Recalculate:
    """recalculate({name: bytes}) -> {name: path of the workbook that LibreOffice calculated and saved}."""
    profile = tmp_path_factory.mktemp("libreoffice")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)

    def run(books: Mapping[str, bytes]) -> dict[str, Path]:
        folder = tmp_path_factory.mktemp("books")
        for name, data in books.items():
            (folder / f"{name}.xlsx").write_bytes(data)
        command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to"]
        command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out")]
        command += [str(folder / f"{name}.xlsx") for name in books]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return {name: folder / "out" / f"{name}.xlsx" for name in books}

    return run
