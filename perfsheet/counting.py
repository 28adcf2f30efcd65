"""How far a run over many workbooks has come: a counter on a terminal, nothing in a pipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO


def progress_to(stream: TextIO | None, total: int) -> Callable[[int], None]:
    """A function to tell how many of `total` are done; it rewrites one line if the stream is a terminal."""
    if stream is None or not stream.isatty():
        return lambda _: None

    def tick(done: int) -> None:
        stream.write(f"\r{done} of {total} workbooks" + ("\n" if done == total else ""))
        stream.flush()

    return tick
