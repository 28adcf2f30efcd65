"""LibreOffice opens what we grafted, without complaint and without loss: foreign values equal before and after."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from perfsheet.demo import demo_teams
from perfsheet.errors import Obstacle
from perfsheet.tables import Book
from perfsheet.workbooks.grafting import graft
from perfsheet.workbooks.package import Package, check, open_package
from perfsheet.workbooks.painting import paint
from perfsheet.workbooks.reading import read

pytestmark = [pytest.mark.libreoffice, pytest.mark.corpus]

MARKS = {"Summary": "Summary", "Checks": "Checks"}


def donor() -> bytes:
    """Summary and Checks as perfsheet paints them, of a demo team."""
    from perfsheet import cycle
    from perfsheet.filling import fill
    from perfsheet.records import read_records
    from perfsheet.tabs import tabs_of
    from perfsheet.templates import template_bytes

    team = next(demo_teams(1))
    data = fill(template_bytes("team"), team.rows, team.settings)
    review = cycle.score(read_records(read(Package.from_bytes(data))))
    tabs = [tab for tab in tabs_of(review) if tab.name in MARKS]
    return paint(tabs, created=review.as_of)


def resaved(soffice: str, folder: Path, files: list[Path]) -> Path:
    """All files opened and saved by LibreOffice in one run."""
    target = folder / f"resaved-{files[0].parent.name}"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(target), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=500)
    return target


def values(book: Book) -> dict[str, dict[tuple[int, int], object]]:
    return {s.name: {p: (c.type, c.value) for p, c in s.cells.items() if not c.formula} for s in book.sheets}


def test_foreign_values_survive_and_our_tabs_are_there(soffice: str, corpus: Path, tmp_path: Path) -> None:
    ours, originals = donor(), tmp_path / "original"
    grafted = tmp_path / "grafted"
    originals.mkdir()
    grafted.mkdir()
    names = []
    for path in sorted(corpus.glob("jmcnamara__XlsxWriter/*.xlsx"))[::40] + sorted(
        corpus.glob("apache__poi/spreadsheet__With*.xlsx")
    ):
        try:
            package = open_package(path)
            check(package, for_writing=True)
            data = graft(package, ours, MARKS).data
        except Obstacle:
            continue
        names.append(path.name)
        (originals / path.name).write_bytes(package.data)
        (grafted / path.name).write_bytes(data)
    before = resaved(soffice, originals, [originals / n for n in names])
    after = resaved(soffice, grafted, [grafted / n for n in names])
    wrong = []
    for name in names:
        old, new = values(read(before / name)), values(read(after / name))
        wrong += [(name, sheet) for sheet in old if old[sheet] != new.get(sheet)]
        wrong += [(name, tab) for tab in MARKS if tab not in new and f"{tab} (perfsheet)" not in new]
    assert wrong == []
    assert len(names) > 20
