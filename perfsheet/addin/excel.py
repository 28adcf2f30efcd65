"""macros/*.bas and customUI14.xml -> perfsheet.xlam, an add-in with a ribbon tab. The only file that knows pyOpenVBA."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from ..errors import Misuse
from .places import FILE
from .texts import archived, filled, macros_folder, text_of

RIBBON = "customUI/customUI14.xml"
RELATION = (
    '<Relationship Id="perfsheetRibbon" Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"'
    f' Target="{RIBBON}"/>'
)
CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>perfsheet</dc:title><dc:creator>perfsheet</dc:creator>'
    "<dc:description>Buttons that run perfsheet on the workbook in front.</dc:description></cp:coreProperties>"
)
"""Title and description are what Excel's list of add-ins shows."""

PLACE = '    ProgramPath = ""'


def addin_bytes(program: str = "") -> bytes:
    """The whole add-in. Raises Misuse if pyOpenVBA is missing."""
    parts = _package(modules(program))
    relations = parts["_rels/.rels"].decode()
    parts["_rels/.rels"] = relations.replace("</Relationships>", f"{RELATION}</Relationships>").encode()
    parts["docProps/core.xml"] = CORE.encode()
    parts[RIBBON] = text_of("customUI14.xml").encode()
    first = "[Content_Types].xml"  # readers look for it at the beginning
    return archived({first: parts.pop(first), **dict(sorted(parts.items()))})


def modules(program: str = "") -> dict[str, str]:
    """Each VBA module's text by its name, with the program's path in the launcher."""
    found = {path.stem: text_of(path.name) for path in sorted(macros_folder().glob("*.bas"))}
    if program:
        found["PerfLaunch"] = filled(found["PerfLaunch"], PLACE, f"    ProgramPath = {vba_text(program)}")
    return found


def vba_text(text: str) -> str:
    """A text as an expression in VBA, whose sources hold the letters of one alphabet only."""
    pieces: list[str] = []
    plain = ""
    for c in text:
        if c.isascii() and c.isprintable():
            plain += c.replace('"', '""')
            continue
        units = c.encode("utf-16-be")
        codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
        pieces += [f'"{plain}"', *(f"ChrW({code})" for code in codes)]
        plain = ""
    return " & ".join(p for p in [*pieces, f'"{plain}"'] if p != '""') or '""'


def _package(sources: dict[str, str]) -> dict[str, bytes]:
    """The parts of a new add-in that holds the modules."""
    try:
        from pyopenvba import ExcelFile
    except ImportError:
        raise Misuse(f"{FILE} needs pyOpenVBA; install it with: pip install 'perfsheet[addin]'") from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        with ExcelFile.create_new(path) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, text in sources.items():
                project.add_module(name, text.replace("\n", "\r\n"))
            book.save(path)
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
