"""The sheets of a small report workbook put into somebody's workbook, and taken out again.

A workbook is a package of parts: one part lists the sheets, each sheet is a part, and each part
may point to others (drawings, charts, tables) through a list of relationships beside it. To
graft a sheet means to copy its part and what it points to under free names, to translate its
format indices, and to name it in the few parts that must know of it: the workbook part, its
relationships and the content types. Everything else is copied as compressed bytes, unread.

Our tabs carry a mark, a hidden name local to the sheet, by which they are known again whatever
the user calls them; a renewed tab keeps its place, its state and its colour.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ..errors import Unsupported
from . import markup
from .editing import relationships_part, without_calculation_chain
from .package import CONTENT_TYPES, Package, SheetPart, check
from .reading import MARK, PAINTED
from .references import renamed_sheet
from .splicing import Span, Splice, attributes, content, decoded, namespace_prefix, quoted, root_of
from .strings import unescaped
from .styles import StyleMerge, truncated

BEFORE = "_perfsheet_before"
"""The hidden name, local to our first sheet, that keeps how long the lists of formats were before us."""

_PRINTING = ("_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase")
_OURS = (MARK, BEFORE, PAINTED, *_PRINTING)
"""Names local to our sheets that are renewed with them."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_POINTERS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"

_STRICT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", markup.STRICT_MAIN),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships", markup.STRICT_OFFICE),
    ("http://schemas.openxmlformats.org/drawingml/2006/main", "http://purl.oclc.org/ooxml/drawingml/main"),
    ("http://schemas.openxmlformats.org/drawingml/2006/chart", "http://purl.oclc.org/ooxml/drawingml/chart"),
    ("http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing", "http://purl.oclc.org/ooxml/drawingml/spreadsheetDrawing"),
)  # fmt: skip
"""The two dialects of workbooks differ in these addresses alone."""


@dataclass(frozen=True)
class Grafted:
    """The workbook's new bytes, and the name that each of our tabs has in it, by mark."""

    data: bytes
    names: dict[str, str]
    formats: Mapping[int, int] = field(default_factory=dict)
    """The numbers that formats of the donor have here, of those that were asked for."""
    days: int = 0
    """What the number of a date grows by, where the workbook counts days from 1904."""


def graft(package: Package, donor: bytes, marks: Mapping[str, str], formats: Iterable[int] = ()) -> Grafted:
    """Puts the donor's sheets into the package: renewed where a sheet with the mark stands, else at the end.

    `marks` gives the mark of each donor sheet by its name; sheets not named stay out. `formats` come along
    even if no cell has them yet. Raises
    what `check(package, for_writing=True)` raises, and Unsupported for a workbook without room.
    """
    check(package, for_writing=True)
    return _Graft(package, Package.from_bytes(donor, "report"), marks).done(formats)


def marked_sheets(package: Package) -> dict[str, SheetPart]:
    """Our tabs in a workbook, by mark."""
    return {mark: own.sheet for mark, own in _own_sheets(package).items()}


def emptied(package: Package) -> Package:
    """The workbook with nothing in our tabs but what precedes their rows, to be grafted however much was in them."""
    parts = {sheet.part: _without_rows(package.head(sheet.part, _HEAD)) for sheet in marked_sheets(package).values()}
    return Package.from_bytes(package.replace(parts), package.path)


_HEAD = 1 << 16
"""Bytes of a sheet in which its rows begin."""


def _without_rows(head: bytes) -> bytes:
    """A sheet up to its rows; a bare one where they do not begin in time."""
    found = re.search(rb"<((?:\w+:)?)sheetData[\s/>]", head)
    if found is None:
        return f'<worksheet xmlns="{_MAIN}"><sheetData/></worksheet>'.encode()
    return b"%s<%ssheetData/></%sworksheet>" % (head[: found.start()], found[1], found[1])


def ungraft(package: Package) -> bytes:
    """The workbook without our tabs. Where nothing else was changed since, the original bytes of every part."""
    check(package, for_writing=True)
    ours = _own_sheets(package)
    return _removed(package, ours) if ours else package.data


def without(package: Package, marks: Collection[str]) -> Package:
    """The workbook without those tabs of ours that have these marks."""
    gone = {mark: own for mark, own in _own_sheets(package).items() if mark in marks}
    return Package.from_bytes(_removed(package, gone), package.path) if gone else package


# ------------------------------------------------------------- what is ours already


@dataclass(frozen=True)
class _Own:
    """A tab of ours in the package: its place among the tabs, and the parts that only it points to."""

    mark: str
    position: int
    sheet: SheetPart
    parts: tuple[str, ...]


def _own_sheets(package: Package) -> dict[str, _Own]:
    """Our tabs by mark; of two with one mark (somebody copied a tab) the first."""
    found: dict[str, _Own] = {}
    names = package.workbook.child("definedNames")
    for node in names.all("definedName") if names else ():
        position = node.get("localSheetId")
        if node.get("name") == MARK and position.isdigit() and int(position) < len(package.sheets):
            sheet = package.sheets[int(position)]
            mark = node.text.strip().strip('"')
            if sheet.kind == "worksheet":
                found.setdefault(mark, _Own(mark, int(position), sheet, _belongings(package, sheet.part)))
    return found


def _belongings(package: Package, part: str) -> tuple[str, ...]:
    """The parts that are reached from this one and from nowhere else."""
    reached: list[str] = []
    waiting = [part]
    while waiting:
        for pointer in package.relationships(waiting.pop()).values():
            if not pointer.external and package.has(pointer.target) and pointer.target not in (*reached, part):
                reached.append(pointer.target)
                waiting.append(pointer.target)
    inside = {part, *reached}
    shared = {
        pointer.target
        for other in package.names
        if other not in inside and package.has(relationships_part(other))
        for pointer in package.relationships(other).values()
    }
    return tuple(sorted(name for name in reached if name not in shared))


# -------------------------------------------------------------------- the graft


class _Graft:
    """One graft: what is copied, under which names, and what is said of it in the shared parts."""

    def __init__(self, package: Package, donor: Package, marks: Mapping[str, str]) -> None:
        self.package, self.donor = package, donor
        self.own = _own_sheets(package)
        self.strict = markup.STRICT_MAIN.encode() in package.read(package.workbook_part)[:4096]
        self.sheets = [(sheet, marks[sheet.name]) for sheet in donor.sheets if sheet.name in marks]
        self.names = self._final_names()
        renewed = {part for own in self.own.values() if own.mark in self.names for part in own.parts}
        self.free = _FreeNames(package, renewed)
        self.texts = _inline_texts(donor)
        self.styles_part = _part_of_kind(package, "styles")
        donor_styles = _part_of_kind(donor, "styles")
        self.styles = StyleMerge(
            package.read(self.styles_part) if self.styles_part else None, donor.read(donor_styles or "")
        )
        self.tables = _TableNames(package, renewed)
        self.days = _epoch_days(donor) - _epoch_days(package)
        """What a date's number grows by when it moves from the donor's calendar to the target's."""
        self.dates = self.styles.dates() if self.days else frozenset()
        self.parts: dict[str, bytes | None] = {}
        self.types: dict[str, str] = {}
        self.placed: dict[str, str] = {}
        """The part of each mark's sheet."""

    def done(self, formats: Iterable[int]) -> Grafted:
        placed = {number: self.styles.cell(number) for number in sorted(set(formats))}
        for sheet, mark in self.sheets:
            self._place(sheet, mark)
        self._drop_leftovers()
        self._place_styles()
        self._name_sheets()
        self._name_types()
        self._drop_chain()
        changes = {n: d for n, d in self.parts.items() if not self._is_same(n, d)}
        return Grafted(self.package.replace(changes), dict(self.names), placed, self.days)

    def _is_same(self, name: str, data: bytes | None) -> bool:
        return data is not None and name in self.package.names and self.package.read(name) == data

    # ------------------------------------------------------------------ names

    def _final_names(self) -> dict[str, str]:
        own = {mark: found.sheet.name for mark, found in self.own.items()}
        wanted = [(sheet.name, mark) for sheet, mark in self.sheets]
        return final_names(wanted, own, [s.name for s in self.package.sheets])

    def _renamed(self, text: str) -> str:
        """References between our own tabs under their final names."""
        for sheet, mark in self.sheets:
            if sheet.name != self.names[mark]:
                text = renamed_sheet(text, sheet.name, self.names[mark])
        return text

    # ------------------------------------------------------- a sheet's own parts

    def _place(self, sheet: SheetPart, mark: str) -> None:
        """One sheet of the donor, with everything that it points to."""
        part = self.own[mark].sheet.part if mark in self.own else self.free.like(sheet.part)
        self.placed[mark] = part
        targets = self._place_belongings(sheet.part, part)
        text = self._translated(decoded(self.donor.read(sheet.part)).text)
        if mark in self.own:
            text = _with_tab_colour(text, decoded(self.package.read(part)).text)
        self.parts[part] = self._dialect(text)
        self.types[part] = _SHEET_TYPE
        self._place_pointers(sheet.part, part, targets)

    def _place_belongings(self, source: str, placed: str) -> dict[str, str]:
        """Copies what a part points to; returns where each part went."""
        targets: dict[str, str] = {}
        for pointer in self.donor.relationships(source).values():
            if pointer.external or pointer.target in targets:
                continue
            target = targets[pointer.target] = self.free.like(pointer.target)
            inner = self._place_belongings(pointer.target, target)
            data = self.donor.read(pointer.target)
            if pointer.target.endswith((".xml", ".vml")):
                data = self._dialect(self._translated_part(pointer.kind, decoded(data).text))
            self.parts[target] = data
            self.types[target] = self.donor.content_types.of(pointer.target)
            self._place_pointers(pointer.target, target, inner)
        return targets

    def _place_pointers(self, source: str, placed: str, targets: Mapping[str, str]) -> None:
        """The list of relationships of a copied part, with the new names of what it points to."""
        listing = relationships_part(placed)
        pointers = self.donor.relationships(source).values()
        if not pointers:
            if self.package.has(listing):
                self.parts[self.package.resolve(listing) or listing] = None
            return
        lines = []
        for pointer in pointers:
            target = pointer.target if pointer.external else posixpath.relpath(targets[pointer.target], _folder(placed))
            mode = ' TargetMode="External"' if pointer.external else ""
            lines.append(
                f"<Relationship Id={quoted(pointer.id)} Type={quoted(pointer.type)} Target={quoted(target)}{mode}/>"
            )
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        text = f'{head}<Relationships xmlns="{_PACKAGE}">{"".join(lines)}</Relationships>'
        self.parts[self.package.resolve(listing) or listing] = self._dialect(text)

    def _dialect(self, text: str) -> bytes:
        """A part as bytes, in the target's dialect."""
        if self.strict:
            for transitional, strict in _STRICT:
                text = re.sub(rf"{re.escape(transitional)}(?=[\"/])", strict, text)
        return text.encode("utf-8")

    # ------------------------------------------------------------- translation

    def _moved_dates(self, text: str) -> str:
        """Dates as the target's calendar counts them, from 1900 or from 1904."""

        def move(match: re.Match[str]) -> str:
            facts = attributes(match[1])
            if facts.get("t", "n") != "n" or int(facts.get("s", "0")) not in self.dates:
                return match[0]
            number = float(match[3]) + self.days
            return f"<c{match[1]}>{match[2]}<v>{int(number) if number == int(number) else number!r}</v>"

        return re.sub(r"<c( [^>]*)>(<f\b[^>]*>[^<]*</f>|)<v>([^<]*)</v>", move, text)

    def _translated(self, text: str) -> str:
        """A sheet's text with the target's format indices, texts of its own, and the final names."""
        if self.dates:
            text = self._moved_dates(text)
        text = re.sub(r"(<c [^>]*?)\bs=\"(\d+)\"", lambda m: f'{m[1]}s="{self.styles.cell(int(m[2]))}"', text)
        text = re.sub(r"(<row [^>]*?)\bs=\"(\d+)\"", lambda m: f'{m[1]}s="{self.styles.cell(int(m[2]))}"', text)
        text = re.sub(r"(<col [^>]*?)\bstyle=\"(\d+)\"", lambda m: f'{m[1]}style="{self.styles.cell(int(m[2]))}"', text)
        text = re.sub(
            r"(<c [^>]*?)t=\"s\"([^>]*)><v>(\d+)</v>",
            lambda m: f'{m[1]}t="inlineStr"{m[2]}>{self.texts[int(m[3])]}',
            text,
        )
        text = re.sub(r"\sdxfId=\"(\d+)\"", lambda m: f' dxfId="{self.styles.differential(int(m[1]))}"', text)
        text = re.sub(r"\stabSelected=\"[^\"]*\"", "", text)
        text = re.sub(
            r"(<(?:f|xm:f|formula1|formula2|formula)\b[^>]*>)([^<]*)(?=<)", lambda m: m[1] + self._formula(m[2]), text
        )
        return re.sub(r"(\slocation=\")([^\"]*)(?=\")", lambda m: m[1] + self._formula(m[2]), text)

    def _formula(self, escaped: str) -> str:
        plain = unescaped(escaped)
        new = self.tables.translated(self._renamed(plain))
        return escaped if new == plain else content(new).replace('"', "&quot;")

    def _translated_part(self, kind: str, text: str) -> str:
        if kind == "table":
            text = self.tables.placed(text)
            text = re.sub(
                r"\b(\w*[dD]xfId)=\"(\d+)\"", lambda m: f'{m[1]}="{self.styles.differential(int(m[2]))}"', text
            )
            return re.sub(
                r"(<(?:calculatedColumnFormula|totalsRowFormula)\b[^>]*>)([^<]*)",
                lambda m: m[1] + self._formula(m[2]),
                text,
            )
        if kind == "chart":
            return re.sub(r"(<c:f>)([^<]*)", lambda m: m[1] + self._formula(m[2]), text)
        return text

    # -------------------------------------------------------- the shared parts

    def _drop_leftovers(self) -> None:
        """Parts that only the old version of a tab had, and that the new one does not fill again."""
        for own in self.own.values():
            for part in own.parts if own.mark in self.placed else ():
                if part not in self.parts:
                    self.parts[part] = None
                    listing = self.package.resolve(relationships_part(part))
                    if listing and listing not in self.parts:
                        self.parts[listing] = None

    def _place_styles(self) -> None:
        result = self.styles.result()
        if result is None:
            return
        part = self.styles_part or posixpath.join(_folder(self.package.workbook_part), "styles.xml")
        self.parts[part] = self._dialect(result.decode()) if self.styles.created else result
        if self.styles_part is None:
            self.types[part] = _STYLES_TYPE

    def _name_sheets(self) -> None:
        """The workbook part and its relationships: new sheets listed, names local to our tabs renewed."""
        source = decoded(self.package.read(self.package.workbook_part))
        root, splice = root_of(source.text), Splice(source.text)
        sheets = _find(root, "sheets")
        new = [(sheet, mark) for sheet, mark in self.sheets if mark not in self.own]
        ids = self._relationship_ids([self.placed[mark] for _, mark in new])
        splice.append_inside(
            sheets,
            "".join(
                self._sheet_entry(root, sheets, mark, rid, n)
                for n, ((_, mark), rid) in enumerate(zip(new, ids, strict=True))
            ),
        )
        positions = {mark: own.position for mark, own in self.own.items()}
        positions.update({mark: len(self.package.sheets) + n for n, (_, mark) in enumerate(new)})
        _renew_names(splice, root, self._local_names(root.prefix, positions), {positions[m] for _, m in self.sheets})
        self.parts[self.package.workbook_part] = source.encoded(splice.done())

    def _sheet_entry(self, root: Span, sheets: Span, mark: str, rid: str, number: int) -> str:
        highest = max((int(s.sheet_id) for s in self.package.sheets if s.sheet_id.isdigit()), default=0)
        prefix = namespace_prefix(root, markup.OFFICE, markup.STRICT_OFFICE)
        declared = "" if prefix else f' xmlns:r="{markup.STRICT_OFFICE if self.strict else markup.OFFICE}"'
        return f'<{sheets.prefix}sheet name={quoted(self.names[mark])} sheetId="{highest + 1 + number}"{declared} {prefix or "r:"}id="{rid}"/>'

    def _relationship_ids(self, parts: Iterable[str]) -> list[str]:
        """New pointers from the workbook part to new sheets (and to styles, if there were none)."""
        listing = self.package.resolve(relationships_part(self.package.workbook_part)) or ""
        source = decoded(self.package.read(listing))
        root, splice = root_of(source.text), Splice(source.text)
        taken = {span.attributes.get("Id") for span in root.children}
        office = markup.STRICT_OFFICE if self.strict else markup.OFFICE
        wanted = [("worksheet", part) for part in parts]
        if self.styles_part is None:
            wanted.append(("styles", next(p for p in self.types if self.types[p] == _STYLES_TYPE)))
        ids, lines, number = [], [], 1
        for kind, part in wanted:
            while f"rId{number}" in taken:
                number += 1
            taken.add(f"rId{number}")
            target = posixpath.relpath(part, _folder(self.package.workbook_part) or ".")
            lines.append(
                f'<{root.prefix}Relationship Id="rId{number}" Type="{office}/{kind}" Target={quoted(target)}/>'
            )
            ids += [f"rId{number}"] if kind == "worksheet" else []
        splice.append_inside(root, "".join(lines))
        self.parts[listing] = source.encoded(splice.done())
        return ids

    def _local_names(self, prefix: str, positions: Mapping[str, int]) -> list[str]:
        """Our hidden names, and what the donor defines for its own sheets (rows to repeat in print)."""
        lines = []
        before = self._before()
        for n, (sheet, mark) in enumerate(self.sheets):
            local = f'localSheetId="{positions[mark]}"'
            lines.append(
                f'<{prefix}definedName name="{MARK}" {local} hidden="1">{content(chr(34) + mark + chr(34))}</{prefix}definedName>'
            )
            if n == 0 and not self._remembered_elsewhere():
                lines.append(
                    f'<{prefix}definedName name="{BEFORE}" {local} hidden="1">"{before}"</{prefix}definedName>'
                )
            for name, hidden, text in self._donor_names(sheet):
                lines.append(
                    f'<{prefix}definedName name="{name}" {local}{hidden}>{content(self._renamed(text))}</{prefix}definedName>'
                )
        return lines

    def _remembered_elsewhere(self) -> bool:
        """Whether a tab of ours that is not renewed now keeps what `_before` says."""
        names = self.package.workbook.child("definedNames")
        renewed = {str(own.position) for own in self.own.values() if own.mark in self.placed}
        listed = names.all("definedName") if names else ()
        return any(n.get("name") == BEFORE and n.get("localSheetId") not in renewed for n in listed)

    def _before(self) -> str:
        """How long the lists of formats were before our first graft: kept from then, or now."""
        names = self.package.workbook.child("definedNames")
        for node in names.all("definedName") if names else ():
            if node.get("name") == BEFORE:
                return node.text.strip().strip('"')
        section = self.package.workbook.child("definedNames")
        counts = {
            "created": int(self.styles_part is None),
            "names": int(section is not None and not section.children),
            **self.styles.counts,
        }
        return " ".join(f"{name}={count}" for name, count in sorted(counts.items()))

    def _donor_names(self, sheet: SheetPart) -> list[tuple[str, str, str]]:
        position = self.donor.sheets.index(sheet)
        names = self.donor.workbook.child("definedNames")
        return [
            (n.get("name"), ' hidden="1"' if n.get("hidden") in ("1", "true") else "", n.text)
            for n in (names.all("definedName") if names else ())
            if n.get("localSheetId") == str(position) and n.get("name") in _PRINTING
        ]

    def _name_types(self) -> None:
        """Content types: one line for each new part; lines of dropped parts go."""
        part = self.package.resolve(CONTENT_TYPES) or CONTENT_TYPES
        source = decoded(self.package.read(part))
        root, splice = root_of(source.text), Splice(source.text)
        known = {s.attributes.get("PartName", "").lstrip("/").casefold(): s for s in root.all("Override")}
        defaults = {s.attributes.get("Extension", "").casefold() for s in root.all("Default")}
        lines = []
        for name, kind in self.types.items():
            if (
                name.casefold() not in known
                and not name.endswith(".xml")
                and name.rpartition(".")[2].casefold() in defaults
            ):
                continue
            if name.casefold() not in known:
                lines.append(f"<{root.prefix}Override PartName={quoted('/' + name)} ContentType={quoted(kind)}/>")
        for dropped in (n for n, data in self.parts.items() if data is None):
            if dropped.casefold() in known:
                splice.remove(known[dropped.casefold()])
        if "rels" not in defaults:
            new = [
                n
                for n, data in self.parts.items()
                if n.endswith(".rels") and data is not None and n.casefold() not in known
            ]
            lines += [
                f'<{root.prefix}Override PartName={quoted("/" + n)} ContentType="{_POINTERS_TYPE}"/>' for n in new
            ]
        splice.append_inside(root, "".join(lines))
        self.parts[part] = source.encoded(splice.done())

    def _drop_chain(self) -> None:
        """The list of formula cells, if it names cells of a sheet that is renewed."""
        renewed = {own.sheet.sheet_id for own in self.own.values() if own.mark in self.placed}
        changed = {n: d for n, d in self.parts.items() if not self._is_same(n, d)}
        if any(own.sheet.part in changed for own in self.own.values()) and _chain_names(self.package, renewed):
            self.parts.update(without_calculation_chain(self.package, self.parts))


# ------------------------------------------------------------------ small pieces


def final_names(wanted: Iterable[tuple[str, str]], own: Mapping[str, str], present: Iterable[str]) -> dict[str, str]:
    """Each tab's name by mark: what the user calls it, else ours, else the next free one.

    `wanted` are (name, mark), `own` the names of our tabs that are there by mark, `present` the names of all tabs.
    """
    taken = {name.casefold() for name in present}
    names: dict[str, str] = {}
    for name, mark in wanted:
        more = (f"{name[:16]} (perfsheet{n})" for n in ("", *(f" {i}" for i in range(2, 100))))
        names[mark] = own.get(mark) or next(found for found in (name, *more) if found.casefold() not in taken)
        taken.add(names[mark].casefold())
    return names


def _epoch_days(package: Package) -> int:
    """The day 0 of the workbook's calendar, counted from the one of 1900."""
    properties = package.workbook.child("workbookPr")
    return 1462 if properties is not None and properties.get("date1904") in ("1", "true", "on") else 0


def _folder(part: str) -> str:
    """The folder of a part; some writers name parts with back-slashes."""
    return posixpath.dirname(part.replace("\\", "/"))


class _FreeNames:
    """Part names for what is copied: those that an old version of ours frees first, then unused ones."""

    def __init__(self, package: Package, freed: Iterable[str]) -> None:
        self.freed = sorted(freed, key=_natural)
        self.taken = {name.casefold().replace("\\", "/").lstrip("/") for name in package.names}

    def like(self, part: str) -> str:
        """A name of the same folder and kind as the donor's part."""
        folder, name = posixpath.split(part)
        stem, ending = re.sub(r"\d+(?=\.\w+$)", "", name).rsplit(".", 1)
        pattern = re.compile(rf"{re.escape(stem)}\d*\.{re.escape(ending)}", re.IGNORECASE)
        for freed in self.freed:
            if _folder(freed) == folder and pattern.fullmatch(posixpath.basename(freed.replace("\\", "/"))):
                self.freed.remove(freed)
                return freed
        number = next(n for n in range(1, 1_000_000) if f"{folder}/{stem}{n}.{ending}".casefold() not in self.taken)
        found = f"{folder}/{stem}{number}.{ending}"
        self.taken.add(found.casefold())
        return found


def _natural(name: str) -> list[object]:
    return [int(piece) if piece.isdigit() else piece for piece in re.split(r"(\d+)", name)]


class _TableNames:
    """Ids and names of our tables, unique in the whole workbook and never those of a defined name."""

    def __init__(self, package: Package, ours: set[str]) -> None:
        foreign = [package.tree(name) for name in _table_parts(package) if name not in ours]
        self.next_id = max((int(n.get("id", "0")) for n in foreign), default=0) + 1
        self.taken = {(n.get("displayName") or n.get("name")).casefold() for n in foreign}
        names = package.workbook.child("definedNames")
        self.taken |= {n.get("name").casefold() for n in (names.all("definedName") if names else ())}
        self.renamed: dict[str, str] = {}

    def placed(self, text: str) -> str:
        """A table part with its id and its names in this workbook."""
        root, splice = root_of(text), Splice(text)
        name = root.attributes.get("displayName", "")
        new = next(n for n in (name, *(f"{name}_{i}" for i in range(2, 1000))) if n.casefold() not in self.taken)
        self.taken.add(new.casefold())
        if new != name:
            self.renamed[name] = new
        splice.set_attribute(root, "id", str(self.next_id))
        splice.set_attribute(root, "name", new)
        splice.set_attribute(root, "displayName", new)
        self.next_id += 1
        return splice.done()

    def translated(self, formula: str) -> str:
        """References to tables under their names here."""
        for old, new in self.renamed.items():
            formula = re.sub(rf"(?<![\w.]){re.escape(old)}(?=\[)", new, formula)
        return formula


def _table_parts(package: Package) -> list[str]:
    parts = []
    for sheet in package.sheets:
        for pointer in package.relationships(sheet.part).values() if sheet.part else ():
            if pointer.kind == "table" and not pointer.external and package.has(pointer.target):
                parts.append(pointer.target)
    return parts


def _part_of_kind(package: Package, kind: str) -> str | None:
    pointers = package.relationships(package.workbook_part).values()
    return next((p.target for p in pointers if p.kind == kind and not p.external and package.has(p.target)), None)


def _inline_texts(donor: Package) -> list[str]:
    """The donor's shared strings, each as the content of a cell of its own."""
    part = _part_of_kind(donor, "sharedStrings")
    if part is None:
        return []
    text = decoded(donor.read(part)).text
    return [f"<is>{text[s.inside : s.close]}</is>" for s in root_of(text).all("si")]


def _with_tab_colour(new: str, old: str) -> str:
    """The new sheet with the tab colour that the user gave the old one."""
    colour = re.search(r"<(?:\w+:)?tabColor\b[^>]*/>", old)
    bare = re.sub(r"<tabColor\b[^>]*/>", "", new)
    if colour is None:
        return bare
    tag = re.sub(r"^<\w+:", "<", colour[0])
    if "<sheetPr/>" in bare:
        return bare.replace("<sheetPr/>", f"<sheetPr>{tag}</sheetPr>", 1)
    if "<sheetPr>" in bare:
        return bare.replace("<sheetPr>", f"<sheetPr>{tag}", 1)
    opened = re.search(r"<worksheet\b[^>]*>", bare)
    at = opened.end() if opened else 0
    return f"{bare[:at]}<sheetPr>{tag}</sheetPr>{bare[at:]}"


def _find(root: Span, name: str) -> Span:
    """An element of the workbook part, also inside alternate content. There is always one of `sheets`."""
    waiting = [root]
    while waiting:
        span = waiting.pop(0)
        if span.name == name:
            return span
        waiting += [c for c in span.children if c.name != "Fallback"]
    raise Unsupported("workbook", f"its workbook part has no <{name}>", "Open it in Excel, save it, and try again")


def _renew_names(splice: Splice, root: Span, wanted: list[str], positions: set[int]) -> None:
    """Our names local to the sheets at `positions` become `wanted`; all other names stay."""
    section = root.child("definedNames")
    old = [
        span
        for span in (section.all("definedName") if section else ())
        if span.attributes.get("name") in _OURS
        and span.attributes.get("localSheetId", "").isdigit()
        and int(span.attributes["localSheetId"]) in positions
    ]
    if [splice.text[s.start : s.end] for s in old] == wanted:
        return
    for span in old:
        splice.remove(span)
    if section:
        splice.append_inside(section, "".join(wanted))
        return
    before = ("externalReferences", "functionGroups", "sheets")
    place = next((found for name in before if (found := root.child(name))), None) or _find(root, "sheets")
    splice.insert(place.end, f"<{root.prefix}definedNames>{''.join(wanted)}</{root.prefix}definedNames>")


def _chain_names(package: Package, sheet_ids: set[str]) -> bool:
    """Whether the list of formula cells has entries of these sheets."""
    part = _part_of_kind(package, "calcChain")
    if part is None:
        return False
    current = ""
    for tag in re.findall(r"<(?:\w+:)?c\b[^>]*>", decoded(package.read(part)).text):
        current = attributes(tag).get("i", current)
        if current in sheet_ids:
            return True
    return False


# --------------------------------------------------------------------- the way back


def _removed(package: Package, ours: Mapping[str, _Own]) -> bytes:
    """The package without our sheets, our names, our parts and, where nobody else uses them, our formats."""
    parts: dict[str, bytes | None] = {}
    counts: dict[str, int] = {}
    gone = {own.position for own in ours.values()}
    _remove_from_workbook(package, parts, ours, gone, counts)
    for own in ours.values():
        for part in (own.sheet.part, *own.parts):
            parts[part] = None
            listing = package.resolve(relationships_part(part))
            if listing:
                parts[listing] = None
    _restore_styles(package, parts, counts, {own.sheet.part for own in ours.values()})
    _remove_lines(package, parts, ours)
    return package.replace(parts)


def _remove_from_workbook(
    package: Package, parts: dict[str, bytes | None], ours: Mapping[str, _Own], gone: set[int], counts: dict[str, int]
) -> None:
    source = decoded(package.read(package.workbook_part))
    root, splice = root_of(source.text), Splice(source.text)
    entries = list(_find(root, "sheets").all("sheet"))
    for position in gone:
        splice.remove(entries[position])
    section = root.child("definedNames")
    names = list(section.all("definedName")) if section else []
    local = [
        n for n in names if n.attributes.get("localSheetId", "").isdigit() and int(n.attributes["localSheetId"]) in gone
    ]
    for span in local:
        if span.attributes.get("name") == BEFORE:
            pairs = source.text[span.inside : span.close].strip('"').replace("&quot;", "").split()
            counts.update({name: int(count) for name, _, count in (pair.partition("=") for pair in pairs)})
    if section and len(local) == len(names):
        splice.replace(section.start, section.end, f"<{section.tag}/>" if counts.pop("names", 0) else "")
    else:
        for span in local:
            splice.remove(span)
        for span in (n for n in names if n not in local):
            number = span.attributes.get("localSheetId", "")
            if number.isdigit() and any(g < int(number) for g in gone):
                splice.set_attribute(span, "localSheetId", str(int(number) - sum(g < int(number) for g in gone)))
    parts[package.workbook_part] = source.encoded(splice.done())


def _restore_styles(package: Package, parts: dict[str, bytes | None], counts: dict[str, int], ours: set[str]) -> None:
    part = _part_of_kind(package, "styles")
    if part is None or not counts:
        return
    counts.pop("names", None)
    if counts.pop("created", 0):
        parts[part] = None
        return
    parts[part] = truncated(package.read(part), counts, _highest_used(package, ours))


def _highest_used(package: Package, ours: set[str]) -> dict[str, int]:
    """The highest format indices that foreign sheets and tables name."""
    highest = {"cellXfs": -1, "dxfs": -1}
    foreign = [s.part for s in package.sheets if s.part and s.part not in ours]
    for part in [
        *foreign,
        *(
            p.target
            for f in foreign
            for p in package.relationships(f).values()
            if p.kind in ("table", "pivotTable") and not p.external
        ),
    ]:
        text = decoded(package.read(part)).text if package.has(part) else ""
        cells = re.findall(r"<(?:\w+:)?(?:c|row)\b[^>]*?\ss=\"(\d+)\"|<(?:\w+:)?col\b[^>]*?\sstyle=\"(\d+)\"", text)
        highest["cellXfs"] = max([highest["cellXfs"], *(int(a or b) for a, b in cells)])
        highest["dxfs"] = max([highest["dxfs"], *(int(n) for n in re.findall(r"\b\w*[dD]xfId=\"(\d+)\"", text))])
    return highest


def _remove_lines(package: Package, parts: dict[str, bytes | None], ours: Mapping[str, _Own]) -> None:
    """The pointers to our sheets, and the content types of all that goes."""
    dropped = {name.casefold() for name, data in parts.items() if data is None}
    ids = {own.sheet.relationship for own in ours.values()}
    styles = next(
        (
            p.id
            for p in package.relationships(package.workbook_part).values()
            if p.kind == "styles" and p.target.casefold() in dropped
        ),
        None,
    )
    listing = package.resolve(relationships_part(package.workbook_part)) or ""
    for part, attribute, wanted in (
        (listing, "Id", ids | ({styles} if styles else set())),
        (package.resolve(CONTENT_TYPES) or CONTENT_TYPES, "PartName", dropped),
    ):
        source = decoded(package.read(part))
        splice = Splice(source.text)
        for span in root_of(source.text).children:
            value = span.attributes.get(attribute, "")
            if (value if attribute == "Id" else value.lstrip("/").casefold()) in wanted:
                splice.remove(span)
        parts[part] = source.encoded(splice.done())
