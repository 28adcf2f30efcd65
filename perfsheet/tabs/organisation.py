"""Many teams on a few tabs: Summary, Teams, Goals, People, Issues and Files of the organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ..errors import made_visible
from ..scoring import Status
from ..scoring.forecast import Skill
from ..scoring.outcomes import Fairness
from ..scoring.rollup import Rolled
from ..scoring.words import percent
from ..tables import MAX_ROW, Area, Bars, Block, Chart, Put, Series, Tab
from .control import control, verdict_link
from .fairness import fairness
from .forecasts import FORECASTS, forecasts
from .listing import TOP, Column, Lines, Painted, listing, widths
from .statuses import BAR_COLOUR, STATUS_COLOURS, STATUS_STYLES, STATUS_WORDS

Row = Mapping[str, Any]


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
    """Those that are worth telling, errors first."""
    files: Sequence[Row]
    found: Mapping[str, float] = field(default_factory=dict)
    """What stands in all tabs, by the lines of Control."""
    painted_teams: Mapping[str, bytes] = field(default_factory=dict)
    painted_files: Mapping[str, bytes] = field(default_factory=dict)
    """Rows of these two, by file, that are painted already."""
    quality: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many findings there are, by severity and code."""
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
    feedback: Sequence[Row] | None = None
    """Feedback for HR, where policy lets it leave its workbook; None where there is none."""
    trend: Sequence[Row] = ()
    """The numbers of each period of the organisation (without a team) and of its teams; empty without earlier periods."""
    moved: Sequence[Row] | None = None
    """What is not as it was at the last consolidation; None without one to compare with."""


TEAMS = (
    Column("Team", "team", width=24), Column("Manager", "manager", width=22), Column("Progress", "progress", "percent", 11),
    Column("Expected", "expected", "percent", 11), Column("Gap", "gap", "percent", 9), Column("Coverage", "coverage", "percent", 11),
    Column("Goals", "goals", "number", 8), Column("Counted", "counted", "number", 10),
    *(Column(STATUS_WORDS[s], f"n_{s.value}", "number", 13) for s in Status),
    Column("Check-ins", "check_ins", "number", 11), Column("Open proposals", "proposals", "number", 15),
    Column("Actions overdue", "actions_overdue", "number", 15), Column("People", "people", "number", 9),
    Column("As of", "as_of", "date", 12), Column("File", "file", "muted", 40),
)  # fmt: skip

GOALS = (
    Column("Team", "team", width=22), Column("Goal ID", "goal_id", width=10), Column("Goal", "goal", width=46),
    Column("Owner", "owner", width=22), Column("Parent goal", "parent", width=12), Column("Kind", "kind", width=12),
    Column("Status", "status", "status", 15), Column("Progress", "progress", "percent", 11), Column("Expected", "expected", "percent", 11),
    Column("Gap", "gap", "percent", 9), Column("Pace", "spi_t", "ratio", 8), Column("Weight", "weight", "number", 9),
    Column("Counted", "counted", width=10), Column("Baseline", "baseline", "number", 11), Column("Target", "target", "number", 11),
    Column("Current", "current", "number", 11), Column("Start", "start", "date", 12), Column("Due", "due", "date", 12),
    Column("Last check-in", "last_check_in", "date", 14), Column("Chance", "chance", "percent", 9), Column("Why", "reason", width=74),
    Column("Cell", "cell", "muted", 12), Column("File", "file", "muted", 40),
)  # fmt: skip

PEOPLE = (
    Column("Person", "person", width=24), Column("Team", "team", width=22), Column("Group", "group", width=18),
    Column("Manager", "manager", width=22), Column("Goals", "goals", "number", 8), Column("Progress", "progress", "percent", 11),
    Column("Expected", "expected", "percent", 11), Column("Coverage", "coverage", "percent", 11),
    Column("Practice index", "index", "percent", 14), Column("Band from", "index_low", "percent", 11), Column("Band to", "index_high", "percent", 10),
    Column("Trials", "index_trials", "number", 8), Column("Remark", "index_reason", "indented", 46), Column("Cell", "cell", "muted", 12),
    Column("File", "file", "muted", 40),
)  # fmt: skip

ALIGNMENT = (
    Column("Goal", "goal", "tree", 58), Column("Level", "level", "count", 8), Column("Goal ID", "goal_id", width=10),
    Column("Team", "team", width=22), Column("Owner", "owner", width=22), Column("Status", "status", "status", 15),
    Column("Progress", "progress", "percent", 11), Column("Expected", "expected", "percent", 11),
    Column("From below", "below", "percent", 11), Column("Known below", "below_coverage", "percent", 12),
    Column("Sub-goals", "children", "count", 11), Column("Remark", "remark", "indented", 46), Column("Cell", "cell", "muted", 12),
    Column("File", "file", "muted", 40),
)  # fmt: skip

ISSUES = (
    Column("Team", "team", width=22), Column("Severity", "severity", width=10), Column("Issue", "code", width=22),
    Column("Goal ID", "goal_id", width=10), Column("Person", "person", width=22), Column("Evidence", "evidence", width=80),
    Column("Cell", "cell", "muted", 14), Column("File", "file", "muted", 40),
)  # fmt: skip

PROPOSALS = (
    Column("Team", "team", width=22), Column("Manager", "manager", width=22), Column("Goal ID", "goal_id", width=10),
    Column("Goal", "goal", "wrapped", 40), Column("Owner", "owner", width=20), Column("Rule", "rule", width=14),
    Column("Proposal", "proposal", "wrapped", 46), Column("Why", "why", "wrapped", 60), Column("Chance before", "chance_before", "percent", 10),
    Column("Chance after", "chance_after", "percent", 10), Column("Proposed on", "proposed_on", "date", 13),
    Column("Days waiting", "days", "count", 10), Column("Cell", "cell", "muted", 12), Column("File", "file", "muted", 40),
)  # fmt: skip

FINDINGS = (
    Column("File", "file", "muted", 40), Column("Cell", "cell", width=20), Column("Severity", "severity", "severity", 11),
    Column("Code", "code", width=26), Column("Value", "value", "any", 20), Column("What is wrong", "message", "wrapped", 70),
    Column("What to do", "remedy", "wrapped", 60), Column("Team", "team", width=22),
)  # fmt: skip

MOVED = (
    Column("Team", "team", width=22), Column("Goal ID", "goal_id", width=10), Column("Goal", "goal", "wrapped", 40),
    Column("What changed", "field", width=24), Column("Before", "before", "any", 16), Column("After", "after", "any", 16),
    Column("Verdict", "verdict", width=15), Column("Who, when and why, by History", "explained", "wrapped", 60),
    Column("Cell", "cell", "muted", 14), Column("File", "file", "muted", 40),
)  # fmt: skip

FEEDBACK = (
    Column("Team", "team", width=22), Column("Date", "day", "date", 12), Column("From", "giver", width=22), Column("To", "receiver", width=22),
    Column("Kind", "kind", width=12), Column("Goal ID", "goal_id", width=10), Column("Feedback", "text", "wrapped", 70),
    Column("Follow-up", "follow_up", "wrapped", 40), Column("Follow-up due", "follow_up_due", "date", 14),
    Column("Follow-up done", "follow_up_done", "date", 15), Column("Cell", "cell", "muted", 14), Column("File", "file", "muted", 40),
)  # fmt: skip

TREND = (
    Column("Team", "team", width=26), Column("Period", "period", width=14), Column("As of", "as_of", "date", 12),
    Column("Progress", "progress", "percent", 11), Column("Coverage", "coverage", "percent", 11),
    Column("On track", "on_track", "percent", 11), Column("Practice index", "index", "percent", 11),
    Column("People with an index", "index_people", "count", 12), Column("Goals", "goals", "count", 9), Column("People", "people", "count", 9),
)  # fmt: skip

FILES = (
    Column("File", "file", width=52), Column("Outcome", "outcome", width=18), Column("Team", "team", width=22),
    Column("Period", "period", width=12), Column("Errors", "errors", "number", 9), Column("Warnings", "warnings", "number", 10),
    Column("Goals", "goals", "number", 8), Column("What to know", "note", width=90), Column("In a sum", "in_a_sum", "count", 10),
    Column("People", "people", "count", 9), Column("Check-ins", "check_ins", "count", 11),
    Column("Sum of progress", "progress_sum", "number", 12), Column("Weighted sum", "weighted_sum", "number", 12),
    Column("Counted × progress", "progress_counted", "number", 12), Column("Counted × expected", "expected_counted", "number", 12),
    Column("Counted × coverage", "coverage_counted", "number", 12), Column("Workbook ID", "workbook_id", "muted", 38),
)  # fmt: skip


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
        "Proposals": view.proposals, "Data quality": view.findings, "Moved goalposts": view.moved or (), "Forecasts": view.forecasts, "Feedback": view.feedback or (), "Files": view.files,
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
    return sorted(map(with_gap, view.teams), key=lambda t: (-(t["gap"] or 0), str(t["team"])))


def with_gap(team: Row) -> Row:
    """A team with how far it is behind its plan."""
    return {**team, "gap": _difference(team["expected"], team["progress"])}


WITHOUT_ENTRIES = {
    "Teams": {"team", "progress", "expected", "gap", "coverage", "goals", "counted", *(f"n_{s.value}" for s in Status), "people", "as_of", "file"},
    "Alignment": {"goal", "level", "goal_id", "team", "below", "below_coverage", "children", "remark", "file"},
    "Issues": {"severity", "code", "evidence"},
    "Files": {"file", "outcome", "team", "period", "note"},
}  # fmt: skip
"""The columns that have something in them where sums alone are shown."""


def _columns(view: OrganisationView, tab: str, columns: Sequence[Column]) -> Sequence[Column]:
    return columns if view.traceable else [column for column in columns if column.key in WITHOUT_ENTRIES[tab]]


def _teams_tab(view: OrganisationView) -> Tab:
    said = f"{len(view.teams)} teams, those furthest behind their plan first{_hidden(view)}"
    return listing(
        "Teams",
        "tblTeams",
        said,
        _columns(view, "Teams", TEAMS),
        _painted(_behind_first(view), view.painted_teams),
        bars=("progress",),
    )


def _painted(rows: Sequence[Row], known: Mapping[str, bytes]) -> Sequence[Row]:
    """The rows as they are painted already, by their files; what is not is painted with them."""
    return rows if not known else Painted(len(rows), lambda: (known.get(row["file"], row) for row in rows))


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
    return listing("Moved goalposts", "tblMoved", said, MOVED, sorted(rows, key=lambda row: bool(row["explained"])))


def _trend(view: OrganisationView) -> Tab | None:
    """From period to period, if there is more than one: a table, and a chart of the organisation beside it."""
    own = [row for row in view.trend if row["team"] is None]
    if len(own) < 2:
        return None
    whole = view.name or "Organisation"
    rows = [{**row, "team": row["team"] or whole} for row in view.trend]
    indexed = any(row["index"] is not None for row in rows)
    columns = [column for column in TREND if indexed or column.key not in ("index", "index_people")]
    tab = listing(
        "Trend",
        "tblTrend",
        f"{len(own)} periods; the organisation first, then each team",
        columns,
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
    chart = Chart("line", "", (TOP, len(columns) + 2), (560, 260), series, alt, maximum=1.0)
    return replace(tab, charts=(chart,))


def worth_telling(findings: Iterable[Row]) -> list[Row]:
    """Errors first, then warnings; what is only worth knowing stays in the workbook that it is about."""
    return sorted((f for f in findings if f["severity"] != "info"), key=lambda f: (f["severity"] != "error", f["file"]))


def _quality_line(view: OrganisationView) -> str:
    errors, rest = (sum(n for (found, _), n in view.quality.items() if found == severity) for severity in ("error", "warning"))  # fmt: skip
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


SHAPES: Mapping[str, Sequence[Column]] = {
    "Goals": GOALS, "Alignment": ALIGNMENT, "People": PEOPLE, "Issues": ISSUES, "Proposals": PROPOSALS, "Data quality": FINDINGS,
    "Forecasts": FORECASTS, "Teams": TEAMS, "Files": FILES,
}  # fmt: skip
"""The columns of the tabs that may have very many rows."""


def blocks_of(tab: str, rows: Sequence[Row]) -> Iterator[Block]:
    """Rows as those of one of these tabs."""
    return Lines(SHAPES[tab], rows).blocks()


def widths_of(tab: str) -> dict[int, float]:
    """How wide the tab's columns are."""
    return widths(SHAPES[tab])


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
            (Put(1, 7, "Ties out", "label_right"), verdict_link(view.files, view.found, view.tabs))
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
    codes = {key: count for key, count in view.quality.items() if key[0] != "info"}
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
    "Goals": lambda v, _: listing("Goals", "tblOrgGoals", f"{len(v.goals)} goals with their cells", GOALS, v.goals, bars=("progress",)),
    "Alignment": lambda v, _: listing("Alignment", "tblAlignment", _aligned(v), _columns(v, "Alignment", ALIGNMENT), v.alignment, bars=("progress" if v.traceable else "below",)),
    "People": lambda v, _: listing("People", "tblOrgPeople", "By name, not by number: this is no ranking", PEOPLE, v.people),
    "Issues": lambda v, _: listing("Issues", "tblOrgIssues", "What asks for attention, with its evidence", _columns(v, "Issues", ISSUES), v.issues),
    "Proposals": lambda v, _: listing("Proposals", "tblOrgProposals", "Waiting for a decision, the longest first", PROPOSALS, v.proposals),
    "Data quality": lambda v, _: listing("Data quality", "tblFindings", _quality_line(v), FINDINGS, v.findings),
    "Moved goalposts": lambda v, _: _moved(v.moved),
    "Trend": lambda v, _: _trend(v),
    "Forecasts": lambda v, _: forecasts(v.forecasts, v.skill, v.confidence_skill),
    "Feedback": lambda v, _: listing("Feedback", "tblOrgFeedback", "What is marked as visible to HR; all other feedback stays in its workbook", FEEDBACK, v.feedback) if v.feedback else None,
    "Fairness": lambda v, _: fairness(v.fairness) if v.fairness else None,
    "Control": lambda v, away: control(v.files, v.found, away, v.tabs),
    "Files": lambda v, _: listing("Files", "tblFiles", "Every file: what was read, or why not", _columns(v, "Files", FILES), _painted(v.files, v.painted_files)),
}  # fmt: skip
"""How each tab is made, in their order, from the view and the names of the tabs that are no tables. None is no tab."""
