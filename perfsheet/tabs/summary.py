"""Summary: how a team stands in one look, each number with a way back to the cells it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .. import __version__
from ..findings import Severity
from ..issues import Issue
from ..review import Review
from ..scoring import Accountability, GoalScore, PersonScore, Status
from ..tables import Address, Area, Bars, Chart, Put, Series, Sparkline, Tab, letters
from .statuses import ATTENTION, BAR_COLOUR, STATUS_COLOURS, STATUS_STYLES, STATUS_WORDS

COLUMNS = (
    ("ID", 8), ("Goal", 38), ("Owner", 19), ("Weight", 8), ("Progress", 10), ("Expected", 10), ("Gap", 8), ("Pace", 7),
    ("Status", 15), ("Last look", 11), ("Trend", 12), ("Chance", 9), ("Why", 46),
)  # fmt: skip
ID, GOAL, OWNER, WEIGHT, PROGRESS, EXPECTED, GAP, PACE, STATUS, LAST, TREND, CHANCE, WHY = range(1, 14)
READINGS = WHY + 2
"""From this column on stand the readings behind the small trend lines, beside the printed page."""
LONGEST_TREND = 26

TOP = 8
"""Row of the first section."""

QUIET = ("orphan",)
"""Issues that are mostly none: a parent that is not here usually stands in another workbook."""


def summary(review: Review) -> Tab:
    """The Summary tab of one review."""
    page = _Page(review)
    return Tab(
        "Summary", "Summary", tuple(page.cells),
        widths={i: width for i, (_, width) in enumerate(COLUMNS, start=1)},
        bars=tuple(page.bars),
        charts=(page.chart,),
        sparklines=tuple(page.lines),
        freeze=(2, 0),
        print_columns=WHY,
    )  # fmt: skip


class _Page:
    """The page from top to bottom; each section begins below the last one."""

    def __init__(self, review: Review) -> None:
        self.review = review
        self.cells: list[Put] = []
        self.bars: list[Bars] = []
        self.lines: list[Sparkline] = []
        self.goals = sorted(review.scores.goals, key=_attention)
        statuses = TOP + len(Status)
        self.first = max(TOP + 11, statuses + 2) + 2
        """Row of the first goal."""
        self.chart = _status_chart()
        self._head()
        self._attention()
        self._statuses()
        row = self._goals()
        row = self._people(row + 2)
        row = self._practice(row + 2)
        row = self._development(row + 2)
        self._how(row + 2)

    def put(self, row: int, column: int, value: object, style: str = "plain", **more: object) -> None:
        self.cells.append(Put(row, column, value, style, **more))  # type: ignore[arg-type]

    # ------------------------------------------------------------------- head

    def _head(self) -> None:
        settings, team = self.review.book.settings, self.review.scores.team
        self.put(1, ID, settings.team or "Team", "title")
        facts = (
            settings.organisation,
            settings.period,
            settings.manager and f"manager {settings.manager}",
            f"as of {self.review.as_of.isoformat()}",
        )
        self.put(2, ID, "  ·  ".join(f for f in facts if f) + f"  ·  perfsheet {__version__}", "subtitle")
        total = self.first + len(self.goals)
        self._tile(ID, "Progress", team.progress, "tile_percent", f"{letters(PROGRESS)}{total}")
        self._tile(OWNER, "Expected by now", team.expected, "tile_percent", f"{letters(EXPECTED)}{total}")
        self._tile(PROGRESS, "Coverage", team.coverage, "tile_percent")
        self._tile(
            GAP,
            "Goals",
            len(self.goals),
            "tile_number",
            f"COUNTA({letters(GOAL)}{self.first}:{letters(GOAL)}{total - 1})" if self.goals else None,
        )
        self._tile(STATUS, "Entries to put right", _wrong(self.review), "tile_number")
        self._tile(TREND, "Proposals waiting", _waiting(self.review), "tile_number")
        self.put(6, ID, _range_note(self.review), "muted")

    def _tile(self, column: int, label: str, value: object, style: str, formula: str | None = None) -> None:
        self.put(4, column, label, "tile_label")
        self.put(5, column, "–" if value is None else value, style, formula=formula if value is not None else None)

    # -------------------------------------------------------------- attention

    def _attention(self) -> None:
        self._section(TOP, ID, "What needs attention first", LAST - 1)
        issues = [i for i in self.review.issues if i.severity in ("data", "high", "med") and i.code not in QUIET]
        for row, issue in enumerate(issues[:10], start=TOP + 1):
            self.put(row, ID, issue.goal_id or issue.address.sheet, "link", link=issue.address)
            self.put(row, GOAL, _cut(f"{_titled(issue)}: {issue.evidence}", 118))
        if not issues:
            self.put(TOP + 1, ID, "Nothing asks for attention.", "muted")
        elif len(issues) > 10:
            self.put(TOP + 11, GOAL, f"and {len(issues) - 10} more", "muted")

    def _statuses(self) -> None:
        """The distribution, counted live over the goals below; the chart stands beside it."""
        self._section(TOP, LAST, "Goals by status", WHY)
        counts = self.review.scores.team.status_counts
        span = f"{letters(STATUS)}${self.first}:{letters(STATUS)}${self.first + max(1, len(self.goals)) - 1}"
        for row, status in enumerate(Status, start=TOP + 1):
            word = STATUS_WORDS[status]
            self.put(row, LAST, word, STATUS_STYLES[status])
            self.put(row, LAST + 1, counts.get(status.value, 0), "count", formula=f'COUNTIF({span},"{word}")')

    def _section(self, row: int, column: int, title: str, last: int) -> None:
        self.put(row, column, title, "section")
        for c in range(column + 1, last + 1):
            self.put(row, c, None, "section")

    # ------------------------------------------------------------------ goals

    def _goals(self) -> int:
        """Every goal, what needs attention first; then the team's totals as formulas. Returns the last row."""
        self._section(self.first - 2, ID, "Goals", WHY)
        self._headings(self.first - 1, [header for header, _ in COLUMNS])
        self.put(self.first - 1, READINGS, "Readings behind the trend, oldest first", "muted")
        weights = {part.address: part.weight for part in self.review.scores.team.parts}
        for row, score in enumerate(self.goals, start=self.first):
            self._goal(row, score, weights.get(score.address))
        total = self.first + len(self.goals)
        if self.goals:
            self.bars.append(Bars(Area(self.first, PROGRESS, total - 1, PROGRESS), BAR_COLOUR))
            self._totals(total)
        return total

    def _headings(self, row: int, headers: Iterable[str]) -> None:
        for i, header in enumerate(headers, start=1):
            self.put(
                row, i, header, "heading_right" if i in (WEIGHT, PROGRESS, EXPECTED, GAP, PACE, CHANCE) else "heading"
            )

    def _goal(self, row: int, score: GoalScore, weight: float | None) -> None:
        self.put(row, ID, score.goal_id, "link", link=score.address)
        self.put(row, GOAL, score.goal, "wrapped")
        self.put(row, OWNER, score.owner, "wrapped")
        self.put(row, WEIGHT, weight, "number")
        self.put(row, PROGRESS, score.progress, "percent")
        self.put(row, EXPECTED, score.expected, "percent")
        self.put(
            row,
            GAP,
            None if score.gap is None else -score.gap,
            "points",
            formula=_gap_formula(row) if score.gap is not None else None,
        )
        self.put(row, PACE, score.spi_t, "ratio")
        self.put(row, STATUS, STATUS_WORDS[score.status], STATUS_STYLES[score.status])
        self.put(row, LAST, score.last_check_in, "date")
        self._trend(row, score)
        self.put(row, CHANCE, score.forecast.shown if score.forecast else None, "percent")
        self.put(row, WHY, score.status_reason, "wrapped")

    def _trend(self, row: int, score: GoalScore) -> None:
        """The readings in hidden cells, and a small line over them."""
        self.put(row, TREND, None, "text")
        readings = score.readings[-LONGEST_TREND:]
        if len(readings) < 2:
            return
        for i, reading in enumerate(readings):
            self.put(row, READINGS + i, reading.value, "number")
        self.lines.append(Sparkline((row, TREND), "Summary", Area(row, READINGS, row, READINGS + len(readings) - 1)))

    def _totals(self, row: int) -> None:
        """Progress and expectation of the team, as anybody can recalculate them."""
        team, first, last = self.review.scores.team, self.first, row - 1
        weights = f"{letters(WEIGHT)}{first}:{letters(WEIGHT)}{last}"
        known = f"{letters(PROGRESS)}{first}:{letters(PROGRESS)}{last}"
        self.put(row, GOAL, "Team: weighted by the goals that count", "total_label")
        self.put(row, WEIGHT, sum(p.weight or 0 for p in team.parts), "total_number", formula=f"SUM({weights})")
        for column, value in ((PROGRESS, team.progress), (EXPECTED, team.expected)):
            cells = f"{letters(column)}{first}:{letters(column)}{last}"
            formula = (
                f'SUMPRODUCT({weights},{cells},--ISNUMBER({known}))/SUMIF({known},">=0",{weights})'
                if value is not None
                else None
            )
            self.put(row, column, value, "total", formula=formula)

    # ----------------------------------------------------------------- people

    def _people(self, row: int) -> int:
        """Everybody by name, never by number: progress, and recorded practice where there is enough record."""
        self._section(row, ID, "People, by name", WHY)
        headers = {
            GOAL: "Person",
            WEIGHT: "Goals",
            PROGRESS: "Progress",
            EXPECTED: "Expected",
            GAP: "Gap",
            STATUS: "Practice",
            LAST: "Band",
            WHY: "Counts behind it",
        }
        for i in range(1, WHY + 1):
            self.put(
                row + 1,
                i,
                headers.get(i),
                "heading_right" if i in (WEIGHT, PROGRESS, EXPECTED, GAP, STATUS) else "heading",
            )
        for person in sorted(self.review.scores.people, key=lambda p: p.person.casefold()):
            row += 1
            self._person(row + 1, person)
        return row + 1

    def _person(self, row: int, person: PersonScore) -> None:
        score, index = person.progress, person.accountability
        link = {"link": person.address} if person.address else {}
        self.put(row, GOAL, person.person, "link" if link else "text", **link)
        self.put(row, WEIGHT, len(person.goals), "count")
        self.put(row, PROGRESS, score.progress, "percent")
        self.put(row, EXPECTED, score.expected, "percent")
        gap = None if score.progress is None or score.expected is None else score.progress - score.expected
        self.put(row, GAP, gap, "points", formula=_gap_formula(row) if gap is not None else None)
        self.put(row, STATUS, index.index, "percent")
        self.put(row, LAST, _band(index), "text")
        self.put(row, WHY, _counts(person), "wrapped")
        for blank in (ID, OWNER, PACE, TREND, CHANCE):
            self.put(row, blank, None, "text")

    # --------------------------------------------------- actions and feedback

    def _practice(self, row: int) -> int:
        """Actions and feedback in counts."""
        book, today = self.review.book, self.review.as_of
        self._section(row, ID, "Actions, feedback and coaching", WHY)
        promised = [a for a in book.actions if a.done is None]
        given = [f for f in book.feedback if f.kind != "Request" and f.day <= today]
        asked = [f for f in book.feedback if f.kind == "Request" and f.day <= today]
        follow = [f for f in book.feedback if f.follow_up and f.follow_up_done is None]
        counts = (
            ("Actions open", len(promised)),
            ("Actions overdue", sum(a.due < today for a in promised)),
            ("Actions done", len(book.actions) - len(promised)),
            ("Feedback given", len(given)),
            ("Feedback asked for", len(asked)),
            ("Follow-ups open", len(follow)),
        )
        for i, (label, count) in enumerate(counts):
            self.put(row + 1 + i, GOAL, label, "text")
            self.put(row + 1 + i, OWNER, count, "count")
        return row + len(counts)

    def _development(self, row: int) -> int:
        """Strengths, opportunities and aspirations: beside the scores, never inside them."""
        self._section(row, ID, "Development (no part of any score)", WHY)
        items = sorted(self.review.book.development, key=lambda d: d.person.casefold())
        for item in items:
            row += 1
            self.put(row, GOAL, item.person, "link", link=item.at("person"))
            self.put(row, OWNER, item.kind, "text")
            self.put(row, WEIGHT, item.skill)
            self.put(row, STATUS, item.due, "date")
            self.put(row, LAST, _cut(item.plan or "No plan yet", 110))
        if not items:
            row += 1
            self.put(row, GOAL, "Nothing is entered in Development.", "muted")
        return row

    # -------------------------------------------------------------------- how

    def _how(self, row: int) -> None:
        """Each number in sentences, with the values in them."""
        self._section(row, ID, "How these numbers came about", WHY)
        blocks: list[tuple[str, Address | None, Sequence[str]]] = [("Team", None, self.review.scores.team.how)]
        blocks += [(g.goal_id, g.address, g.how) for g in self.goals]
        for name, link, sentences in blocks:
            for i, sentence in enumerate(sentences):
                row += 1
                if i == 0:
                    self.put(row, ID, name, "link" if link else "plain", **({"link": link} if link else {}))
                self.put(row, GOAL, sentence)


def _attention(score: GoalScore) -> tuple[int, float, str]:
    return ATTENTION.index(score.status), -(score.gap or 0), score.goal_id


def _gap_formula(row: int) -> str:
    return f"{letters(PROGRESS)}{row}-{letters(EXPECTED)}{row}"


def _titled(issue: Issue) -> str:
    """The issue's code as words: off_track -> Off track."""
    words = issue.code.replace("_", " ").strip("?")
    return words[:1].upper() + words[1:]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _status_chart() -> Chart:
    last = TOP + len(Status)
    series = Series(
        "Goals",
        Area(TOP + 1, LAST, last, LAST),
        Area(TOP + 1, TREND, last, TREND),
        tuple(STATUS_COLOURS[s] for s in Status),
    )
    alt = "Bar chart: how many goals have each status. The numbers stand in the table to its left."
    return Chart("bar", "", (TOP + 1, CHANCE), (390, 205), (series,), alt, value_format="0;;", legend=False)


def _range_note(review: Review) -> str:
    team = review.scores.team
    if team.progress is None:
        return team.reason or "There is too little data for a number."
    if team.low is None or team.high is None or team.high - team.low < 0.005:
        return "Every goal that counts has a number."
    partial = "Partial: " if team.partial else ""
    return f"{partial}progress would be {team.low:.0%} if all goals without a number stood at 0, and {team.high:.0%} if they were done."


def _wrong(review: Review) -> int:
    return sum(f.severity is not Severity.INFO for f in review.findings)


def _waiting(review: Review) -> int:
    return sum(p.rule != "hold" and p.state == "Open" and not p.decision for p in review.proposals)


def _band(index: Accountability) -> str:
    if index.low is None or index.high is None:
        return "not enough record"
    return f"{index.low:.0%} to {index.high:.0%}"


def _counts(person: PersonScore) -> str:
    """Raw counts of each component, and of the person's own record as a manager."""
    own = ", ".join(_pairs(person.accountability))
    if person.as_manager is None:
        return own
    index = person.as_manager
    number = f"{index.index:.0%} ({_band(index)})" if index.index is not None else "not enough record"
    return f"{own}. As manager {number}: {', '.join(_pairs(index))}"


def _pairs(index: Accountability) -> Iterator[str]:
    return (f"{c.name.replace('_', ' ')} {c.successes:.3g} of {c.trials}" for c in index.components if c.trials)
