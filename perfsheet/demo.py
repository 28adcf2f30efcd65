"""Believable filled-in team workbooks, the same every time, for trying perfsheet out.

Twelve teams of an invented company in the middle of a quarter: goals of every kind, check-ins
with gaps, blockers, feedback, actions, absences, and a few honest data errors.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .forms import (
    ABSENCES,
    ACTIONS,
    CHECKINS,
    DEVELOPMENT,
    FEEDBACK,
    GOALS,
    MILESTONES,
    PEOPLE,
    PLAN,
    Form,
)  # fmt: skip
from .review import Review

Row = dict[str, Any]
Rows = dict[Form, list[Row]]

ORGANISATION = "Alder & Finch"
PERIOD = "2026 Q3"
START, END, AS_OF = date(2026, 7, 1), date(2026, 9, 30), date(2026, 8, 28)

FIRST = (
    "Amara", "Bruno", "Chiara", "Daniel", "Elif", "Farid", "Greta", "Hiroshi", "Ines", "Jonas", "Katarina", "Liam", "Mei",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zora",
    "Anton", "Beatriz", "Caleb", "Dunja", "Emil", "Fatou", "Gustav", "Hana", "Ivo", "Jasmin", "Kofi", "Leonie", "Marek", "Noor",
)  # fmt: skip
LAST = (
    "Abara", "Bergström", "Castellano", "Dubois", "Eriksen", "Fontaine", "Grünwald", "Haddad", "Ivanova", "Jensen", "Kowalski",
    "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quinn", "Rossi", "Santos", "Tanaka", "Ueda", "Vasquez", "Weber",
    "Ximenes", "Yilmaz", "Zhang", "Almeida", "Brandt", "Costa", "Dietrich", "Engel", "Fischer", "Garcia", "Holm", "Iyer",
)  # fmt: skip

COMPANY_GOALS = (
    ("O1", "Grow recurring revenue to 24 million euros", "Increase", "MEUR", 20.5, 24.0),
    ("O2", "Customers who would recommend us: net score of 45", "Increase", "points", 31.0, 45.0),
    ("O3", "Cut the time from order to delivery to 9 days", "Decrease", "days", 14.0, 9.0),
    ("O4", "Keep voluntary turnover at or below 8 percent", "Maintain", "%", None, None),
)


@dataclass(frozen=True)
class Idea:
    """A goal of the library: `parent` is the company goal that it serves."""

    goal: str
    kind: str
    measure: str
    unit: str
    baseline: float | None = None
    target: float | None = None
    lower: float | None = None
    upper: float | None = None
    parent: str | None = None


TEAMS: Mapping[str, tuple[Idea, ...]] = {
    "Leadership": (),
    "Sales North": (
        Idea("Win new customers in the north", "Count", "Signed contracts, CRM", "contracts", 0, 36, parent="O1"),
        Idea("Raise the average deal size", "Increase", "Median of closed deals, CRM", "kEUR", 18, 24, parent="O1"),
        Idea("Keep the weekly rhythm of customer visits", "Flow", "Visits logged in the CRM", "visits", None, 25),
        Idea("Shorten quotations to two working days", "Decrease", "Median days from request to offer", "days", 5.5, 2),
    ),
    "Sales South": (
        Idea("Win new customers in the south", "Count", "Signed contracts, CRM", "contracts", 0, 30, parent="O1"),
        Idea("Bring back customers lost last year", "Count", "Reactivated accounts", "accounts", 0, 12, parent="O1"),
        Idea("Open the Lyon office", "Milestones", "Steps of the opening plan", "", parent="O1"),
        Idea("Raise the share of multi-year contracts", "Increase", "Share of contract value", "%", 22, 40),
    ),
    "Customer Support": (
        Idea(
            "Answer within four working hours",
            "Decrease",
            "Median first response, help desk",
            "hours",
            11,
            4,
            parent="O2",
        ),
        Idea(
            "Keep satisfaction between 88 and 100",
            "Maintain",
            "Weekly survey score",
            "points",
            lower=88,
            upper=100,
            parent="O2",
        ),
        Idea(
            "Write help articles for the top 40 questions",
            "Count",
            "Published articles",
            "articles",
            0,
            40,
            parent="O2",
        ),
        Idea("Close the backlog of old tickets", "Decrease", "Tickets older than 30 days", "tickets", 240, 40),
    ),
    "Product": (
        Idea("Ship the new planning module", "Milestones", "Release plan", "", parent="O1"),
        Idea(
            "Raise weekly active use", "Increase", "Share of licensed users active in a week", "%", 41, 60, parent="O2"
        ),
        Idea("Interview two customers a week", "Flow", "Interviews with notes", "interviews", None, 2, parent="O2"),
        Idea("Decide on the mobile strategy", "Yes/No", "Decision paper accepted by the board", ""),
    ),
    "Engineering": (
        Idea("Cut the failure rate of releases", "Decrease", "Share of releases rolled back", "%", 12, 4),
        Idea(
            "Keep availability at 99.9 or better",
            "Maintain",
            "Monthly availability, monitoring",
            "%",
            lower=99.9,
            parent="O2",
        ),
        Idea("Move all services to the new platform", "Percent", "Services moved, by the team's own count", "%"),
        Idea("Halve the time of the test run", "Decrease", "Median minutes, build server", "minutes", 46, 23),
    ),
    "Logistics": (
        Idea("Deliver within nine days", "Decrease", "Median days from order to delivery", "days", 14, 9, parent="O3"),
        Idea(
            "Bring picking errors below 3 in 1,000", "Decrease", "Errors per 1,000 lines", "errors", 8.5, 3, parent="O3"
        ),
        Idea("Certify the second warehouse", "Milestones", "Steps of the certification", "", parent="O3"),
        Idea(
            "Keep stock cover between 18 and 25 days",
            "Maintain",
            "Days of cover, ERP",
            "days",
            lower=18,
            upper=25,
            parent="O3",
        ),
    ),
    "Finance": (
        Idea("Close the month in four working days", "Decrease", "Working days to close", "days", 8, 4),
        Idea("Collect receivables faster", "Decrease", "Days sales outstanding", "days", 52, 43, parent="O1"),
        Idea("Automate the recurring journal entries", "Percent", "Share of entries posted without touch", "%"),
        Idea("Finish the audit without findings", "Yes/No", "Audit letter", ""),
    ),
    "People & Culture": (
        Idea("Keep voluntary turnover low", "Maintain", "Rolling twelve-month rate", "%", upper=8, parent="O4"),
        Idea("Fill open positions within 45 days", "Decrease", "Median days to fill", "days", 71, 45),
        Idea("Run a coaching talk with every team lead", "Count", "Talks held", "talks", 0, 24, parent="O4"),
        Idea("Publish the new career framework", "Milestones", "Steps of the project", ""),
    ),
    "Marketing": (
        Idea("Double qualified leads", "Increase", "Qualified leads a month", "leads", 120, 240, parent="O1"),
        Idea("Publish customer stories", "Count", "Published stories", "stories", 0, 10, parent="O2"),
        Idea("Lower the cost of a lead", "Decrease", "Spend by qualified leads", "EUR", 96, 70),
        Idea("Relaunch the website", "Milestones", "Launch plan", ""),
    ),
    "IT Operations": (
        Idea("Patch critical holes within three days", "Decrease", "Median days to patch", "days", 9, 3),
        Idea("Replace the old laptops", "Count", "Laptops replaced", "laptops", 0, 85),
        Idea("Keep the help desk queue under 40", "Maintain", "Open tickets on Friday", "tickets", upper=40),
        Idea("Pass the security audit", "Yes/No", "Certificate", ""),
    ),
    "Quality": (
        Idea("Lower the share of returned goods", "Decrease", "Returned lines", "%", 3.4, 2.0, parent="O2"),
        Idea("Train all line leads in root-cause analysis", "Count", "Trained people", "people", 0, 28),
        Idea("Inspect suppliers on site", "Flow", "Visits a week", "visits", None, 1, parent="O3"),
        Idea("Keep first-pass yield above 97", "Maintain", "First-pass yield", "%", lower=97),
    ),
}

PERSONAL = (
    Idea("Learn to run a customer workshop", "Milestones", "Shadow, co-lead, lead", ""),
    Idea("Document the three processes that only I know", "Count", "Documented processes", "processes", 0, 3),
    Idea("Bring the open reviews down", "Decrease", "Reviews waiting", "reviews", 34, 10),
    Idea("Answer partner requests within a day", "Maintain", "Share answered in time", "%", lower=90, upper=100),
    Idea("Raise the reuse of our templates", "Increase", "Share of projects using them", "%", 25, 55),
    Idea("Prepare the budget for next year", "Percent", "Own estimate", "%"),
    Idea("Hold a knowledge hour every week", "Flow", "Hours held", "hours", None, 1),
    Idea("Get the safety certificate", "Yes/No", "Certificate", ""),
)

STEPS = ("Plan agreed", "Partners chosen", "Pilot finished", "People trained", "Live")
BLOCKERS = (
    "Waiting for the data export from IT", "Budget not released yet", "Key contact at the customer has left",
    "Supplier delivers two weeks late", "Legal review is still open", "Test system down since Monday",
)  # fmt: skip
NOTES = (
    "As planned.", "Good week, two more in the pipeline.", "Slower than hoped; next week we try the short version.",
    "Workshop helped, the team now pairs on it.", "Numbers from the dashboard.", "Holiday week, little movement.",
    "First results of the pilot look right.", "Agreed the next step with the customer.",
)  # fmt: skip
PRAISE = (
    "The hand-over document saved the support team two days of questions.",
    "Your summary after the customer call made the decision easy.",
    "The new check-list caught an error before it reached the customer.",
)
COACHING = (
    "In the review the main number came last. Starting with it would have left more time for the decision.",
    "Three tasks ran in parallel and none was finished. Try one at a time this fortnight.",
    "The estimate missed the test phase. Let us plan the next one together.",
)
CONCERN = ("The weekly number was missing twice, so the team planned without it. What would make it easier?",)
REQUEST = ("How did the presentation to the board come across? I would like to do the next one better.",)
FOLLOW_UPS = (
    "Show the new structure in the next review",
    "Plan the next estimate together",
    "Agree a fixed slot for the weekly number",
)
TASKS = (
    "Get the data export unblocked", "Agree the scope with the customer", "Prepare the decision paper", "Book the training",
    "Bring the supplier to the table", "Draft the budget request", "Review the pilot results with the team",
)  # fmt: skip
SKILLS = (
    "Negotiation",
    "Data analysis",
    "Facilitation",
    "Writing for decisions",
    "Coaching others",
    "Project planning",
)
ROLES = ("Specialist", "Senior specialist", "Analyst", "Coordinator", "Engineer", "Consultant")


@dataclass(frozen=True)
class DemoTeam:
    """One team's workbook as rows, before it is put into a template."""

    name: str
    manager: str
    settings: Mapping[str, Any]
    rows: Rows

    @property
    def file_name(self) -> str:
        """The team's name as a file's."""
        return "".join(c if c.isalnum() else "-" for c in self.name).replace("---", "-") + ".xlsx"


def demo_teams(count: int = 12, people: int = 6) -> Iterator[DemoTeam]:
    """`count` teams, the leadership with the company's goals first. The same every time."""
    names = list(TEAMS)
    for number in range(count):
        base = names[number] if number < len(names) else names[1 + (number - 1) % (len(names) - 1)]
        name = base if number < len(names) else f"{base} {1 + (number - 1) // (len(names) - 1)}"
        yield _Team(random.Random(f"perfsheet {number} {people}"), number, name, base, people).build()


class _Team:
    """One team in the making: a chance of its own, its people, and the rows so far."""

    def __init__(self, chance: random.Random, number: int, name: str, base: str, people: int) -> None:
        self.chance, self.number, self.name, self.base = chance, number, name, base
        self.staff = self._names(people)
        self.manager = self.staff[0]
        self.rows: Rows = {
            f: [] for f in (PEOPLE, GOALS, PLAN, MILESTONES, CHECKINS, FEEDBACK, ACTIONS, DEVELOPMENT, ABSENCES)
        }

    def build(self) -> DemoTeam:
        self._people()
        self._goals()
        self._feedback()
        self._actions()
        self._development()
        self._slips()
        self.rows[CHECKINS].sort(key=lambda r: r["day"] if isinstance(r["day"], date) else AS_OF)
        settings = {
            "organisation": ORGANISATION, "team": self.name, "manager": self.manager, "period": PERIOD,
            "period_start": START, "period_end": END, "as_of": AS_OF,
        }  # fmt: skip
        return DemoTeam(self.name, self.manager, settings, self.rows)

    def _names(self, people: int) -> list[str]:
        size = max(2, people + self.chance.randint(-1, 1))
        offset = self.number * 7
        return [
            f"{FIRST[(offset + 3 * i) % len(FIRST)]} {LAST[(offset * 2 + 5 * i + self.number // 20) % len(LAST)]}"
            for i in range(size)
        ]

    def _people(self) -> None:
        for i, name in enumerate(self.staff):
            first, last = (part.casefold() for part in name.split(" ", 1))
            self.rows[PEOPLE].append({
                "person": name, "email": f"{first}.{last}@alderfinch.example", "role": "Team lead" if i == 0 else self.chance.choice(ROLES),
                "manager": None if i == 0 else self.manager, "group": self.base,
            })  # fmt: skip
        if len(self.staff) > 3:
            away = self.staff[2]
            first_day = START + timedelta(days=self.chance.randint(14, 35))
            self.rows[ABSENCES].append({"person": away, "first": first_day, "last": first_day + timedelta(days=13)})

    # ------------------------------------------------------------------- goals

    def _goals(self) -> None:
        if self.base == "Leadership":
            for goal_id, goal, kind, unit, baseline, target in COMPANY_GOALS:
                upper = 8 if kind == "Maintain" else None
                self._goal(
                    goal_id,
                    Idea(goal, kind, "Company dashboard", unit, baseline, target, None, upper),
                    self.manager,
                    25,
                )
        for i, idea in enumerate(TEAMS[self.base]):
            owner = self.staff[i % len(self.staff)]
            self._goal(f"T{i + 1}", idea, owner, 30)
        for i, name in enumerate(self.staff[1:], start=1):
            idea = PERSONAL[(self.number + i) % len(PERSONAL)]
            owner = f"{name}; {self.manager}" if i == 1 else name
            self._goal(f"P{i}", idea, owner, 20 if i % 3 else None, late=i == 3)

    def _goal(self, goal_id: str, idea: Idea, owner: str, weight: float | None, *, late: bool = False) -> None:
        start = START + timedelta(days=21) if late else None
        self.rows[GOALS].append({
            "goal_id": goal_id, "goal": idea.goal, "owners": owner, "parent": idea.parent, "measure": idea.measure, "kind": idea.kind,
            "unit": idea.unit or None, "baseline": idea.baseline, "target": idea.target, "lower": idea.lower, "upper": idea.upper,
            "weight": weight, "start": start, "due": None, "state": "Active",
            "due_fixed": True if idea.kind == "Yes/No" else None, "aspiration": self.chance.choice((None, "Committed", "Aspirational")),
        })  # fmt: skip
        if idea.kind == "Milestones":
            self._milestones(goal_id)
        self._check_ins(goal_id, idea, owner.split(";")[0], start or START)
        if (
            idea.kind == "Increase"
            and self.chance.random() < 0.4
            and idea.baseline is not None
            and idea.target is not None
        ):
            self._phases(goal_id, idea.baseline, idea.target)

    def _milestones(self, goal_id: str) -> None:
        done = self.chance.randint(1, 4)
        for i, step in enumerate(STEPS):
            due = START + timedelta(days=17 * (i + 1))
            on = due + timedelta(days=self.chance.randint(-4, 6))
            finished = on if i < done and on <= AS_OF else None
            self.rows[MILESTONES].append(
                {
                    "goal_id": goal_id,
                    "milestone": step,
                    "weight": 30 if step == "Live" else 17.5,
                    "due": due,
                    "done": finished,
                }
            )

    def _phases(self, goal_id: str, baseline: float, target: float) -> None:
        for day, share in ((date(2026, 7, 31), 0.2), (date(2026, 8, 31), 0.55), (END, 1.0)):
            self.rows[PLAN].append(
                {"goal_id": goal_id, "day": day, "planned": round(baseline + share * (target - baseline), 2)}
            )

    def _check_ins(self, goal_id: str, idea: Idea, owner: str, start: date) -> None:
        """One a week, some late, some missing; a pace of the goal's own with bumps."""
        pace = self.chance.choice((0.35, 0.6, 0.8, 0.9, 1.0, 1.05, 1.15, 1.3))
        keeps = self.chance.choice((0.6, 0.85, 0.95))
        day = start + timedelta(days=6)
        blocked = self.chance.random() < 0.25
        value = 0.0
        while day <= AS_OF:
            if self.chance.random() < keeps:
                elapsed = ((day - start).days + 1) / ((END - start).days + 1)
                value = self._value(idea, elapsed * pace, value)
                self._check_in(goal_id, idea, owner, day, value, elapsed * pace, blocked and pace < 0.9)
            day += timedelta(days=7)

    def _value(self, idea: Idea, share: float, last: float) -> float:
        noise = self.chance.gauss(0, 0.03)
        if idea.kind in ("Increase", "Decrease"):
            first, last = idea.baseline or 0, idea.target or 0
            return round(first + (share + noise) * (last - first), 1)
        if idea.kind == "Count":
            return max(last, float(round((share + noise) * (idea.target or 1))))
        if idea.kind == "Flow":
            return max(0.0, float(round((idea.target or 1) * (0.95 + 4 * noise))))
        if idea.kind == "Maintain":
            low, high = idea.lower, idea.upper
            middle = (
                (low + high) / 2
                if low is not None and high is not None
                else (low or 0) * 1.004
                if low is not None
                else (high or 0) * 0.93
            )
            spread = (high - low) / 2 if low is not None and high is not None else 0.02 * middle
            return round(middle + spread * self.chance.gauss(0, 0.55), 2)
        if idea.kind == "Percent":
            return float(max(last, min(100, 5 * round(20 * (share + noise)))))
        return 1.0 if share > 0.8 else 0.0

    def _check_in(
        self, goal_id: str, idea: Idea, owner: str, day: date, value: float, share: float, blocked: bool
    ) -> None:
        late = self.chance.choice((0, 0, 0, 1, 3))
        blocker = self.chance.choice(BLOCKERS) if blocked and self.chance.random() < 0.5 else None
        confidence = min(0.95, max(0.1, 0.45 + 0.4 * share + self.chance.gauss(0, 0.1)))
        self.rows[CHECKINS].append({
            "day": day, "goal_id": goal_id, "value": None if idea.kind == "Milestones" else value, "confidence": round(confidence * 20) / 20,
            "blocker": blocker, "note": self.chance.choice(NOTES) if self.chance.random() < 0.6 else None, "by": owner,
            "entered": min(AS_OF, day + timedelta(days=late)),
        })  # fmt: skip

    # ------------------------------------------- feedback, actions, development

    def _feedback(self) -> None:
        texts = {"Praise": PRAISE, "Coaching": COACHING, "Concern": CONCERN, "Request": REQUEST}
        for name in self.staff[1:]:
            for _ in range(self.chance.choice((0, 1, 2, 3))):
                kind = self.chance.choice(("Praise", "Praise", "Coaching", "Coaching", "Concern", "Request"))
                day = START + timedelta(days=self.chance.randint(5, 56))
                self.rows[FEEDBACK].append(self._feedback_row(name, kind, self.chance.choice(texts[kind]), day))
        self.rows[FEEDBACK].sort(key=lambda r: (r["day"], r["receiver"]))

    def _feedback_row(self, name: str, kind: str, text: str, day: date) -> Row:
        giver, receiver = (name, self.manager) if kind == "Request" else (self.manager, name)
        agreed = kind in ("Coaching", "Concern")
        due = day + timedelta(days=14)
        done = due - timedelta(days=self.chance.randint(0, 5)) if self.chance.random() < 0.6 else None
        return {
            "day": day, "giver": giver, "receiver": receiver, "kind": kind, "text": text, "visible_to": "Both",
            "follow_up": self.chance.choice(FOLLOW_UPS) if agreed else None, "follow_up_due": due if agreed else None,
            "follow_up_done": done if agreed and done and done <= AS_OF else None,
        }  # fmt: skip

    def _actions(self) -> None:
        goals = [row["goal_id"] for row in self.rows[GOALS]]
        for i in range(len(self.staff) + 3):
            agreed = START + timedelta(days=self.chance.randint(3, 45))
            due = agreed + timedelta(days=self.chance.choice((7, 14, 21)))
            done = due + timedelta(days=self.chance.choice((-3, -1, 0, 0, 4))) if self.chance.random() < 0.7 else None
            self.rows[ACTIONS].append({
                "action_id": f"A{i + 1}", "action": self.chance.choice(TASKS), "goal_id": self.chance.choice(goals),
                "owner": self.staff[i % len(self.staff)], "raised_by": self.manager if i % 3 else self.staff[-1], "agreed": agreed, "due": due,
                "done": done if done and done <= AS_OF else None, "outcome": "Done as agreed" if done and done <= AS_OF else None,
            })  # fmt: skip

    def _development(self) -> None:
        for i, name in enumerate(self.staff):
            kind = ("Strength", "Opportunity", "Aspiration")[i % 3]
            skill = SKILLS[(self.number + i) % len(SKILLS)]
            self.rows[DEVELOPMENT].append({
                "person": name, "kind": kind, "skill": skill, "evidence": "Seen in the last two projects",
                "plan": f"Lead one piece of work in {skill.casefold()} with a coach", "due": END, "level_now": 2 + i % 2, "level_aimed": 4,
                "attainment": self.chance.choice((-1, 0, 0, 1)),
            })  # fmt: skip

    # ------------------------------------------------------------ honest errors

    def _slips(self) -> None:
        """What happens to everybody: a few data errors, in some of the teams."""
        slips: tuple[Callable[[], None], ...] = (
            self._misspelled_owner, self._number_as_text, self._tomorrow, self._twice, self._slipped_unit, self._reversed_dates,
        )  # fmt: skip
        if self.number % 2:
            slips[(self.number // 2) % len(slips)]()
        if self.number % 4 == 2:
            self._number_as_text()

    def _misspelled_owner(self) -> None:
        row = self.rows[GOALS][-1]
        row["owners"] = row["owners"][:-1] + "e" if not row["owners"].endswith("e") else row["owners"][:-1]

    def _number_as_text(self) -> None:
        row = next((r for r in reversed(self.rows[CHECKINS]) if r["value"]), None)
        if row:
            row["value"] = f"{row['value']:g}"

    def _tomorrow(self) -> None:
        row = self.rows[CHECKINS][-1]
        row["day"] = AS_OF + timedelta(days=5)

    def _twice(self) -> None:
        row = next((r for r in self.rows[CHECKINS] if r["value"]), None)
        if row:
            self.rows[CHECKINS].append({**row, "value": row["value"] * 1.05, "note": "Corrected figure"})

    def _slipped_unit(self) -> None:
        rows = [r for r in self.rows[CHECKINS] if r["value"] and r["goal_id"] == "T1"]
        if len(rows) > 3:
            rows[-1]["value"] = rows[-1]["value"] * 1000

    def _reversed_dates(self) -> None:
        row = self.rows[GOALS][-1]
        row["start"], row["due"] = END, END - timedelta(days=30)


def run_demo(directory: str, *, teams: int, people: int, say: Callable[[str], None]) -> int:
    """Writes, scores and consolidates the demo teams into `directory`. Returns the exit code."""
    from . import cycle
    from .consolidate import consolidate
    from .filling import fill, workbook_id
    from .templates import template_bytes

    folder = Path(directory) / "teams"
    folder.mkdir(parents=True, exist_ok=True)
    template = template_bytes("team")
    paths = []
    for number, team in enumerate(demo_teams(teams, people), start=1):
        path = folder / team.file_name
        settings = {**team.settings, "workbook_id": workbook_id(team.settings)}
        review = filled(path, fill(template, team.rows, settings))
        cycle.write(review, path)
        paths.append(path)
        say(f"[{number}/{teams}] {team.name}: {_line(review)}")
    output = Path(directory) / "organisation.xlsx"
    org = consolidate([str(folder)], output=str(output))
    say(f"Consolidated {org.read} workbooks with {len(org.goals)} goals and {org.check_ins} check-ins.")
    say("Open these two first:")
    say(f"  {paths[min(1, len(paths) - 1)]}   (tab Summary: how one team stands)")
    say(f"  {output}   (all teams together)")
    return 0


def filled(path: Path, data: bytes) -> Review:
    """Writes a workbook whose live columns remember their results, as if a program had saved it."""
    from . import cycle
    from .live_columns import remembered
    from .workbooks.editing import edit
    from .workbooks.package import Package

    path.write_bytes(data)
    review = cycle.score(cycle.read(path))
    path.write_bytes(edit(Package.from_bytes(data), remembered(review.book, review.scores.goals, review.as_of)))
    return cycle.score(cycle.read(path))


def _line(review: Review) -> str:
    from .findings import counted
    from .listing import percent

    team = review.scores.team
    return f"progress {percent(team.progress)}, expected {percent(team.expected)}; {counted(review.findings)}"
