"""Many teams on a few tabs: Summary, Teams, Goals, People, Issues and Files of the organisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..errors import made_visible
from ..scoring import Status
from ..scoring.forecast import Skill
from ..scoring.outcomes import Fairness
from ..scoring.rollup import Rolled
from ..scoring.words import percent
from ..tables import MAX_ROW, Area, Bars, Chart, Frame, Line, Put, Segment, Series, Tab
from .control import OUTCOMES, control, verdict_link
from .fairness import fairness
from .forecasts import forecasts
from .statuses import BAR_COLOUR, STATUS_COLOURS, STATUS_STYLES, STATUS_WORDS

Row = Mapping[str, Any]

TOP = 4
"""The header row of every listing."""
DEEPEST = 5
"""Goals further down the tree are indented no more than this."""


@dataclass(frozen=True)
class OrganisationView:
    """What the tabs show: plain rows of each subject, and the organisation's own numbers."""

    name: str
    period: str
    as_of: date | None
    progress: float | None
    expected: float | None
    coverage: float | None
    status_counts: Mapping[str, int]
    counts: Mapping[str, int | None]
    """Teams, people and goals in all, whoever of them is shown; None where that would tell too much."""
    teams: Sequence[Row]
    goals: Sequence[Row]
    people: Sequence[Row]
    issues: Sequence[Row]
    findings: Sequence[Row]
    files: Sequence[Row]
    tabs: frozenset[str] | None = None
    """The tabs that the audience sees; None is all."""
    traceable: bool = True
    """Whether the totals can be recalculated from the rows shown; not where small teams are hidden."""
    hidden_teams: int = 0
    held: int = 0
    """Numbers that are shown as they were in an earlier edition, because too few people changed since."""
    elsewhere: str | None = None
    """The dataset in which everything stands, also what is too much for a sheet."""
    most_rows: int = MAX_ROW
    """Rows of a sheet."""
    alignment: Sequence[Row] = ()
    """All goals as a tree, from top to bottom, with their level and what supports them."""
    top_most: Rolled = Rolled(None, None, 0.0, None, None)
    proposals: Sequence[Row] = ()
    """Proposals that wait for a decision, the longest first."""
    forecasts: Sequence[Row] = ()
    """Each goal that is over: the chance said at half time, and whether the target was met."""
    skill: Skill | None = None
    confidence_skill: Skill | None = None
    """The same for the owners' own confidence at that time."""
    fairness: Fairness | None = None
    trend: Sequence[Row] = ()
    """The numbers of each period of the organisation (without a team) and of its teams; empty without earlier periods."""
    moved: Sequence[Row] | None = None
    """What is not as it was at the last consolidation; None without one to compare with."""


@dataclass(frozen=True)
class _Column:
    header: str
    key: str
    style: str = "text"
    width: float = 14


TEAMS = (
    _Column("Team", "team", width=24), _Column("Manager", "manager", width=22), _Column("Progress", "progress", "percent", 11),
    _Column("Expected", "expected", "percent", 11), _Column("Gap", "gap", "percent", 9), _Column("Coverage", "coverage", "percent", 11),
    _Column("Goals", "goals", "number", 8), _Column("Counted", "counted", "number", 10),
    *(_Column(STATUS_WORDS[s], f"n_{s.value}", "number", 13) for s in Status),
    _Column("Check-ins", "check_ins", "number", 11), _Column("Open proposals", "proposals", "number", 15),
    _Column("Actions overdue", "actions_overdue", "number", 15), _Column("People", "people", "number", 9),
    _Column("As of", "as_of", "date", 12), _Column("File", "file", "muted", 40),
)  # fmt: skip

GOALS = (
    _Column("Team", "team", width=22), _Column("Goal ID", "goal_id", width=10), _Column("Goal", "goal", width=46),
    _Column("Owner", "owner", width=22), _Column("Parent goal", "parent", width=12), _Column("Kind", "kind", width=12),
    _Column("Status", "status", "status", 15), _Column("Progress", "progress", "percent", 11), _Column("Expected", "expected", "percent", 11),
    _Column("Gap", "gap", "percent", 9), _Column("Pace", "spi_t", "ratio", 8), _Column("Weight", "weight", "number", 9),
    _Column("Counted", "counted", width=10), _Column("Baseline", "baseline", "number", 11), _Column("Target", "target", "number", 11),
    _Column("Current", "current", "number", 11), _Column("Start", "start", "date", 12), _Column("Due", "due", "date", 12),
    _Column("Last check-in", "last_check_in", "date", 14), _Column("Chance", "chance", "percent", 9), _Column("Why", "reason", width=74),
    _Column("Cell", "cell", "muted", 12), _Column("File", "file", "muted", 40),
)  # fmt: skip

PEOPLE = (
    _Column("Person", "person", width=24), _Column("Team", "team", width=22), _Column("Group", "group", width=18),
    _Column("Manager", "manager", width=22), _Column("Goals", "goals", "number", 8), _Column("Progress", "progress", "percent", 11),
    _Column("Expected", "expected", "percent", 11), _Column("Coverage", "coverage", "percent", 11),
    _Column("Practice index", "index", "percent", 14), _Column("Band from", "index_low", "percent", 11), _Column("Band to", "index_high", "percent", 10),
    _Column("Trials", "index_trials", "number", 8), _Column("Remark", "index_reason", width=34), _Column("Cell", "cell", "muted", 12),
    _Column("File", "file", "muted", 40),
)  # fmt: skip

ALIGNMENT = (
    _Column("Goal", "goal", "tree", 58), _Column("Level", "level", "count", 8), _Column("Goal ID", "goal_id", width=10),
    _Column("Team", "team", width=22), _Column("Owner", "owner", width=22), _Column("Status", "status", "status", 15),
    _Column("Progress", "progress", "percent", 11), _Column("Expected", "expected", "percent", 11),
    _Column("From below", "below", "percent", 11), _Column("Known below", "below_coverage", "percent", 12),
    _Column("Sub-goals", "children", "count", 11), _Column("Remark", "remark", "indented", 46), _Column("Cell", "cell", "muted", 12),
    _Column("File", "file", "muted", 40),
)  # fmt: skip

ISSUES = (
    _Column("Team", "team", width=22), _Column("Severity", "severity", width=10), _Column("Issue", "code", width=22),
    _Column("Goal ID", "goal_id", width=10), _Column("Person", "person", width=22), _Column("Evidence", "evidence", width=80),
    _Column("Cell", "cell", "muted", 14), _Column("File", "file", "muted", 40),
)  # fmt: skip

PROPOSALS = (
    _Column("Team", "team", width=22), _Column("Manager", "manager", width=22), _Column("Goal ID", "goal_id", width=10),
    _Column("Goal", "goal", "wrapped", 40), _Column("Owner", "owner", width=20), _Column("Rule", "rule", width=14),
    _Column("Proposal", "proposal", "wrapped", 46), _Column("Why", "why", "wrapped", 60), _Column("Chance before", "chance_before", "percent", 10),
    _Column("Chance after", "chance_after", "percent", 10), _Column("Proposed on", "proposed_on", "date", 13),
    _Column("Days waiting", "days", "count", 10), _Column("Cell", "cell", "muted", 12), _Column("File", "file", "muted", 40),
)  # fmt: skip

FINDINGS = (
    _Column("File", "file", "muted", 40), _Column("Cell", "cell", width=20), _Column("Severity", "severity", "severity", 11),
    _Column("Code", "code", width=26), _Column("Value", "value", "any", 20), _Column("What is wrong", "message", "wrapped", 70),
    _Column("What to do", "remedy", "wrapped", 60), _Column("Team", "team", width=22),
)  # fmt: skip

MOVED = (
    _Column("Team", "team", width=22), _Column("Goal ID", "goal_id", width=10), _Column("Goal", "goal", "wrapped", 40),
    _Column("What changed", "field", width=24), _Column("Before", "before", "any", 16), _Column("After", "after", "any", 16),
    _Column("Verdict", "verdict", width=15), _Column("Who, when and why, by History", "explained", "wrapped", 60),
    _Column("Cell", "cell", "muted", 14), _Column("File", "file", "muted", 40),
)  # fmt: skip

TREND = (
    _Column("Team", "team", width=26), _Column("Period", "period", width=14), _Column("As of", "as_of", "date", 12),
    _Column("Progress", "progress", "percent", 11), _Column("Coverage", "coverage", "percent", 11),
    _Column("On track", "on_track", "percent", 11), _Column("Practice index", "index", "percent", 11),
    _Column("People with an index", "index_people", "count", 12), _Column("Goals", "goals", "count", 9), _Column("People", "people", "count", 9),
)  # fmt: skip

FILES = (
    _Column("File", "file", width=52), _Column("Outcome", "outcome", width=18), _Column("Team", "team", width=22),
    _Column("Period", "period", width=12), _Column("Errors", "errors", "number", 9), _Column("Warnings", "warnings", "number", 10),
    _Column("Goals", "goals", "number", 8), _Column("What to know", "note", width=90), _Column("In a sum", "in_a_sum", "count", 10),
    _Column("People", "people", "count", 9), _Column("Check-ins", "check_ins", "count", 11),
    _Column("Sum of progress", "progress_sum", "number", 12), _Column("Weighted sum", "weighted_sum", "number", 12), _Column("Workbook ID", "workbook_id", "muted", 38),
)  # fmt: skip


class Painted(Sequence[Row]):
    """Rows of a listing that are painted already, at least in part: `pieces` yields them in their order.

    They are counted and poured, and read no more.
    """

    def __init__(self, length: int, pieces: Callable[[], Iterable[Line | Segment]]) -> None:
        self._length, self._pieces = length, pieces

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pieces())

    def __getitem__(self, at: Any) -> Any:
        raise TypeError("rows that are painted already cannot be read")


@dataclass(frozen=True)
class TooMany:
    """A tab that would need more rows than a sheet has."""

    tab: str
    rows: int
    most: int


def too_many(view: OrganisationView) -> list[TooMany]:
    """The tabs that the audience sees whose rows no sheet can hold."""
    listings = {
        "Teams": view.teams, "Goals": view.goals, "Alignment": view.alignment, "People": view.people, "Issues": view.issues,
        "Proposals": view.proposals, "Data quality": view.findings, "Moved goalposts": view.moved or (), "Files": view.files,
    }  # fmt: skip
    return [
        TooMany(name, len(rows), view.most_rows - TOP)
        for name, rows in listings.items()
        if len(rows) > view.most_rows - TOP and (view.tabs is None or name in view.tabs)
    ]


def organisation_tabs(view: OrganisationView) -> tuple[Tab, ...]:
    """The tabs of the organisation workbook that the audience sees, Summary first.

    A tab with more rows than a sheet holds says where they are instead.
    """
    away = {found.tab: found for found in too_many(view)}
    made = {name: make for name, make in _TABS.items() if view.tabs is None or name in view.tabs}
    return tuple(
        tab for name, make in made.items()
        if (tab := _away(away[name], view) if name in away else make(view, frozenset(away))) is not None
    )  # fmt: skip


IN_DATASET = {
    "Goals": "goals", "People": "people", "Issues": "issues", "Data quality": "findings", "Files": "files", "Teams": "teams",
}  # fmt: skip
"""The table of the dataset that holds what a tab shows."""


def _away(found: TooMany, view: OrganisationView) -> Tab:
    """In place of a listing: how many rows it has, and where they are."""
    table = IN_DATASET.get(found.tab)
    where = (
        f"table {table} of the dataset {view.elsewhere}"
        if table
        else f"the workbooks, and what they come from in {view.elsewhere}"
    )
    lines = (
        f"{found.rows:,} rows, more than the {found.most:,} that a sheet holds.",
        f"They stand in {where}. Open it with Power BI, DuckDB or pandas.",
    )
    cells = [Put(1, 1, found.tab, "title"), *(Put(2 + i, 1, line, "subtitle") for i, line in enumerate(lines))]
    return Tab(found.tab, f"Org{found.tab.replace(' ', '')}", tuple(cells), widths={1: 110})


def _behind_first(view: OrganisationView) -> list[Row]:
    """The teams with their gaps, the widest first."""
    teams = [{**t, "gap": _difference(t["expected"], t["progress"])} for t in view.teams]
    return sorted(teams, key=lambda t: (-(t["gap"] or 0), str(t["team"])))


def _teams_tab(view: OrganisationView) -> Tab:
    said = f"{len(view.teams)} teams, those furthest behind their plan first{_hidden(view)}"
    return _listing("Teams", "tblTeams", said, TEAMS, _behind_first(view), bars=("progress",))


def _hidden(view: OrganisationView) -> str:
    n = view.hidden_teams
    hidden = f"; {n} teams are not shown because they, or what is left without them, are too small" if n else ""
    return hidden + (
        "; rows with an earlier day stay as they were, because few people changed since" if view.held else ""
    )


def _moved(rows: Sequence[Row] | None) -> Tab | None:
    """Moved goalposts, if there was a consolidation to compare with."""
    if rows is None:
        return None
    open_ones = sum(not row["explained"] for row in rows)
    said = f"{len(rows)} changes of plans and old check-ins since the last consolidation, {open_ones} of them without a row in History"
    return _listing("Moved goalposts", "tblMoved", said, MOVED, sorted(rows, key=lambda row: bool(row["explained"])))


def _trend(view: OrganisationView) -> Tab | None:
    """From period to period, if there is more than one: a table, and a chart of the organisation beside it."""
    own = [row for row in view.trend if row["team"] is None]
    if len(own) < 2:
        return None
    whole = view.name or "Organisation"
    rows = [{**row, "team": row["team"] or whole} for row in view.trend]
    tab = _listing(
        "Trend",
        "tblTrend",
        f"{len(own)} periods; the organisation first, then each team",
        TREND,
        rows,
        bars=("progress",),
    )
    last, alt = (
        TOP + len(own),
        "Line chart of the organisation's numbers by period; they stand in the table to its left.",
    )
    series = tuple(
        Series(TREND[i - 1].header, Area(TOP + 1, 2, last, 2), Area(TOP + 1, i, last, i), (colour,))
        for i, colour in ((4, "#0072B2"), (5, "#7B8794"), (6, "#009E73"), (7, "#D55E00"))
        if any(row[TREND[i - 1].key] is not None for row in own)
    )
    chart = Chart("line", "", (TOP, len(TREND) + 2), (560, 260), series, alt, maximum=1.0)
    return replace(tab, charts=(chart,))


def _found(view: OrganisationView) -> dict[str, float]:
    """What stands in the tabs, by the lines of Control."""
    goals = view.goals
    known = [(g["weight"] or 0.0, g["progress"]) for g in goals if g["progress"] is not None]
    return {
        "Goals": len(goals), "Goals, by team": len(goals), "Goals that count": sum(bool(g["counted"]) for g in goals),
        "People": len(view.people), "Check-ins": sum(t["check_ins"] for t in view.teams),
        "Entries left out for an error": sum(f["severity"] == "error" for f in view.findings),
        "Sum of progress": math.fsum(p for _, p in known), "Sum of weight by progress": math.fsum(w * p for w, p in known),
        "Workbooks read": len(view.teams), "Files: read, read with findings, not read, left out": sum(row["outcome"] in OUTCOMES for row in view.files),
    }  # fmt: skip


def _told(findings: Sequence[Row]) -> list[Row]:
    """Errors first, then warnings; what is only worth knowing stays in the workbook that it is about."""
    return sorted((f for f in findings if f["severity"] != "info"), key=lambda f: (f["severity"] != "error", f["file"]))


def _quality_line(view: OrganisationView) -> str:
    errors = sum(f["severity"] == "error" for f in view.findings)
    rest = sum(f["severity"] == "warning" for f in view.findings)
    return (
        f"{errors} entries left out of the scores until put right, {rest} probably wrong; each with its file and cell"
    )


def _aligned(view: OrganisationView) -> str:
    """What the tree says on the whole."""
    top = view.top_most
    known = (
        f"; the top-most goals stand at {percent(top.progress)}, each goal counted once"
        if top.progress is not None
        else ""
    )
    return f"Goals under the goals that they serve, across workbooks{known}"


def _listing(
    name: str, table: str, subtitle: str, columns: Sequence[_Column], rows: Sequence[Row], bars: Sequence[str] = ()
) -> Tab:
    """One tab that is one table, with a title above it and its header in sight."""
    cells = [Put(1, 1, name, "title"), Put(2, 1, subtitle, "subtitle")]
    cells += [Put(TOP, i, column.header, _heading(column)) for i, column in enumerate(columns, start=1)]
    bottom = TOP + max(1, len(rows))
    area = Area(TOP, 1, bottom, len(columns))
    positions = {column.key: i for i, column in enumerate(columns, start=1)}
    return Tab(
        name, f"Org{name.replace(' ', '')}", tuple(cells),
        widths={i: column.width for i, column in enumerate(columns, start=1)},
        frames=(Frame(table, area, tuple(c.header for c in columns)),),
        bars=tuple(Bars(Area(TOP + 1, positions[key], bottom, positions[key]), BAR_COLOUR) for key in bars),
        freeze=(TOP, 1),
        repeat_rows=(TOP, TOP),
        print_columns=_for_paper(columns),
        stream=_Lines(columns, rows),
    )  # fmt: skip


@dataclass(frozen=True)
class _Lines:
    """The rows of a listing as lines to paint, made one by one, as often as somebody asks."""

    columns: Sequence[_Column]
    rows: Sequence[Row]

    def __iter__(self) -> Iterator[Line | Segment]:
        if isinstance(self.rows, Painted):
            yield from self.rows
            return
        shapes = [(column.key, column.style, _SPECIAL.get(column.style)) for column in self.columns]
        styles = tuple(column.style for column in self.columns)
        varied = any(special for _, _, special in shapes)
        for row in self.rows:
            if not varied:
                yield Line([_said(row.get(key)) for key, _, _ in shapes], styles)
                continue
            cells = [special(row, key) if special else (_said(row.get(key)), style) for key, style, special in shapes]
            yield Line(*zip(*cells, strict=True))


def _said(value: Any) -> Any:
    """A value as a listing shows it."""
    if value.__class__ is str:
        return made_visible(value)
    return ("no", "yes")[value] if isinstance(value, bool) else value


def _status_cell(row: Row, key: str) -> tuple[Any, str]:
    value = row.get(key)
    return (None, "text") if value is None else _STATUS_CELLS[value]


_STATUS_CELLS = {status.value: (STATUS_WORDS[status], STATUS_STYLES[status]) for status in Status}


def _severity_cell(row: Row, key: str) -> tuple[Any, str]:
    return row.get(key), f"severity_{row.get(key)}"


def _tree_cell(row: Row, key: str) -> tuple[Any, str]:
    """A goal as far to the right as it stands deep; bold on top, if others serve it."""
    level = min(row["level"], DEEPEST)
    return made_visible(str(row.get(key))), f"tree_{level}" if level or row["children"] else "text"


_SPECIAL: Mapping[str, Callable[[Row, str], tuple[Any, str]]] = {
    "status": _status_cell, "severity": _severity_cell, "tree": _tree_cell,
}  # fmt: skip
"""Columns whose style depends on the row."""


def _for_paper(columns: Sequence[_Column]) -> int:
    """So many columns are printed: where a row comes from is a help on the screen, and shrinks the rest on paper."""
    return max(number for number, column in enumerate(columns, start=1) if column.style != "muted")


def _heading(column: _Column) -> str:
    if column.style == "indented":
        return "heading_in"
    return "heading_right" if column.style in ("number", "count", "percent", "ratio") else "heading"


def _difference(expected: float | None, progress: float | None) -> float | None:
    return None if expected is None or progress is None else expected - progress


# -------------------------------------------------------------------- summary


def _summary(view: OrganisationView, away: frozenset[str]) -> Tab:
    """The organisation in one look: numbers, statuses with a chart, teams, data quality."""
    teams = _behind_first(view)
    cells = [
        Put(1, 1, made_visible(view.name or "Organisation"), "title"),
        Put(2, 1, _headline(view), "subtitle"),
        *_tiles(view, live := view.traceable and "Teams" not in away),
        *(
            (Put(1, 7, "Ties out", "label_right"), verdict_link(view.files, _found(view), view.tabs))
            if view.tabs is None or "Control" in view.tabs
            else ()
        ),
    ]
    cells += _statuses(view, top=8, live=live)
    chart, bars = _status_chart(8), _team_bars(teams, 22)
    cells += _teams(teams, top=21)
    cells += _quality(view, top=21 + len(teams[:15]) + 4)
    return Tab(
        "Summary", "OrgSummary", tuple(cells),
        widths={1: 30, 2: 13, 3: 13, 4: 13, 5: 13, 6: 13, 7: 13, 8: 13},
        charts=(chart,),
        bars=bars,
        freeze=(2, 0),
        one_page=True,
    )  # fmt: skip


def _headline(view: OrganisationView) -> str:
    day = f", as of {view.as_of.isoformat()}" if view.as_of else ""
    counted = ", ".join(f"{n} {name}" for name, n in view.counts.items() if n is not None)
    return f"{view.period or 'All periods'}{day}: {counted or 'too few people for any number'}"


def _tiles(view: OrganisationView, live: bool) -> list[Put]:
    weighted = 'SUMPRODUCT(tblTeams[Counted],tblTeams[{0}])/SUMIFS(tblTeams[Counted],tblTeams[{0}],">=-1000")'
    tiles = (("Progress", view.progress), ("Expected by now", view.expected), ("Coverage", view.coverage))
    cells = []
    for i, (label, value) in enumerate(tiles):
        column = 1 + 2 * i if i else 1
        header = {"Progress": "Progress", "Expected by now": "Expected", "Coverage": "Coverage"}[label]
        formula = weighted.format(header) if value is not None and live else None
        cells += [Put(4, column, label, "tile_label"), Put(5, column, value, "tile_percent", formula=formula)]
    note = "Teams weigh by the number of their goals that count. A goal without data is left out, never zero; coverage says how much is known."
    return [*cells, Put(6, 1, note, "muted")]


def _statuses(view: OrganisationView, top: int, live: bool) -> list[Put]:
    cells = [Put(top, 1, "Goals by status", "section")]
    for i, status in enumerate(Status, start=1):
        count = view.status_counts.get(status.value, 0)
        word = STATUS_WORDS[status]
        cells.append(Put(top + i, 1, word, STATUS_STYLES[status]))
        cells.append(Put(top + i, 2, count, "number", formula=f"SUM(tblTeams[{word}])" if live else None))
    return cells


def _status_chart(top: int) -> Chart:
    last = top + len(Status)
    series = Series(
        "Goals", Area(top + 1, 1, last, 1), Area(top + 1, 2, last, 2), tuple(STATUS_COLOURS[s] for s in Status)
    )
    alt = "Bar chart of the number of goals by status; the numbers stand in the table to its left."
    return Chart("bar", "", (top, 4), (520, 230), (series,), alt, value_format="0", legend=False)


def _teams(teams: Sequence[Row], top: int) -> list[Put]:
    cells = [Put(top - 1, 1, "Teams furthest behind their plan", "section")]
    headers = ("Team", "Progress", "Expected", "Gap", "Coverage", "Overdue", "Off track", "At risk")
    cells += [Put(top, i, h, "heading_right" if i > 1 else "heading") for i, h in enumerate(headers, start=1)]
    for row, team in enumerate(teams[:15], start=top + 1):
        values = ("team", "progress", "expected", "gap", "coverage")
        cells.append(Put(row, 1, made_visible(str(team["team"])), "text"))
        cells += [Put(row, i, team[key], "percent") for i, key in enumerate(values[1:], start=2)]
        cells += [
            Put(row, i, team[f"n_{key}"], "number")
            for i, key in enumerate(("overdue", "off_track", "at_risk"), start=6)
        ]
    if len(teams) > 15:
        cells.append(Put(top + 16, 1, f"{len(teams) - 15} more in the Teams tab", "muted"))
    return cells


def _team_bars(teams: Sequence[Row], first: int) -> tuple[Bars, ...]:
    last = first + max(1, len(teams[:15])) - 1
    return (Bars(Area(first, 2, last, 2), BAR_COLOUR),)


def _quality(view: OrganisationView, top: int) -> list[Put]:
    """How far the data can be trusted: files by outcome, and the commonest findings."""
    outcomes: dict[str, int] = {}
    for file in view.files:
        outcomes[file["outcome"]] = outcomes.get(file["outcome"], 0) + 1
    codes: dict[tuple[str, str], int] = {}
    for finding in view.findings:
        if finding["severity"] != "info":
            key = (finding["severity"], finding["code"])
            codes[key] = codes.get(key, 0) + 1
    cells = [Put(top, 1, "How far the data can be trusted", "section")]
    for i, (outcome, count) in enumerate(sorted(outcomes.items()), start=1):
        cells += [Put(top + i, 1, f"Files {outcome}", "text"), Put(top + i, 2, count, "number")]
    commonest = sorted(codes.items(), key=lambda item: (-item[1], item[0]))[:8]
    for i, ((severity, code), count) in enumerate(commonest, start=1):
        cells += [Put(top + i, 4, f"{severity} {code}", "text"), Put(top + i, 7, count, "number")]
    return cells


_TABS: Mapping[str, Callable[[OrganisationView, frozenset[str]], Tab | None]] = {
    "Summary": lambda v, away: _summary(v, away),
    "Teams": lambda v, _: _teams_tab(v),
    "Goals": lambda v, _: _listing("Goals", "tblOrgGoals", f"{len(v.goals)} goals with their cells", GOALS, v.goals, bars=("progress",)),
    "Alignment": lambda v, _: _listing("Alignment", "tblAlignment", _aligned(v), ALIGNMENT, v.alignment, bars=("progress",)),
    "People": lambda v, _: _listing("People", "tblOrgPeople", "By name, not by number: this is no ranking", PEOPLE, v.people),
    "Issues": lambda v, _: _listing("Issues", "tblOrgIssues", "What asks for attention, with its evidence", ISSUES, v.issues),
    "Proposals": lambda v, _: _listing("Proposals", "tblOrgProposals", "Waiting for a decision, the longest first", PROPOSALS, v.proposals),
    "Data quality": lambda v, _: _listing("Data quality", "tblFindings", _quality_line(v), FINDINGS, _told(v.findings)),
    "Moved goalposts": lambda v, _: _moved(v.moved),
    "Trend": lambda v, _: _trend(v),
    "Forecasts": lambda v, _: forecasts(v.forecasts, v.skill, v.confidence_skill),
    "Fairness": lambda v, _: fairness(v.fairness) if v.fairness else None,
    "Control": lambda v, away: control(v.files, _found(v), away, v.tabs),
    "Files": lambda v, _: _listing("Files", "tblFiles", "Every file: what was read, or why not", FILES, v.files),
}  # fmt: skip
"""How each tab is made, in their order, from the view and the names of the tabs that are no tables. None is no tab."""
