"""perfsheet: the performance-management cycle inside the Excel workbooks people already use.

    import perfsheet

    book = perfsheet.read("team.xlsx")            # forms as typed records, each with its cell
    findings = perfsheet.validate(book)           # what a person can put right
    review = perfsheet.score(book)                # scores that hold their parts, issues, proposals
    perfsheet.write(review, "team.xlsx")          # only our own tabs change
    org = perfsheet.consolidate(["teams/"], output="org.xlsx")

The data flow: a workbook file becomes tables, records, findings, scores, issues, proposals and
tabs, and the tabs go back into the same file, where every other byte stays as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .consolidate import consolidate as consolidate
    from .cycle import apply as apply
    from .cycle import read as read
    from .cycle import score as score
    from .cycle import validate as validate
    from .cycle import write as write

_HOMES = {
    "read": "cycle",
    "validate": "cycle",
    "score": "cycle",
    "write": "cycle",
    "apply": "cycle",
    "consolidate": "consolidate",
}

__all__ = ["__version__", "apply", "consolidate", "read", "score", "validate", "write"]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first used: `perfsheet --help` waits for nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
