"""Checks of people: names that are not in People, people of one name, who manages whom."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches

from ..findings import Finding, Rule, Severity
from ..forms import Person, Record, same_name
from ..records.teambook import TeamBook
from .names import strangers

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO

UNKNOWN_OWNER = Rule(
    "unknown_owner", E, "The owner is not in People",
    "The accountable person of a goal or an action is not listed in the People tab under that name.",
    "A goal that belongs to nobody known has nobody to answer for it, and its person has no page.",
    "Owner says Ada Lovelance; People has Ada Lovelace.",
    "Correct the spelling, or add the person to People",
)  # fmt: skip


def unknown_owner(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        for name in goal.owners:
            if book.people and same_name(name) not in book.people_by_name:
                yield UNKNOWN_OWNER.at(
                    goal.at("owners"),
                    f"{name} owns {goal.goal_id} and is not in People{_meant(book, name)}",
                    value=name,
                    goal=goal.goal_id,
                    person=name,
                )
    for action in book.actions:
        if book.people and same_name(action.owner) not in book.people_by_name:
            yield UNKNOWN_OWNER.at(
                action.at("owner"),
                f"{action.owner} owns action {action.action_id} and is not in People{_meant(book, action.owner)}",
                value=action.owner,
                person=action.owner,
            )


def _meant(book: TeamBook, name: str) -> str:
    """Whom a name that is not in People may mean: one that looks the same, else one spelled nearly so."""
    alike = next((p for p in book.people if skeleton(p.person) == skeleton(name)), None)
    close = get_close_matches(same_name(name), book.people_by_name, 1, 0.85)
    person = alike or (book.people_by_name[close[0]] if close else None)
    return f" ({person.person} in {person.at('person').cell} is)" if person else ""


UNKNOWN_PERSON = Rule(
    "unknown_person", W, "A name that is not in People",
    "Somebody is named who is not listed in the People tab under that name.",
    "What they gave or got is not counted for anybody.",
    "Feedback to A. Lovelace; People has Ada Lovelace.",
    "Correct the spelling, or add the person to People",
)  # fmt: skip


def unknown_person(book: TeamBook, as_of: date) -> Iterator[Finding]:
    named: tuple[tuple[Sequence[Record], str], ...] = (
        (book.checkins, "by"), (book.feedback, "giver"), (book.feedback, "receiver"), (book.actions, "raised_by"),
        (book.development, "person"), (book.absences, "person"),
    )  # fmt: skip
    # a manager without a row has a rule of their own
    managers = {same_name(name) for name in (book.settings.manager, *(p.manager for p in book.people)) if name}
    known = managers | book.people_by_name.keys()
    for rows, field in named if book.people else ():
        for record, name in strangers(rows, field, known):
            message = f"{name} is not in People{_meant(book, name)}"
            yield UNKNOWN_PERSON.at(record.at(field), message, value=name, person=name)


OWNER_LEFT = Rule(
    "owner_left", W, "The owner has left",
    "The accountable person of a running goal has an End date in People that has passed.",
    "Nobody works on the goal any more.",
    "Grace Hopper left on 28 February and still owns G4.",
    "Give the goal to somebody else, or set its State to Dropped",
)  # fmt: skip


def owner_left(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        person = book.people_by_name.get(same_name(goal.owner))
        if person and person.end and person.end < as_of and goal.state in (None, "Active"):
            yield OWNER_LEFT.at(
                goal.at("owners"),
                f"{goal.owner} left on {person.end} and still owns {goal.goal_id}",
                value=goal.owner,
                goal=goal.goal_id,
                person=goal.owner,
            )


SEVERAL_OWNERS = Rule(
    "several_owners", I, "Several owners in one cell",
    "The Owner cell names several people. The first one is accountable, the others contribute.",
    "If everybody answers for a goal, nobody does.",
    "Ada Lovelace; Grace Hopper: Ada answers for it.",
    "Nothing to do if the first one is right; otherwise change the order",
)  # fmt: skip


def several_owners(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if len(goal.owners) > 1:
            others = f"{', '.join(goal.owners[1:])} contribute{'s' if len(goal.owners) == 2 else ''}"
            yield SEVERAL_OWNERS.at(
                goal.at("owners"),
                f"{goal.owner} is accountable for {goal.goal_id}; {others}",
                goal=goal.goal_id,
                person=goal.owner,
            )


SAME_NAME_TWICE = Rule(
    "same_name_twice", W, "Two people of one name",
    "Two rows of People have the same name. Everything under that name goes to the first one.",
    "Two people's goals and feedback become one person's.",
    "Two rows for Maria Santos without anything to tell them apart.",
    "Add something that tells them apart, such as Maria Santos (Lyon), and use it everywhere; or remove the second row",
)  # fmt: skip


def same_name_twice(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for person in book.people:
        first = book.people_by_name[same_name(person.person)]
        if first is not person:
            apart = bool(person.email and first.email and same_name(person.email) != same_name(first.email))
            yield SAME_NAME_TWICE.at(
                person.at("person"),
                f"{person.person} stands in {first.at('person').cell} already{', with another e-mail' if apart else ''}",
                value=person.person,
                person=person.person,
            )


LOOK_ALIKE_NAME = Rule(
    "look_alike_name", W, "Two names that look alike",
    "Two names in People differ only in accents, invisible characters or look-alike letters.",
    "They are two people to a program and one to the eye, or the other way round.",
    "José Costa and Jose Costa.",
    "Make them the same if it is one person, or clearly different if they are two",
)  # fmt: skip

_CONFUSABLE = str.maketrans("аеорсухіјѕԁոɡӏαορν", "aeopcyxijsdnglaopv")
_CONFUSABLE_CAPITALS = str.maketrans("АВЕКМНОРСТХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXIJSABEZHIKMNOPTYX")
"""Before case is folded: a Cyrillic Н looks like a Latin H, and н like nothing Latin."""


def skeleton(name: str) -> str:
    """What the eye sees of a name: no accents, no invisible characters, look-alike letters as Latin ones."""
    if name.isascii():
        return "".join(filter(str.isalnum, name.casefold()))
    small = name.translate(_CONFUSABLE_CAPITALS).casefold()
    plain = unicodedata.normalize("NFKD", small).translate(_CONFUSABLE)
    return "".join(c for c in plain if unicodedata.category(c)[0] in "LMN" and not "\u0300" <= c <= "\u036f")


def look_alike_name(book: TeamBook, as_of: date) -> Iterator[Finding]:
    seen: dict[str, Person] = {}
    for person in book.people:
        first = seen.setdefault(skeleton(person.person) or same_name(person.person), person)
        if same_name(first.person) != same_name(person.person):
            yield LOOK_ALIKE_NAME.at(
                person.at("person"),
                f"{person.person} looks like {first.person} in {first.at('person').cell}",
                value=person.person,
                person=person.person,
            )


UNKNOWN_MANAGER = Rule(
    "unknown_manager", I, "The manager is not in People",
    "The Manager column of People names somebody who has no row there.",
    "Feedback from that manager is counted by name only.",
    "Everybody reports to Ada Lovelace, who has no row.",
    "Add a row for the manager, or correct the spelling",
)  # fmt: skip


def unknown_manager(book: TeamBook, as_of: date) -> Iterator[Finding]:
    told: set[str] = set()
    for person in book.people:
        key = same_name(person.manager or "")
        if key and key not in book.people_by_name and key not in told:
            told.add(key)
            yield UNKNOWN_MANAGER.at(
                person.at("manager"),
                f"{person.manager} manages {person.person} and has no row in People",
                value=person.manager,
                person=person.person,
            )


MANAGER_CYCLE = Rule(
    "manager_cycle", W, "People who manage each other",
    "Following the Manager column leads back to the same person.",
    "Nobody is at the top, and reports cannot be told from managers.",
    "Ada reports to Grace, and Grace to Ada.",
    "Correct the Manager of one of them; leave it empty for the head of the team",
)  # fmt: skip


def manager_cycle(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for person in book.people:
        seen, current = [same_name(person.person)], person
        while current.manager and same_name(current.manager) in book.people_by_name:
            current = book.people_by_name[same_name(current.manager)]
            if same_name(current.person) == seen[0]:
                yield MANAGER_CYCLE.at(
                    person.at("manager"),
                    f"Following the managers of {person.person} leads back to {person.person}",
                    value=person.manager,
                    person=person.person,
                )
            if same_name(current.person) in seen:
                break
            seen.append(same_name(current.person))


ABSENCE_REVERSED = Rule(
    "absence_reversed", W, "An absence ends before it begins",
    "The To date of an absence lies before its From date.",
    "The absence is not taken into account.",
    "From 2026-03-10 to 2026-03-01.",
    "Correct one of the two dates",
)  # fmt: skip


def absence_reversed(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for absence in book.absences:
        if absence.last < absence.first:
            yield ABSENCE_REVERSED.at(
                absence.at("last"),
                f"The absence of {absence.person} ends on {absence.last}, before {absence.first}",
                value=absence.last,
                person=absence.person,
            )


ABSENCE_TWICE = Rule(
    "absence_twice", I, "Two absences of one person overlap",
    "A day lies in two absences of the same person. It counts once.",
    "Nothing is counted double, but one of the rows is probably a slip or a copy.",
    "Away 2 to 13 March, and again 9 to 20 March.",
    "Bring the two rows together, or correct the dates",
)  # fmt: skip


def absence_twice(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for i, absence in enumerate(book.absences):
        for before in book.absences[:i]:
            overlap = max(absence.first, before.first) <= min(absence.last, before.last)
            if overlap and same_name(absence.person) == same_name(before.person):
                yield ABSENCE_TWICE.at(
                    absence.at("first"),
                    f"{absence.person} is away from {absence.first} here and from {before.first} to {before.last} in row {before.row}",
                    value=absence.first,
                    person=absence.person,
                )
                break


PERSON_ENDS_BEFORE_START = Rule(
    "person_ends_before_start", W, "Somebody left before they came",
    "The End date of a person lies before their Start date.",
    "The person counts as away on every day, so no check-in of theirs is expected.",
    "Start 2026-03-01, End 2026-02-28.",
    "Correct one of the two dates",
)  # fmt: skip


def person_ends_before_start(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for person in book.people:
        if person.start and person.end and person.end < person.start:
            yield PERSON_ENDS_BEFORE_START.at(
                person.at("end"),
                f"{person.person} left on {person.end}, before the start on {person.start}",
                value=person.end,
                person=person.person,
            )


CHECKS = (
    unknown_owner, unknown_person, owner_left, several_owners, same_name_twice, look_alike_name, unknown_manager, manager_cycle,
    absence_reversed, absence_twice, person_ends_before_start,
)  # fmt: skip
