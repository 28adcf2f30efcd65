"""The zip archive under a workbook: where each entry's bytes lie, and how to copy them unread.

An .xlsx file is a zip archive. At its end stands the *central directory*, one record an entry;
each record points to a *local header*, followed by the entry's compressed bytes and, if flag
bit 3 is set, a *data descriptor* with the sizes that were unknown when the header was written.
The standard library reads such archives but does not keep the raw records; we need them, since
whatever we do not change is copied byte for byte. The walk is strict: two readers must never
see two different workbooks in the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from mmap import mmap
from typing import BinaryIO, NamedTuple

from ..errors import Damaged, Encrypted, Hostile, Obstacle, Unsupported
from ..tables import Segment
from .segments import END, checksum_behind

MAX_ENTRIES = 20_000
MAX_ENTRY = 128 << 20
"""Bytes of one inflated entry. A sheet of a million cells stays well below."""
MAX_TOTAL = 512 << 20

STORED, DEFLATED = 0, 8
_METHODS = {1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstandard", 95: "xz", 99: "AES"}

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_FACTS = struct.Struct("<4H3L")
"""Flags, method, time, date, checksum and the two sizes, as header and record have them."""
_NAME_AND_EXTRA = struct.Struct("<2H")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")

_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x0001, 0x0008, 0x0800
_MASKED = 0x2041
"""Encrypted entry, strong encryption, masked local headers."""
_FULL = 0xFFFFFFFF
_NEW_DATE = (0, 33)
"""1980-01-01 00:00, the first moment a zip archive can name."""

ASK_AGAIN = "Ask for a fresh copy of the workbook, or take an earlier version"
DO_NOT_TRUST = "It was not opened; ask whoever sent it for a workbook saved by Excel"


class Entry(NamedTuple):
    """One entry of the archive: the facts of its central record, and where its bytes lie."""

    name: str
    method: int
    flags: int
    time: int
    date: int
    crc: int
    compressed_size: int
    size: int
    create_version: int
    extract_version: int
    internal_attr: int
    external_attr: int
    extra: bytes
    comment: bytes
    record: bytes
    """The whole central record, as it stands."""
    start: int
    """Where the local header begins."""
    data: int
    """Where the compressed bytes begin."""
    end: int
    """Where they end, the data descriptor included."""

    @property
    def is_folder(self) -> bool:
        """Whether the entry only names a folder and holds nothing."""
        return self.name.endswith(("/", "\\")) and self.size == 0

    @property
    def is_link(self) -> bool:
        """Whether a Unix archiver stored a symbolic link under this name."""
        return (self.external_attr >> 16) & 0o170000 == 0o120000


class Deflated(NamedTuple):
    """An entry's content as it is stored: the deflate stream, the checksum and the length of what it holds."""

    packed: bytes
    crc: int
    size: int

    @classmethod
    def of(cls, content: bytes | Deflated) -> Deflated:
        """Content compressed, if it is not yet."""
        if isinstance(content, Deflated):
            return content
        stream = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(stream.compress(content) + stream.flush(), zlib.crc32(content), len(content))


class _End(NamedTuple):
    """The end record: how many entries there are, where their records lie, the comment."""

    parts: int
    offset: int
    size: int
    position: int
    comment: bytes


Bytes = bytes | mmap
"""An archive in memory, or mapped from its file."""


class Archive:
    """A zip archive held in memory. Building one checks its whole geometry, and inflates nothing.

    A `large` one may hold entries that are larger than what is inflated. Raises Damaged, Hostile, Encrypted or
    Unsupported.
    """

    def __init__(self, data: Bytes, path: str, large: bool = False) -> None:
        self.data = data
        self.path = path
        end = _find_end(data, path)
        self.comment = end.comment
        self.entries = _entries(data, path, end)
        if not large:
            _refuse_large(self.entries, path)

    def inflate(self, entry: Entry) -> bytes:
        """The entry's content. Never more bytes than its record promises; checksum compared."""
        _refuse_large((entry,), self.path)
        raw = self.data[entry.data : entry.data + entry.compressed_size]
        if entry.size <= REMEMBERED:
            try:
                return _known_content(raw, entry.method, entry.size, entry.crc)
            except Obstacle:
                pass  # once more, so that the message names this part
        return _content(raw, entry.method, entry.size, entry.crc, self.path, entry.name)

    def head(self, entry: Entry, most: int) -> bytes:
        """The beginning of an entry's content, at most so many bytes."""
        raw = self.data[entry.data : min(entry.data + most, entry.data + entry.compressed_size)]
        if entry.method != DEFLATED:
            return raw[:most]
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(raw, most)
        except zlib.error:
            raise Damaged(self.path, f"the part {entry.name} cannot be decompressed", ASK_AGAIN) from None

    def rebuilt(self, changes: Mapping[str, bytes | Deflated | None]) -> bytes:
        """A new archive: `changes` by entry name, None to leave one out; unknown names come last.

        What is not named is copied byte for byte. The entries lie in their old order, and the
        directory, whose order may be another one, keeps its own. Equal input, equal bytes.
        """
        body = bytearray()
        records: dict[str, bytes] = {}
        for entry in sorted(self.entries, key=lambda e: e.start):
            content = changes.get(entry.name)
            if content is not None:
                records[entry.name] = _append_renewed(body, entry, content)
            elif entry.name not in changes:
                records[entry.name] = _moved(entry, len(body))
                body += self.data[entry.start : entry.end]
        directory = [records[entry.name] for entry in self.entries if entry.name in records]
        known = {entry.name for entry in self.entries}
        for name, content in changes.items():
            if name not in known and content is not None:
                directory.append(_append_new(body, name, content))
        return b"".join((body, *directory, self._end_record(len(body), directory)))

    def write(self, target: BinaryIO, poured: Mapping[str, Iterable[Segment]]) -> None:
        """The archive into a file that can seek, some entries with new content in pieces, all others byte for byte."""
        records: dict[str, bytes] = {}
        for entry in sorted(self.entries, key=lambda e: e.start):
            if entry.name in poured:
                records[entry.name] = _write_poured(target, entry, poured[entry.name])
            else:
                records[entry.name] = _moved(entry, target.tell())
                target.write(self.data[entry.start : entry.end])
        directory = [records[entry.name] for entry in self.entries]
        target.write(b"".join((*directory, self._end_record(target.tell(), directory))))

    def _end_record(self, offset: int, directory: list[bytes]) -> bytes:
        size = sum(map(len, directory))
        return _END.pack(b"PK\5\6", 0, 0, *[len(directory)] * 2, size, offset, len(self.comment)) + self.comment


# ------------------------------------------------------------- what an entry holds

REMEMBERED = 8 << 10
"""Parts up to this size are remembered: those of workbooks from one template are alike, bytes and all."""


@lru_cache(maxsize=512)
def _known_content(raw: bytes, method: int, size: int, crc: int) -> bytes:
    return _content(raw, method, size, crc, "", "")


def _content(raw: bytes, method: int, size: int, crc: int, path: str, name: str) -> bytes:
    content = _inflated(raw, size, path, name) if method == DEFLATED else raw
    if len(content) != size:
        raise Damaged(path, f"the part {name} is not as long as the archive says", ASK_AGAIN)
    if zlib.crc32(content) != crc:
        raise Damaged(path, f"the part {name} has a wrong checksum", ASK_AGAIN)
    return content


def _inflated(raw: bytes, size: int, path: str, name: str) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(raw, size + 1)
    except zlib.error:
        raise Damaged(path, f"the part {name} cannot be decompressed", ASK_AGAIN) from None
    if len(content) > size:
        raise Hostile(path, f"the part {name} is longer than the archive says", DO_NOT_TRUST)
    if not stream.eof or stream.unused_data:
        raise Damaged(path, f"the part {name} is cut short or has bytes behind its end", ASK_AGAIN)
    return content


# ----------------------------------------------------------- finding the directory


def _find_end(data: Bytes, path: str) -> _End:
    """The one end record that closes the file exactly: nothing behind it, no second reading."""
    found = []
    position = data.rfind(b"PK\5\6")
    while position >= 0 and position >= len(data) - 0xFFFF - _END.size:
        if position + _END.size <= len(data):
            *_, length = _END.unpack_from(data, position)
            if position + _END.size + length == len(data):
                found.append(position)
        position = data.rfind(b"PK\5\6", 0, position + 3)
    if not found:
        raise _no_end(data, path)
    if len(found) > 1:
        raise Hostile(path, "the archive has two tables of contents", DO_NOT_TRUST)
    return _end_at(data, path, found[0])


def _no_end(data: Bytes, path: str) -> Obstacle:
    if b"PK\5\6" in data[-(0xFFFF + _END.size) :]:
        return Damaged(path, "there are stray bytes behind the end of the archive", ASK_AGAIN)
    return Damaged(path, "the file is cut short: the archive's table of contents is missing", ASK_AGAIN)


def _end_at(data: Bytes, path: str, position: int) -> _End:
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack_from(data, position)
    comment = data[position + _END.size :]
    locator = position - _LOCATOR.size
    if locator >= 0 and data[locator : locator + 4] == b"PK\6\7":
        disk, first_disk, here, count, size, offset, position = _end64(data, path, locator)
    if disk or first_disk or here != count:
        raise Damaged(path, "the archive is one volume of several", ASK_AGAIN)
    if count > MAX_ENTRIES:
        raise Hostile(path, f"the archive has {count:,} parts, more than {MAX_ENTRIES:,}", DO_NOT_TRUST)
    if offset + size != position:
        raise Damaged(path, "there are stray bytes before or inside the archive", ASK_AGAIN)
    return _End(count, offset, size, position, comment)


def _end64(data: Bytes, path: str, locator: int) -> tuple[int, int, int, int, int, int, int]:
    _, _, position, _ = _LOCATOR.unpack_from(data, locator)
    if position + _END64.size > locator or data[position : position + 4] != b"PK\6\6":
        raise Damaged(path, "the archive's long table of contents is broken", ASK_AGAIN)
    _, _, _, _, disk, first_disk, here, count, size, offset = _END64.unpack_from(data, position)
    return disk, first_disk, here, count, size, offset, position


def _records(directory: bytes) -> Iterable[bytes]:
    """The raw central records one after the other; a broken one comes back short."""
    position = 0
    while position < len(directory):
        name, extra, comment = struct.unpack("<3H", directory[position + 28 : position + 34].ljust(6, b"\0"))
        end = position + _CENTRAL.size + name + extra + comment
        yield directory[position:end]
        position = end


# ------------------------------------------------------------------- the entries


def _entries(data: Bytes, path: str, end: _End) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for record in _records(data[end.offset : end.offset + end.size]):
        if len(entries) == end.parts:
            raise Damaged(path, "the archive's table of contents lists more parts than it counts", ASK_AGAIN)
        entries.append(_entry(data, path, record, end.offset))
    if len(entries) != end.parts:
        raise Damaged(path, "the archive's table of contents lists fewer parts than it counts", ASK_AGAIN)
    _refuse_overlaps(entries, path, end.offset)
    return tuple(entries)


def _refuse_large(entries: Iterable[Entry], path: str) -> None:
    """Entries that would fill the memory, one by one or together."""
    whole = 0
    for entry in entries:
        whole += entry.size
        if entry.size > MAX_ENTRY:
            raise Hostile(path, f"the part {entry.name} would unpack to more than {MAX_ENTRY >> 20} MB", DO_NOT_TRUST)
    if whole > MAX_TOTAL:
        raise Hostile(path, f"its content would unpack to more than {MAX_TOTAL >> 20} MB", DO_NOT_TRUST)


def _entry(data: Bytes, path: str, record: bytes, limit: int) -> Entry:
    """One central record with its local header, which must tell the same story."""
    if len(record) < _CENTRAL.size or record[:4] != b"PK\1\2":
        raise Damaged(path, "the archive's table of contents is broken", ASK_AGAIN)
    (_, created, needed, flags, method, time, date, crc, packed, size, n, m, k, disk, internal, external, start) = (
        _CENTRAL.unpack_from(record)
    )
    if len(record) != _CENTRAL.size + n + m + k or disk not in (0, 0xFFFF):
        raise Damaged(path, "the archive's table of contents is broken", ASK_AGAIN)
    raw_name, extra = record[46 : 46 + n], record[46 + n : 46 + n + m]
    name = _name(raw_name, flags, path)
    if _FULL in (size, packed, start):
        size, packed, start = _long_sizes(extra, size, packed, start, name, path)
    _refuse_entry(name, method, flags, path)
    begin = _data_start(data, path, record, raw_name, start, limit)
    if begin + packed > limit:
        raise Damaged(path, f"the part {name} reaches beyond the archive", ASK_AGAIN)
    stop = begin + packed
    if flags & _DESCRIPTOR:
        stop += _descriptor_length(data, stop, crc, packed, size)
    comment = record[46 + n + m :]
    return Entry(
        name, method, flags, time, date, crc, packed, size, created, needed, internal, external, extra, comment, record,
        start, begin, stop,
    )  # fmt: skip


def _name(raw: bytes, flags: int, path: str) -> str:
    try:
        name = raw.decode("ascii" if raw.isascii() else "utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError:
        raise Damaged(path, "a part of the archive has an unreadable name", ASK_AGAIN) from None
    if not name or "\0" in name:
        raise Hostile(path, "a part of the archive has an impossible name", DO_NOT_TRUST)
    return name


def _refuse_entry(name: str, method: int, flags: int, path: str) -> None:
    if flags & _MASKED:
        raise Encrypted(path, "it is password-protected", "Save a copy without a password and use that")
    if method not in (STORED, DEFLATED):
        word = _METHODS.get(method, f"method {method}")
        raise Unsupported(path, f"the part {name} is compressed in a way Excel does not read ({word})", ASK_AGAIN)


def _long_sizes(extra: bytes, size: int, packed: int, start: int, name: str, path: str) -> tuple[int, int, int]:
    """The sizes and the offset of a zip64 entry, which stand in its extra field."""
    field = _extra_fields(extra).get(1, b"")
    values = []
    for short in (size, packed, start):
        if short != _FULL:
            values.append(short)
            continue
        if len(field) < 8:
            raise Damaged(path, f"the part {name} has no usable size", ASK_AGAIN)
        values.append(int.from_bytes(field[:8], "little"))
        field = field[8:]
    return values[0], values[1], values[2]


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    fields = {}
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        fields[kind] = extra[position + 4 : position + 4 + length]
        position += 4 + length
    return fields


def _data_start(data: Bytes, path: str, record: bytes, raw_name: bytes, start: int, limit: int) -> int:
    """Where the compressed bytes begin, once the local header has been found to agree."""
    if start + _LOCAL.size > limit or data[start : start + 4] != b"PK\3\4":
        raise Damaged(path, "the archive's table of contents points nowhere", ASK_AGAIN)
    name, extra = _NAME_AND_EXTRA.unpack_from(data, start + 26)
    begin: int = start + _LOCAL.size + name
    if data[start + _LOCAL.size : begin] != raw_name:
        raise Hostile(path, "a part has two names, one in the table of contents and one of its own", DO_NOT_TRUST)
    if data[start + 6 : start + 26] != record[8:28]:
        _refuse_contradiction(_FACTS.unpack_from(data, start + 6), _FACTS.unpack_from(record, 8), path)
    return begin + int(extra)


def _refuse_contradiction(own: tuple[int, ...], told: tuple[int, ...], path: str) -> None:
    """A header that says another method, mask or size than the record; its dates are its own affair."""
    same = own[1] == told[1] and not (own[0] ^ told[0]) & _MASKED
    given = not own[0] & _DESCRIPTOR and _FULL not in (*own[5:], *told[5:])
    if not same or (given and own[4:] != told[4:]):
        raise Hostile(path, "a part's own header contradicts the table of contents", DO_NOT_TRUST)


def _descriptor_length(data: Bytes, position: int, crc: int, packed: int, size: int) -> int:
    """How long the data descriptor is: with or without its signature, short or zip64 sizes."""
    for signature in (b"PK\7\x08", b""):
        for shape in ("<3L", "<L2Q"):
            if packed > _FULL or size > _FULL:
                continue
            wanted: bytes = signature + struct.pack(shape, crc, packed, size)
            if data[position : position + len(wanted)] == wanted:
                return len(wanted)
    return 0


def _refuse_overlaps(entries: list[Entry], path: str, limit: int) -> None:
    """No byte may belong to two entries, and none before the first entry to no one."""
    position = 0
    for entry in sorted(entries, key=lambda e: e.start):
        if entry.start < position:
            raise Hostile(path, f"the part {entry.name} shares its bytes with another part", DO_NOT_TRUST)
        if entry.start != position and not position:
            raise Damaged(path, "there are stray bytes before the archive", ASK_AGAIN)
        position = entry.end
    if position > limit:
        raise Hostile(path, "a part runs into the table of contents", DO_NOT_TRUST)


# -------------------------------------------------------------- writing a new archive


def _moved(entry: Entry, start: int) -> bytes:
    """The entry's central record, unchanged but for the place its header now has."""
    record = bytearray(entry.record)
    if struct.unpack_from("<L", record, 42)[0] != _FULL:
        struct.pack_into("<L", record, 42, start)
        return bytes(record)
    sizes = [struct.unpack_from("<L", record, at)[0] for at in (24, 20)]
    position = _CENTRAL.size + struct.unpack_from("<H", record, 28)[0]
    while struct.unpack_from("<H", record, position)[0] != 1:
        position += 4 + struct.unpack_from("<H", record, position + 2)[0]
    struct.pack_into("<Q", record, position + 4 + 8 * sizes.count(_FULL), start)
    return bytes(record)


def _append_renewed(body: bytearray, old: Entry, content: bytes | Deflated) -> bytes:
    """New content for an old entry, which keeps its place, date, attributes and comment.

    Appends header and content to `body`, and returns the central record.
    """
    flags = old.flags & _UTF8
    new = Deflated.of(content)
    name = old.record[46 : 46 + struct.unpack_from("<H", old.record, 28)[0]]
    start = len(body)
    facts = (flags, DEFLATED, old.time, old.date, new.crc, len(new.packed), new.size, len(name))
    body += _LOCAL.pack(b"PK\3\4", 20, *facts, 0) + name + new.packed
    tail = (0, len(old.comment), 0, old.internal_attr, old.external_attr, start)
    return _CENTRAL.pack(b"PK\1\2", old.create_version, 20, *facts, *tail) + name + old.comment


def _write_poured(target: BinaryIO, old: Entry, pieces: Iterable[Segment]) -> bytes:
    """New content in pieces for an old entry: its header is written when they have gone by. Returns the central record."""
    name = old.record[46 : 46 + struct.unpack_from("<H", old.record, 28)[0]]
    start = target.tell()
    target.write(bytes(_LOCAL.size) + name)
    crc = size = 0
    for piece in pieces:
        target.write(piece.packed)
        crc, size = checksum_behind(crc, piece), size + piece.size
    target.write(END)
    end = target.tell()
    facts = (
        old.flags & _UTF8,
        DEFLATED,
        old.time,
        old.date,
        crc,
        end - start - _LOCAL.size - len(name),
        size,
        len(name),
    )
    target.seek(start)
    target.write(_LOCAL.pack(b"PK\3\4", 20, *facts, 0))
    target.seek(end)
    tail = (0, len(old.comment), 0, old.internal_attr, old.external_attr, start)
    return _CENTRAL.pack(b"PK\1\2", old.create_version, 20, *facts, *tail) + name + old.comment


def _append_new(body: bytearray, name: str, content: bytes | Deflated) -> bytes:
    """A new entry at the end of `body`; returns its central record."""
    raw_name = name.encode("utf-8")
    flags = 0 if name.isascii() else _UTF8
    new = Deflated.of(content)
    start = len(body)
    facts = (flags, DEFLATED, *_NEW_DATE, new.crc, len(new.packed), new.size, len(raw_name))
    body += _LOCAL.pack(b"PK\3\4", 20, *facts, 0) + raw_name + new.packed
    return _CENTRAL.pack(b"PK\1\2", 20, 20, *facts, 0, 0, 0, 0, 0, start) + raw_name
