"""A built workbook as bytes: the same bytes each time, and a remembered result for every formula.

The builder stamps the time of day and leaves formulas without results; viewers that do not
calculate would show nothing or zero. Both are put right in the finished package.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from html import escape

from openpyxl import Workbook

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
CREATED = datetime(2026, 1, 1)
APPLICATION = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>perfsheet</Application></Properties>"
)
FIRST = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")
"""Parts that some readers want to meet first."""

Results = Mapping[tuple[str, str], str | float]
"""Remembered results that are not empty, by (tab, cell)."""


def finished(book: Workbook, title: str, results: Results) -> bytes:
    """The workbook's bytes; formulas without a result of their own remember an empty text."""
    book.properties.title, book.properties.creator = title, "perfsheet"
    book.properties.created = CREATED
    book.calculation.fullCalcOnLoad = True
    book.security = None
    raw = io.BytesIO()
    book.save(raw)
    sheets = {f"xl/worksheets/sheet{number}.xml": sheet.title for number, sheet in enumerate(book.worksheets, 1)}
    with zipfile.ZipFile(raw) as package:
        parts = {name: _in_plain_letters(package.read(name)) for name in package.namelist()}
    for name, tab in sheets.items():
        parts[name] = _with_results(parts[name], tab, results)
    parts["docProps/app.xml"] = APPLICATION
    parts["docProps/core.xml"] = re.sub(
        rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", parts["docProps/core.xml"]
    )
    return _zipped(parts)


_LETTER = re.compile(rb"&#([0-9]{3,});")


def _in_plain_letters(part: bytes) -> bytes:
    """The part with its symbols and accented letters as themselves instead of as numbers."""
    declared = part.replace(b"encoding='us-ascii'", b"encoding='UTF-8'")
    return _LETTER.sub(lambda m: chr(int(m[1])).encode() if int(m[1]) > 159 else m[0], declared)


_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*?)>(<f[ >].*?</f>)<v(?: ?/>|></v>)</c>', re.S)


def _with_results(part: bytes, tab: str, results: Results) -> bytes:
    def remembered(match: re.Match[bytes]) -> bytes:
        rest, formula = re.sub(rb' t="[a-z]+"', b"", match[2]), match[3]
        value = results.get((tab, match[1].decode()), "")
        kind = b' t="str"' if isinstance(value, str) else b""
        shown = escape(value, quote=False) if isinstance(value, str) else f"{value!r}"
        return b'<c r="%s"%s%s>%s<v>%s</v></c>' % (match[1], rest, kind, formula, shown.encode())

    return _FORMULA.sub(remembered, part)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip with fixed dates, in a fixed order."""
    order = [name for name in FIRST if name in parts] + sorted(name for name in parts if name not in FIRST)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name in order:
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            package.writestr(entry, parts[name], compresslevel=9)
    return out.getvalue()
