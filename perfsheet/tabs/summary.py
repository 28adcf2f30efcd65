"""Summary: how a team stands in one look, each number with a way back to the cells it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .. import __version__
from ..findings import Severity
from ..forms import Development, Record, same_name
from ..issues import Issue
from ..review import Review
from ..scoring import Accountability, GoalScore, Part, PersonScore, Status
from ..scoring.rollup import member_of
from ..scoring.sums import exact_sum
from ..scoring.words import many, percent
from ..since import Moved, Since
from ..tables import Address, Area, Bars, Chart, Marked, Put, Series, Sparkline, Tab, letters
from .adjustments import HEADER_ROW as ADJUSTMENTS_ROW
from .adjustments import waiting
from .checks import HEADER_ROW as CHECKS_ROW
from .checks import verdict_cells
from .following import COUNTS, Columns, following
from .statuses import ATTENTION, BAR_COLOUR, EXPECTED_COLOUR, STATUS_COLOURS, STATUS_STYLES, STATUS_WORDS

COLUMNS = (
    ("ID", 8), ("Goal", 38), ("Owner", 19), ("Weight", 8), ("Progress", 10), ("Expected", 10), ("Gap", 8), ("Pace", 7),
    ("Status", 16), ("Last check-in", 13), ("Trend", 12), ("Chance", 12), ("Why", 72),
)  # fmt: skip
ID, GOAL, OWNER, WEIGHT, PROGRESS, EXPECTED, GAP, PACE, STATUS, LAST, TREND, CHANCE, WHY = range(1, 14)
WEIGHT_OF_ALL, KNOWN, LEAST = range(WHY + 2, WHY + 5)
"""Beside the printed page, what the live formulas add up: weight, share known, progress if the rest were nothing."""
READINGS = LEAST + 2
"""From this column on stand the readings behind the small trend lines."""
LETTERS = Columns(*map(letters, (ID, PROGRESS, EXPECTED, WEIGHT_OF_ALL, KNOWN, LEAST)))
FOLLOWS = "Numbers, bars and statuses follow the other tabs at once; words are as reviewed."
LONGEST_TREND = 26
ONE_PAGE = 40
"""So many goals, people and development rows still print readably on a single page."""

PEOPLE_HEADERS = {
    GOAL: "Person", WEIGHT: "Goals", PROGRESS: "Progress", EXPECTED: "Expected", GAP: "Gap", STATUS: "Practice index",
    LAST: "80 % band", WHY: "Counts behind it",
}  # fmt: skip
PRACTICE_NOTE = (
    "Progress is about goals; practice is about what is on record: fields, check-ins, promises, follow-ups. "
    "The two are never mixed, and neither ranks people."
)
DEVELOPMENT_HEADERS = {
    GOAL: "Person", OWNER: "Kind", WEIGHT: "Skill", GAP: "Level", STATUS: "Due", LAST: "Attainment", TREND: "T score", WHY: "Plan",
}  # fmt: skip
DEVELOPMENT_NOTE = (
    "Attainment runs from -2 (much less than expected) over 0 (as expected) to +2. The T score brings a person's levels "
    "together: 50 is as expected. Neither is part of a score."
)
PRACTICE_TILES = (
    (GOAL, "Actions open"), (OWNER, "of these overdue"), (PROGRESS, "Actions done"), (GAP, "Feedback given"),
    (STATUS, "Feedback asked for"), (TREND, "Follow-ups open"),
)  # fmt: skip
ATTAINMENTS: Mapping[int | None, str] = {
    -2: "-2 much less",
    -1: "-1 less",
    0: "0 as expected",
    1: "+1 more",
    2: "+2 much more",
}
RIGHT = (WEIGHT, PROGRESS, EXPECTED, GAP, PACE, CHANCE)
"""Columns whose headers stand to the right, over numbers."""
INDENTED = ("Status", "80 % band")
"""Headers over words that stand a little to the right."""

MOST_ISSUES = 10
"""So many stand at the top; the rest is counted."""

TOP = 8
"""Row of the first section."""

MOST_CHANGES, MOST_NEW = 6, 4
"""So many changes since the last run are told one by one."""

QUIET = ("orphan",)
"""Issues that are mostly none: a parent that is not here usually stands in another workbook."""


def summary(review: Review) -> Tab:
    """The Summary tab of one review."""
    page = _Page(review)
    return Tab(
        "Summary", "Summary", tuple(page.cells),
        widths={i: width for i, (_, width) in enumerate(COLUMNS, start=1)} | {ID: page.widest_id},
        bars=tuple(page.bars),
        marked=page.marked,
        charts=(page.chart,),
        sparklines=tuple(page.lines),
        freeze=(2, 0),
        print_columns=WHY,
        print_rows=page.printed,
        one_page=page.rows_of_names <= ONE_PAGE,
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
        self.changed = max(TOP + MOST_ISSUES + 1, statuses) + 2
        """Row of what changed since the last run, if there was one."""
        told = _told(review.since) if review.since else []
        self.first = self.changed + 2 + (len(told) + 2 if told else 0)
        """Row of the first goal."""
        self.rows = {score.address: row for row, score in enumerate(self.goals, start=self.first)}
        self.chart = _status_chart()
        self.following = following(review, LETTERS)
        """The formulas over the other tabs, where Summary can follow them."""
        self._head()
        self._since(told)
        self._attention()
        self._statuses()
        row = self._goals()
        row = self._people(row + 2)
        row = self._practice(row + 2)
        self.printed = self._development(row + 2)
        """Below this row stand the explanations, which are read on the screen."""
        self._standings(self._how(self.printed + 2))

    @property
    def widest_id(self) -> float:
        """The width of the first column, by the longest goal id."""
        return max(8.0, min(18.0, 1.1 * max((len(g.goal_id) for g in self.goals), default=0) + 1))

    @property
    def marked(self) -> tuple[Marked, ...]:
        """The look of each status word, where words change by themselves."""
        area = Area(self.first, STATUS, self.first + len(self.goals) - 1, STATUS)
        looks = tuple((STATUS_WORDS[status], STATUS_STYLES[status]) for status in Status)
        return (Marked(area, looks),) if self.following and self.goals else ()

    @property
    def rows_of_names(self) -> int:
        """Goals, people and development rows: what makes the page long."""
        return len(self.goals) + len(self.review.scores.people) + len(self.review.book.development)

    def put(self, row: int, column: int, value: object, style: str = "plain", **more: object) -> None:
        self.cells.append(Put(row, column, value, style, **more))  # type: ignore[arg-type]

    # ------------------------------------------------------------------- head

    def _head(self) -> None:
        settings = self.review.book.settings
        self.put(1, ID, settings.team or "Team", "title")
        facts = (
            settings.organisation,
            settings.period,
            settings.manager and f"manager {settings.manager}",
            f"{'reviewed ' if self.following else ''}as of {self.review.as_of.isoformat()}",
        )
        self.put(2, ID, "  ·  ".join(f for f in facts if f) + f"  ·  perfsheet {__version__}", "subtitle")
        self.cells += verdict_cells(self.review, 1, STATUS)
        total = self.first + len(self.goals)
        self._tiles(total)
        self.put(6, ID, _range_note(self.review), "muted", formula=self._range_formula(total))
        if self.following:
            self.put(2, STATUS, "Numbers as of", "label_right")
            self.put(2, LAST, self.review.as_of, "plain_date", formula="as_of")
            self.put(6, STATUS, FOLLOWS, "muted")

    def _tiles(self, total: int) -> None:
        """The numbers at the head: live over the rows below (`total` is the row of the team), or with a way on."""
        review, team = self.review, self.review.scores.team
        goals = f"ROWS({letters(GOAL)}{self.first}:{letters(GOAL)}{total - 1})" if self.goals else None
        wrong, asking = Address("Checks", CHECKS_ROW, 1), Address("Adjustments", ADJUSTMENTS_ROW, 1)
        coverage = f"{self._weighted(KNOWN, total)}" if self._is_live_sum else None
        self._tile(ID, "Progress", team.progress, "tile_percent", formula=self._total_again(PROGRESS, total))
        self._tile(OWNER, "Expected by now", team.expected, "tile_percent", formula=self._total_again(EXPECTED, total))
        self._tile(PROGRESS, "Coverage", team.coverage if self.goals else None, "tile_percent", formula=coverage)
        self._tile(GAP, "Goals", len(self.goals), "tile_number", formula=goals)
        self._tile(STATUS, "Entries to put right", _wrong(review), "tile_number", link=wrong)
        self._tile(TREND, "Proposals waiting", waiting(review), "tile_number", link=asking)

    @property
    def _is_live_sum(self) -> bool:
        """Whether the team's number is added up by formulas that follow the other tabs."""
        return self.following is not None and self.review.scores.team.n > 0

    def _total_again(self, column: int, total: int) -> str:
        cell = f"{letters(column)}{total}"
        return f'IF({cell}="","–",{cell})' if self._is_live_sum else cell

    def _span(self, column: int, total: int) -> str:
        """The goals' cells of a column."""
        return f"{letters(column)}{self.first}:{letters(column)}{total - 1}"

    def _weighted(self, column: int, total: int) -> str:
        """The mean of a column over all that counts in the team's number."""
        weights = self._span(WEIGHT, total)
        return f"SUMPRODUCT({weights},{self._span(column, total)})/SUM({weights})"

    def _range_formula(self, total: int) -> str | None:
        """The same sentence, as the numbers move."""
        if not self._is_live_sum:
            return None
        coverage, low = f"{letters(PROGRESS)}5", self._weighted(LEAST, total)
        rest = f"pol_cap*(1-{coverage})"
        whole, low_text = "Every goal that counts has a number.", f"ROUND(100*{low},0)"
        return (
            f'IF({letters(PROGRESS)}{total}="","No number: only "&ROUND(100*{coverage},0)&" % of the weight is known.",'
            f'IF({rest}<0.005,"{whole}",IF({coverage}<pol_partial_below,"Only partly known. ","")&"Progress would be "&{low_text}&'
            f'" % if all goals without a number stood at 0, and "&ROUND(100*({low}+{rest}),0)&" % if they were done."))'
        )

    def _tile(self, column: int, label: str, value: object, style: str, **more: object) -> None:
        self.put(4, column, label, "tile_label")
        if value is None and not self._is_live_sum:
            more = {}
        self.put(5, column, "–" if value is None else value, style, **more)

    # -------------------------------------------------------------- attention

    def _attention(self) -> None:
        self._section(TOP, ID, "What needs attention first", LAST - 1)
        issues = [i for i in self.review.issues if i.severity in ("data", "high", "med") and i.code not in QUIET]
        for row, issue in enumerate(issues[:MOST_ISSUES], start=TOP + 1):
            self.put(row, ID, issue.goal_id or issue.address.sheet, "link", link=issue.address)
            self.put(row, GOAL, _cut(_said(issue), 118))
        if not issues:
            self.put(TOP + 1, ID, "Nothing asks for attention.", "muted")
        elif len(issues) > MOST_ISSUES:
            self.put(TOP + MOST_ISSUES + 1, GOAL, f"and {len(issues) - MOST_ISSUES} more", "muted")

    def _statuses(self) -> None:
        """The distribution, counted live over the goals below; the chart stands beside it."""
        self._section(TOP, LAST, "Goals by status", WHY)
        counts = self.review.scores.team.status_counts
        span = f"{letters(STATUS)}${self.first}:{letters(STATUS)}${self.first + max(1, len(self.goals)) - 1}"
        for row, status in enumerate(Status, start=TOP + 1):
            word = STATUS_WORDS[status]
            self.put(row, LAST, word, STATUS_STYLES[status])
            self.put(row, LAST + 1, counts.get(status.value, 0), "count", formula=f'COUNTIF({span},"{word}")')

    def _since(self, told: Sequence[tuple[str, str]]) -> None:
        """What changed since the run before, what got worse first."""
        if not told or self.review.since is None:
            return
        self._section(self.changed, ID, f"What changed since {self.review.since.day.isoformat()}", WHY)
        for row, (goal_id, text) in enumerate(told, start=self.changed + 1):
            score = self.review.scores.goal(goal_id) if goal_id else None
            if score:
                self.put(row, ID, goal_id, "link", link=score.address)
            self.put(row, GOAL, text)

    def _line(self, row: int, columns: Iterable[int]) -> None:
        """The thin line below a row, in columns without a value."""
        for column in columns:
            self.put(row, column, None, "text")

    def _section(self, row: int, column: int, title: str, last: int) -> None:
        self.put(row, column, title, "section")
        for c in range(column + 1, last + 1):
            self.put(row, c, None, "section")

    # ------------------------------------------------------------------ goals

    def _goals(self) -> int:
        """Every goal, what needs attention first; then the team's totals as formulas. Returns the last row."""
        self._section(self.first - 2, ID, "Goals", WHY)
        self._headings(self.first - 1, {i: header for i, (header, _) in enumerate(COLUMNS, start=1)})
        self.put(self.first - 1, READINGS, "Readings behind the trend, oldest first", "muted")
        for column, header in (
            ((WEIGHT_OF_ALL, "Weight"), (KNOWN, "Known"), (LEAST, "At least")) if self.following else ()
        ):
            self.put(self.first - 1, column, header, "muted")
        weights = {part.address: part.weight for part in self.review.scores.team.parts}
        for row, score in enumerate(self.goals, start=self.first):
            self._goal(row, score, weights.get(score.address))
        total = self.first + len(self.goals)
        if self.goals:
            self._bar_columns(self.first, total)
            self._totals(total)
        else:
            self.put(total, GOAL, "No goals are entered yet.", "muted")
        return total

    def _headings(self, row: int, headers: Mapping[int, str], right: Sequence[int] = RIGHT) -> None:
        """A header over all columns of the page; those `right` stand over numbers."""
        for i in range(1, WHY + 1):
            style = "heading_right" if i in right else "heading_in" if headers.get(i) in INDENTED else "heading"
            self.put(row, i, headers.get(i), style)

    def _bar_columns(self, first: int, last: int) -> None:
        """Progress as bars, and what was expected by now beside it in grey."""
        self.bars.append(Bars(Area(first, PROGRESS, last, PROGRESS), BAR_COLOUR))
        self.bars.append(Bars(Area(first, EXPECTED, last, EXPECTED), EXPECTED_COLOUR))

    def _goal(self, row: int, score: GoalScore, weight: float | None) -> None:
        live = self._live_numbers(row, score)
        self.put(row, ID, score.goal_id, "link", link=score.address)
        self.put(row, GOAL, score.goal, "wrapped")
        self.put(row, OWNER, score.owner, "wrapped")
        self.put(row, WEIGHT, weight, "number")
        self.put(row, PROGRESS, score.progress, "percent", formula=live.get(PROGRESS))
        self.put(row, EXPECTED, score.expected, "percent", formula=live.get(EXPECTED))
        self._gap(row, score.progress, score.expected)
        self.put(row, PACE, score.spi_t, "ratio", formula=live.get(PACE))
        self.put(row, LAST, score.last_check_in, "link_date", link=self._last_check_in(score))
        self._trend(row, score)
        self._chance(row, score)
        self.put(row, WHY, score.status_reason, "wrapped")
        if self.following:
            self._parts_of_sums(row, score, live)

    def _live_numbers(self, row: int, score: GoalScore) -> dict[int, str]:
        """The formulas of a goal's row by column: its cells in Goals, or the sum of its sub-goals."""
        follow = self.following
        if follow is None:
            return {}
        if score.container:
            below = self._rows_in_sum(score.parts)
            if not below:
                return {}
            known, least = (follow.share(below, letters(column)) for column in (KNOWN, LEAST))
            return {PROGRESS: follow.progress(below), EXPECTED: follow.expected(row, below), KNOWN: known, LEAST: least}
        if score.address not in follow.goals or self.review.book.policy.assume_baseline:
            return {}
        done = f"{letters(PROGRESS)}{row}"
        return {
            PROGRESS: follow.shown(row, "progress"), EXPECTED: follow.shown(row, "expected"), PACE: follow.pace(row),
            KNOWN: f"N(ISNUMBER({done}))", LEAST: f"N({done})",
        }  # fmt: skip

    def _rows_in_sum(self, parts: Sequence[Part]) -> list[int]:
        """The rows of the goals that a sum is made of."""
        return [self.rows[part.address] for part in parts if part.weight and part.address in self.rows]

    def _parts_of_sums(self, row: int, score: GoalScore, live: Mapping[int, str]) -> None:
        """Beside the page: what the sums are made of."""
        member = member_of(score, self.review.book.policy.cap)
        self.put(row, WEIGHT_OF_ALL, member.weight, "number")
        self.put(row, KNOWN, member.coverage, "percent", formula=live.get(KNOWN))
        self.put(row, LEAST, member.low, "percent", formula=live.get(LEAST))

    def _gap(self, row: int, progress: float | None, expected: float | None) -> None:
        """Points ahead of what was expected by now; negative when behind."""
        known = progress is not None and expected is not None
        gap = progress - expected if progress is not None and expected is not None else None
        done, hoped = f"{letters(PROGRESS)}{row}", f"{letters(EXPECTED)}{row}"
        formula = f"{done}-{hoped}" if known else None
        if self.following:
            formula = f'IF(AND(ISNUMBER({done}),ISNUMBER({hoped})),{done}-{hoped},"")'
        self.put(row, GAP, gap, "points", formula=formula)

    def _last_check_in(self, score: GoalScore) -> Address | None:
        """The row of the newest check-in."""
        goal = self.review.book.goals_by_id.get(same_name(score.goal_id))
        rows = self.review.book.checkins_of(goal) if goal else ()
        return next((c.at("day") for c in reversed(rows) if c.day == score.last_check_in), None)

    def _chance(self, row: int, score: GoalScore) -> None:
        """The chance as a number where it may be shown; a word alone where the record is too thin for one."""
        forecast = score.forecast
        if forecast and forecast.shown is None:
            self.put(row, CHANCE, forecast.word, "quiet_right")
        else:
            self.put(row, CHANCE, forecast.shown if forecast else None, "percent")

    def _standings(self, explained: Mapping[Address, int]) -> None:
        """The status of each goal, with the way to the sentences that explain it."""
        for row, score in enumerate(self.goals, start=self.first):
            how = explained.get(score.address)
            link = Address("Summary", how, ID) if how else None
            word, style = STATUS_WORDS[score.status], STATUS_STYLES[score.status]
            self.put(row, STATUS, word, style, link=link, formula=self._live_status(row, score))

    def _live_status(self, row: int, score: GoalScore) -> str | None:
        if self.following is None or score.address not in self.following.goals:
            return None
        if not score.container:
            return self.following.shown(row, "status")
        return None if self.review.book.policy.worst_wins else self.following.status(row)

    def _trend(self, row: int, score: GoalScore) -> None:
        """The readings in hidden cells, and a small line over them."""
        self.put(row, TREND, None, "text")
        readings = score.readings.part(-LONGEST_TREND)
        if len(readings) < 2:
            return
        for i, reading in enumerate(readings):
            self.put(row, READINGS + i, reading.value, "number")
        area = Area(row, READINGS, row, READINGS + len(readings) - 1)
        self.lines.append(Sparkline((row, TREND), "Summary", area, "column", _floor(readings.values)))

    def _totals(self, row: int) -> None:
        """Progress and expectation of the team, as anybody can recalculate them."""
        team = self.review.scores.team
        self.put(row, GOAL, "Team: weighted by the goals that count", "total_label")
        weight = exact_sum(p.weight or 0 for p in team.parts)
        self.put(row, WEIGHT, weight, "total_number", formula=f"SUM({self._span(WEIGHT, row)})")
        for column, value in ((PROGRESS, team.progress), (EXPECTED, team.expected)):
            formula = self._total(column, row) if value is not None or self._is_live_sum else None
            self.put(row, column, value, "total", formula=formula)

    def _total(self, column: int, row: int) -> str:
        """The weighted mean of a column over the goals whose progress is known; live, if enough is known."""
        weights, cells, known = self._span(WEIGHT, row), self._span(column, row), self._span(PROGRESS, row)
        top = f"SUMPRODUCT({weights},{cells},--ISNUMBER({known}))"
        if not self._is_live_sum:
            return f'{top}/SUMIF({known},">=0",{weights})'
        mean = f"{top}/SUMPRODUCT({weights},--ISNUMBER({known}),--ISNUMBER({cells}))"
        enough = f"{self._weighted(KNOWN, row)}<pol_none_below"
        test = enough if column == PROGRESS else f'{letters(PROGRESS)}{row}=""'
        return f'IF({test},"",IFERROR({mean},""))'

    # ----------------------------------------------------------------- people

    def _people(self, row: int) -> int:
        """Everybody by name, never by number: progress, and recorded practice where there is enough record."""
        self._section(row, ID, "People, by name", WHY)
        self.put(row + 1, ID, PRACTICE_NOTE, "muted")
        self._headings(row + 2, PEOPLE_HEADERS, (*RIGHT, STATUS))
        people = sorted(self.review.scores.people, key=lambda p: p.person.casefold())
        for i, person in enumerate(people, start=row + 3):
            self._person(i, person)
        if people:
            self._bar_columns(row + 3, row + 2 + len(people))
        return row + 2 + len(people)

    def _person(self, row: int, person: PersonScore) -> None:
        score, index = person.progress, person.accountability
        self.put(row, GOAL, person.person, "link" if person.address else "text", link=person.address)
        self.put(row, WEIGHT, len(person.goals), "count")
        own = self._rows_in_sum(score.parts) if self.following else []
        done = self.following.progress(own) if self.following and own else None
        hoped = self.following.expected(row, own) if self.following and own else None
        self.put(row, PROGRESS, score.progress, "percent", formula=done)
        self.put(row, EXPECTED, score.expected, "percent", formula=hoped)
        self._gap(row, score.progress, score.expected)
        shown = self.review.book.policy.show_index
        self.put(row, STATUS, index.index if shown else None, "percent")
        self.put(row, LAST, _band(index) if shown else None, "indented")
        self.put(row, WHY, _counts(person, shown), "wrapped")
        self._line(row, (ID, OWNER, PACE, TREND, CHANCE))

    # --------------------------------------------------- actions and feedback

    def _practice(self, row: int) -> int:
        """Actions and feedback in counts."""
        self._section(row, ID, "Actions, feedback and coaching", WHY)
        practice: tuple[Sequence[Record], ...] = self.review.practice
        for (column, label), records in zip(PRACTICE_TILES, practice, strict=True):
            self.put(row + 1, column, label, "tile_label")
            link = records[0].at() if records else None
            formula = self.following.count(COUNTS[label][0], *COUNTS[label][1]) if self.following else None
            self.put(row + 2, column, len(records), "small_number", link=link, formula=formula)
        return row + 2

    def _development(self, row: int) -> int:
        """Strengths, opportunities and aspirations: beside the scores, never inside them."""
        self._section(row, ID, "Development (no part of any score)", WHY)
        people = self.review.scores.development
        if not people:
            self.put(row + 1, GOAL, "Nothing is entered in Development.", "muted")
            return row + 1
        self.put(row + 1, ID, DEVELOPMENT_NOTE, "muted")
        self._headings(row + 2, DEVELOPMENT_HEADERS, (TREND,))
        row += 2
        for person in people:
            for i, item in enumerate(person.items, start=1):
                self._development_row(row + i, item, person.t_score if i == 1 else None)
            row += len(person.items)
        return row

    def _development_row(self, row: int, item: Development, t_score: float | None) -> None:
        self.put(row, GOAL, item.person, "link", link=item.at("person"))
        self.put(row, OWNER, item.kind, "text")
        self.put(row, WEIGHT, _cut(item.skill, 28), "text")
        self.put(row, GAP, _levels(item), "text")
        self.put(row, STATUS, item.due, "date")
        self.put(row, LAST, ATTAINMENTS.get(item.attainment), "text")
        self.put(row, TREND, t_score, "decimal")
        self.put(row, WHY, item.plan or "No plan yet", "wrapped")
        self._line(row, (ID, PROGRESS, EXPECTED, PACE, CHANCE))

    # -------------------------------------------------------------------- how

    def _how(self, row: int) -> dict[Address, int]:
        """Each number in sentences, with the values in them. Returns the row where each goal is explained."""
        self._section(row, ID, "How these numbers came about", WHY)
        rows: dict[Address, int] = {}
        row = self._sentences(row + 1, "Team", None, self.review.scores.team.how)
        for score in self.goals:
            if score.how:
                rows[score.address] = row
            row = self._sentences(row, score.goal_id, score.address, score.how)
        for person in sorted(self.review.scores.people, key=lambda p: p.person.casefold()):
            told = [*person.progress.how, *(person.accountability.how if self.review.book.policy.show_index else ())]
            row = self._sentences(row, person.person, person.address, told)
        for entry in self.review.scores.development:
            row = self._sentences(row, entry.person, entry.items[0].at("person"), [entry.how])
        return rows

    def _sentences(self, row: int, name: str, link: Address | None, sentences: Sequence[str]) -> int:
        """A name and what is said of it, a row a sentence. Returns the next free row."""
        if sentences:
            self.put(row, ID, name, "plain_link" if link else "plain", link=link)
        for i, sentence in enumerate(sentences):
            self.put(row + i, GOAL, sentence)
        return row + len(sentences)


def _told(since: Since) -> list[tuple[str, str]]:
    """Goal and sentence for each change; the last line counts what was added."""
    lines = [
        (m.now.goal_id, f"{STATUS_WORDS[m.before.status]} → {STATUS_WORDS[m.now.status]}{_step(m)}")
        for m in since.moved
    ]
    rest = len(lines) - MOST_CHANGES
    lines = lines[:MOST_CHANGES] + ([("", f"and {many(rest, 'more goal')} with another status")] if rest > 0 else [])
    lines += [(goal, "New") for goal in since.new[:MOST_NEW]]
    if since.gone or len(since.new) > MOST_NEW:
        more = [f"{len(since.new) - MOST_NEW} more new"] if len(since.new) > MOST_NEW else []
        lines.append(("", "; ".join([*more, *(f"{goal} is no longer here" for goal in since.gone)])))
    added = [many(n, word, _PLURALS[word]) for word, n in since.added.items() if n > 0]
    lines.append(("", f"{', '.join(added)} added" if added else "No check-in, feedback or finished action was added"))
    return lines


_PLURALS = {"check-in": "check-ins", "feedback entry": "feedback entries", "finished action": "finished actions"}


def _step(moved: Moved) -> str:
    """How far progress moved, where both are known."""
    before, now = moved.before.progress, moved.now.progress
    return "" if before is None or now is None else f", progress {percent(before)} → {percent(now)}"


def _attention(score: GoalScore) -> tuple[int, float, str]:
    return ATTENTION.index(score.status), -(score.gap or 0), score.goal_id


def _floor(values: Sequence[float]) -> float:
    """The bottom of a small picture: a little below the least value, so that this one shows too."""
    least, most = min(values), max(values)
    return least - 0.25 * ((most - least) or abs(most) or 1.0)


def _said(issue: Issue) -> str:
    """The issue in a line: its code as words, whom it concerns unless a goal stands beside it, its evidence."""
    words = issue.code.replace("_", " ").replace("checkin", "check-in").strip("?")
    whom = f" ({issue.person})" if issue.person and not issue.goal_id and issue.person not in issue.evidence else ""
    return f"{words[:1].upper()}{words[1:]}{whom}: {issue.evidence}"


def _levels(item: Development) -> str | None:
    """Where a skill stands and where it is to go: 2 → 4."""
    if item.level_now is None and item.level_aimed is None:
        return None
    return " → ".join("?" if level is None else f"{level:g}" for level in (item.level_now, item.level_aimed))


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
    anchor, size = (TOP + 1, CHANCE), (420, 216)
    return Chart("bar", "", anchor, size, (series,), alt, value_format="0;;", legend=False)


def _range_note(review: Review) -> str:
    team = review.scores.team
    if team.progress is None:
        reason = team.reason or "too little is known"
        return f"No number: {reason}."
    if team.low is None or team.high is None or team.high - team.low < 0.005:
        return "Every goal that counts has a number."
    partial = "Only partly known. " if team.partial else ""
    low, high = percent(team.low), percent(team.high)
    return f"{partial}Progress would be {low} if all goals without a number stood at 0, and {high} if they were done."


def _wrong(review: Review) -> int:
    return sum(f.severity is not Severity.INFO for f in review.findings)


def _band(index: Accountability) -> str:
    if index.low is None or index.high is None:
        return "not enough record"
    return f"{percent(index.low)} to {percent(index.high)}"


def _counts(person: PersonScore, with_index: bool) -> str:
    """Raw counts of each component, and of the person's own record as a manager."""
    own = ", ".join(_pairs(person.accountability)) or "nothing on record"
    if person.as_manager is None:
        return own
    index = person.as_manager
    number = f" {percent(index.index)} ({_band(index)})" if index.index is not None else " not enough record"
    return f"{own}. As manager{number if with_index else ''}: {', '.join(_pairs(index)) or 'nothing on record'}"


def _pairs(index: Accountability) -> Iterator[str]:
    return (f"{c.name.replace('_', ' ')} {c.successes:.3g} of {c.trials}" for c in index.components if c.trials)
