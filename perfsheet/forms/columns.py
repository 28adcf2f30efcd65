"""How a column is declared: once, as a dataclass field, and everything else is derived from it.

From a `Column` come the parser, the type check, the synonyms, the template's header, drop-down,
input message and number format, and the data dictionary in docs/.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from ..tables import Address


class Kind(StrEnum):
    """What a column holds, and so how its cells are read."""

    TEXT = "text"
    ID = "id"
    PERSON = "person"
    PEOPLE = "people"
    """One or several names: the first is accountable, the others contribute."""
    NUMBER = "number"
    SHARE = "share"
    """A fraction; its scale (0-1, 0-10, 0-100) is decided for the whole column."""
    DATE = "date"
    CHOICE = "choice"
    FLAG = "flag"
    """Yes or no."""
    LEVEL = "level"
    """A whole number within limits."""
    ANY = "any"
    """Whatever stands there, undecided (the Value column of Settings)."""


@dataclass(frozen=True)
class Column:
    """One column of a form. `live` columns are formulas for the reader's eye, never input."""

    name: str
    header: str
    kind: Kind
    help: str
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    width: float = 14
    live: bool = False
    format: str | None = None
    drop_down: str | None = None
    """Another form's column that offers the choices, as "People.Person"."""


def column(header: str, kind: Kind, help: str, **more: Any) -> Any:
    """Declares a column as a dataclass field; empty cells are None, never zero."""
    default = () if kind is Kind.PEOPLE else None
    return dataclasses.field(
        default=default, metadata={"column": {"header": header, "kind": kind, "help": help, **more}}
    )


@dataclass(frozen=True, slots=True)
class Place:
    """The table that a record stands in: its sheet and where each of the form's columns is."""

    sheet: str
    columns: dict[str, int]


@dataclass(slots=True, unsafe_hash=True)
class Record:
    """One row of a form, and where it stands. Nobody changes one once it is read.

    It is not frozen, because a workbook has hundreds and a frozen one takes four times as long to make.
    """

    place: Place
    row: int

    def at(self, name: str | None = None) -> Address:
        """The cell of the field `name`; of the row's first column without a name or such a column."""
        columns = self.place.columns
        return Address(self.place.sheet, self.row, columns.get(name or "", 0) or min(columns.values(), default=1))


Spot = Address | tuple[Record, str]
"""A cell: its address, or a record and the field that it is; most are never shown, so nobody looks them up."""


def address_of(spot: Spot) -> Address:
    """The address of a cell."""
    return spot if isinstance(spot, Address) else spot[0].at(spot[1])


@dataclass(frozen=True, eq=False)
class Form:
    """One input tab: its name, its Excel table, the record of a row, what it is for. Each is there once."""

    tab: str
    table: str
    record: type[Record]
    purpose: str
    optional: bool = False
    prepared_rows: int = 20
    """Empty rows that a fresh template offers."""

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.record)

    @cached_property
    def required(self) -> tuple[Column, ...]:
        """The columns without which there is no record."""
        return tuple(c for c in self.columns if c.required)

    def column(self, name: str) -> Column:
        """The column of that field name."""
        return next(c for c in self.columns if c.name == name)


_COLUMNS: dict[type[Record], tuple[Column, ...]] = {}


def columns_of(record: type[Record]) -> tuple[Column, ...]:
    """The declared columns of a record, in order."""
    if record not in _COLUMNS:
        _COLUMNS[record] = tuple(
            Column(name=f.name, **f.metadata["column"]) for f in dataclasses.fields(record) if "column" in f.metadata
        )
    return _COLUMNS[record]


_NOISE = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 14)
def folded(text: str) -> str:
    """A header or a choice without case, spacing, punctuation and accents' composition; # stays."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text.replace("#", "number ")).casefold())


@lru_cache(maxsize=1 << 14)
def same_name(text: str) -> str:
    """The key by which two spellings of a person's name or of an id are one: case and spaces folded.

    A workbook asks some thousand times for its few names, so the latest ones are remembered.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
