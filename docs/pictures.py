"""Pictures of every template and every tab, to be looked at: `python docs/pictures.py FOLDER`.

LibreOffice prints each workbook, poppler turns the pages into pictures, named by workbook and tab.
`--docs` renews the pictures that the documentation shows.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from perfsheet.demo import run_demo
from perfsheet.templates import templates_folder

IMAGES = Path(__file__).resolve().parent / "images"
SHOWN = {
    "summary.png": "Sales-North-Summary",
    "organisation.png": "organisation-Summary",
    "alignment.png": "organisation-Alignment",
}
"""Pictures in the documentation, and the tab each shows."""


def main() -> int:
    """Makes the pictures; says what is missing if they cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--docs", action="store_true", help="renew the documentation's pictures too")
    parser.add_argument("--dpi", type=int, default=80)
    given = parser.parse_args()
    for tool in ("soffice", "pdftoppm", "pdftotext"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed; pictures need LibreOffice and poppler")
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        printed = pdfs(list(workbooks(Path(scratch))), Path(scratch))
        made = [page for pdf in printed for page in pictures(pdf, given.folder, given.dpi)]
    print(f"{len(made)} pictures in {given.folder}")
    if given.docs:
        for name, tab in SHOWN.items():
            shutil.copy(given.folder / f"{tab}-1.png", IMAGES / name)
    return 0


def workbooks(scratch: Path) -> Iterator[Path]:
    """Every template, one scored team and the organisation of a demo."""
    yield from sorted(templates_folder().glob("*.xlsx"))
    run_demo(str(scratch / "demo"), teams=12, people=6, say=lambda _: None)
    yield next((scratch / "demo" / "teams").glob("Sales-North.xlsx"))
    yield scratch / "demo" / "organisation.xlsx"


def pdfs(books: list[Path], scratch: Path) -> list[Path]:
    """Each workbook as LibreOffice prints it; one start prints them all."""
    command = ["soffice", f"-env:UserInstallation={(scratch / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(scratch), *map(str, books)], check=True, capture_output=True
    )
    return [scratch / f"{book.stem}.pdf" for book in books]


def pictures(pdf: Path, folder: Path, dpi: int) -> Iterator[Path]:
    """One picture for each printed page, named by the tab that the page's footer names."""
    counts = dict[str, int]()
    subprocess.run(["pdftoppm", "-png", "-r", str(dpi), str(pdf), str(pdf.with_suffix(""))], check=True)
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    drawn = sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))  # the numbers of pages are equally long
    for page, picture in zip(text.split("\f")[:-1], drawn, strict=True):
        footer = [part for part in page.strip().splitlines()[-1].split("  ") if part.strip()] if page.strip() else []
        tab = footer[-2].rpartition("·")[2].strip() if len(footer) > 1 else "page"
        counts[tab] = counts.get(tab, 0) + 1
        yield Path(shutil.move(picture, folder / f"{pdf.stem}-{tab.replace(' ', '-')}-{counts[tab]}.png"))


if __name__ == "__main__":
    sys.exit(main())
