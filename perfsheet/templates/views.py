"""Live columns that show a workbook's numbers on other people's scales: OKR grades, scorecard points, a curve.

They are views: nothing reads them back, and no score depends on them. What each shows equals
`perfsheet.scoring.scales` at the policy's default numbers.
"""

from __future__ import annotations

from ..forms import PLAN, Column, Kind
from ..live_columns import NOISE, Step

GRADES = ("✖ Red", "▲ Yellow", "✔ Green")
HOPES = ("✔ As hoped", "★ Better than hoped", "▲ A shortfall: say why", "◔ Not due yet")
BANDS = ("✖ Below threshold", "▲ Below target", "✔ On target", "★ Stretch reached")
PERSPECTIVES = ("Financial", "Customer", "Internal process", "Learning and growth")

HALF_UP = "TRUNC(10*{0}+0.5+10^-9)/10"
"""One decimal, halves upwards, without binary fractions deciding the halves."""

CHILDREN = "(TRIM(tblGoals[Parent goal])=[Live key])*ISNUMBER(tblGoals[Key grade])"


def _view(header: str, kind: Kind, help: str, formula: str, format: str = "General", **more: object) -> Step:
    array, width = bool(more.get("array")), float(str(more.get("width", 12)))
    column = Column(header.lower().replace(" ", "_"), header, kind, help, live=True, width=width, format=format)
    return Step(column, formula, help, array, str(more.get("table", "tblGoals")))


KEY_GRADE = _view(
    "Key grade", Kind.NUMBER, "The grade of a goal with a measure of its own, if it still counts.",
    'IF(OR([Progress]="",[State]="Draft",[State]="Postponed",[State]="Dropped"),"",'
    + HALF_UP.format("MIN(1,[Progress])") + ")", "0.0",
)  # fmt: skip
MEAN_GRADE = _view(
    "Mean grade", Kind.NUMBER, "An objective: the plain mean of its key results' grades.",
    f'IF([Rolled up]<>1,[Key grade],IF(SUM({CHILDREN})=0,"",SUM(IF({CHILDREN},tblGoals[Key grade],0))/SUM({CHILDREN})))',
    "0.0000", array=True,
)  # fmt: skip
GRADE = _view(
    "Grade", Kind.NUMBER, "Live: 0.0 to 1.0; of an objective the mean of its key results.",
    'IF([Mean grade]="","",' + HALF_UP.format("[Mean grade]") + ")", "0.0", width=10,
)  # fmt: skip
GRADED_AS = _view(
    "Graded as", Kind.TEXT, "Live: red, yellow or green; the limits stand on Settings.",
    f'IF([Grade]="","",IF(ROUND([Grade],{NOISE})<pol_grade_red_below,"{GRADES[0]}",'
    f'IF(ROUND([Grade],{NOISE})<pol_grade_green_from,"{GRADES[1]}","{GRADES[2]}")))',
    width=12,
)  # fmt: skip
AGAINST_HOPE = _view(
    "Against hope", Kind.TEXT, "Live: once due, a committed goal is hoped to have 1.0, an aspirational one 0.7.",
    f'IF(OR([Grade]="",[Aspiration]=""),"",IF(as_of<N([Last day]),"{HOPES[3]}",IF(ROUND([Grade]-[Hoped for],{NOISE})>0,'
    f'"{HOPES[1]}",IF(ROUND([Grade]-[Hoped for],{NOISE})=0,"{HOPES[0]}","{HOPES[2]}"))))',
    width=23,
)  # fmt: skip
HOPED_FOR = _view(
    "Hoped for", Kind.NUMBER, "The grade that is hoped for at the end.",
    'IF([Aspiration]="Aspirational",pol_attainment_aspirational,pol_attainment_committed)', "0.0",
)  # fmt: skip

OKR_SHOWN = (GRADE, GRADED_AS, AGAINST_HOPE)
OKR_STEPS = (KEY_GRADE, MEAN_GRADE, HOPED_FOR)


WAY_UP = _view(
    "Way up", Kind.NUMBER, "0 at the threshold, 1 at the target.",
    'IF(OR([Current]="",NOT(ISNUMBER([Threshold])),NOT(ISNUMBER([Target])),[Threshold]=[Target]),"",'
    "([Current]-[Threshold])/([Target]-[Threshold]))", "0.0000",
)  # fmt: skip
WAY_OVER = _view(
    "Way over", Kind.NUMBER, "0 at the target, 1 at the stretch target; empty without one beyond the target.",
    'IF(OR([Way up]="",NOT(ISNUMBER([Stretch]))),"",IF(([Stretch]-[Target])*([Target]-[Threshold])<=0,"",'
    "([Current]-[Target])/([Stretch]-[Target])))", "0.0000",
)  # fmt: skip
POINTS = _view(
    "Points", Kind.NUMBER, "Live: 0 to 10; the threshold is 3.3, the target 6.7.",
    'IF([Way up]="","",MIN(10,MAX(0,10/3*(1+[Way up]))))', "0.0", width=10,
)  # fmt: skip
BAND = _view(
    "Band", Kind.TEXT, "Live: where the number stands between threshold, target and stretch.",
    f'IF([Way up]="","",IF(ROUND([Way up],{NOISE})<0,"{BANDS[0]}",IF(ROUND([Way up],{NOISE})<1,"{BANDS[1]}",'
    f'IF(ROUND(N([Way over]),{NOISE})>=1,"{BANDS[3]}","{BANDS[2]}"))))',
    width=20,
)  # fmt: skip
CURVE = _view(
    "Curve", Kind.NUMBER, "A view only: 0 below the threshold, 100 % at the target, more up to the stretch target. No pay is computed.",
    f'IF([Way up]="","",IF(ROUND([Way up],{NOISE})<0,0,IF([Way up]<=1,pol_curve_at_threshold+(1-pol_curve_at_threshold)*[Way up],'
    "1+(pol_curve_at_stretch-1)*MIN(1,MAX(0,N([Way over]))))))", "0%",
)  # fmt: skip

SCORECARD_SHOWN = (POINTS, BAND)
SCORECARD_STEPS = (WAY_UP, WAY_OVER, CURVE)


OF_THIS_ROW = "(TRIM(tblCheckIns[Goal ID])=TRIM([Goal ID]))*ISNUMBER(tblCheckIns[Value])*ISNUMBER(tblCheckIns[Date])"
UP_TO_NOW = f"{OF_THIS_ROW}*(tblCheckIns[Date]<[Date]+1)"
EARLIER = "(TRIM(tblPlan[Goal ID])=TRIM([Goal ID]))*ISNUMBER(tblPlan[Date])*(tblPlan[Date]<[Date])"


def _plan(header: str, kind: Kind, help: str, formula: str, format: str, array: bool = False) -> Step:
    return _view(header, kind, help, formula, format, array=array, table=PLAN.table, width=14)


PERIOD_FROM = _plan(
    "Period from", Kind.DATE, "The day after the date planned before; 1 for the first.",
    f'IF(OR([Goal ID]="",NOT(ISNUMBER([Date]))),"",1+MAX(IF({EARLIER},tblPlan[Date],0)))', "yyyy-mm-dd;;", True,
)  # fmt: skip
REACHED = _plan(
    "Reached", Kind.NUMBER, "Live: the newest value of the period; of a Flow its sum.",
    'IF([Period from]="","",IF([Date]>as_of,"",IF(SUM(' + UP_TO_NOW + '*(tblCheckIns[Date]>=[Period from]))=0,"",'
    "IF(SUM((TRIM(tblGoals[Goal ID])=TRIM([Goal ID]))*(tblGoals[Kind]=\"Flow\"))>0,"
    "SUM(IF(" + UP_TO_NOW + "*(tblCheckIns[Date]>=[Period from]),tblCheckIns[Value],0)),"
    "INDEX(tblCheckIns[Value],MOD(MAX(IF(" + UP_TO_NOW + "*(tblCheckIns[Date]>=[Period from]),"
    "INT(tblCheckIns[Date])*10^7+ROW(tblCheckIns[Date])-ROW(tblCheckIns[[#Headers],[Date]]),0)),10^7))))))",
    "General", True,
)  # fmt: skip
DIFFERENCE = _plan(
    "Difference", Kind.NUMBER, "Live: reached less planned.",
    f'IF(OR([Reached]="",NOT(ISNUMBER([Planned value]))),"",ROUND([Reached]-[Planned value],{NOISE}))', "+General;-General;0",
)  # fmt: skip

PLAN_SHOWN = (REACHED, DIFFERENCE)
PLAN_STEPS = (PERIOD_FROM,)
