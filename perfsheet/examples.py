"""The filled-in examples of docs/examples/: each template as a team of the invented company would keep it.

python -m perfsheet.examples [FOLDER]           writes them (docs/examples by default)
python -m perfsheet.examples --check FOLDER     says which committed ones are stale
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from . import cycle
from .demo import AS_OF, END, ORGANISATION, PERIOD, START, Row, Rows, demo_teams, filled
from .filling import fill, workbook_id
from .forms import ACTIONS, CHECKINS, DEVELOPMENT, FEEDBACK, GOALS, MILESTONES, PEOPLE, PLAN
from .forms.columns import Form, Kind
from .templates import same_parts, template_bytes

TEAM = 4
"""The number of the demo team that fills the team template: one without slips."""

CONTACT = "People & Culture, ext. 120; next update 4 Sept."


def examples() -> dict[str, bytes]:
    """Every example's bytes by its template's name, scored as of the demo's day; the same bytes each time."""
    team = next(t for number, t in enumerate(demo_teams()) if number == TEAM)
    kept = {"team": (team.settings, team.rows), "okr": _okr(), "scorecard": _scorecard(), "one-to-one": _one_to_one()}
    return {name: _scored(name, settings, rows) for name, (settings, rows) in kept.items()}


def check(folder: Path) -> list[str]:
    """The names of examples in the folder that are missing or not as they should be."""
    return [name for name, data in examples().items() if not same_parts(folder / f"{name}.xlsx", data)]


def _scored(name: str, settings: Mapping[str, Any], rows: Rows) -> bytes:
    """The template filled in and scored, as a manager would find it after `perfsheet score`."""
    facts = {"contact": CONTACT, **settings, "workbook_id": workbook_id(settings)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.xlsx"
        cycle.write(filled(path, fill(template_bytes(name), rows, facts)), path)
        return path.read_bytes()


# ------------------------------------------------------------------ rows from text


def _rows(form: Form, text: str) -> list[Row]:
    """Rows of a form from lines of `a | b | c` under a line of headers; dates as 8-28 fall into the demo's year."""
    header, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    fields = {c.header: c for c in form.columns}
    return [
        {
            fields[h].name if h in fields else h: _value(fields[h].kind if h in fields else Kind.NUMBER, cell)
            for h, cell in zip(header, line, strict=True)
            if cell
        }
        for line in lines
    ]


def _value(kind: Kind, text: str) -> Any:
    if kind is Kind.DATE:
        month, day = text.split("-")
        return date(START.year, int(month), int(day))
    if kind in (Kind.NUMBER, Kind.SHARE, Kind.LEVEL) and re.fullmatch(r"[+-]?[\d.]+", text):
        return float(text) if "." in text else int(text)
    return text


def _log(by: Mapping[str, str], text: str) -> list[Row]:
    """Check-ins from `G1: 7-13=12 7-20=14 / what happened`, by day; the last of a goal has the note. Values as 12@60 say how sure."""
    found = [row for line in text.strip().splitlines() for row in _readings(by, line)]
    return sorted(found, key=lambda row: (row["day"], row["goal_id"]))


def _readings(by: Mapping[str, str], line: str) -> Iterator[Row]:
    goal, _, rest = line.partition(":")
    values, _, note = rest.partition("/")
    readings = values.split()
    for number, reading in enumerate(readings, 1):
        day, _, value = reading.partition("=")
        value, _, sure = value.partition("@")
        said, _, blocker = (note if number == len(readings) else "").partition(" BLOCKED ")
        yield {
            "day": _value(Kind.DATE, day), "goal_id": goal.strip(), "value": _value(Kind.NUMBER, value) if value else None,
            "confidence": int(sure) / 100 if sure else None, "note": said.strip() or None, "blocker": blocker.strip() or None,
            "by": by[goal.strip()], "entered": _value(Kind.DATE, day),
        }  # fmt: skip


def _owners(goals: Sequence[Row]) -> dict[str, str]:
    return {row["goal_id"]: row["owners"] for row in goals}


def _settings(team: str, manager: str) -> dict[str, Any]:
    return {
        "organisation": ORGANISATION, "team": team, "manager": manager, "period": PERIOD, "period_start": START,
        "period_end": END, "as_of": AS_OF,
    }  # fmt: skip


# -------------------------------------------------------------------------- okr


def _okr() -> tuple[dict[str, Any], Rows]:
    goals = _rows(
        GOALS,
        """
Goal ID | Goal                                                        | Owner         | Parent goal | Measure                        | Kind     | Unit       | Baseline | Target | Weight | State  | Aspiration
O1      | New customers get value in their first week                 | Mei Weber     |             |                                | Percent  |            |          |        |        | Active |
KR1.1   | Half of the new customers finish the set-up on day one      | Nadia Costa   | O1          | Share of new accounts, product | Increase | %          | 28       | 50     |        | Active | Aspirational
KR1.2   | First question answered within two hours                    | Oskar Holm    | O1          | Median, help desk              | Decrease | hours      | 9        | 2      |        | Active | Committed
KR1.3   | Twenty customers tell us what was missing                   | Mei Weber     | O1          | Interviews with notes          | Count    | interviews | 0        | 20     |        | Active | Committed
O2      | Every release can be trusted                                | Samir Quinn   |             |                                | Percent  |            |          |        |        | Active |
KR2.1   | Failed releases down to one in twenty                       | Samir Quinn   | O2          | Share rolled back              | Decrease | %          | 14       | 5      |        | Active | Committed
KR2.2   | The test run takes twelve minutes                           | Priya Santos  | O2          | Median, build server           | Decrease | minutes    | 41       | 12     |        | Active | Aspirational
KR2.3   | All services run on the new platform                        | Priya Santos  | O2          | Services moved                 | Count    | services   | 0        | 18     |        | Active | Aspirational
""",
    )
    log = _log(
        _owners(goals),
        """
KR1.1: 7-10=29@70 7-24=33@70 8-07=38@60 8-21=41@65 / The shorter form helped; the import step still loses people.
KR1.2: 7-10=8.5@60 7-24=8@50 8-07=7.5@40 8-21=6.9@35 / Evenings are not covered. BLOCKED Second shift not approved yet
KR1.3: 7-10=2@90 7-24=6@90 8-07=11@90 8-21=15@95 / Two more are booked.
KR2.1: 7-10=13@70 7-24=11@70 8-07=9@75 8-21=8@75 / The check-list catches most of it.
KR2.2: 7-10=40@50 7-24=37@45 8-07=33@45 8-21=30.8@40 / Split in two halves; the slow one is next.
KR2.3: 7-10=1@60 7-24=3@60 8-07=7@70 8-21=11@80 / Billing moved without a minute of downtime.
""",
    )
    rows: Rows = {
        PEOPLE: _people("Mei Weber; Nadia Costa; Oskar Holm; Samir Quinn; Priya Santos", "Product"),
        GOALS: goals,
        CHECKINS: log,
        ACTIONS: _rows(
            ACTIONS,
            """
Action ID | Action                                      | Goal ID | Owner        | Raised by   | Agreed on | Due date | Done on | Outcome
A1        | Ask the board for a second help-desk shift  | KR1.2   | Mei Weber    | Oskar Holm  | 8-07      | 8-21     |         |
A2        | Remove the import step from the first day   | KR1.1   | Nadia Costa  | Mei Weber   | 8-21      | 9-04     |         |
A3        | Write the release check-list                | KR2.1   | Samir Quinn  | Samir Quinn | 7-10      | 7-24     | 7-22    | In use since release 41
""",
        ),
        FEEDBACK: _rows(
            FEEDBACK,
            """
Date | From        | To           | Kind     | Goal ID | Feedback                                                                                     | Follow-up                        | Follow-up due
7-24 | Mei Weber   | Samir Quinn  | Praise   | KR2.1   | The check-list caught a wrong setting before it reached a customer.                          |                                  |
8-07 | Samir Quinn | Priya Santos | Coaching | KR2.2   | Three speed-ups ran at once and none was measured. One at a time would show what helps.      | Show the next one with numbers   | 9-04
8-21 | Oskar Holm  | Mei Weber    | Request  | KR1.2   | The evenings stay uncovered. What do you need from me to get the second shift decided?       | Talk to the board together       | 9-04
""",
        ),
    }
    return _settings("Product", "Mei Weber"), rows


def _people(names: str, group: str) -> list[Row]:
    """The first is the manager of the others."""
    manager, *others = [name.strip() for name in names.split(";")]
    return [{"person": manager, "role": "Team lead", "group": group}] + [
        {"person": name, "manager": manager, "group": group} for name in others
    ]


# -------------------------------------------------------------------- scorecard


def _scorecard() -> tuple[dict[str, Any], Rows]:
    goals = _rows(
        GOALS,
        """
Goal ID | Goal                                     | Perspective         | Owner            | Measure                  | Kind     | Unit   | Baseline | Threshold | Target | Stretch | Weight | State
F1      | Recurring revenue grows                  | Financial           | Greta Lindqvist  | Monthly, billing         | Increase | kEUR   | 1710     | 1780      | 2000   | 2100    | 30     | Active
F2      | Customers pay sooner                     | Financial           | Hiroshi Brandt   | Days sales outstanding   | Decrease | days   | 52       | 50        | 43     | 38      | 15     | Active
C1      | Customers would recommend us             | Customer            | Greta Lindqvist  | Net score, survey        | Increase | points | 31       | 34        | 45     | 50      | 20     | Active
C2      | Complaints are settled at first contact  | Customer            | Ines Moreau      | Share, help desk         | Increase | %      | 61       | 65        | 75     | 80      | 10     | Active
P1      | From order to delivery in nine days      | Internal process    | Jonas Ivanova    | Median days, ERP         | Decrease | days   | 14       | 12        | 9      | 8       | 15     | Active
L1      | Line leads trained in root-cause work    | Learning and growth | Ines Moreau      | Trained people           | Count    | people | 0        | 8         | 24     | 28      | 10     | Active
""",
    )
    log = _log(
        _owners(goals),
        """
F1: 7-31=1795@75 8-28=1905@80 / Two renewals came early.
F2: 7-31=50.5@60 8-28=49.6@50 / The new reminder runs since mid-August.
C1: 7-31=33@60 8-28=33.5@50 / Delivery times are the main complaint.
C2: 7-31=66@80 8-28=76@85 / The new scripts help.
P1: 7-31=12.4@55 8-28=11.2@60 / Second shift in packing. BLOCKED Supplier delivers two weeks late
L1: 7-31=9@90 8-28=18@95 / Third course is full.
""",
    )
    rows: Rows = {
        PEOPLE: _people("Greta Lindqvist; Hiroshi Brandt; Ines Moreau; Jonas Ivanova", "Division Europe"),
        GOALS: goals,
        CHECKINS: log,
        PLAN: _rows(
            PLAN,
            """
Goal ID | Date | Planned value
F1      | 7-31 | 1800
F1      | 8-31 | 1890
F1      | 9-30 | 2000
F2      | 7-31 | 50
F2      | 8-28 | 47
F2      | 9-30 | 43
P1      | 7-31 | 12.5
P1      | 8-28 | 10.5
P1      | 9-30 | 9
L1      | 7-31 | 8
L1      | 8-28 | 16
L1      | 9-30 | 24
""",
        ),
        ACTIONS: _rows(
            ACTIONS,
            """
Action ID | Action                                        | Goal ID | Owner          | Raised by       | Agreed on | Due date | Done on | Outcome
A1        | Agree delivery windows with the supplier      | P1      | Jonas Ivanova  | Greta Lindqvist | 7-31      | 8-14     | 8-13    | Two fixed days a week from September
A2        | Call the ten largest open invoices            | F2      | Hiroshi Brandt | Hiroshi Brandt  | 8-28      | 9-11     |         |
A3        | Tell customers the delivery day on ordering   | C1      | Ines Moreau    | Greta Lindqvist | 8-28      | 9-18     |         |
""",
        ),
    }
    return _settings("Division Europe", "Greta Lindqvist"), rows


# ------------------------------------------------------------------- one to one


def _one_to_one() -> tuple[dict[str, Any], Rows]:
    goals = _rows(
        GOALS,
        """
Goal ID | Goal                                             | Owner       | Measure              | Kind       | Unit      | Baseline | Target | Weight | State
G1      | Document the three processes that only Tove knows | Tove Rossi  | Pages reviewed       | Count      | processes | 0        | 3      | 30     | Active
G2      | Close the month in four working days             | Tove Rossi  | Working days         | Decrease   | days      | 8        | 4      | 40     | Active
G3      | Lead the budget workshop                         | Tove Rossi  | Steps of the plan    | Milestones |           |          |        | 30     | Active
""",
    )
    log = _log(
        _owners(goals),
        """
G1: 7-10=0@80 7-24=1@80 8-07=1@70 8-21=2@80 / Payments reviewed by two colleagues.
G2: 7-10=7.5@60 8-07=6.5@55 8-21=6@50 / Accruals still come by mail. BLOCKED Two departments send their accruals late
G3: 7-24=@80 8-21=@85 / Agenda agreed with the division heads.
""",
    )
    rows: Rows = {
        PEOPLE: _people("Viktor Kowalski; Tove Rossi", "Finance"),
        GOALS: goals,
        CHECKINS: log,
        MILESTONES: _rows(
            MILESTONES,
            """
Goal ID | Milestone                        | Weight | Due date | Done on
G3      | Agenda agreed                    | 1      | 8-21     | 8-20
G3      | Rehearsal with one division      | 1      | 9-04     |
G3      | Workshop held                    | 2      | 9-22     |
""",
        ),
        FEEDBACK: _rows(
            FEEDBACK,
            """
Date | From            | To              | Kind     | Goal ID | Feedback                                                                                    | Follow-up                           | Follow-up due | Follow-up done
7-10 | Viktor Kowalski | Tove Rossi      | Praise   | G1      | The payment pages saved the stand-in two calls on her first day.                            |                                     |               |
7-24 | Tove Rossi      | Viktor Kowalski | Request  | G3      | I have not led a workshop of this size. Could I watch how you open one?                     | Sit in on the June review's opening | 8-07          | 8-05
8-21 | Viktor Kowalski | Tove Rossi      | Coaching | G2      | In the report the main number came last. First, it would have left time for the decision.   | New order in the August report      | 9-08          |
""",
        ),
        ACTIONS: _rows(
            ACTIONS,
            """
Action ID | Action                                               | Goal ID | Owner           | Raised by  | Agreed on | Due date | Done on | Outcome
A1        | Ask both departments for a fixed accrual day         | G2      | Viktor Kowalski | Tove Rossi | 8-07      | 8-21     | 8-19    | Third working day, from September
A2        | Send the draft agenda to the division heads          | G3      | Tove Rossi      | Tove Rossi | 8-07      | 8-14     | 8-14    | Agreed with one change
A3        | Invite one division to a rehearsal                   | G3      | Tove Rossi      | Viktor Kowalski | 8-21 | 9-01     |         |
""",
        ),
        DEVELOPMENT: _rows(
            DEVELOPMENT,
            """
Person     | Kind        | Skill               | Evidence                                       | Plan                                         | Due date | Level now | Level aimed at | Attainment
Tove Rossi | Strength    | Careful analysis    | Found the double booking in June               | Review the reports of the two juniors        | 9-30     | 4         | 4              | 0
Tove Rossi | Opportunity | Leading a workshop  | Meetings run long when many opinions meet      | Watch two, co-lead one, lead the budget one  | 9-22     | 2         | 3              |
Tove Rossi | Aspiration  | Head of controlling | Said so in spring, and asks the right questions | Half a day a month with the head of finance | 9-30     | 1         | 3              |
""",
        ),
    }
    return _settings("Finance: Tove Rossi", "Viktor Kowalski"), rows


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/examples"))
@click.option("--check", "only_check", is_flag=True, help="Only say whether the committed examples are current.")
def main(folder: Path, only_check: bool) -> None:
    """Writes the filled-in examples of the documentation."""
    if only_check:
        stale = check(folder)
        click.echo("\n".join(f"{folder / name}.xlsx: not current" for name in stale) or "The examples are current.")
        sys.exit(1 if stale else 0)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in examples().items():
        (folder / f"{name}.xlsx").write_bytes(data)


if __name__ == "__main__":
    main()
