"""Pieces of a deflate stream that are compressed apart and joined by copying, with the checksum of the whole.

A piece ends on a whole byte and is not closed; an empty last block closes the stream. A checksum is linear:
that of two pieces is that of the first followed by as many zeros as the second is long, and the difference that the
second makes to those zeros.
"""

from __future__ import annotations

import zlib

from ..tables import Segment

LEVEL = 3
"""Rows are much alike: more effort takes twice the time for a tenth of the room."""
END = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
_ZEROS = memoryview(bytes(1 << 16))


def piece(content: bytes, rows: int = 0) -> Segment:
    """Content as a piece of a stream; `rows` says how many rows it holds."""
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = stream.compress(content) + stream.flush(zlib.Z_SYNC_FLUSH)
    return Segment(packed, zlib.crc32(content) ^ _behind_zeros(0, len(content)), len(content), rows)


def content_of(found: Segment) -> bytes:
    """What a piece holds."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(found.packed)


def checksum_behind(crc: int, found: Segment) -> int:
    """The checksum of what came before, and then the piece."""
    return _behind_zeros(crc, found.size) ^ found.difference


def _behind_zeros(crc: int, length: int) -> int:
    """The checksum of what came before, and then so many zeros."""
    while length > len(_ZEROS):
        crc, length = zlib.crc32(_ZEROS, crc), length - len(_ZEROS)
    return zlib.crc32(_ZEROS[:length], crc)
