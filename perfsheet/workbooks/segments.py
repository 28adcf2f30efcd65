"""Pieces of a deflate stream that are compressed apart and joined by copying, with the checksum of the whole.

A piece ends on a whole byte and is not closed; an empty last block closes the stream. The checksum
of two pieces follows from theirs: that of the first is moved on by the length of the second (a multiplication
of polynomials over two elements, as zlib's own `crc32_combine` does), and the two are added.
"""

from __future__ import annotations

import zlib

from ..tables import Segment

LEVEL = 3
"""Rows are much alike: more effort takes twice the time for a tenth of the room."""
END = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()

_POLYNOMIAL, _ONE = 0xEDB88320, 1 << 31


def piece(content: bytes, rows: int = 0) -> Segment:
    """Content as a piece of a stream; `rows` says how many rows it holds."""
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = stream.compress(content) + stream.flush(zlib.Z_SYNC_FLUSH)
    return Segment(packed, zlib.crc32(content), len(content), _shift(len(content)), rows)


def content_of(found: Segment) -> bytes:
    """What a piece holds."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(found.packed)


def checksum_behind(crc: int, found: Segment) -> int:
    """The checksum of what came before, and then the piece."""
    return _times(found.shift, crc) ^ found.crc if crc else found.crc


def _shift(length: int) -> int:
    """x to the power of so many bytes, by which a checksum moves on."""
    power, bit = _ONE, 0
    while length:
        if length & 1:
            power = _times(_SQUARES[bit], power)
        length, bit = length >> 1, bit + 1
    return power


def _times(a: int, b: int) -> int:
    """The product of two polynomials modulo the checksum's own, their bits in reverse; four at a time."""
    once = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    twice = once >> 1 ^ _POLYNOMIAL if once & 1 else once >> 1
    thrice = twice >> 1 ^ _POLYNOMIAL if twice & 1 else twice >> 1
    low, high = (0, thrice, twice, thrice ^ twice), (0, once, b, once ^ b)
    product = 0
    for _ in range(8):
        product = product >> 4 ^ _MOVED[product & 15] ^ low[a & 3] ^ high[a >> 2 & 3]
        a >>= 4
    return product


def _moved() -> tuple[int, ...]:
    """What four bits become that are moved out."""
    found = []
    for value in range(16):
        for _ in range(4):
            value = value >> 1 ^ _POLYNOMIAL if value & 1 else value >> 1
        found.append(value)
    return tuple(found)


_MOVED = _moved()


def _squares() -> list[int]:
    """x to the power of one byte, two, four, eight …"""
    found = [_ONE >> 8]
    for _ in range(40):
        found.append(_times(found[-1], found[-1]))
    return found


_SQUARES = _squares()
