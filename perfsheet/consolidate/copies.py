"""Which of several versions of a workbook counts, and what is odd when many lie side by side.

Nothing is left out in silence: an older copy is named with the one that is read instead.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..checks.across import ID_TWICE, OLDER_TEMPLATE, PERIOD_DIFFERS, PERSON_TWICE, TEAM_TWICE
from ..findings import Rule
from ..forms import same_name
from ..forms.settings import TEMPLATE_VERSION
from .parcels import Parcel
from .remote import base_name
from .sources import Skipped

_COPY = re.compile(
    r"(?:^(?:copy|kopie|copie|copia|cópia) (?:of|von|de) (?P<copied>.+)"  # Copy of team
    r"|^(?P<base>.+?)(?: ?\(\d+\)|(?: [-–—])? (?:copy|kopie|copie|copia|cópia|副本)(?: \(?\d+\)?)?"  # team (1), team - Copy (2), team copy 2
    r"|[ ,_–—-]+\([^()]*(?:conflict|konflikt|conflit)[^()]*\)|[ ,_–—-]+conflicted copy.*|_conf\(\d+\)|\.sync-conflict-[\w-]+"
    r"|-(?:desktop|laptop|pc)(?:-\w+)?|-[\w-]*macbook[\w-]*))$",
    re.IGNORECASE,
)
"""What mail programs, browsers and sync programs make of a name when it is taken."""


def original_name(stem: str) -> str | None:
    """The name that a copy's name was made from: "team" for "team (1)"; None for a name of its own."""
    match = _COPY.match(stem)
    return (match["copied"] or match["base"]) if match else None


def newest(parcels: Sequence[Parcel]) -> tuple[list[Parcel], list[Skipped]]:
    """One version of each workbook, the one saved last; the others with the reason.

    Versions share a workbook id, or are equal bytes; without an id, a copy by its name counts as
    one of the file beside it if both are of the same team and period. A workbook that another team and
    manager made from a copy of somebody else's is none: it loses the id, and both count.
    """
    _part_ids(parcels)
    kept, replaced = _best(parcels, _identity)
    stems = {(os.path.dirname(c.path), _stem(c.path)): c for c in kept if c.code is None}

    def family(c: Parcel) -> Hashable:
        base = original_name(_stem(c.path)) if c.code is None and not c.file["workbook_id"] else None
        first = stems.get((os.path.dirname(c.path), base.casefold())) if base else None
        same_team = first is not None and _team(first) == _team(c)
        return first.path if first is not None and same_team else c.path

    kept, copies = _best(kept, family)
    gone = {**replaced, **copies}
    return kept, [_older(old, gone) for old in parcels if old.path in gone]


def _older(old: Parcel, replaced: Mapping[str, Parcel]) -> Skipped:
    """Why a version is left out, with the one that is read in the end."""
    newer = replaced[old.path]
    while newer.path in replaced:
        newer = replaced[newer.path]
    return Skipped(old.path, f"{_compared(old, newer)}: {newer.path} is read")


def _compared(old: Parcel, newer: Parcel) -> str:
    if old.file["digest"] == newer.file["digest"]:
        return "the same file"
    if old.file["modified"] < newer.file["modified"]:
        return "an older copy of the same workbook"
    return "another copy of the same workbook, saved at the same time"


def _part_ids(parcels: Iterable[Parcel]) -> None:
    """Takes the id from every workbook whose team and manager are both others than those of the newest one with that id."""
    newest_of: dict[Hashable, Parcel] = {}
    every = [c for c in parcels if c.code is None and c.file["workbook_id"]]
    for c in sorted(every, key=lambda c: (-c.file["modified"], c.path)):
        first = newest_of.setdefault((c.file["workbook_id"], c.file["period"]), c)
        if _team(c)[0] != _team(first)[0] and _manager(c) != _manager(first):
            c.file["shared_id"], c.file["workbook_id"] = first.path, None


def _manager(c: Parcel) -> str:
    return same_name(str(c.team["manager"] or ""))


def _stem(path: str) -> str:
    return os.path.splitext(base_name(path))[0].casefold()


def _team(c: Parcel) -> tuple[str, str]:
    return same_name(str(c.file["team"] or "")), str(c.file["period"])


def _identity(c: Parcel) -> Hashable:
    return c.path if c.code is not None else (c.file["workbook_id"] or c.file["digest"], c.file["period"])


def _rank(c: Parcel) -> tuple[float, bool, str]:
    """The one saved last first; of those saved at the same time one with a name of its own before a copy by its name."""
    return -c.file["modified"], original_name(_stem(c.path)) is not None, c.path


def _best(parcels: Iterable[Parcel], key: Callable[[Parcel], Hashable]) -> tuple[list[Parcel], dict[str, Parcel]]:
    """Of those with one key the one saved last; and by path what took the place of each other one."""
    every = list(parcels)
    best: dict[Hashable, Parcel] = {}
    for c in every:
        rival = best.setdefault(key(c), c)
        if c is not rival and _rank(c) < _rank(rival):
            best[key(c)] = c
    chosen = set(map(id, best.values()))
    return [c for c in every if id(c) in chosen], {c.path: best[key(c)] for c in every if id(c) not in chosen}


# ------------------------------------------------------------------------------------ side by side

Row = dict[str, Any]


def odd_side_by_side(parcels: Sequence[Parcel]) -> Iterator[Row]:
    """Findings that no workbook shows by itself, as rows like those of each workbook."""
    read = [c for c in parcels if c.code is None]
    yield from _teams_twice(read)
    yield from _people_twice(read)
    yield from _periods(read)
    for c in read:
        if other := c.file.get("shared_id"):
            yield _row(c, ID_TWICE, f"It has the workbook id of {other}, which is another team's", None)
        version = c.file["template_version"]
        if _outdated(version):
            yield _row(
                c,
                OLDER_TEMPLATE,
                f"Made from template version {version}; the present one is {TEMPLATE_VERSION}",
                version,
            )


def _row(c: Parcel, rule: Rule, message: str, value: object) -> Row:
    return {
        "team": c.file["team"], "file": c.path, "code": rule.code, "severity": rule.severity.value, "cell": "Settings!A1",
        "value": value, "message": message, "remedy": rule.remedy,
    }  # fmt: skip


def tell_in_files(parcels: Iterable[Parcel], odd: Iterable[Row]) -> None:
    """Adds what shows only side by side to the lines of Files."""
    lines = {c.path: c.file for c in parcels}
    for row in odd:
        line = lines[row["file"]]
        if row["severity"] == "warning":
            line["warnings"] += 1
            line["outcome"] = "read with warnings" if line["outcome"] == "read" else line["outcome"]
        if row["code"] != PERSON_TWICE.code and not line["note"]:
            line["note"] = row["message"]


def _teams_twice(read: Sequence[Parcel]) -> Iterator[Row]:
    first: dict[Hashable, Parcel] = {}
    for c in read:
        key = (*_team(c), same_name(str(c.team["manager"] or "")))
        other = first.setdefault(key, c)
        if other is not c:
            yield _row(c, TEAM_TWICE, f"{c.file['team']} has another workbook: {other.path}", c.file["team"])


def _people_twice(read: Sequence[Parcel]) -> Iterator[Row]:
    first: dict[str, Parcel] = {}
    for c in read:
        for person, email, cell in c.people:
            if email:
                other = first.setdefault(email.casefold(), c)
                if other is not c:
                    row = _row(c, PERSON_TWICE, f"{person} stands in {other.file['team']} too: {other.path}", email)
                    yield {**row, "cell": cell or row["cell"]}


def _periods(read: Sequence[Parcel]) -> Iterator[Row]:
    counts = Counter(c.file["period"] for c in read if c.file["period"])
    usual, most = counts.most_common(1)[0] if counts else (None, 0)
    if usual is None or most <= len(read) / 2:
        return
    for c in read:
        if c.file["period"] and c.file["period"] != usual:
            yield _row(
                c, PERIOD_DIFFERS, f"Its period is {c.file['period']}; most workbooks are of {usual}", c.file["period"]
            )


def _outdated(version: str | None) -> bool:
    """Whether a template version such as "team 1" is older than the present one; a version of your own is not."""
    number = (version or "").rpartition(" ")[2]
    return number.isdigit() and int(number) < int(TEMPLATE_VERSION)
