"""Who may see what: audiences, small groups, and names that are replaced.

hr       everything but the texts of feedback, which never leave their workbook unless policy sends those that are for HR
manager  goals and teams; no practice index, no entries of other people's workbooks
exec     no names and no single person's goals; sums over groups that are too small to hide in are not shown

Names can be replaced by pseudonyms for every audience; the key that leads back stays in a file apart.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Misuse, Unwritable
from ..errors import shown as shown_text
from ..scoring.rollup import Rolled
from ..tabs.organisation import OrganisationView
from .packing import Changed, Part

if TYPE_CHECKING:
    from ..scoring.outcomes import Fairness

Row = Mapping[str, Any]

AUDIENCES = ("hr", "manager", "exec")
TABS: Mapping[str, frozenset[str]] = {
    "manager": frozenset(
        {
            "Summary",
            "Teams",
            "Goals",
            "Alignment",
            "Issues",
            "Moved goalposts",
            "Trend",
            "Forecasts",
            "Control",
            "Files",
        }
    ),
    "exec": frozenset({"Summary", "Teams", "Alignment", "Issues", "Trend", "Fairness", "Files"}),
}
"""The tabs of each audience; hr has all."""
SOMEBODY = "somebody"
"""Stands for every name where nobody is to be named."""


@dataclass(frozen=True)
class Released:
    """The sums that executives may see. `whole` is None where even the organisation is too small."""

    whole: Row | None
    teams: tuple[Row, ...]
    hidden: int
    """Teams that are not shown."""
    held: int
    """Numbers that stay as they were in an earlier edition, those of the organisation included."""
    goals: frozenset[str]
    """Goals, by key, whose number from below may be shown."""
    issues: tuple[Row, ...] | None
    """How many people each issue touches; None if that cannot be told."""
    fairness: Fairness | None
    trend: tuple[Row, ...]
    """What was shown last of each period, this one included."""


# --------------------------------------------------------------------------------------- names

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Letters of scripts that put no space between a name and what follows: each is a word by itself."""
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
ADDRESS = re.compile(r"[\w.+-][\w.+'-]*@[\w-]+(?:\.[\w-]+)+")
NOT_ONLY_NAMES = frozenset(
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "will", "mark", "bill", "rob", "grant", "hope", "faith", "grace", "art", "max", "goal", "team"]
)  # fmt: skip
"""Words that are parts of names and ordinary words as well: alone they stay."""

NAMED = ("person", "owner", "manager", "rater", "giver", "receiver", "by", "who")
"""Columns whose cells are names of people."""
OURS = ("status", "worst", "severity", "code", "outcome", "verdict", "kind", "state", "rule", "chain_intact")
"""Columns whose cells are words of our own: whoever is called "Off track" changes none of them."""


class Names:
    """Every name and address of a run, and what stands in for each.

    `stand_in` takes a person's identity: the address where one is known, else the name.
    """

    def __init__(self, rows: Iterable[Row], stand_in: Callable[[str], str]) -> None:
        self._stand_in = stand_in
        self._addresses: dict[str, str] = {}
        self._in_file: dict[tuple[str, tuple[str, ...]], str] = {}
        identities: dict[tuple[str, ...], set[str]] = {}
        for row in rows:
            for name in NAMED:
                if words := _words(row.get(name)):
                    address = folded_address(row.get("email")) if name == "person" else ""
                    identities.setdefault(words, set()).update({address} if address else ())
                    if address:
                        self._addresses[address] = address
                        self._in_file[row.get("file") or "", words] = address
                    if (spelled := _words(str(row[name]).casefold().translate(SPELLED_OUT))) != words:
                        identities.setdefault(spelled, set()).update({address or " ".join(words)})
        self._identity = {
            words: next(iter(found)) if len(found) == 1 else " ".join(words) for words, found in identities.items()
        }
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(identities, key=lambda w: (-len(w), w)):
            self._by_first.setdefault(words[0], []).append(words)
        self._parts = {
            part for words in identities if len(words) > 1 for part in words if len(part) > 2
        } - NOT_ONLY_NAMES

    @property
    def forbidden(self) -> frozenset[tuple[str, ...]]:
        """The names in words, and addresses as one word each, none of which may be left.

        Names of figures alone, such as the number of an employee, are not among them: any number may read like one.
        """
        names = (words for words in self._identity if not "".join(words).isdecimal())
        return frozenset({*names, *((address,) for address in self._addresses)})

    @property
    def key_mark(self) -> str:
        """What tells one key's pseudonyms from another's, and nothing about the key."""
        return self._stand_in("\0 nobody")

    def hidden(self, text: str, file: str = "") -> str:
        """The text with every name, part of a name and address replaced."""
        text = composed(text)
        text = ADDRESS.sub(
            lambda m: (
                self._stand_in(self._addresses.get(folded_address(m[0]), ""))
                if folded_address(m[0]) in self._addresses
                else m[0]
            ),
            text,
        )
        pieces, position = [], 0
        words = list(WORD.finditer(text))
        at = 0
        while at < len(words):
            length, identity = self._found(words, at, file)
            if length:
                pieces += [text[position : words[at].start()], self._stand_in(identity)]
                position = words[at + length - 1].end()
            at += length or 1
        return "".join((*pieces, text[position:]))

    def _found(self, words: Sequence[re.Match[str]], at: int, file: str) -> tuple[int, str]:
        """How many words from here are a name, and whose."""
        first = folded_word(words[at][0])
        for name in self._by_first.get(first, ()):
            if tuple(folded_word(w[0]) for w in words[at : at + len(name)]) == name and (
                len(name) > 1 or reads_as_name(words[at][0])
            ):
                return len(name), self._in_file.get((file, name)) or self._identity[name]
        if first in self._parts and words[at][0][0].isupper():
            return 1, self._owner_of_part(first)
        return 0, ""

    def _owner_of_part(self, part: str) -> str:
        """Whose a part of a name is, if only one person has it."""
        owners = {identity for name, identity in self._identity.items() if part in name}
        return owners.pop() if len(owners) == 1 else part

    def row(self, row: Row) -> dict[str, Any]:
        """A row with the names in all its texts replaced."""
        file = row.get("file") or ""
        return {key: self.cell(key, value, file) if isinstance(value, str) else value for key, value in row.items()}

    def cell(self, column: str, text: str, file: str = "") -> str:
        """A text of a column: where it holds nothing but names, every name is replaced, however it is written."""
        if column in OURS:
            return text
        words = _words(text) if column in NAMED else ()
        if words not in self._identity:
            return self.hidden(text, file)
        return self._stand_in(self._in_file.get((file, words)) or self._identity[words])

    def part(self, part: Part) -> Part:
        """A workbook's columns with the names in all their texts replaced, in what it is known by as well."""
        files = [file or "" for file in part.columns["file"]]
        columns = {
            name: [self.cell(name, v, file) if isinstance(v, str) else v for v, file in zip(values, files, strict=True)]
            for name, values in part.columns.items()
        }
        return Part(self.hidden(part.book), part.period, columns)


def folded_address(address: object) -> str:
    """An e-mail address as it is compared."""
    return str(address or "").strip().casefold()


def composed(text: str) -> str:
    """The text with each letter and its accents as one sign; file names on a Mac have them apart."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded_word(word: str) -> str:
    """A word as names are compared: without case and accents, since Müller is also written Muller."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def reads_as_name(word: str) -> bool:
    """Whether a word alone may be a name: with a capital, in letters that know none, or with figures, if it is no year."""
    if word.isdecimal():
        return len(word) > 3 and not "1900" <= word <= "2099"
    return not word[0].islower() or not word.isalpha()


def caseless(word: str) -> bool:
    """Whether it is of letters that know no capitals, as in Chinese or Arabic."""
    return word.isalpha() and word.lower() == word.upper()


def _words(name: object) -> tuple[str, ...]:
    return tuple(folded_word(word) for word in WORD.findall(composed(str(name or ""))))


SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
"""How letters are written where a keyboard or a file system has none of them."""


# ---------------------------------------------------------------------------------- pseudonyms


def pseudonyms(key_file: str, apart_from: Iterable[str | None], dry_run: bool = False) -> Callable[[str], str]:
    """What stands for a person: the same from run to run for whoever has the key file.

    The file is made with a fresh secret if it is not there, readable for its owner alone; on a dry run the secret is
    in no file. Raises Misuse if it would lie in a folder that is given away.
    """
    path = Path(key_file)
    for folder in apart_from:
        if folder and Path(folder).resolve() in (path.resolve(), *path.resolve().parents):
            raise Misuse(f"{key_file}: the key must be kept apart from {folder}")
    secret = secrets.token_bytes(32) if dry_run and not path.exists() else _secret(path)
    return lambda identity: f"Person {_short(hmac.new(secret, identity.encode(), hashlib.sha256).digest())}"


def _short(digest: bytes) -> str:
    """Eight characters without those that are read wrongly."""
    letters, number = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ", int.from_bytes(digest[:8], "big")
    return "".join(letters[number >> (5 * n) & 31] for n in range(8))


def _secret(path: Path) -> bytes:
    try:
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"perfsheet_pseudonyms": secrets.token_hex(32)}, file)
        return bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["perfsheet_pseudonyms"])
    except OSError as error:
        raise Unwritable(
            str(path), f"the key cannot be read or made: {error.strerror or error}", "Check the path and its rights"
        ) from error
    except (ValueError, KeyError, TypeError):
        raise Misuse(
            f"{path} is no key that perfsheet made; give the path of one, or of a file that is not there yet"
        ) from None


# ----------------------------------------------------------------------------------- audiences


def for_audience(
    view: OrganisationView, audience: str, names: Names | None, released: Released | None = None
) -> OrganisationView:
    """What the audience may see of the organisation. `names` replaces names; exec needs it, and what is `released`."""
    if audience == "manager":
        view = _for_managers(view)
    elif released is not None:
        view = _for_executives(view, released)
    return _with_names_hidden(view, names) if names else view


LISTINGS = (
    "feedback",
    "teams",
    "goals",
    "alignment",
    "people",
    "issues",
    "findings",
    "proposals",
    "files",
    "forecasts",
    "moved",
    "trend",
)


def _with_names_hidden(view: OrganisationView, names: Names) -> OrganisationView:
    changed: dict[str, Any] = {}
    view = replace(view, feedback=_of_large_teams(view))
    for listing in LISTINGS:
        rows = getattr(view, listing)
        changed[listing] = None if rows is None else Changed(rows, names.row)
    raters = view.fairness and replace(
        view.fairness, raters=tuple(replace(r, name=names.hidden(r.name)) for r in view.fairness.raters)
    )
    return replace(view, **changed, fairness=raters, name=names.hidden(view.name))


def _of_large_teams(view: OrganisationView) -> Sequence[Row] | None:
    """Feedback without names, from teams in which a text is not known by its team alone."""
    if view.feedback is None:
        return None
    least = max(row["minimum_group_comments"] for row in view.teams)
    large = {row["file"] for row in view.teams if row["people"] >= least}
    return [row for row in view.feedback if row["file"] in large]


OF_GOALS = frozenset(
    {
        "off_track", "at_risk", "overdue", "no_checkin", "stale", "stalled", "reversing", "orphan", "cycle", "double_count_risk",
        "parent_child_conflict",
    }
)  # fmt: skip
"""Issues that say how a goal stands, out of what managers see of goals anyway. Others tell what somebody entered
(a blocker, a confidence, a slip), who changed what, or what passed between two people."""


def _for_managers(view: OrganisationView) -> OrganisationView:
    return replace(
        view, tabs=TABS["manager"], feedback=None, people=(), proposals=(), findings=(), quality={}, painted_teams={}, painted_files={}, fairness=None,
        issues=[row for row in view.issues if row["code"] in OF_GOALS], files=Changed(view.files, lambda row: {**row, "note": remark(row["outcome"])}),
        trend=[{**row, "index": None, "index_people": None} for row in view.trend],
    )  # fmt: skip


REMARKS = {
    "not read": "it cannot be read",
    "left out": "it is no part of this consolidation",
    "not returned": "it has not come back",
}


def remark(outcome: str) -> str | None:
    """What others than HR are told of a file: nothing out of its cells, and not who has it."""
    return REMARKS.get(outcome)


def _for_executives(view: OrganisationView, released: Released) -> OrganisationView:
    whole = released.whole or {}
    shown = {row["file"] for row in released.teams}
    return replace(
        view, tabs=TABS["exec"], traceable=False, teams=released.teams, hidden_teams=released.hidden, held=released.held,
        as_of=whole.get("as_of"), progress=whole.get("progress"), expected=whole.get("expected"), coverage=whole.get("coverage"),
        status_counts=whole.get("status_counts", {}), counts={name: whole.get(name) for name in ("teams", "people", "goals")},
        top_most=Rolled(None, None, 0.0, None, None),  # the same goals as in Progress, weighed otherwise: two equations
        feedback=None, goals=(), people=(), proposals=(), forecasts=(), moved=None, trend=released.trend, findings=(), quality={}, painted_teams={}, painted_files={}, skill=None, confidence_skill=None,
        alignment=[_branch(row, released.goals) for row in view.alignment if row["children"] and (row["file"] in shown or row["key"] in released.goals)],
        issues=released.issues or (), fairness=released.fairness, files=Changed(view.files, _bare),
    )  # fmt: skip


def _branch(row: Row, shown: Container[str]) -> dict[str, Any]:
    """A goal that others serve: how it hangs together, and the number from below where enough people stand behind it."""
    said = row["remark"] if "%" not in (row["remark"] or "%") else None
    numbers = {} if row["key"] in shown else {"below": None, "below_coverage": None}
    return {
        **row,
        **numbers,
        "owner": None,
        "cell": None,
        "status": None,
        "progress": None,
        "expected": None,
        "remark": said,
    }


def _bare(row: Row) -> dict[str, Any]:
    """A file and what became of it, without any number of what it holds."""
    return {"file": row["file"], "outcome": row["outcome"], "team": row.get("team"), "period": row.get("period"), "note": remark(row["outcome"])}  # fmt: skip


# ------------------------------------------------------------------------------------- answers


def answer_for(
    answer: Mapping[str, Any], audience: str, names: Names | None, released: Released | None
) -> dict[str, Any]:
    """The JSON answer with what the audience may see; what it may not is None or empty, and every key is there."""
    shown = dict(answer)
    if audience != "hr":
        shown |= {
            "failed": [{**row, "message": f"{shown_text(row['path'])}: it cannot be read ({row['code']})"} for row in answer["failed"]],
            "skipped": [{**row, "reason": remark("left out")} for row in answer["skipped"]],
            "trend": answer["trend"] and [{**row, "index": None, "index_people": None} for row in answer["trend"]],
            "not_returned": _unnamed(answer["not_returned"]), "without_draft": [], "fairness": None,
        }  # fmt: skip
    if released is not None:
        whole = released.whole or {}
        shown |= {name: whole.get(name) for name in (*_SUMS, "status_counts")}
        shown |= {
            "moved": None, "trend": [{**row, "as_of": str(row["as_of"])} for row in released.trend], "confidence": None, "forecasts": None, "hidden_teams": released.hidden, "held": released.held,
            "fairness": dataclasses.asdict(released.fairness) if released.fairness else None,
            "alignment": {**answer["alignment"], **dict.fromkeys(("progress", "expected", "coverage")), **{key: [] for key in ("broken", "circular", "unsupported")}},
        }  # fmt: skip
    return _told(shown, names) if names else shown


_SUMS = ("people", "goals", "check_ins", "progress", "expected", "coverage", "proposals")


def _unnamed(rows: Sequence[Row] | None) -> list[dict[str, Any]] | None:
    return None if rows is None else [{**row, "manager": None, "email": None} for row in rows]


def _told(value: Any, names: Names, file: str = "") -> Any:
    """An answer with every name in it replaced."""
    if isinstance(value, str):
        return names.hidden(value, file)
    if isinstance(value, Mapping):
        inside = value.get("file") or file
        return {
            key: names.cell(key, item, inside) if isinstance(item, str) else _told(item, names, inside)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_told(item, names, file) for item in value]
    return value
