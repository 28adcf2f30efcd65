"""XML changed in place: a part's text is cut at known positions, and everything else stays as written.

Parsing a part and writing it out again would lose prefixes, the order of attributes, entity
forms and declarations that only other programs understand. So a part is tokenised to find
*where* its elements stand, and new text is put exactly there. The encoding of the part and its
byte order mark are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

_TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|"
    r"<(?P<close>/)?(?P<name>[^\s<>/!?]+)(?P<attributes>(?:\s+[^\s=<>/]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/)?>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=<>/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Text:
    """A part as text, and how it becomes bytes again."""

    text: str
    encoding: str = "utf-8"
    bom: bytes = b""

    def encoded(self, text: str) -> bytes:
        """Another text in this part's own encoding."""
        return self.bom + text.encode(self.encoding)


def decoded(data: bytes) -> Text:
    """A part's text. Parts are UTF-8, or UTF-16 with a byte order mark."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Text(data[len(bom) :].decode(encoding), encoding, bom)
    return Text(data.decode("utf-8"))


@dataclass(slots=True)
class Span:
    """One element: where it begins, where its content lies, where it ends."""

    tag: str
    """The name as written, with its prefix."""
    start: int
    inside: int
    close: int
    end: int
    attributes: dict[str, str]
    children: list[Span] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name without prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, or nothing."""
        return self.tag[: -len(self.name)]

    @property
    def is_empty(self) -> bool:
        """Whether it is written <a/>."""
        return self.inside == self.end

    def child(self, name: str) -> Span | None:
        """The first child of that local name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Span]:
        """The children of that local name."""
        return (c for c in self.children if c.name == name)


def root_of(text: str) -> Span:
    """The part's elements as a tree of places. The part has been parsed strictly before."""
    top = Span("", 0, 0, len(text), len(text), {})
    stack = [top]
    for match in _TOKEN.finditer(text):
        tag = match["name"]
        if tag is None:
            continue
        if match["close"]:
            span = stack.pop()
            span.close, span.end = match.start(), match.end()
            continue
        span = Span(tag, match.start(), match.end(), match.end(), match.end(), attributes(match["attributes"]))
        stack[-1].children.append(span)
        if not match["empty"]:
            stack.append(span)
    return top.children[0]


def attributes(text: str) -> dict[str, str]:
    """Attributes as written, by their names with prefix; values still escaped."""
    return {name: a or b for name, a, b in _ATTRIBUTE.findall(text)}


def namespace_prefix(root: Span, *addresses: str) -> str | None:
    """The prefix (with colon) under which one of the namespaces is declared at the root; None if it is not."""
    for name, value in root.attributes.items():
        if value in addresses and name.startswith("xmlns:"):
            return name[6:] + ":"
    return None


class Splice:
    """Changes to one text, gathered first and made together, so that places stay valid."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._changes: list[tuple[int, int, int, str]] = []

    def replace(self, start: int, end: int, new: str) -> None:
        """Put `new` where `start` to `end` was."""
        self._changes.append((start, end, len(self._changes), new))

    def insert(self, at: int, new: str) -> None:
        """Put `new` before what stands at `at`."""
        self.replace(at, at, new)

    def remove(self, span: Span) -> None:
        """Take an element out."""
        self.replace(span.start, span.end, "")

    def append_inside(self, span: Span, new: str) -> None:
        """Put `new` at the end of the element's content; <a/> becomes <a>…</a>."""
        if not new:
            return
        if span.is_empty:
            opened = self.text[span.start : span.end].rstrip(">").rstrip("/").rstrip()
            self.replace(span.start, span.end, f"{opened}>{new}</{span.tag}>")
        else:
            self.insert(span.close, new)

    def set_attribute(self, span: Span, name: str, value: str) -> None:
        """Give an attribute another value, or add it at the end of the tag."""
        tag = self.text[span.start : span.inside]
        found = re.search(rf"(\s{re.escape(name)}\s*=\s*)(\"[^\"]*\"|'[^']*')", tag)
        if found:
            self.replace(span.start + found.start(2), span.start + found.end(2), quoted(value))
        else:
            at = span.inside - (2 if tag.endswith("/>") else 1)
            self.insert(at, f" {name}={quoted(value)}")

    def done(self) -> str:
        """The text with all changes made."""
        pieces, position = [], 0
        for start, end, _, new in sorted(self._changes):
            pieces += [self.text[position:start], new]
            position = max(position, end)
        return "".join((*pieces, self.text[position:]))


def quoted(value: str) -> str:
    """A value as an attribute, in quotes."""
    from xml.sax.saxutils import quoteattr  # it loads what speaks HTTP, which a press of a button has no time for

    return quoteattr(value)


def content(value: str) -> str:
    """A value as text between tags."""
    return escape(value, quote=False)
