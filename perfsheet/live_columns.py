"""The live columns of Goals: Current, Progress, Expected and Status as spreadsheet formulas.

A manager types a check-in and sees the effect at once, with no macro. The formulas compute what
`perfsheet.scoring` computes, in the same steps: each step is a formula in a column of its own,
folded away to the right of Status, so that it can be opened and followed.

They use only functions that Excel 2016, LibreOffice and Google Sheets share, refer to tables by
name, take every threshold from Settings, and have no volatile function. Where a step must look
through the whole log at once it is an array formula. Texts never enter the arithmetic: one date
typed as text must not turn the whole column into an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from .forms import GOALS, SETTINGS, Column, Kind, Place
from .records.teambook import TeamBook
from .scoring.parts import OUTSIDE, GoalScore, Status
from .tables import Address, Change, ListObject, Scalar, Sheet

SHOWN: Mapping[Status, str] = {
    Status.ACHIEVED: "★ Achieved",
    Status.ON_TRACK: "✔ On track",
    Status.AT_RISK: "▲ At risk",
    Status.OFF_TRACK: "✖ Off track",
    Status.OVERDUE: "⚑ Overdue",
    Status.NO_DATA: "○ No data",
    Status.TOO_EARLY: "◔ Too early",
    Status.NOT_STARTED: "· Not started",
    Status.POSTPONED: "‖ Postponed",
    Status.DROPPED: "– Dropped",
}
"""The words of the Status cell: a symbol and a word, so that no meaning hangs on a colour."""

CONTAINER = "Σ See Summary"
"""Shown for a goal without a measure of its own: perfsheet rolls its children up in Summary."""

ROWS_PER_DAY = "10^7"
"""More than a sheet has rows: day * 10^7 + row orders the log by day, then by row, in one number."""


@dataclass(frozen=True)
class Step:
    """One calculated column of a table. In `formula`, `[Kind]` stands for this row's cell of that column."""

    column: Column
    formula: str
    reason: str
    array: bool = False
    table: str = GOALS.table

    @cached_property
    def text(self) -> str:
        """The formula as a workbook holds it: structured references in full, no equals sign."""
        return _OWN_CELL.sub(rf"{self.table}[[#This Row],[\1]]", self.formula)

    def called(self, name: Callable[[str, str], tuple[str, str]]) -> str:
        """The text where tables and columns have other names: `name` gives them for (table, header)."""

        def renamed(match: re.Match[str]) -> str:
            table, header = name(match[1], match[3])
            return f"{table}{match[2]}{header}"

        return _COLUMN_OF_TABLE.sub(renamed, self.text)


_COLUMN_OF_TABLE = re.compile(r"(tbl\w+)(\[(?:\[#[A-Za-z ]+\],\[)?)([^\[\]#]+)(?=\])")
_OWN_CELL = re.compile(r"(?<![A-Za-z\[])\[([A-Z][A-Za-z ]*)\](?!\])")


# ---------------------------------------------------------------- pieces that several steps share

MINE = "(TRIM(tblCheckIns[Goal ID])=[Live key])"
VALUED = '(ISNUMBER(tblCheckIns[Value])+(tblCheckIns[Value]="Yes")+(tblCheckIns[Value]="No")>0)'
"""A check-in with a value: a number, or the words Yes and No, which are read as 1 and 0."""

STARTED = "(tblCheckIns[Date]>=MAX(1,N([First day])))"
"""From the goal's first day on; an empty date is 0 and never counts."""

COUNTED = f"{MINE}*ISNUMBER(tblCheckIns[Value])*(tblCheckIns[Date]>=[Counted from])*(tblCheckIns[Date]<[Counted to]+1)"
"""Text compares as more than any number, so a date typed as text is never "on or before" a day."""

ORDER = f"IF({COUNTED},(INT(tblCheckIns[Date])-N([Origin]))*{ROWS_PER_DAY}+ROW(tblCheckIns[Date]),0)"
TURNED = f"TRANSPOSE({ORDER})"


def _bucket(order: str) -> str:
    """The check-in period (or, with a step of 1, the day) that a place in the log's order falls into."""
    return f"TRUNC((INT({order}/{ROWS_PER_DAY})-1)/[Step])"


SUPERSEDED = f"MMULT(({_bucket(TURNED)}={_bucket(ORDER)})*({TURNED}>{ORDER}),ROW(tblCheckIns[Date])^0)"
"""For each row of the log: how many later readings of its goal fall into the same period or day."""

IN_RANGE = '(([Lower]="")+(tblCheckIns[Value]>=[Lower])>0)*(([Upper]="")+(tblCheckIns[Value]<=[Upper])>0)'

PLANNED = "(TRIM(tblPlan[Goal ID])=[Live key])*ISNUMBER(tblPlan[Date])*ISNUMBER(tblPlan[Planned value])"
INNER = f"{PLANNED}*(tblPlan[Date]>N([Origin]))*(tblPlan[Date]<N([Last day]))"
"""Plan rows within the goal's time; it begins with nothing done and ends with all."""

PLANNED_SHARE = "(tblPlan[Planned value]-[From value])/([To value]-[From value])"
PHASES_BEFORE = 'COUNTIFS(tblPlan[Goal ID],[Live key],tblPlan[Date],"<"&{day})'

STEPS = '(TRIM(tblMilestones[Goal ID])=[Live key])*(tblMilestones[Milestone]<>"")'
DONE = "ISNUMBER(tblMilestones[Done on])*(tblMilestones[Done on]<as_of+1)"


def _weight(rows: str) -> str:
    """The weight of some milestones, those without one at the weight of `Milestone weight`."""
    return f"(SUMPRODUCT({rows},tblMilestones[Weight])+[Milestone weight]*SUMPRODUCT({rows}*NOT(ISNUMBER(tblMilestones[Weight]))))"


CHANGING = 'OR([Kind]="Increase",[Kind]="Decrease")'
LIMITED = 'OR([Lower]<>"",[Upper]<>"")'
LEVEL = 'OR([Kind]="Maintain",[Kind]="Flow",[Step]<>"")'
"""Kinds that hold a level instead of going a way: expected in full from the first day."""

NOISE = 9
"""Decimals at which two shares are the same: binary fractions do not decide a status."""


# ------------------------------------------------------------------------------------- the steps


def _step(header: str, help: str, formula: str, format: str = "General", array: bool = False) -> Step:
    name = header.lower().replace(" ", "_")
    return Step(Column(name, header, Kind.ANY, help, live=True, width=12, format=format), formula, help, array)


PLAIN = "[=0]0;[<1]0.00;General"
DAY, NUMBER, SHARE = "yyyy-mm-dd;;", "#,##0.####", "0.0000"

HELPERS: tuple[Step, ...] = (
    _step(
        "Live key", "The goal's id; empty unless id, goal, owner and kind are all there.",
        'IF(COUNTA([Goal ID],[Goal],[Owner],[Kind])<4,"",TRIM([Goal ID]))',
    ),
    _step("First day", "Start date, else the period's start.", 'IF([Live key]="","",IF([Start date]<>"",[Start date],period_start))', DAY),
    _step("Last day", "Due date, else the period's end.", 'IF([Live key]="","",IF([Due date]<>"",[Due date],period_end))', DAY),
    _step(
        "Origin", "The day at elapsed 0: the eve of the first day (by the exclusive convention, that day).",
        'IF(OR([First day]="",[Last day]=""),"",IF([Last day]<[First day],"",[First day]-IF(pol_time_convention="exclusive",0,1)))', DAY,
    ),
    _step("Days", "Planned days.", 'IF([Origin]="","",[Last day]-[Origin])'),
    _step("Elapsed", "Days gone by the end of the as-of day.", 'IF([Origin]="","",as_of-[Origin])'),
    _step(
        "Cadence days", "The cadence of Settings; else 7 days for goals up to 100 days, 14 up to 200, else 30.",
        'IF([Live key]="","",IF(pol_cadence<>"",pol_cadence,IF(N([Days])<=100,7,IF([Days]<=200,14,30))))',
    ),
    _step(
        "Plan rows", "Rows in Plan for this goal.",
        f'IF([Live key]="","",SUMPRODUCT({PLANNED}))',
    ),
    _step(
        "Milestone rows", "Rows in Milestones for this goal.",
        f'IF([Live key]="","",SUMPRODUCT({STEPS}))',
    ),
    _step(
        "From value", "Where the measure starts; empty where there is no way to go.",
        f'IF({CHANGING},IF(OR(NOT(ISNUMBER([Target])),AND([Kind]="Decrease",[Baseline]="")),"",N([Baseline])),'
        'IF(OR([Kind]="Count",[Kind]="Percent",[Kind]="Milestones"),0,""))', NUMBER,
    ),
    _step(
        "Newest day", "The day of the newest check-in with a value, up to the as-of day; 0 without one.",
        f'IF([Live key]="","",MAX(IF({MINE}*{VALUED}*{STARTED}*(tblCheckIns[Date]<as_of+1),INT(tblCheckIns[Date]),0)))', DAY, True,
    ),
    _step(
        "Newest row", "Its row in the log; of two on one day the last.",
        'IF(N([Newest day])=0,"",'
        f"MAX(IF({MINE}*{VALUED}*(tblCheckIns[Date]>=[Newest day])*(tblCheckIns[Date]<[Newest day]+1),ROW(tblCheckIns[Date]),0))"
        "-ROW(tblCheckIns[[#Headers],[Date]]))", "0", True,
    ),
    _step(
        "Reading", "Its value.",
        'IF([Newest row]="","",IF(INDEX(tblCheckIns[Value],[Newest row])="Yes",1,'
        'IF(INDEX(tblCheckIns[Value],[Newest row])="No",0,INDEX(tblCheckIns[Value],[Newest row]))))', NUMBER,
    ),
    _step(
        "To value", "Where it should end; empty where kind and numbers contradict each other.",
        f'IF([From value]="","",IF({CHANGING},IF(OR([Target]=[From value],([Target]>[From value])<>([Kind]="Increase")),"",[Target]),'
        'IF([Kind]="Count",IF(AND(ISNUMBER([Target]),N([Target])>0,N([Reading])>=0),[Target],""),'
        'IF([Kind]="Percent",whole_percent,IF([Milestone rows]>0,1,"")))))', NUMBER,
    ),
    _step(
        "Step", "Days for which one reading counts: Flow a day, Maintain a check-in period.",
        'IF([Kind]="Flow",1,IF(OR([Origin]="",[Live key]=""),"",'
        f'IF(AND({LIMITED},OR([Kind]="Maintain",AND({CHANGING},[From value]<>"",[Target]=[From value]))),[Cadence days],"")))',
    ),
    _step(
        "Counted from", "Readings count from this day; of a planned Flow the baseline's day is not part of the first phase.",
        'IF([Step]="","",IF(AND([Kind]="Flow",[Plan rows]>0,[Origin]<>""),[Origin]+1,MAX(1,N([First day]))))', DAY,
    ),
    _step(
        "Counted to", "Readings count up to this day: of a Maintain goal not beyond the due date, of a planned Flow not beyond its plan.",
        'IF([Step]="","",IF([Kind]<>"Flow",MIN(as_of,[Last day]),'
        f'IF(OR([Plan rows]=0,[Origin]=""),as_of,MIN(as_of,MAX(IF({PLANNED},tblPlan[Date],0))))))', DAY, True,
    ),
    _step(
        "Reported", "Days (Flow) or check-in periods (Maintain) with a reading.",
        f'IF([Step]="","",SUM(({ORDER}>0)*({SUPERSEDED}=0)))', "0", True,
    ),
    _step(
        "Amount", "Flow: the sum of the readings. Maintain: the periods whose last reading lies in range.",
        f'IF([Step]="","",SUM(IF(({ORDER}>0)*({SUPERSEDED}=0),IF([Kind]="Flow",tblCheckIns[Value],{IN_RANGE}),0)))', NUMBER, True,
    ),
    _step(
        "Aimed at", "Flow: what was planned for what is reported. Maintain: the check-in periods that are over or reported.",
        'IF([Step]="","",IF([Kind]<>"Flow",'
        "MAX(IF([Elapsed]>=[Days],ROUNDUP([Days]/[Cadence days],0),INT([Elapsed]/[Cadence days])),"
        "IF([Newest day]=0,0,TRUNC((MIN([Newest day],[Last day])-[Origin]-1)/[Cadence days])+1)),"
        'IF(OR([Plan rows]=0,[Origin]=""),[Reported]*N([Target]),'
        f"SUM(IF({PLANNED}*ISNUMBER(MATCH({PHASES_BEFORE.format(day='tblPlan[Date]')},"
        f"IF({COUNTED},{PHASES_BEFORE.format(day='tblCheckIns[Date]')}),0)),tblPlan[Planned value],0)))))", NUMBER, True,
    ),
    _step(
        "Milestone weight", "The weight of milestones that have none: the mean of the others, else 1.",
        f'IF(N([Milestone rows])=0,"",IF(SUMPRODUCT({STEPS}*ISNUMBER(tblMilestones[Weight]))=0,1,'
        f"SUMPRODUCT({STEPS},tblMilestones[Weight])/SUMPRODUCT({STEPS}*ISNUMBER(tblMilestones[Weight]))))", NUMBER,
    ),
    _step(
        "Milestones done", "The weight of the finished milestones by the weight of all.",
        f'IF(N([Milestone rows])=0,"",IF({_weight(STEPS)}=0,"",{_weight(f"{STEPS}*{DONE}")}/{_weight(STEPS)}))', SHARE,
    ),
    _step(
        "Held", "Maintain: the share of reported periods in range by the share required, if enough periods are reported.",
        'IF(OR([Step]="",[Kind]="Flow",N([Reported])=0,N([Days])<=0,N([Elapsed])<=0),"",'
        f'IF(ROUND([Reported]/[Aimed at],{NOISE})<ROUND(pol_maintain_coverage,{NOISE}),"",'
        "IF(pol_required_share>0,[Amount]/[Reported]/pol_required_share,1)))", SHARE,
    ),
    _step(
        "Way gone", "The share of the way from the start value to the target.",
        'IF(OR(N([Live key]<>"")=0,[To value]="",[Kind]="Milestones"),"",IF([Reading]<>"",([Reading]-[From value])/([To value]-[From value]),'
        'IF(OR(pol_assume_baseline="Yes",pol_assume_baseline=TRUE),0,"")))', SHARE,
    ),
    _step(
        "Raw progress", "Progress before it is cut at 0 and at the cap.",
        'IF([Live key]="","",IF([Kind]="Milestones",[Milestones done],IF([Kind]="Yes/No",IF(OR([State]="Done",N([Reading])>=1),1,0),'
        'IF([Kind]="Flow",IF(OR([Reported]=0,[Aimed at]<=0),"",[Amount]/[Aimed at]),'
        'IF([Step]<>"",[Held],[Way gone])))))', SHARE,
    ),
    _step(
        "Phase start", "The plan's last date up to the as-of day.",
        f'IF(OR([Origin]="",[From value]="",[To value]=""),N([Origin]),MAX([Origin],IF({INNER}*(tblPlan[Date]<=as_of),tblPlan[Date],0)))', DAY, True,
    ),
    _step(
        "Phase end", "The plan's next date.",
        f'IF(OR([Origin]="",[From value]="",[To value]=""),N([Last day]),MIN([Last day],IF({INNER}*(tblPlan[Date]>as_of),tblPlan[Date],[Last day])))', DAY, True,
    ),
    _step(
        "Share at phase start", "What should be done by then.",
        f'IF([Phase start]=N([Origin]),0,MAX(IF({INNER}*(tblPlan[Date]=[Phase start]),{PLANNED_SHARE},-10^9)))', SHARE, True,
    ),
    _step(
        "Share at phase end", "What should be done by then.",
        f'IF([Phase end]=N([Last day]),1,MAX(IF({INNER}*(tblPlan[Date]=[Phase end]),{PLANNED_SHARE},-10^9)))', SHARE, True,
    ),
    _step(
        "Earned start", "The plan's last date that wanted no more than is done.",
        f'IF(OR([Origin]="",[To value]="",[Raw progress]=""),N([Origin]),MAX([Origin],IF({INNER},IF({PLANNED_SHARE}<=[Raw progress],tblPlan[Date],0),0)))',
        DAY, True,
    ),
    _step(
        "Earned end", "The plan's next date after that.",
        f'IF([Earned start]=N([Origin]),MIN(N([Last day]),IF({INNER},tblPlan[Date],N([Last day]))),'
        f"MIN([Last day],IF({INNER}*(tblPlan[Date]>[Earned start]),tblPlan[Date],[Last day])))", DAY, True,
    ),
    _step(
        "Share at earned start", "What should have been done by then.",
        f'IF([Earned start]=N([Origin]),0,MAX(IF({INNER}*(tblPlan[Date]=[Earned start]),{PLANNED_SHARE},-10^9)))', SHARE, True,
    ),
    _step(
        "Share at earned end", "What should have been done by then.",
        f'IF([Earned end]=N([Last day]),1,MAX(IF({INNER}*(tblPlan[Date]=[Earned end]),{PLANNED_SHARE},-10^9)))', SHARE, True,
    ),
    _step(
        "Earned days", "The elapsed time at which the plan wanted what is done (earned schedule).",
        f'IF(OR([Origin]="",[To value]="",[Raw progress]="",{LEVEL}),"",IF([Raw progress]<=0,0,'
        f"IF([Raw progress]>=1,MIN([Last day],IF({INNER},IF({PLANNED_SHARE}>=1,tblPlan[Date],[Last day]),[Last day]))-[Origin],"
        "[Earned start]-[Origin]+([Raw progress]-[Share at earned start])/([Share at earned end]-[Share at earned start])*([Earned end]-[Earned start]))))",
        "0.00", True,
    ),
    _step(
        "Pace", "What the status is judged by: earned by elapsed time, or progress by expectation; 1 is on plan.",
        'IF(OR([Raw progress]="",[Expected]=""),"",IF([Earned days]<>"",[Earned days]/[Elapsed],'
        'IF([Expected]>0,MAX(0,MIN(1,[Raw progress]))/[Expected],"")))', SHARE,
    ),
    _step(
        "Rolled up", "1 for a goal that has children and no measure of its own.",
        'IF([Live key]="","",IF(SUMPRODUCT((TRIM(tblGoals[Parent goal])=[Live key])*(tblGoals[Live key]<>"")*(tblGoals[Live key]<>[Live key]))=0,0,'
        f'IF(OR({CHANGING},[Kind]="Count"),N([Target]=""),IF([Kind]="Flow",N(AND([Target]="",[Plan rows]=0)),'
        f'IF([Kind]="Maintain",N(NOT({LIMITED})),IF([Kind]="Milestones",N([Milestone rows]=0),'
        f'N(AND([State]<>"Done",SUMPRODUCT({MINE}*{VALUED})=0))))))))', "0",
    ),
    _step(
        "Verdict", "The status of a goal that runs: both the pace and the gap must be bad, since each alone misleads early.",
        f'IF(OR([Expected]="",[Pace]=""),"{SHOWN[Status.ON_TRACK]}",'
        f"IF(AND(ROUND([Pace],{NOISE})<ROUND(pol_off_track_pace,{NOISE}),ROUND([Expected]-[Progress],{NOISE})>=ROUND(pol_off_track_gap,{NOISE})),"
        f'"{SHOWN[Status.OFF_TRACK]}",'
        f"IF(AND(ROUND([Pace],{NOISE})<ROUND(pol_at_risk_pace,{NOISE}),ROUND([Expected]-[Progress],{NOISE})>=ROUND(pol_at_risk_gap,{NOISE})),"
        f'"{SHOWN[Status.AT_RISK]}","{SHOWN[Status.ON_TRACK]}")))',
    ),
)  # fmt: skip
"""The steps on the way, in the order of the flow. Never read as input."""


def _shown(name: str, formula: str, reason: str) -> Step:
    column = GOALS.column(name)
    # a format such as #,##0.## would show 31 as "31."
    return Step(column if column.format == "0%" else replace(column, format=PLAIN), formula, reason)


VISIBLE: tuple[Step, ...] = (
    _shown(
        "current", 'IF(OR([Live key]="",[Rolled up]=1),"",IF(AND([Kind]="Milestones",[Milestone rows]>0),[Milestones done],[Reading]))',
        "The newest reading; of milestones the share that is done.",
    ),
    _shown(
        "progress", 'IF(OR([Live key]="",[Rolled up]=1,[Raw progress]=""),"",MIN(pol_cap,MAX(0,[Raw progress])))',
        "What is done, from 0 to the cap.",
    ),
    _shown(
        "expected",
        'IF(OR([Live key]="",[Rolled up]=1,[Origin]="",N([Days])<=0,N([Elapsed])<=0),"",'
        'IF([Kind]="Yes/No",IF([Elapsed]>=[Days],1,0),IF([Kind]="Flow",1,'
        f"IF({LEVEL},pol_required_share,IF([Elapsed]>=[Days],1,MAX(0,MIN(1,[Share at phase start]+([Share at phase end]-[Share at phase start])"
        "*(as_of-[Phase start])/([Phase end]-[Phase start]))))))))",
        "What should be done by the as-of day, along the plan.",
    ),
    _shown(
        "status",
        f'IF([Live key]="","",IF([State]="Postponed","{SHOWN[Status.POSTPONED]}",IF([State]="Dropped","{SHOWN[Status.DROPPED]}",'
        f'IF(OR([State]="Draft",N([First day])>as_of),"{SHOWN[Status.NOT_STARTED]}",'
        f'IF([Rolled up]=1,"{CONTAINER}",IF([Raw progress]="","{SHOWN[Status.NO_DATA]}",'
        f'IF(AND(ROUND([Raw progress],{NOISE})>=1,OR(NOT({LEVEL}),AND([Last day]<>"",as_of>=N([Last day])))),"{SHOWN[Status.ACHIEVED]}",'
        f'IF(AND([Last day]<>"",as_of>N([Last day])),"{SHOWN[Status.OVERDUE]}",'
        f'IF([Expected]="","{SHOWN[Status.TOO_EARLY]}",'
        f'IF([Elapsed]<MAX(pol_too_early_cadences*[Cadence days],pol_too_early_share*[Days]),"{SHOWN[Status.TOO_EARLY]}",'
        "[Verdict]))))))))))",
        "The first rule that applies.",
    ),
)  # fmt: skip
"""The four live columns of the contract."""

WHOLE_PERCENT = (
    "IF(SUM(ISNUMBER(tblCheckIns[Value])*((tblCheckIns[Value]>1.5)+(tblCheckIns[Value]<-1.5)>0)"
    '*ISNUMBER(MATCH(TRIM(tblCheckIns[Goal ID]),IF(tblGoals[Kind]="Percent",TRIM(tblGoals[Goal ID]),0),0)))>0,100,1)'
)
"""What 100 % is in the check-ins of Percent goals, decided for all of them together (an array formula)."""


def shown_values(goal: GoalScore) -> dict[str, Scalar]:
    """What the live columns of a goal show, by field name; nothing is an empty text, as the formulas give it."""
    if goal.container:
        word = SHOWN[goal.status] if goal.status in OUTSIDE else CONTAINER
        return {"current": "", "progress": "", "expected": "", "status": word}
    numbers = {"current": goal.current, "progress": goal.progress, "expected": goal.expected}
    return {**{name: "" if n is None else n for name, n in numbers.items()}, "status": SHOWN[goal.status]}


IN_FORCE = "In force"
"""The column of Settings that all formulas look at: the value, else the default."""


def table_of(sheet: Sheet, place: Place) -> ListObject | None:
    """The Excel table that a form's columns stand in."""
    columns = place.columns.values()
    return next((t for t in sheet.list_objects if any(t.area.left <= c <= t.area.right for c in columns)), None)


def cells_in_force(book: TeamBook) -> dict[str, Address]:
    """The cells of Settings that the live columns take each setting from; none where Settings is not ours."""
    place = book.places.get(SETTINGS.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    table = table_of(sheet, place) if sheet and place else None
    if table is None or IN_FORCE not in table.columns:
        return {}
    column = table.area.left + table.columns.index(IN_FORCE)
    return {name: Address(at.sheet, at.row, column) for name, at in book.settings_at.items()}


def remembered(book: TeamBook, goals: Iterable[GoalScore], as_of: date) -> list[Change]:
    """The live cells' results as scored, for viewers that do not calculate, and the day that they are of.

    Only cells with a formula are meant.
    """
    place = book.places.get(GOALS.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    if place is None or sheet is None:
        return []
    changes = [
        Change(Address(place.sheet, goal.address.row, place.columns[name]), value, cached=True)
        for goal in goals
        for name, value in shown_values(goal).items()
        if (cell := sheet.cells.get((goal.address.row, place.columns.get(name, 0)))) is not None and cell.formula
    ]
    day = cells_in_force(book).get("as_of") if changes else None
    return [*changes, Change(day, as_of, cached=True)] if day else changes
