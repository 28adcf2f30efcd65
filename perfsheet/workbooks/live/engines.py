"""xlwings, imported without its PRO part and what it would load for data frames and pictures."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from ...errors import NotRunning

if TYPE_CHECKING:
    import xlwings

UNUSED = ("matplotlib", "numpy", "pandas", "PIL", "plotly", "polars", "xlwings.pro")
"""What xlwings loads if it is there: what it converts to and from, where pandas alone takes a second; and its part
under another licence, which perfsheet does without. xlwings goes on without each of them."""


def load() -> ModuleType:
    """xlwings. Raises NotRunning with what to do where it is not installed."""
    if "xlwings" in sys.modules:
        return sys.modules["xlwings"]
    try:
        with _hidden(UNUSED):
            return importlib.import_module("xlwings")
    except ModuleNotFoundError as missing:
        if missing.name != "xlwings":
            raise
        raise NotRunning(
            "perfsheet live", "the package xlwings is not installed", "Run: pip install 'perfsheet[live]'"
        ) from None


@contextlib.contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Modules that are not loaded yet cannot be imported meanwhile: an import of None is refused by Python itself."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def engine(name: str, impl: object) -> xlwings.Engine:
    """The engine of this name, made known to xlwings on first use."""
    xw = load()
    if name not in (known.name for known in xw.engines):
        xw.engines.add(xw.main.Engine(impl=impl))
    found: xlwings.Engine = xw.engines[name]
    return found
