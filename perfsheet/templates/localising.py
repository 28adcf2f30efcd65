"""A template in another language: headers, choices, and the formulas that name them. Cell by cell, all else stays.

Sentences of help stay in English, and so do the names of tabs, settings and statuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from ..errors import Misuse
from ..forms import FORMS, SETTINGS
from ..forms.languages import LANGUAGES, choices_in, formula_in, headers_in
from ..records import locate
from ..tables import Address, Book, Change
from ..workbooks.editing import edit
from ..workbooks.package import Package
from ..workbooks.reading import read

_FORMULAS = re.compile(
    r"(<(?:x14:|xm:)?(?:f|calculatedColumnFormula|formula|formula1|formula2|definedName)(?:\s[^>]*)?>)([^<]+)(</)"
)
_OF_TABLE = re.compile(r"(tbl[A-Za-z]+)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_COLUMN = re.compile(r"\[([^\[\]#]+)\]")


@lru_cache(maxsize=32)
def localised(template: bytes, language: str) -> bytes:
    """The template's bytes with headers and choices in a language. Raises Misuse for one that there is not."""
    if language not in LANGUAGES:
        raise Misuse(f"there is no language {language!r}; there are en, {', '.join(LANGUAGES)}")
    package = Package.from_bytes(template)
    headers = {form.table: headers_in(language, form.tab) for form in FORMS}
    changes = {
        name: translated.encode()
        for name in package.names
        if name.endswith(".xml")
        and (part := package.read(name).decode()) != (translated := _part(part, headers, language))
    }
    renamed = Package.from_bytes(package.replace(changes))
    return edit(
        renamed, [*_header_cells(read(package), language), *_choice_cells(read(package), language)], forget=False
    )


def _part(part: str, headers: Mapping[str, Mapping[str, str]], language: str) -> str:
    """One part's formulas, and its columns if it is a table."""
    part = _FORMULAS.sub(lambda m: f"{m[1]}{_formula(m[2], headers, language)}{m[3]}", part)
    table = re.search(r'<table [^>]*displayName="(\w+)"', part)
    names = headers.get(table[1], {}) if table else {}
    return re.sub(r'(<tableColumn [^>]*name=")([^"]*)(")', lambda m: f"{m[1]}{names.get(m[2], m[2])}{m[3]}", part)


def _formula(text: str, headers: Mapping[str, Mapping[str, str]], language: str) -> str:
    """A formula as it stands in XML, with columns and choices in the language."""

    def of_table(match: re.Match[str]) -> str:
        names, inside = headers.get(match[1], {}), match[2]
        if "[" in inside:
            return f"{match[1]}[{_COLUMN.sub(lambda m: f'[{names.get(m[1], m[1])}]', inside)}]"
        return f"{match[1]}[{names.get(inside, inside)}]"

    quoted = "&quot;" in text
    plain = text.replace("&quot;", '"') if quoted else text
    told = formula_in(language, _OF_TABLE.sub(of_table, plain))
    return told.replace('"', "&quot;") if quoted else told


def _header_cells(book: Book, language: str) -> list[Change]:
    """The header above each column of a form, and its table's."""
    return [
        Change(Address(place.sheet.name, place.header_row, column), headers_in(language, tab)[name])
        for tab, place in locate(book).items()
        for column, name in ((c, place.form.column(field).header) for field, c in place.columns.items())
        if name in headers_in(language, tab)
    ]


def _choice_cells(book: Book, language: str) -> list[Change]:
    """The lists behind the drop-downs, and the defaults that are words of them."""
    sheet = book.sheet(SETTINGS.tab)
    words = choices_in(language)
    place = locate(book)[SETTINGS.tab]
    labels = place.columns["setting"]
    return [
        Change(Address(SETTINGS.tab, row, column), words[str(cell.value)], cached=cell.formula)
        for (row, column), cell in (sheet.cells.items() if sheet else ())
        if row > place.header_row and column > labels and cell.type == "text" and str(cell.value) in words
    ]
