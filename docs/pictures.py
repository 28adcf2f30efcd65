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
        made = [
            page for book in workbooks(Path(scratch)) for page in pictures(book, Path(scratch), given.folder, given.dpi)
        ]
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


def pictures(book: Path, scratch: Path, folder: Path, dpi: int) -> Iterator[Path]:
    """One picture for each printed page, named by the tab that the page's footer names."""
    command = ["soffice", f"-env:UserInstallation={(scratch / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(scratch), str(book)], check=True, capture_output=True
    )
    pdf, counts = scratch / f"{book.stem}.pdf", dict[str, int]()
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    for number, page in enumerate(text.split("\f")[:-1], start=1):
        footer = [part for part in page.strip().splitlines()[-1].split("  ") if part.strip()] if page.strip() else []
        tab = footer[-2].rpartition("·")[2].strip() if len(footer) > 1 else "page"
        counts[tab] = counts.get(tab, 0) + 1
        target = folder / f"{book.stem}-{tab.replace(' ', '-')}-{counts[tab]}"
        page_only = ["-f", str(number), "-l", str(number), "-singlefile"]
        subprocess.run(["pdftoppm", "-png", "-r", str(dpi), *page_only, str(pdf), str(target)], check=True)
        yield target.with_suffix(".png")


if __name__ == "__main__":
    sys.exit(main())
