"""The package of a workbook: named parts, what they are, how they point to each other.

An .xlsx file is a zip archive of *parts*, most of them XML. Three conventions (Open Packaging)
hold it together:

* `[Content_Types].xml` says of every part what it is;
* a part `xl/workbook.xml` points to other parts through `xl/_rels/workbook.xml.rels`, a list of
  *relationships*: an id, a type, a target. XML inside a part names only the id (`r:id="rId1"`);
* `_rels/.rels` does the same for the package as a whole: there one finds the workbook part,
  whose name is a habit and not a rule.

Everything here is read strictly, because what cannot be told apart from an attack must not be
guessed at; `check` is the one list of what is refused.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from io import BufferedReader
from mmap import ACCESS_READ, mmap
from typing import BinaryIO, NamedTuple

from ..errors import Damaged, Hostile, Missing, NotAWorkbook, Obstacle, Protected, Signed, Unsupported
from ..tables import Segment
from . import formats, markup
from .archive import ASK_AGAIN, DO_NOT_TRUST, Archive, Bytes, Deflated, Entry

__all__ = ["ContentTypes", "Entry", "Package", "Relationship", "SheetPart", "check", "open_large", "open_package"]

MAX_FILE = 256 << 20
MAX_SHEETS = 2_000
_KEEP = 1 << 20
"""Parts up to this size are remembered once inflated."""

CONTENT_TYPES = "[Content_Types].xml"
_REPAIR = "Open it in Excel, let Excel repair it, save it, and try again"
_BETA = "http://schemas.microsoft.com/office/excel/2006/2"
_SHEET_KINDS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")


class Relationship(NamedTuple):
    """One pointer of a part: `target` is a part's name, or an address outside if `external`."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """The type's last word, the same in both dialects: worksheet, styles, sharedStrings."""
        return self.type.rstrip("/").rpartition("/")[2]


class ContentTypes(NamedTuple):
    """What the parts are: by extension, and by name where that is more particular."""

    defaults: Mapping[str, str]
    overrides: Mapping[str, str]

    def of(self, part: str) -> str:
        """The content type of a part, "" if none is given."""
        name = part.lower()
        return self.overrides.get(name) or self.defaults.get(posixpath.splitext(name)[1][1:], "")


class SheetPart(NamedTuple):
    """A sheet as the workbook part lists it. `part` is the name of the part that holds it.

    `kind` is worksheet, chartsheet, dialogsheet, a macro sheet's kind, or "module": a relic of
    old Visual Basic sheets, which has no part (part and relationship are "").
    """

    name: str
    sheet_id: str
    relationship: str
    state: str
    part: str
    kind: str


def open_package(path: str | os.PathLike[str]) -> Package:
    """The package in a file; links are followed to regular files, nothing else is opened.

    Raises Missing for what is no file, and whatever `Package` raises.
    """
    return Package.from_bytes(_file_bytes(os.fspath(path)), os.fspath(path))


@contextmanager
def open_large(path: str | os.PathLike[str]) -> Iterator[Package]:
    """The package in a file of any size, mapped and not read, for as long as it is worked with.

    Parts beyond the usual limits are there to be copied or replaced, and cannot be read.
    """
    name = os.fspath(path)
    with _opened(name) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not os.fstat(file.fileno()).st_size:
            raise _without_head(b"", name)
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            package = Package(data, name, large=True)
            package._digest = digest
            yield package


def _file_bytes(path: str) -> bytes:
    with _opened(path) as file:
        expected = os.fstat(file.fileno()).st_size  # room for the largest file takes longer than most files
        data = file.read(min(expected, MAX_FILE) + 1)
        if len(data) > expected:
            data += file.read(MAX_FILE)
    if len(data) > MAX_FILE:
        raise Hostile(path, f"the file is larger than {MAX_FILE >> 20} MB", DO_NOT_TRUST)
    return data


@contextmanager
def _opened(path: str) -> Iterator[BufferedReader]:
    """The file. A pipe or a device would block for ever or never end: not opened."""
    try:
        _refuse_irregular(os.stat(path).st_mode, path)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:
            _refuse_irregular(os.fstat(file.fileno()).st_mode, path)
            yield file
    except FileNotFoundError:
        raise Missing(path, "there is no such file", "Check the name and the folder") from None
    except PermissionError:
        raise Missing(path, "you are not allowed to read it", "Ask for access, or copy the file") from None
    except (OSError, ValueError) as error:
        what = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
        raise Missing(path, what, "Check the name and the disk") from None


def _refuse_irregular(mode: int, path: str) -> None:
    if stat.S_ISDIR(mode):
        raise Missing(path, "this is a folder", "Name the workbook in it")
    if not stat.S_ISREG(mode):
        raise Missing(path, "this is a device or a pipe, not a file", "Save the workbook to a file first")


class Package:
    """A workbook's package in memory. Parts are inflated when they are asked for.

    Building one raises Damaged, Hostile, Encrypted, NotAWorkbook or Unsupported.
    """

    def __init__(self, data: Bytes, path: str, large: bool = False) -> None:
        if data[:2] != b"PK":
            raise _without_head(data[:], path)
        self.path = path
        self._bytes = data
        self._archive = Archive(data, path, large)
        self.entries: tuple[Entry, ...] = self._archive.entries
        self._by_name = {entry.name: entry for entry in self.entries}
        self._by_key = _keys(self.entries, path)
        self._contents: dict[str, bytes] = {}
        self._relationships: dict[str, dict[str, Relationship]] = {}
        self._digest: str | None = None
        self._content_types: ContentTypes | None = None
        self._workbook_part: str | None = None
        self._workbook: markup.Node | None = None
        self._sheets: tuple[SheetPart, ...] | None = None

    @classmethod
    def from_bytes(cls, data: bytes, path: str = "workbook") -> Package:
        """The package in `data`; `path` is what messages call it."""
        return cls(data, path)

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self._bytes[:]

    @property
    def digest(self) -> str:
        """The sha256 of the file's bytes, in hexadecimal."""
        if self._digest is None:
            self._digest = hashlib.sha256(self._bytes).hexdigest()
        return self._digest

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the entries, in the archive's order."""
        return tuple(self._by_name)

    def has(self, name: str) -> bool:
        """Whether there is such a part (see `resolve`)."""
        return self.resolve(name) is not None

    def resolve(self, name: str) -> str | None:
        """The entry's own name for a part, whatever the case, slashes or escapes used; or None."""
        if name in self._by_name:
            return name
        return self._by_key.get(_key(name)) or self._by_key.get(_key(_unquoted(name)))

    def read(self, name: str) -> bytes:
        """A part's content, checksum compared. Raises Damaged, also for a part that is missing."""
        own = self.resolve(name)
        if own is None:
            raise Damaged(self.path, f"the part {name} is missing", _REPAIR)
        content = self._contents.get(own)
        if content is None:
            content = self._archive.inflate(self._by_name[own])
            if len(content) <= _KEEP:
                self._contents[own] = content
        return content

    def head(self, name: str, most: int) -> bytes:
        """The beginning of a part's content, at most so many bytes, however large the part is."""
        own = self.resolve(name)
        return b"" if own is None else self._archive.head(self._by_name[own], most)

    def tree(self, name: str) -> markup.Node:
        """A small XML part as a tree."""
        return markup.tree(self.read(name), self.path, name)

    @property
    def content_types(self) -> ContentTypes:
        """What every part is."""
        if self._content_types is None:
            self._content_types = self._read_content_types()
        return self._content_types

    def _read_content_types(self) -> ContentTypes:
        if not self.has(CONTENT_TYPES):
            raise self._foreign()
        return markup.meaning(_content_types, self.read(CONTENT_TYPES), self.path, CONTENT_TYPES)

    def _foreign(self) -> Obstacle:
        mimetype = self.read("mimetype") if self.has("mimetype") else b""
        name = formats.zip_content(frozenset(self.names), mimetype) or "a zip archive without a workbook in it"
        return NotAWorkbook(self.path, f"this is {name}", formats.SAVE_AS)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """The pointers of a part by their ids; of the whole package for part "".

        Raises Damaged, or Hostile if two of them share an id.
        """
        if part not in self._relationships:
            self._relationships[part] = self._read_relationships(part)
        return self._relationships[part]

    def _read_relationships(self, part: str) -> dict[str, Relationship]:
        folder, base = posixpath.split((self.resolve(part) or part).replace("\\", "/"))
        listing = posixpath.join(folder, "_rels", base + ".rels")
        if not self.has(listing):
            return {}
        found: dict[str, Relationship] = {}
        for one in markup.meaning(_pointers, self.read(listing), self.path, listing, folder):
            if one.id in found:
                raise Hostile(self.path, f"the part {listing} uses the id {one.id} twice", DO_NOT_TRUST)
            if not one.external and one.target not in self._by_name and not _climbs_out(one.target, ""):
                one = one._replace(target=self.resolve(one.target) or one.target)
            found[one.id] = one
        return found

    @property
    def workbook_part(self) -> str:
        """The name of the workbook part. Raises NotAWorkbook or Damaged if there is none."""
        if self._workbook_part is None:
            self._workbook_part = self._find_workbook_part()
        return self._workbook_part

    def _find_workbook_part(self) -> str:
        types = self.content_types
        main = next((r for r in self.relationships("").values() if r.kind == "officeDocument"), None)
        if main is None:
            raise NotAWorkbook(self.path, "this is an Office package without a workbook in it", formats.SAVE_AS)
        kind = formats.office_content(types.of(main.target))
        if kind:
            raise NotAWorkbook(self.path, f"this is {kind}, not an .xlsx workbook", formats.SAVE_AS)
        part = None if main.external else self.resolve(main.target)
        if part is None:
            raise Damaged(self.path, "the workbook part is missing", _REPAIR)
        return part

    @property
    def workbook(self) -> markup.Node:
        """The workbook part as a tree, in the Transitional dialect."""
        if self._workbook is None:
            root = self.tree(self.workbook_part)
            if root.namespace == _BETA:
                raise Unsupported(self.path, "it was made by a trial version of Excel 2007", _REPAIR)
            if root.tag != f"{markup.MAIN}}}workbook":
                raise NotAWorkbook(self.path, f"its main part is a <{root.name}>, not a workbook", formats.SAVE_AS)
            self._workbook = root
        return self._workbook

    @property
    def sheets(self) -> tuple[SheetPart, ...]:
        """The sheets in the order of their tabs, each with the part that holds it.

        Raises Damaged if a sheet's part is missing.
        """
        if self._sheets is None:
            self._sheets = tuple(self._read_sheets())
        return self._sheets

    def _read_sheets(self) -> Iterator[SheetPart]:
        listing = self.workbook.child("sheets")
        nodes = list(listing.all("sheet")) if listing else []
        if len(nodes) > MAX_SHEETS:
            raise Hostile(self.path, f"the workbook has more than {MAX_SHEETS:,} sheets", DO_NOT_TRUST)
        for node in nodes:
            yield self._sheet_part(node)

    def _sheet_part(self, node: markup.Node) -> SheetPart:
        name, rid = node.get("name"), node.get(f"{markup.OFFICE}}}id", "missing")
        if not rid:
            return SheetPart(name, node.get("sheetId"), "", node.get("state", "visible"), "", "module")
        pointer = self.relationships(self.workbook_part).get(rid)
        part = self.resolve(pointer.target) if pointer and not pointer.external else None
        if pointer is None or part is None or pointer.kind not in _SHEET_KINDS:
            raise Damaged(self.path, f"sheet part missing: the sheet '{name}' leads nowhere", _REPAIR)
        return SheetPart(name, node.get("sheetId"), rid, node.get("state", "visible"), part, pointer.kind)

    def replace(self, changes: Mapping[str, bytes | Deflated | None]) -> bytes:
        """The bytes of a new package: `changes` by entry name, None removes a part.

        Everything else is copied byte for byte in its old order; new names are appended in the
        order given, dated 1980-01-01. Raises KeyError when a part to remove does not exist.
        """
        for name, content in changes.items():
            if content is None and name not in self._by_name:
                raise KeyError(name)
        return self._archive.rebuilt(changes) if changes else self.data

    def write(self, target: BinaryIO, poured: Mapping[str, Iterable[Segment]]) -> None:
        """The package into a file that can seek, some parts with new content in pieces, all others byte for byte."""
        self._archive.write(target, poured)

    def verify(self) -> None:
        """Inflate every entry once against its checksum, and refuse XML that has a DOCTYPE."""
        for entry in self.entries:
            if markup.has_doctype(self.read(entry.name), self.path, entry.name):
                raise markup.hostile(self.path, entry.name, "has a DOCTYPE, which no spreadsheet program writes")


def _without_head(data: bytes, path: str) -> Obstacle:
    if data[-66000:].rfind(b"PK\5\6") >= 0 and b"PK\3\4" in data:
        return Damaged(path, "there are stray bytes before the archive", ASK_AGAIN)
    return formats.refusal(data, path)


def _unquoted(name: str) -> str:
    """Percent escapes of a target resolved: a part's name may hold a space, an address may not."""
    if "%" not in name:
        return name
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), name.encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace")


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Part names are compared without regard to case; some writers use back-slashes."""
    return name.replace("\\", "/").lstrip("/").lower()


@lru_cache(maxsize=4096)
def _leads_outside(name: str) -> bool:
    key = _key(name)
    return name.startswith("/") or ".." in key.split("/") or key[1:2] == ":"


def _keys(entries: tuple[Entry, ...], path: str) -> dict[str, str]:
    """The entries' own names by their keys. Refuses names that readers would take differently."""
    keys: dict[str, str] = {}
    for entry in entries:
        key = _key(entry.name)
        if entry.is_link:
            raise Hostile(path, f"the part {entry.name} is a symbolic link", DO_NOT_TRUST)
        if _leads_outside(entry.name):
            raise Hostile(path, f"the part {entry.name} has a name that leads outside the workbook", DO_NOT_TRUST)
        if key in keys:
            raise Hostile(path, f"there are two parts named {entry.name}", DO_NOT_TRUST)
        keys[key] = entry.name
    return keys


def _content_types(root: markup.Node) -> ContentTypes:
    defaults, overrides = {}, {}
    for node in root.children:
        if node.name == "Default":
            defaults[node.get("Extension").lower()] = node.get("ContentType")
        elif node.name == "Override":
            overrides[_key(node.get("PartName"))] = node.get("ContentType")
    return ContentTypes(defaults, overrides)


def _pointers(root: markup.Node, folder: str) -> list[Relationship]:
    return [_relationship(node, folder) for node in root.all("Relationship")]


def _relationship(node: markup.Node, folder: str) -> Relationship:
    target = node.get("Target")
    external = node.get("TargetMode").lower() == "external"
    return Relationship(node.get("Id"), node.get("Type"), target if external else _target(target, folder), external)


def _target(target: str, folder: str) -> str:
    """The part a relative or absolute target means; as written if it leads outside."""
    plain = target.partition("#")[0].replace("\\", "/")
    if _climbs_out(plain, folder):
        return target
    return posixpath.normpath(posixpath.join("/", folder, plain))[1:] if plain else ""


def _climbs_out(target: str, folder: str) -> bool:
    """Whether a target leaves the package by way of "..", or is an address of another kind."""
    depth = 0 if target.startswith("/") else len([step for step in folder.split("/") if step])
    for step in target.split("/"):
        depth += -1 if step == ".." else 1 if step not in ("", ".") else 0
        if depth < 0:
            return True
    return target.startswith("//") or ":" in target.partition("/")[0]


# -------------------------------------------------------------------- what is refused


def check(package: Package, for_writing: bool = False) -> None:
    """Raise the obstacle that keeps this package from being read, or from being written.

    Geometry and names were checked when the package was built. Here: every checksum, no
    DOCTYPE anywhere, a workbook part of a dialect we know, a part for every sheet. For writing
    also: not signed, not a legacy shared workbook, structure not protected.
    """
    package.verify()
    _refuse_lost_sheets(package)
    if for_writing:
        _refuse_signed(package)
        _refuse_shared(package)
        _refuse_protected(package)


def _refuse_lost_sheets(package: Package) -> None:
    if not package.sheets:
        raise Damaged(package.path, "the workbook has no sheets", _REPAIR)


def _refuse_signed(package: Package) -> None:
    if any("/digital-signature/" in r.type for r in package.relationships("").values()):
        raise Signed(
            package.path,
            "it is digitally signed, and any change would break the signature",
            "Remove the signature in File > Info > View Signatures, or work on an unsigned copy",
        )


def _refuse_shared(package: Package) -> None:
    kinds = {r.kind for r in package.relationships(package.workbook_part).values()}
    if "revisionHeaders" in kinds or any(name.lower().startswith("xl/revisions/") for name in package.names):
        raise Unsupported(
            package.path,
            "it is a shared workbook of the old kind, with tracked changes",
            "Turn sharing off in Review > Unshare Workbook, save it, and try again",
        )


def _refuse_protected(package: Package) -> None:
    protection = package.workbook.child("workbookProtection")
    if protection and protection.get("lockStructure") in ("1", "true", "on"):
        raise Protected(
            package.path,
            "its structure is protected, so no tab can be added or renewed",
            "Lift it in Review > Protect Workbook, and protect it again afterwards",
        )
