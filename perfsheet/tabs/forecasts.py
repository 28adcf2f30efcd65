"""Forecasts of the organisation: what was said at half time of each goal, beside what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..scoring.forecast import ENOUGH_RESOLVED, Skill
from ..tables import Area, Chart, Frame, Put, Series, Tab
from .listing import Column, Lines, heading, widths

TABLE_ROW = 27
FORECASTS = (
    Column("Team", "team", width=22), Column("Goal ID", "goal_id", width=12), Column("Chance said", "chance", "percent", 13),
    Column("Target met", "met", "count", 13), Column("Goal", "goal", "indented", 46), Column("Half time", "on", "date", 14),
    Column("Owner's confidence", "confidence", "percent", 20), Column("Cell", "cell", "muted", 18), Column("File", "file", "muted", 44),
)  # fmt: skip
BINS, FIRST_BIN = 10, 14
SAID, HAPPENED = "#9AA5B1", "#0072B2"

WHAT = (
    "One forecast a goal, the one at half of its time against its first plan, for goals whose end has come. 1 is a target that was met.",
    "Good forecasts come true as often as they say: of goals given 70 %, about 7 of 10 should be met.",
)


def forecasts(rows: Sequence[Mapping[str, Any]], skill: Skill | None, owners: Skill | None = None) -> Tab:
    """The tab: verdict, reliability with its chart, and every goal behind it."""
    cells = [
        Put(1, 1, "Forecasts", "title"),
        Put(2, 1, _headline(len(rows), skill), "subtitle"),
        *(Put(3 + i, 1, note, "muted") for i, note in enumerate(WHAT)),
        *_tiles(len(rows), skill),
        *_owners(owners),
        *_reliability(skill),
        *_section(TABLE_ROW - 1, "Every goal that is over", len(FORECASTS)),
        *(Put(TABLE_ROW, i, column.header, heading(column)) for i, column in enumerate(FORECASTS, start=1)),
    ]
    bottom = TABLE_ROW + max(1, len(rows))
    return Tab(
        "Forecasts", "OrgForecasts", tuple(cells),
        widths=widths(FORECASTS),
        frames=(Frame("tblForecasts", Area(TABLE_ROW, 1, bottom, len(FORECASTS)), tuple(column.header for column in FORECASTS)),),
        charts=(_chart(),) if skill else (),
        freeze=(2, 0),
        stream=Lines(FORECASTS, rows),
    )  # fmt: skip


def _section(row: int, title: str, last: int) -> list[Put]:
    return [Put(row, 1, title, "section"), *(Put(row, c, None, "section") for c in range(2, last + 1))]


def _headline(resolved: int, skill: Skill | None) -> str:
    if skill is None:
        return f"{resolved} of {ENOUGH_RESOLVED} goals are over that had a forecast: too few to say whether the forecasts are good"
    if skill.skill is None:
        return f"{resolved} goals are over, all with the same outcome: nothing to tell good forecasts from bad ones"
    word = "better" if skill.skill > 0.005 else "no better"
    return (
        f"{resolved} goals are over: the forecasts were {word} than always saying how many goals are met on the whole"
    )


def _tiles(resolved: int, skill: Skill | None) -> list[Put]:
    """Numbers that anybody can recalculate from the table below."""
    said, met, rows = "tblForecasts[Chance said]", "tblForecasts[Target met]", "ROWS(tblForecasts[Target met])"
    cells = [Put(6, 1, "Goals over", "tile_label"), Put(7, 1, resolved, "tile_number")]
    if skill is None:
        return cells
    base = f"AVERAGE({met})*(1-AVERAGE({met}))"
    tiles = (
        ("Targets met", skill.base_rate, "tile_percent", f"AVERAGE({met})"),
        ("Brier score (0 is perfect)", skill.brier, "tile_ratio", f"SUMXMY2({said},{met})/{rows}"),
        ("Brier of the base rate", skill.uncertainty, "tile_ratio", base),
        ("Skill", skill.skill, "tile_percent", f"1-SUMXMY2({said},{met})/{rows}/({base})"),
    )
    for column, (label, value, style, formula) in zip((2, 3, 5, 6), tiles, strict=True):
        cells.append(Put(6, column, label, "tile_label"))
        cells.append(Put(7, column, "–", style) if value is None else Put(7, column, value, style, formula=formula))
    parts = f"Brier {skill.brier:.3f} = reliability {skill.reliability:.3f} - resolution {skill.resolution:.3f} + uncertainty {skill.uncertainty:.3f}"
    note = "" if abs(skill.score - skill.brier) < 0.0005 else " (nearly: chances within one row of the table differ)"
    return [*cells, Put(9, 1, f"{parts}{note}: low reliability and high resolution are good.", "muted")]


def _owners(skill: Skill | None) -> list[Put]:
    """How good the owners' own confidence was: for coaching, and in no score."""
    if skill is None:
        return []
    said = f"Owners' own confidence at that time: Brier {skill.brier:.3f} over {skill.n} goals. It is for coaching and counts in no score."
    return [Put(10, 1, said, "muted")]


def _reliability(skill: Skill | None) -> list[Put]:
    """How often it was said, and how often it happened."""
    if skill is None:
        return []
    cells = [
        *_section(FIRST_BIN - 2, "Said and happened", len(FORECASTS)),
        *(Put(FIRST_BIN - 1, i, h, "heading" if i == 1 else "heading_right") for i, h in enumerate(("Chance said", "Goals", "Said", "Happened"), start=1)),
    ]  # fmt: skip
    found = {min(BINS - 1, int(b.said * BINS + 1e-9)): b for b in skill.table}
    for n in range(BINS):
        row, one = FIRST_BIN + n, found.get(n)
        last = n == BINS - 1
        within = f'tblForecasts[Chance said],">={n / BINS}"' + (
            "" if last else f',tblForecasts[Chance said],"<{(n + 1) / BINS}"'
        )
        cells += [
            Put(row, 1, f"{n * 10} to {n * 10 + 10} %", "text"),
            Put(row, 2, one.n if one else 0, "count", formula=f"COUNTIFS({within})"),
            Put(row, 3, one.said if one else "", "percent", formula=f'IF(B{row}=0,"",AVERAGEIFS(tblForecasts[Chance said],{within}))'),
            Put(row, 4, one.happened if one else "", "percent", formula=f'IF(B{row}=0,"",AVERAGEIFS(tblForecasts[Target met],{within}))'),
        ]  # fmt: skip
    return cells


def _chart() -> Chart:
    span = [Area(FIRST_BIN, column, FIRST_BIN + BINS - 1, column) for column in (1, 3, 4)]
    return Chart(
        "column", "", (FIRST_BIN - 1, 5), (560, 230),
        (Series("Said", span[0], span[1], (SAID,)), Series("Happened", span[0], span[2], (HAPPENED,))),
        "Column chart: for each range of chances how often it was said and how often it happened; the numbers stand in the table to its left.",
        maximum=1.0,
    )  # fmt: skip
