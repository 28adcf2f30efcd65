"""Texts as a workbook stores them: XML escapes, Excel's own escapes, the table of shared strings.

Most texts stand once in the part `sharedStrings.xml`, and cells name them by index. A text may
be *rich*: several runs, each with its font; here their texts are joined. Phonetic runs (the
reading aids of East Asian texts) are no part of the text.
"""

from __future__ import annotations

import re

from . import markup

MAX_STRINGS = 1_000_000
LONGEST = 32_767
"""Characters that Excel allows in a cell."""

_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_EXCEL_ESCAPE = re.compile(r"((?:_x[0-9A-Fa-f]{4}_)+)")

_PLAIN = re.compile(r"<si><t>([^<]*+)</t></si>|<si><t/></si>")
_SST = re.compile(rb"<sst(?: [a-zA-Z0-9:]+=\"[^\"<&]*\")*>")


def legal(code: int) -> bool:
    """Whether XML allows this character."""
    return code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF


def has_controls(raw: bytes, text: str) -> bool:
    """Whether `raw`, decoded as `text`, holds characters that XML forbids."""
    return len(raw.translate(None, _CONTROLS)) != len(raw) or "\ufffe" in text or "\uffff" in text


def _referenced(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    return _ENTITIES[name] if name else chr(int(decimal) if decimal else int(hexadecimal, 16))


def unescaped(text: str) -> str:
    """XML references resolved: `&lt;` and `&#10;`. The text must have passed `references_are_sound`."""
    return REFERENCE.sub(_referenced, text) if "&" in text else text


def references_are_sound(text: str) -> bool:
    """Whether every `&` begins a reference that XML knows without a DOCTYPE."""
    found = REFERENCE.findall(text)
    return len(found) == text.count("&") and all(
        name or legal(int(decimal) if decimal else int(hexadecimal, 16)) for name, decimal, hexadecimal in found
    )


def decoded(text: str) -> str:
    """Excel's own escapes resolved: `_x000D_` is a carriage return, `_x005F_` an underscore.

    Half of a surrogate pair is no character; such an escape stays as it is written.
    """
    return _EXCEL_ESCAPE.sub(_decode_run, text) if "_x" in text else text


_NEEDS_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b\x0c\x0e-\x1f\r\ud800-\udfff\ufffe\uffff]")


def encoded(text: str) -> str:
    """A text with Excel's own escapes where XML or `decoded` would take it otherwise."""
    if text.isprintable() and "_x" not in text:
        return text
    return _NEEDS_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _decode_run(match: re.Match[str]) -> str:
    run = match[1]
    units = [int(run[at + 2 : at + 6], 16) for at in range(0, len(run), 7)]
    try:
        return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le")
    except UnicodeDecodeError:
        return "".join(run[7 * i : 7 * i + 7] if 0xD800 <= unit < 0xE000 else chr(unit) for i, unit in enumerate(units))


def shared_strings(data: bytes, path: str, part: str) -> list[str]:
    """The texts of the shared string table, in order. Raises Damaged or Hostile."""
    data = markup.utf8(data, path, part)
    markup.refuse_giant_token(data, path, part)
    few = len(data) < MAX_STRINGS or data.count(b"<si") <= MAX_STRINGS
    texts = _plain_strings(data, path, part) if few else None
    if texts is None:
        reader = _StringReader(path, part)
        markup.parse(data, path, part, start=reader.start, end=reader.end, text=reader.text)
        texts = reader.texts
    return list(map(decoded, texts)) if "_" in "".join(texts) else texts


def _plain_strings(data: bytes, path: str, part: str) -> list[str] | None:
    """The fast way, for a table of plain texts alone; None if anything else stands in it.

    Every byte is accounted for: what the expression leaves over must be nothing, and what
    surrounds the table goes through the XML parser.
    """
    opening = _SST.search(data)
    stop = data.rfind(b"</sst>")
    if not opening or stop < 0:
        return None
    around = data[: opening.end()] + data[stop:]
    if b"<!" in around or around.find(b"<?", 2) >= 0:
        return None
    try:
        raw = data[opening.end() : stop]
        body = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if has_controls(raw, body) or ("]" in body and "]]>" in body):
        return None
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    texts = _cut(body)
    if texts is None:
        return None
    root = markup.tree(around, path, part)
    if root.tag != f"{markup.MAIN}}}sst" or root.children:
        return None
    if "&" not in body:
        return texts
    return [unescaped(text) if "&" in text else text for text in texts] if references_are_sound(body) else None


def _cut(body: str) -> list[str] | None:
    """The texts of a table as they are written, if each stands alone in its item."""
    if _PRESERVED in body:
        body = body.replace(_PRESERVED, "<t>")
    if body.startswith(_ITEM) and body.endswith(_END):
        texts = body[len(_ITEM) : -len(_END)].split(_END + _ITEM)
        if "<" not in "".join(texts):
            return texts
    pieces = _PLAIN.split(body)  # with blanks between the items, say, or with empty ones
    return None if "".join(pieces[::2]).strip() else ["" if text is None else text for text in pieces[1::2]]


_ITEM, _END, _PRESERVED = "<si><t>", "</t></si>", '<t xml:space="preserve">'


class _StringReader:
    """The sure way: handlers for the XML parser."""

    def __init__(self, path: str, part: str) -> None:
        self._path, self._part = path, part
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._reading = False
        self._phonetic = 0

    def start(self, tag: str, _: dict[str, str]) -> None:
        name = tag.removeprefix(f"{markup.MAIN}}}")
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._phonetic += 1
        elif name == "t":
            self._reading = not self._phonetic

    def end(self, tag: str) -> None:
        name = tag.removeprefix(f"{markup.MAIN}}}")
        if name == "si":
            self.texts.append("".join(self._pieces))
            if len(self.texts) > MAX_STRINGS:
                raise markup.hostile(self._path, self._part, f"holds more than {MAX_STRINGS:,} texts")
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "t":
            self._reading = False

    def text(self, content: str) -> None:
        if self._reading:
            self._pieces.append(content)
