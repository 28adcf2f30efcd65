"""Nudges: who should be reminded of what, a row a person for a mail merge, or drafts of messages. Nothing is sent.

Each person is told of their own, in plain words: no scores, no feedback, nothing about others than
what they need to act.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from ..errors import Misuse, Unwritable, made_visible
from ..tables import Area, Frame, Put, Tab
from ..workbooks.painting import paint
from ..workbooks.reading import read
from ..workbooks.saving import create

Row = Mapping[str, Any]

COLUMNS = (("Person", 24), ("Email", 30), ("Manager", 24), ("Team", 22), ("Reminders", 11), ("What", 110))
ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
"""Addresses that every mail program takes; others get no draft, since a header would spell them otherwise."""
MARK = "OrgNudges"
DRAFT = b"X-Perfsheet: nudge"
"""A header of our drafts, by which those of an earlier run are known."""
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a text in a CSV file begins a formula in the program that opens it; with the wide ones in East Asian ones."""


@dataclass(frozen=True)
class Nudge:
    """What one person should be reminded of."""

    person: str
    email: str | None
    manager: str | None
    team: str
    reminders: tuple[str, ...]

    @property
    def cells(self) -> tuple[str | int, ...]:
        """For a row of a table."""
        return (
            self.person,
            self.email or "",
            self.manager or "",
            self.team,
            len(self.reminders),
            " ".join(self.reminders),
        )


def nudges_of(reminders: Iterable[Row], people: Iterable[Row], missing: Iterable[Row]) -> list[Nudge]:
    """One nudge a person, by name. `reminders` are rows of file, person and text; `missing` the workbooks not returned."""
    known = {(row["file"], row["person"].casefold()): row for row in people}
    found: dict[tuple[str, str], list[str]] = {}
    facts: dict[tuple[str, str], Row] = {}
    for row in reminders:
        who = known.get((row["file"], row["person"].casefold()), row)
        key = _key(who, row["team"])
        facts.setdefault(key, {**who, "team": row["team"]})
        found.setdefault(key, []).append(row["text"])
    for row in missing:
        key = _key({"person": row["manager"], "email": row["email"]}, row["team"])
        facts.setdefault(key, {"person": row["manager"], "email": row["email"], "team": row["team"]})
        found.setdefault(key, []).append(f"Your workbook {row['file']} for {row['team']}: {row['reason']}.")
    nudges = [
        Nudge(
            facts[k]["person"],
            facts[k].get("email"),
            facts[k].get("manager"),
            facts[k]["team"],
            tuple(dict.fromkeys(texts)),
        )
        for k, texts in found.items()
    ]
    return sorted(nudges, key=lambda n: (n.person.casefold(), n.email or "", n.team))


def _key(who: Row, team: str) -> tuple[str, str]:
    """The same person in two workbooks is one, where an address says so."""
    return ("", who["email"].casefold()) if who.get("email") else (team, who["person"].casefold())


def write_nudges(nudges: Sequence[Nudge], target: str) -> list[str]:
    """Writes FILE.csv, FILE.xlsx, or a message draft a person into a folder; returns who got none there, and why.

    Nudges of an earlier run are replaced, nothing else is: raises Unwritable for a file that perfsheet did
    not make, Misuse for another kind of file.
    """
    path, kind = Path(target), check_target(target)
    if not kind:
        return _drafts(nudges, path)
    create(path, _csv(nudges) if kind == ".csv" else _workbook(nudges), overwrite=True)
    return []


def check_target(target: str) -> str:
    """The kind of file that nudges are written as, .csv or .xlsx; nothing for a folder. Raises as `write_nudges` does."""
    path = Path(target)
    kind = path.suffix.casefold()
    if path.is_dir() or target.endswith(("/", "\\")) or not kind or kind == ".eml":
        return ""
    if kind not in (".csv", ".xlsx"):
        raise Misuse(f"{target}: nudges are written as .csv, as .xlsx, or as message drafts into a folder")
    if path.exists() and not _is_ours(path, kind):
        raise Unwritable(path, "there is a file of this name that perfsheet did not make", "Choose another name")
    return kind


def _is_ours(path: Path, kind: str) -> bool:
    """Whether a file holds nudges of an earlier run, by its first line or its tab's mark."""
    if kind == ".xlsx":
        return any(sheet.mark == MARK for sheet in read(path).sheets)
    with open(path, "rb") as file:
        return file.read(200).split(b"\r\n")[0] == _csv([]).rstrip()


def _csv(nudges: Sequence[Nudge]) -> bytes:
    """With the mark that spreadsheet programs know UTF-8 by, and nothing that they would calculate."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([header for header, _ in COLUMNS])
    writer.writerows([[_inert(cell) for cell in nudge.cells] for nudge in nudges])
    return out.getvalue().encode("utf-8-sig")


def _inert(cell: str | int) -> str | int:
    if isinstance(cell, int):
        return cell
    text = made_visible(cell)
    return f"'{text}" if text.lstrip().startswith(LIVE) or text.startswith(LIVE) else text


def _workbook(nudges: Sequence[Nudge]) -> bytes:
    from datetime import date

    cells = [Put(1, i, header, "heading") for i, (header, _) in enumerate(COLUMNS, start=1)]
    for row, nudge in enumerate(nudges, start=2):
        for column, cell in enumerate(nudge.cells, start=1):
            cells.append(
                Put(
                    row,
                    column,
                    cell if isinstance(cell, int) else made_visible(cell),
                    "count" if isinstance(cell, int) else "wrapped",
                )
            )
    area = Area(1, 1, max(2, len(nudges) + 1), len(COLUMNS))
    tab = Tab(
        "Nudges", MARK, tuple(cells), widths={i: width for i, (_, width) in enumerate(COLUMNS, start=1)},
        frames=(Frame("tblNudges", area, tuple(header for header, _ in COLUMNS)),), freeze=(1, 1), repeat_rows=(1, 1),
    )  # fmt: skip
    return paint((tab,), created=date(2000, 1, 1), marked=True)


def _drafts(nudges: Sequence[Nudge], folder: Path) -> list[str]:
    """An unsent message for everybody with a usable address, as mail programs open it.

    Drafts of an earlier run are removed first: nobody is to be reminded of what is done by now.
    Returns a line for everybody without a draft.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.eml")):
            if DRAFT in old.read_bytes()[:1000]:
                old.unlink()
    except OSError as error:
        raise Unwritable(
            folder, f"the folder for the drafts cannot be used ({error.strerror})", "Choose another"
        ) from error
    taken: set[str] = set()
    without = []
    for nudge in nudges:
        if not ADDRESS.fullmatch(nudge.email or ""):
            without.append(f"no draft for {nudge.person}: {_line(nudge.email) if nudge.email else 'no e-mail'}")
            continue
        name = re.sub(r"[^A-Za-z0-9.+_-]", "-", nudge.email or "")
        while name.casefold() in taken:
            name += "-2"
        taken.add(name.casefold())
        create(folder / f"{name}.eml", _message(nudge))
    return without


def _message(nudge: Nudge) -> bytes:
    """Quoted-printable, because a line of a message has an end that a goal's title does not keep to."""
    message = EmailMessage(policy=SMTP)
    message["To"] = nudge.email
    count = len(nudge.reminders)
    message["Subject"] = f"Goals of {_line(nudge.team)[:80]}: {count} reminder{'s' * (count != 1)}"
    message["X-Unsent"] = "1"
    message["X-Perfsheet"] = "nudge"
    lines = "\n".join(f"- {_line(text)}" for text in nudge.reminders)
    message.set_content(
        f"A reminder of what is open in the workbook of {_line(nudge.team)}:\n\n{lines}\n", cte="quoted-printable"
    )
    return message.as_bytes()


def _line(text: str) -> str:
    return " ".join(made_visible(text).split())
