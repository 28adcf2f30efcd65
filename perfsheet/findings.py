"""What a person can put right in the workbook: rules, and the findings that they give.

A `Rule` is a small page: what it looks for, why it matters, an example, how to put it right.
`perfsheet rule`, the documentation and the Checks tab are renderings of it. A `Finding` is one
place where a rule applies: code, severity, cell, value, message and remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from .errors import shown
from .tables import Address


class Severity(StrEnum):
    """error: something is left out of the scores. warning: probably wrong. info: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Rule:
    """The page of one rule. `anomaly` marks data that may explain every other issue of a goal."""

    code: str
    severity: Severity
    title: str
    what: str
    why: str
    example: str
    remedy: str
    anomaly: bool = False

    def at(
        self,
        address: Address,
        message: str,
        *,
        value: object = None,
        goal: str | None = None,
        person: str | None = None,
    ) -> Finding:
        """This rule's finding at one cell."""
        return Finding(self, address, message, _plain(value), goal, person)


class Finding(NamedTuple):
    """One place where a rule applies. `value` is what stands in the cell, as text."""

    rule: Rule
    address: Address
    message: str
    value: str | None = None
    goal_id: str | None = None
    person: str | None = None

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def remedy(self) -> str:
        return self.rule.remedy

    def line(self, path: str) -> str:
        """The finding as a compiler would print it: file, cell, severity, code, message, remedy."""
        return f"{shown(path)}:{shown(self.address)}: {self.severity} {self.code}: {shown(self.message)}. {self.remedy}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by place: the order in which they are printed and painted."""
    return sorted(
        findings, key=lambda f: (RANK[f.severity], f.address.sheet, f.address.row, f.address.column, f.code, f.message)
    )


def _plain(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)


def counted(findings: Iterable[Finding]) -> str:
    """2 errors, 1 warning, 3 notes; or all well."""
    severities = [f.severity for f in findings]
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    counts = [(severities.count(s), word) for s, word in words.items()]
    return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n) or "all well"
