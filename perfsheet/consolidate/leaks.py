"""Is anything in a finished file that its audience must not see? The file itself is looked through, part by part.

Cells, hidden sheets, remembered results, defined names, comments, charts and properties are all
texts somewhere in the package; so every part is searched, whatever it is for.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from .privacy import ADDRESS, WORD, folded_address

_TAG = re.compile(r"<[^>]*>")
_VALUE = re.compile(r'="([^"]*)"')


def leaks(data: bytes | BinaryIO, forbidden: Iterable[tuple[str, ...]]) -> list[tuple[str, str]]:
    """(part, words) of everything forbidden in a workbook, names by their words and addresses as one word."""
    wanted = frozenset(forbidden)
    with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as package:
        return [
            (name, found)
            for name in [*package.namelist(), ""]
            for found in sorted({hit for text in _texts(package, name) for hit in _found(text, wanted)})
        ]


BLOCK = 1 << 20
"""Bytes of a part that are looked through at once."""


def _texts(package: zipfile.ZipFile, name: str) -> Iterator[str]:
    """What can be read in a part, in blocks that end where a row of cells ends, if it is long; "" is the archive's comment."""
    if not name:
        yield package.comment.decode("latin-1")
        return
    with package.open(name) as part:
        rest = b""
        while block := part.read(BLOCK):
            whole, end, rest = (rest + block).rpartition(b"</row>")
            if end:
                yield _text(whole + end)
        yield _text(rest)


def leaks_in_folder(folder: Path, forbidden: Iterable[tuple[str, ...]]) -> list[tuple[str, str]]:
    """The same for a dataset: every text in every column of every file, and their metadata."""
    import pyarrow.parquet

    wanted, found = frozenset(forbidden), []
    for path in sorted(folder.rglob("*.parquet")):
        file = pyarrow.parquet.ParquetFile(path)
        table = file.read()
        texts = [str(file.metadata.metadata), str(path.relative_to(folder))]
        for column in table.columns:
            if str(column.type) == "string":
                texts += [text for text in column.unique().to_pylist() if text]
        found += [(str(path), hit) for hit in sorted({hit for text in texts for hit in _found(text, wanted)})]
    return found


def found_in(text: str, forbidden: Iterable[tuple[str, ...]]) -> list[str]:
    """The same for one text, such as an answer in JSON."""
    return sorted(set(_found(text, frozenset(forbidden))))


def _text(part: bytes) -> str:
    """What can be read in a part: its texts and its attributes, a line each."""
    raw = part.decode("utf-8", errors="replace")
    if not raw.lstrip("\ufeff \r\n\t").startswith("<"):
        return raw
    attributes = "\n".join(_VALUE.findall(raw))
    return html.unescape(f"{_TAG.sub(chr(10), raw)}\n{attributes}")


def _found(text: str, wanted: frozenset[tuple[str, ...]]) -> Iterator[str]:
    """Every forbidden name or address in a text."""
    yield from (m[0] for m in ADDRESS.finditer(text) if (folded_address(m[0]),) in wanted)
    longest = max(map(len, wanted), default=0)
    firsts = {name[0] for name in wanted}
    words = [w.casefold() for w in WORD.findall(text)]
    for at, word in enumerate(words):
        if word in firsts:
            for length in range(2, longest + 1):
                if tuple(words[at : at + length]) in wanted:
                    yield " ".join(words[at : at + length])
