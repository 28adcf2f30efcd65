"""XML as it stands in workbooks: parsed strictly, without entities, within fixed limits.

A DOCTYPE is where XML keeps its dangers (entities that expand without end or name other files),
and no spreadsheet program writes one: it is refused outright. Workbooks come in two dialects,
Transitional and Strict, which differ in their namespace addresses alone; both are mapped to
the Transitional ones here, and every room above sees one dialect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar, cast
from xml.parsers import expat

from ..errors import Damaged, Hostile, Obstacle

MAX_DEPTH = 200
MAX_ATTRIBUTES = 500
MAX_NODES = 400_000
"""Elements of a part that is held as a tree."""
MAX_TOKEN = 4 << 20
"""Bytes of one tag, comment or CDATA section. Excel ends a text after 32,767 characters."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"

_REPAIR = "Open it in Excel, let Excel repair it, save it, and try again"
REFUSE = "It was not opened; ask whoever sent it for a workbook saved by Excel"
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_BLOCKS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe \t\r\n\0"

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(slots=True)
class Node:
    """One element of a small part. `tag` and attribute names are "namespace}name"."""

    tag: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.tag.rpartition("}")[2]

    @property
    def namespace(self) -> str:
        """The namespace's address, Transitional where the part is Strict."""
        return self.tag.rpartition("}")[0]

    def get(self, name: str, default: str = "") -> str:
        """An attribute's text."""
        return self.attributes.get(name, default)

    def child(self, name: str) -> Node | None:
        """The first child of that local name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Node]:
        """The children of that local name, those under mc:AlternateContent's first choice too."""
        for child in self.children:
            if child.name == name:
                yield child
            elif child.tag == f"{COMPATIBILITY}}}AlternateContent" and child.children:
                yield from child.children[0].all(name)


def utf8(data: bytes, path: str, part: str) -> bytes:
    """The part's text as UTF-8 without a byte order mark; UTF-8 and UTF-16 are read, others refused."""
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    wide = _UTF16.get(data[:2])
    if wide is None and data[:4] in (b"<\0?\0", b"\0<\0?"):
        wide = "utf-16-le" if data[0] else "utf-16-be"
    if wide:
        try:
            return data.decode(wide).removeprefix("\ufeff").encode("utf-8")
        except UnicodeError:
            raise _broken(path, part, "not valid UTF-16") from None
    declared = _ENCODING.match(data)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise _broken(path, part, f"encoded as {declared[1].decode()}, which workbooks never are")
    return data


def _broken(path: str, part: str, what: str) -> Obstacle:
    return Damaged(path, f"the part {part} is {what}", _REPAIR)


def hostile(path: str, part: str, what: str) -> Hostile:
    """The refusal of a part that is built to harm its reader."""
    return Hostile(path, f"the part {part} {what}", REFUSE)


class _Guard:
    """Counts depth and attributes for the handlers that a reader gives."""

    def __init__(self, path: str, part: str, start: Start, end: End) -> None:
        self.path, self.part = path, part
        self.depth = 0
        self._start, self._end = start, end

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise hostile(self.path, self.part, f"is nested more than {MAX_DEPTH} deep")
        if len(attributes) > MAX_ATTRIBUTES:
            raise hostile(self.path, self.part, f"has an element with more than {MAX_ATTRIBUTES} attributes")
        self._start(tag, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self._end(tag)

    def doctype(self, *_: object) -> None:
        raise hostile(self.path, self.part, "has a DOCTYPE, which no spreadsheet program writes")


def parse(data: bytes, path: str, part: str, *, start: Start, end: End, text: Text | None = None) -> None:
    """Feed a part to handlers, as "namespace}name" tags with Transitional namespaces.

    Raises Damaged if it is not well-formed, Hostile for a DOCTYPE or beyond the limits.
    """
    data = utf8(data, path, part)
    refuse_giant_token(data, path, part)
    if STRICT_OFFICE[:20].encode() in data:
        data = data.replace(STRICT_MAIN.encode(), MAIN.encode()).replace(STRICT_OFFICE.encode(), OFFICE.encode())
    guard = _Guard(path, part, start, end)
    parser = expat.ParserCreate("utf-8", "}")
    parser.buffer_text = True
    parser.StartElementHandler = guard.start
    parser.EndElementHandler = guard.end
    parser.StartDoctypeDeclHandler = guard.doctype
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _broken(
            path, part, f"not well-formed XML ({expat.ErrorString(error.code)}, line {error.lineno})"
        ) from None


def refuse_giant_token(data: bytes, path: str, part: str) -> None:
    """Refuse one tag, text or comment of many megabytes: a parser would read it again and again."""
    if len(data) <= MAX_TOKEN:
        return
    for opening, closing in _BLOCKS:
        position = data.find(opening)
        while position >= 0:
            stop = data.find(closing, position)
            if stop < 0 or stop - position > MAX_TOKEN:
                raise hostile(path, part, f"has a comment or section of more than {MAX_TOKEN >> 20} MB")
            position = data.find(opening, stop)
    position = 0
    while position + MAX_TOKEN < len(data):
        found = max(data.rfind(b"<", position, position + MAX_TOKEN), data.rfind(b">", position, position + MAX_TOKEN))
        if found < position:
            raise hostile(path, part, f"has one tag or text of more than {MAX_TOKEN >> 20} MB")
        position = found + 1


def tree(data: bytes, path: str, part: str) -> Node:
    """A small part as a tree of nodes, which nobody changes. Raises Damaged or Hostile."""
    return meaning(_itself, data, path, part)


def _itself(root: Node) -> Node:
    return root


def meaning(read: Callable[..., Meaning], data: bytes, path: str, part: str, *more: Hashable) -> Meaning:
    """What `read(tree, *more)` finds in a part. Nobody changes it, because small parts are looked at once.

    Raises Damaged or Hostile, and what `read` raises.
    """
    if len(data) <= REMEMBERED:
        try:
            return cast("Meaning", _known_meaning(read, data, *more))
        except Obstacle:
            pass  # once more, so that the message names this part
    return read(_tree(data, path, part), *more)


REMEMBERED = 8 << 10
"""Parts up to this size are remembered: those of workbooks from one template are alike."""
Meaning = TypeVar("Meaning")


@lru_cache(maxsize=512)
def _known_meaning(read: Callable[..., object], data: bytes, *more: Hashable) -> object:
    return read(_tree(data, "", ""), *more)


def _tree(data: bytes, path: str, part: str) -> Node:
    top = Node("", {})
    stack = [top]
    room = MAX_NODES

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal room
        room -= 1
        if room < 0:
            raise hostile(path, part, f"has more than {MAX_NODES:,} elements")
        node = Node(tag, attributes)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

    def text(content: str) -> None:
        stack[-1].text += content

    parse(data, path, part, start=start, end=end, text=text)
    return top.children[0]


def has_doctype(data: bytes, path: str, part: str) -> bool:
    """Whether the part is XML that begins with a DOCTYPE; for parts that nobody parses otherwise."""
    if b"!" not in data or not any(mark in data for mark in _DOCTYPES) or data[:64].lstrip(_BEFORE_XML)[:1] != b"<":
        return False
    prolog = re.sub(rb"<!--.*?-->|<\?.*?\?>", b"", utf8(data, path, part)[: 1 << 20], flags=re.DOTALL)
    return prolog.lstrip().startswith(b"<!DOCTYPE")
