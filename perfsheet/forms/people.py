"""People: who is in the team, who manages whom, and who was away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .columns import Form, Kind, Record, column


@dataclass(slots=True, unsafe_hash=True)
class Person(Record):
    person: str = column(
        "Person",
        Kind.PERSON,
        "First and last name, spelled the same everywhere in this workbook.",
        required=True,
        width=24,
    )
    email: str | None = column("Email", Kind.TEXT, "Work e-mail. It tells two people of one name apart.", width=34)
    role: str | None = column("Role", Kind.TEXT, "Job title.", width=22)
    manager: str | None = column(
        "Manager", Kind.PERSON, "The person this one reports to.", width=22, drop_down="People.Person"
    )
    group: str | None = column("Group", Kind.TEXT, "Department or any group you want to compare.", width=18)
    start: date | None = column("Start", Kind.DATE, "First day in the team, if within the period.")
    end: date | None = column("End", Kind.DATE, "Last day in the team, if they left.")


@dataclass(slots=True, unsafe_hash=True)
class Absence(Record):
    person: str = column("Person", Kind.PERSON, "Who is away.", required=True, width=24, drop_down="People.Person")
    first: date = column("From", Kind.DATE, "First day away.", required=True)
    last: date = column("To", Kind.DATE, "Last day away.", required=True)


PEOPLE = Form("People", "tblPeople", Person, "Everyone in the team, one row a person.", prepared_rows=20)
ABSENCES = Form(
    "Absences",
    "tblAbsences",
    Absence,
    "Longer absences: check-ins that fall into them are not counted as missed.",
    optional=True,
    prepared_rows=10,
)
