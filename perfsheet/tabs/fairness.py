"""Fairness, when asked for: outcomes by group, levels by rater. Numbers for a talk, never for a correction."""

from __future__ import annotations

from ..scoring.fairness import LOW_RATIO
from ..scoring.outcomes import Fairness, OutcomeByGroup
from ..tables import Put, Tab

WIDTHS = {1: 34, 2: 10, 3: 12, 4: 10, 5: 18, 6: 14, 7: 20, 8: 44}
HEADERS = (
    "Group",
    "People",
    "With it",
    "Rate",
    "Ratio to highest",
    "Shortfall",
    "Chance of such a gap",
    "What it says",
)
RATER_HEADERS = (
    "Manager", "People", "Mean level", "Leniency", "Spread", "", "", "What is worth a talk",
)  # fmt: skip


def fairness(found: Fairness) -> Tab:
    """The tab, one table below the other."""
    notes = (
        f"Counted are people with a Group ({found.grouped}). Groups below {found.least} people are hidden, and as many more as would give them away; no totals are shown.",
        f"A rate below {LOW_RATIO:.0%} of the highest is worth a look only if such a gap is unlikely by luck (Fisher's exact test, two-sided): ratios alone are noise in small groups.",
        "Nothing here is a judgement of a person or a reason to change a score.",
    )
    cells = [
        Put(1, 1, "Fairness", "title"), Put(2, 1, "Do outcomes fall evenly on groups, and levels evenly on raters?", "subtitle"),
        *(Put(3 + i, 1, note, "muted") for i, note in enumerate(notes)),
    ]  # fmt: skip
    row = 7
    for outcome in found.outcomes:
        cells += _outcome(row, outcome)
        row += len(outcome.rates) + 4
    cells += _raters(row, found)
    return Tab("Fairness", "OrgFairness", tuple(cells), widths=WIDTHS, freeze=(2, 0))


def _outcome(top: int, outcome: OutcomeByGroup) -> list[Put]:
    """One outcome over the groups that may be shown."""
    cells = [*_section(top, outcome.title), *_headings(top + 1, HEADERS)]
    for row, rate in enumerate(outcome.rates, start=top + 2):
        impact = rate.impact
        cells += [
            Put(row, 1, rate.group, "text"), Put(row, 2, rate.people, "count"), Put(row, 3, rate.hits, "count"),
            Put(row, 4, rate.hits / rate.people, "percent", formula=f"C{row}/B{row}"),
            Put(row, 5, impact.ratio if impact else None, "ratio"), Put(row, 6, impact.shortfall if impact else None, "decimal"),
            Put(row, 7, impact.p if impact else None, "ratio"), Put(row, 8, rate.verdict, "indented"),
        ]  # fmt: skip
    return [*cells, Put(top + 2 + len(outcome.rates), 1, _unseen(outcome), "muted")]


def _unseen(outcome: OutcomeByGroup) -> str:
    if outcome.hidden:
        return f"{outcome.hidden} groups are not shown"
    return "" if outcome.rates else "Nobody with a Group has a record of this yet"


def _section(row: int, title: str) -> list[Put]:
    return [Put(row, 1, title, "section"), *(Put(row, c, None, "section") for c in range(2, len(HEADERS) + 1))]


def _headings(row: int, headers: tuple[str, ...]) -> list[Put]:
    ends = {1: "heading", len(headers): "heading_in"}
    return [Put(row, i, h, ends.get(i, "heading_right")) for i, h in enumerate(headers, start=1)]


def _raters(top: int, found: Fairness) -> list[Put]:
    """Attainment levels by manager, and how far managers agree."""
    cells = [*_section(top, "Attainment levels by manager"), *_headings(top + 1, RATER_HEADERS)]
    for row, rater in enumerate(found.raters, start=top + 2):
        cells += [
            Put(row, 1, rater.name, "text"), Put(row, 2, rater.ratees, "count"), Put(row, 3, rater.mean, "ratio"),
            Put(row, 4, rater.leniency, "ratio"), Put(row, 5, rater.spread, "ratio"), Put(row, 6, None, "text"),
            Put(row, 7, None, "text"), Put(row, 8, rater.remark, "indented"),
        ]  # fmt: skip
    row = top + 2 + len(found.raters)
    few = () if found.raters else (Put(row, 1, "Two managers with five people rated each are needed", "muted"),)
    notes = (
        "Leniency: how far a manager's mean lies from everybody's, in their spread, drawn to 0 for few people; beyond 0.5 is worth a talk.",
        "Spread: the manager's by everybody's; below 0.5 hardly any difference is made between people. Scores are never corrected by either.",
        found.agreement,
    )
    return [*cells, *few, *(Put(row + 1 + i, 1, note, "muted") for i, note in enumerate(notes))]
