"""The hashes of what is built, kept current in the documentation.

python -m perfsheet.addin docs/it.md             writes them between the two marks
python -m perfsheet.addin --check docs/it.md     says whether they are current
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .building import KINDS, fingerprint

BEGIN, END = "<!-- hashes: python -m perfsheet.addin docs/it.md -->", "<!-- end of hashes -->"


def hashes() -> str:
    """A table of the files that `perfsheet addin build` makes without options."""
    rows = [f"| `{kind.file}` | {kind.what} | `{fingerprint(kind.make(''))}` |" for kind in KINDS]
    return "\n".join(["| File | What it is | SHA-256 |", "| --- | --- | --- |", *rows])


def renewed(text: str) -> str:
    """The page with today's hashes between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{hashes()}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """Writes the hashes, or says whether they are current."""
    page = Path(next((a for a in arguments if not a.startswith("-")), "docs/it.md"))
    text = page.read_text(encoding="utf-8")
    if "--check" in arguments:
        current = renewed(text) == text
        print(f"{page}: the hashes are {'current' if current else f'stale; run python -m perfsheet.addin {page}'}")
        return 0 if current else 1
    page.write_text(renewed(text), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
