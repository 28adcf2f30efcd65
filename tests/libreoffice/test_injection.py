"""LibreOffice opens what perfsheet made of a hostile workbook: text stays text, in the workbook and in CSV files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import etree

from perfsheet.consolidate.nudges import Nudge, write_nudges
from perfsheet.workbooks.reading import read

from ..payloads import PAYLOADS

pytestmark = pytest.mark.libreoffice

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
HREF = "{http://www.w3.org/1999/xlink}href"

CSV, ODS = "Text - txt - csv (StarCalc)", ["calc8"]
AS_IT_COMES: list[str] = []
"""As LibreOffice reads a CSV file that it is told nothing about: formulas are calculated."""
AS_PROPOSED = [CSV, "44,34,UTF-8,1,,0,false,false,false,,,,false"]
"""As its dialog for CSV files is set when nobody touches it: without "Evaluate formulas"."""
QUOTED_IS_TEXT = [CSV, "44,34,UTF-8,1,,0,true,false,false"]
EVERY_TAB = [CSV, "44,34,UTF-8,1,,0,false,true,false,false,false,-1"]
EVERY_TAB_QUOTED = [CSV, "44,34,UTF-8,1,,0,true,true,false,false,false,-1"]


class Found(NamedTuple):
    """What a document holds that is more than values."""

    formulas: set[tuple[str, int, int]]
    texts: set[tuple[str, int, int]]
    links: list[str]
    """Those to a place in the workbook begin with #, those to a chart in its file with a dot."""
    outside: list[str]
    """Elements that fetch from other files or programs."""


def look(path: Path) -> Found:
    """A document as LibreOffice wrote it in its own format, in which it leaves nothing out."""
    with zipfile.ZipFile(path) as package:
        content = etree.fromstring(package.read("content.xml"), etree.XMLParser(huge_tree=True))
    cells = list(_cells(content))
    foreign = ("dde-link", "table-source", "cell-range-source", "dde-source")
    return Found(
        formulas={place for place, cell in cells if cell.get(f"{TABLE}formula")},
        texts={place for place, cell in cells if cell.get(f"{OFFICE}value-type") == "string"},
        links=[link.get(HREF) for _, cell in cells for link in cell.iter() if link.get(HREF)],
        outside=[element.tag for name in foreign for element in content.iter(f"{TABLE}{name}")],
    )


def _cells(content: etree._Element) -> Iterator[tuple[tuple[str, int, int], etree._Element]]:
    for table in content.iter(f"{TABLE}table"):
        row = 0
        for line in table.iter(f"{TABLE}table-row"):
            column = 0
            for cell in line:
                alike = int(cell.get(f"{TABLE}number-columns-repeated", 1))
                if len(cell) or cell.get(f"{TABLE}formula"):
                    yield from (((table.get(f"{TABLE}name"), row + 1, column + 1 + i), cell) for i in range(alike))
                column += alike
            row += int(line.get(f"{TABLE}number-rows-repeated", 1))


@pytest.fixture(scope="module")
def seen(
    calc: Callable[..., Any], hostile_org: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, Found]]:
    """seen("org"), seen("proposed"), seen("quoted"), seen("nudges") -> what LibreOffice holds, by the file's name."""
    folder = tmp_path_factory.mktemp("seen")
    for way in ("org", "proposed", "quoted", "nudges"):
        (folder / way).mkdir()
    nudges = [Nudge(text, text, text, text, (text,)) for text in PAYLOADS]
    write_nudges(nudges, str(folder / "nudges" / "nudges.csv"))
    write_nudges(nudges, str(folder / "nudges" / "nudges.xlsx"))
    tabs = [f"org-{sheet.name}.csv" for sheet in read(hostile_org).sheets]
    again = [
        *(("proposed", tab, AS_PROPOSED) for tab in tabs),
        *(("quoted", f"org-{tab}.csv", QUOTED_IS_TEXT) for tab in ("Goals", "People", "Teams")),
        *(("nudges", f"nudges{kind}", AS_IT_COMES) for kind in (".csv", ".xlsx")),
    ]
    out = {"org/org.ods": ODS, "proposed/org.csv": EVERY_TAB, "quoted/org.csv": EVERY_TAB_QUOTED}
    calc(
        convert=[
            (str(hostile_org), AS_IT_COMES, {f"{folder}/{name}": how for name, how in out.items()}),
            *((f"{folder}/{way}/{name}", how, {f"{folder}/{way}/{name}.ods": ODS}) for way, name, how in again),
        ]
    )
    return lambda way: {path.stem: look(path) for path in sorted((folder / way).glob("*.ods"))}


def test_in_the_organisations_workbook_only_our_own_formulas_calculate(
    seen: Callable[[str], dict[str, Found]], hostile_org: Path
) -> None:
    cells = {(s.name, *place): cell for s in read(hostile_org).sheets for place, cell in s.cells.items()}
    found = seen("org")["org"]
    assert found.formulas == {place for place, cell in cells.items() if cell.formula}
    texts = {place for place, cell in cells.items() if cell.type == "text" and not cell.formula}
    assert len(texts) > 3 * len(PAYLOADS)
    assert texts - found.texts == set()
    assert [link for link in found.links if not link.startswith(("#", "./"))] == []
    assert found.outside == []


@pytest.mark.parametrize(("way", "files"), [("proposed", 12), ("quoted", 3), ("nudges", 2)])
def test_a_csv_file_of_it_has_nothing_that_calculates(
    seen: Callable[[str], dict[str, Found]], way: str, files: int
) -> None:
    """A tab that HR saves as CSV and opens again, in the two ways that are safe; nudges in any way."""
    found = seen(way)
    assert len(found) == files
    assert sum(len(f.texts) for f in found.values()) > len(PAYLOADS)
    assert {name: (f.formulas, f.links, f.outside) for name, f in found.items()} == {
        name: (set(), [], []) for name in found
    }
