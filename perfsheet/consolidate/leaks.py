"""Is anything in a finished file that its audience must not see? The file itself is looked through, part by part.

Cells, hidden sheets, remembered results, defined names, comments, charts and properties are all
texts somewhere in the package; so every part is searched, whatever it is for.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from .privacy import ADDRESS, WORD, caseless, composed, folded_address, folded_word

_TAG = re.compile(r"<[^>]*>")
_VALUE = re.compile(r"""=(?:"([^"]*)"|'([^']*)')""")
_SAME_TEXT = re.compile(
    r"</(\w+:)?t>\s*</\1?r>\s*<\1?r\b[^>]*>(?:\s*<\1?rPr\b.*?(?:</\1?rPr>|/>))?\s*<\1?t\b[^>]*>", re.DOTALL
)
"""Where a text goes on in another font."""
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def leaks(data: bytes | BinaryIO, forbidden: Iterable[tuple[str, ...]]) -> list[tuple[str, str]]:
    """(part, words) of everything forbidden in a workbook, names by their words and addresses as one word.

    What is packed into a part, such as a workbook in a workbook, is looked through as well.
    """
    wanted = frozenset(forbidden)
    with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as package:
        found = [("", hit) for hit in sorted(set(_found(package.comment.decode("latin-1"), wanted)))]
        for name in package.namelist():
            if _is_packed(package, name):
                found += ((f"{name}: {inner}", hit) for inner, hit in leaks(package.read(name), wanted))
            else:
                found += (
                    (name, hit) for hit in sorted({h for text in _texts(package, name) for h in _found(text, wanted)})
                )
    return found


def _is_packed(package: zipfile.ZipFile, name: str) -> bool:
    with package.open(name) as part:
        return part.read(4) == b"PK\x03\x04" and zipfile.is_zipfile(io.BytesIO(package.read(name)))


BLOCK = 1 << 20
"""Bytes of a part that are looked through at once."""


def _texts(package: zipfile.ZipFile, name: str) -> Iterator[str]:
    """A part's name and what can be read in it, in blocks that end where a row of cells ends, if it is long."""
    yield name
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


def but_ours(found: Sequence[tuple[str, str]], ours: Callable[[], Iterable[tuple[str, str]]]) -> list[tuple[str, str]]:
    """What was found without the words that stand in a file of ours that holds nobody: those `ours` finds.

    "No data" is no name, though somebody may stand under it in People.
    """
    own = {words for _, words in ours()} if found else set()
    return [(part, words) for part, words in found if words not in own]


def _text(part: bytes) -> str:
    """What can be read in a part: its texts and its attributes, a line each."""
    raw = part.decode("utf-16" if part[:2] in _UTF16 else "utf-8", errors="replace")
    if not raw.lstrip("\ufeff").startswith("<"):
        return raw
    attributes = "\n".join(one or other for one, other in _VALUE.findall(raw))
    text = html.unescape(f"{_TAG.sub(chr(10), _SAME_TEXT.sub('', raw))}\n{attributes}")
    return _CODED.sub(lambda code: chr(int(code[1], 16)), text)


def _found(text: str, wanted: frozenset[tuple[str, ...]]) -> Iterator[str]:
    """Every forbidden name or address in a text; a name of one word where it can be nothing else."""
    text = composed(text)
    yield from (m[0] for m in ADDRESS.finditer(text) if (folded_address(m[0]),) in wanted)
    longest = max(map(len, wanted), default=0)
    firsts = {name[0] for name in wanted}
    written = WORD.findall(text)
    words = [folded_word(w) for w in written]
    for at, word in enumerate(words):
        if word in firsts:
            if (word,) in wanted and caseless(written[at]):
                yield word
            for length in range(2, min(longest, len(words) - at) + 1):
                if tuple(words[at : at + length]) in wanted:
                    yield " ".join(words[at : at + length])
