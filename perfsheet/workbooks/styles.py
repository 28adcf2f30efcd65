"""Formats brought from one workbook into another: looked up first, appended only if they are missing.

A cell names its format by an index into `cellXfs`; a format names its font, fill and border by
indices of their own, and its number format by id. So formats cannot be copied: each piece is
looked up in the target by what it *is*, added at the end of its list if it is not there, and
the indices are translated. Existing indices never move, or every cell of the user's would
change its looks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .serials import BUILT_IN, DATE, kind_of
from .splicing import Span, Splice, Text, decoded, root_of
from .strings import unescaped

LISTS = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles")
"""The lists of a styles part in the order that the schema asks for."""

PIECES = {
    "fonts": ("fontId", '<font><sz val="11"/><name val="Calibri"/></font>'),
    "fills": ("fillId", '<fill><patternFill patternType="none"/></fill>'),
    "borders": ("borderId", "<border><left/><right/><top/><bottom/><diagonal/></border>"),
}
"""The lists that cell formats point into: by which attribute, and a plain item of each."""

EMPTY = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
"""For a workbook that has no styles part at all."""

ABSENT = -1
"""The length of a list that was not there at all."""

EMPTY_LISTS = {
    0: '<{0} count="0"/>', -2: "<{0}/>", -3: '<{0} count="0"></{0}>', -4: '<{0} count="0" />', -5: "<{0} />", -6: "<{0}></{0}>",
}  # fmt: skip
"""How programs write a list without items: remembered as its length, so that it can be written so again."""

_FIRST_CUSTOM = 164
"""Number formats below this id mean the same in every workbook."""


@dataclass
class _List:
    """One list of a styles part: what its items are, and what will be appended."""

    name: str
    span: Span | None
    length: int
    places: dict[str, int]
    """Where each item stands; of equal ones the first."""
    added: list[str]

    def index(self, key: str, xml: str) -> int:
        """The place of the item that is `key`; `xml` is appended if there is none."""
        if key not in self.places:
            self.places[key] = self.length + len(self.added)
            self.added.append(xml)
        return self.places[key]


class StyleSheet:
    """A styles part, read: its lists, and each item in a form that can be compared."""

    def __init__(self, source: Text) -> None:
        self.source = source
        self.root = root_of(source.text)
        self.prefix = self.root.prefix

    def items(self, name: str) -> list[Span]:
        """The items of a list, none if there is no such list."""
        found = self.root.child(name)
        return [c for c in found.children if c.name != "extLst"] if found else []

    def xml(self, span: Span) -> str:
        """An item as it is written."""
        return self.source.text[span.start : span.end]

    def number_formats(self) -> dict[int, str]:
        """Custom number formats by their id, escaped as written."""
        return {
            int(s.attributes.get("numFmtId", "0")): s.attributes.get("formatCode", "") for s in self.items("numFmts")
        }


def canonical(span: Span, text: str, leave_out: frozenset[str] = frozenset()) -> str:
    """What an element is, however it is written: no prefixes, sorted attributes, no blanks."""
    facts = " ".join(
        f'{n}="{v}"' for n, v in sorted(span.attributes.items()) if not n.startswith("xmlns") and n not in leave_out
    )
    inner = "".join(canonical(child, text) for child in span.children)
    if not span.children:
        inner = text[span.inside : span.close].strip() if not span.is_empty else ""
    return f"<{span.name} {facts}>{inner}</>"


def _key(span: Span, sheet: StyleSheet, leave_out: frozenset[str] = frozenset()) -> str:
    return canonical(span, sheet.source.text, leave_out)


_INDICES = frozenset({"numFmtId", "fontId", "fillId", "borderId", "xfId"})


class StyleMerge:
    """The formats of a donor in terms of a target's. `cell` and `differential` translate indices."""

    def __init__(self, target: bytes | None, donor: bytes) -> None:
        self.target = StyleSheet(decoded(target) if target is not None else Text(EMPTY))
        self.created = target is None or not self.target.items("cellXfs")
        if self.created:
            self.target = StyleSheet(Text(EMPTY))
        self.donor = StyleSheet(decoded(donor))
        self.formats = self.target.number_formats()
        names = ("fonts", "fills", "borders", "cellXfs", "dxfs")
        self.lists = {n: self._list(n) for n in names}
        self.added_formats: dict[int, str] = {}
        self._cells: dict[int, int] = {}
        self._differentials: dict[int, int] = {}

    def _list(self, name: str) -> _List:
        keys = [self._target_key(name, span) for span in self.target.items(name)]
        places = {key: i for i, key in reversed(list(enumerate(keys)))}
        return _List(name, self.target.root.child(name), len(keys), places, self._padding(name, len(keys)))

    def _padding(self, name: str, length: int) -> list[str]:
        """Plain items for the indices that broken files name beyond a list's end, lest they pick up ours."""
        attribute, plain = PIECES.get(name, ("", ""))
        formats = [*self.target.items("cellXfs"), *self.target.items("cellStyleXfs")] if attribute else []
        named = max((int(span.attributes.get(attribute, "0")) for span in formats), default=-1)
        plain = re.sub(r"<(/?)(\w+)", rf"<\1{self.target.prefix}\2", plain) if self.target.prefix else plain
        return [plain] * (named + 1 - length)

    def _target_key(self, name: str, span: Span) -> str:
        return self._xf_key(span, self.target, self.formats) if name == "cellXfs" else _key(span, self.target)

    def dates(self) -> frozenset[int]:
        """The donor's cell formats under which a number is a date."""
        custom = self.donor.number_formats()
        codes = [int(s.attributes.get("numFmtId", "0")) for s in self.donor.items("cellXfs")]
        return frozenset(i for i, number in enumerate(codes) if kind_of(unescaped(self._code(number, custom))) == DATE)

    # ---------------------------------------------------------- translation

    def cell(self, index: int) -> int:
        """The target's index for the donor's cell format."""
        if index not in self._cells:
            self._cells[index] = self._place_cell(index)
        return self._cells[index]

    def differential(self, index: int) -> int:
        """The target's index for the donor's differential format, which a rule applies on top."""
        if index not in self._differentials:
            span = self.donor.items("dxfs")[index]
            self._differentials[index] = self.lists["dxfs"].index(_key(span, self.donor), self._rewritten(span))
        return self._differentials[index]

    def _place_cell(self, index: int) -> int:
        span = self.donor.items("cellXfs")[index]
        facts = {name: int(span.attributes.get(name, "0")) for name in _INDICES}
        placed = {
            "numFmtId": self._number_format(facts["numFmtId"]),
            "fontId": self._piece("fonts", facts["fontId"]),
            "fillId": self._piece("fills", facts["fillId"]),
            "borderId": self._piece("borders", facts["borderId"]),
            "xfId": 0,
        }
        code = self._code(facts["numFmtId"], self.donor.number_formats())
        key = f"{code}|{placed['fontId']}|{placed['fillId']}|{placed['borderId']}|{_key(span, self.donor, _INDICES | _APPLY)}"
        return self.lists["cellXfs"].index(key, self._rewritten(span, placed))

    def _xf_key(self, span: Span, sheet: StyleSheet, formats: dict[int, str]) -> str:
        """A cell format by what it shows: number format, pieces by index, alignment and protection."""
        facts = {name: int(span.attributes.get(name, "0")) for name in _INDICES}
        if facts["xfId"]:
            return f"named style {facts['xfId']} {_key(span, sheet)}"
        code = self._code(facts["numFmtId"], formats)
        return f"{code}|{facts['fontId']}|{facts['fillId']}|{facts['borderId']}|{_key(span, sheet, _INDICES | _APPLY)}"

    @staticmethod
    def _code(number: int, formats: dict[int, str]) -> str:
        return formats.get(number, BUILT_IN.get(number, f"id {number}"))

    def _piece(self, name: str, index: int) -> int:
        span = self.donor.items(name)[index]
        return self.lists[name].index(_key(span, self.donor), self._rewritten(span))

    def _number_format(self, number: int) -> int:
        custom = self.donor.number_formats()
        if number not in custom:
            return number
        known = {**self.formats, **self.added_formats}
        for own, code in known.items():
            if code == custom[number]:
                return own
        free = max([_FIRST_CUSTOM - 1, *known]) + 1
        self.added_formats[free] = custom[number]
        return free

    def _rewritten(self, span: Span, placed: dict[str, int] | None = None) -> str:
        """A donor's element for the target: its prefix, and other indices where `placed` says so."""
        xml = self.donor.xml(span)
        for name, value in (placed or {}).items():
            xml = re.sub(rf'\b{name}="\d+"', f'{name}="{value}"', xml, count=1)
        if self.target.prefix:
            xml = re.sub(r"<(/?)(\w+)", rf"<\1{self.target.prefix}\2", xml)
        return xml

    # --------------------------------------------------------------- result

    @property
    def counts(self) -> dict[str, int]:
        """How long each list was before; ABSENT where there was none, a code of EMPTY_LISTS for one without items."""
        return {name: self._length(name) for name in (*self.lists, "numFmts")}

    def _length(self, name: str) -> int:
        found = self.target.root.child(name)
        if found is None:
            return ABSENT
        length = len(self.target.items(name))
        written = self.target.xml(found)
        return length or next((code for code, form in EMPTY_LISTS.items() if written == form.format(found.tag)), 0)

    def result(self) -> bytes | None:
        """The target's styles part with what was missing appended; None if nothing was."""
        formats = [
            f'<{self.target.prefix}numFmt numFmtId="{i}" formatCode="{code}"/>'
            for i, code in self.added_formats.items()
        ]
        added = {"numFmts": formats, **{name: one.added for name, one in self.lists.items()}}
        if not any(added.values()) and not self.created:
            return None
        splice = Splice(self.target.source.text)
        for name, items in added.items():
            if items:
                self._append(splice, name, items)
        return self.target.source.encoded(splice.done())

    def _append(self, splice: Splice, name: str, items: list[str]) -> None:
        found = self.target.root.child(name)
        if found is None:
            p = self.target.prefix
            splice.insert(self._place_for(name), f'<{p}{name} count="{len(items)}">{"".join(items)}</{p}{name}>')
            return
        if found.is_empty:
            tag = re.sub(
                r"\scount\s*=\s*(?:\"[^\"]*\"|'[^']*')", "", splice.text[found.start : found.end].rstrip("/>").rstrip()
            )
            splice.replace(found.start, found.end, f'{tag} count="{len(items)}">{"".join(items)}</{found.tag}>')
            return
        last = found.child("extLst")
        splice.insert(last.start if last else found.close, "".join(items))
        if "count" in found.attributes:
            splice.set_attribute(found, "count", str(len(self.target.items(name)) + len(items)))

    def _place_for(self, name: str) -> int:
        """Where a list that does not exist yet belongs."""
        before = LISTS[: LISTS.index(name)]
        spans = [span for n in before if (span := self.target.root.child(n))]
        return max((s.end for s in spans), default=self.target.root.inside)


_APPLY = frozenset(
    {
        "applyNumberFormat",
        "applyFont",
        "applyFill",
        "applyBorder",
        "applyAlignment",
        "applyProtection",
        "quotePrefix",
        "pivotButton",
    }
)
"""Attributes that only say where a format came from."""


def truncated(styles: bytes, counts: dict[str, int], used: dict[str, int]) -> bytes:
    """The styles part as it was before: every list cut back to its former length.

    `used` is the highest index that somebody else's cells and rules still name; nothing at or
    below it is cut.
    """
    source = decoded(styles)
    sheet, splice = StyleSheet(source), Splice(source.text)
    keep = {name: max(0, count) for name, count in counts.items()}
    keep["cellXfs"] = max(keep.get("cellXfs", 0), used.get("cellXfs", -1) + 1)
    keep["dxfs"] = max(keep.get("dxfs", 0), used.get("dxfs", -1) + 1)
    kept = sheet.items("cellXfs")[: keep["cellXfs"]]
    for name, attribute in (("fonts", "fontId"), ("fills", "fillId"), ("borders", "borderId")):
        named = [int(x.attributes.get(attribute, "0")) for x in [*kept, *sheet.items("cellStyleXfs")]]
        keep[name] = max(keep.get(name, 0), max(named, default=-1) + 1)
    wanted = {int(x.attributes.get("numFmtId", "0")) for x in kept}
    for name, length in keep.items():
        _cut(sheet, splice, name, length, wanted, counts[name])
    return source.encoded(splice.done())


def _cut(sheet: StyleSheet, splice: Splice, name: str, length: int, wanted: set[int], before: int) -> None:
    items = sheet.items(name)
    surplus = [s for s in items[length:] if name != "numFmts" or int(s.attributes.get("numFmtId", "0")) not in wanted]
    found = sheet.root.child(name)
    if not surplus or found is None:
        return
    if len(surplus) == len(items):
        empty = "" if before == ABSENT else EMPTY_LISTS.get(before, EMPTY_LISTS[0]).format(found.tag)
        splice.replace(found.start, found.end, empty)
        return
    for span in surplus:
        splice.remove(span)
    if "count" in found.attributes:
        splice.set_attribute(found, "count", str(len(items) - len(surplus)))
