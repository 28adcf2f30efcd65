"""The pages of the proposal rules: when each fires, what it proposes, and why so."""

from __future__ import annotations

from ..findings import Rule, Severity

_I = Severity.INFO

FIX_DATA = Rule(
    "fix_data", _I, "Put the data right first",
    "The goal has an open data anomaly.",
    "Everything else that could be said about the goal may come from the wrong cell.",
    "A value 100 times the others in Check-ins!C14.",
    "Correct the cells named in the evidence, and run again",
)  # fmt: skip
ADD_SUPPORT = Rule(
    "add_support", _I, "Give support",
    "The goal is off track or stalled, and a blocker has stood for more than seven days, the owner's confidence fell by 20 points, or the owner has too many goals.",
    "Before a plan is changed, what is in the way is worth removing. That is for the manager to do.",
    "Blocked by the missing data export for 12 days; 23 % done, 46 % expected.",
    "Agree an action of the manager, due within seven days",
)  # fmt: skip
LEARNING_GOAL = Rule(
    "learning_goal", _I, "A learning goal first",
    "After a quarter of the time and three check-ins less than 5 % is done, and the owner is new to it.",
    "On unfamiliar, complex work a goal to find out how does better than a number to reach.",
    "2 % done at 30 % of the time; the owner joined on 2026-02-01.",
    "Set a goal to find and test three ways within half of the time that is left",
)  # fmt: skip
SPLIT = Rule(
    "split", _I, "Split into steps",
    "The goal is longer than 180 days, has more than eight milestones or more than one measure, and is not on track.",
    "A near step can be planned and seen; the sum of the steps is the old goal.",
    "Next step 60 by 2026-03-11, then 100 by 2026-04-10.",
    "Enter the steps in Plan, or as goals of their own that share the weight",
)  # fmt: skip
EXTEND_DUE = Rule(
    "extend_due", _I, "Move the due date",
    "The chance is 30 % or less, the measure moves the right way, and the date is not fixed.",
    "The target stays; the date becomes the first one with a chance of 70 %, at most half of the planned time later.",
    "At today's pace the target falls on 2026-05-20.",
    "Accept, or change the date",
)  # fmt: skip
LOWER_TARGET = Rule(
    "lower_target", _I, "Lower the target",
    "The chance is 15 % or less, the goal was off track at two check-ins in a row, 40 % of the time is over, an outside reason is on record, and support was tried or refused.",
    "The last resort: being behind is by itself a reason to stay and learn. The original stays on record.",
    "Median forecast 59.7; the original stays on record as 100.",
    "Accept, or change the value; the score against the original plan is always shown beside it",
)  # fmt: skip
CLOSE_EARLY = Rule(
    "close_early", _I, "Close early, and set a new goal",
    "The target is reached with at least 15 % of the time left.",
    "Raising the bar on the same goal teaches people to hold back; a new goal does not.",
    "Reached 20 days before the date.",
    "Accept to mark the goal as done, then agree a new one with the owner",
)  # fmt: skip
BRING_FORWARD = Rule(
    "bring_forward", _I, "Bring the date forward",
    "The chance is 80 % at a date at least a fifth of the time before the due date, and a parent goal waits for it.",
    "What others build on is worth having early.",
    "80 % likely by 2026-03-01, 30 days early.",
    "Accept, or change the date",
)  # fmt: skip
RETIRE = Rule(
    "retire", _I, "Retire the goal",
    "The parent is dropped, the owner has left, the goal stands there twice, or nobody has looked at it for three cadences and it serves no other goal.",
    "A goal that nobody works on hides those that matter. Its score is frozen and stays listed.",
    "The parent C1 is dropped.",
    "Accept to mark the goal as dropped",
)  # fmt: skip
DEFER = Rule(
    "defer", _I, "Put off or hand over",
    "The owner has too many goals, and this is the one with the least weight.",
    "Fewer goals at a time are reached sooner.",
    "7 active goals; this one has the weight 5.",
    "Accept to postpone it to the next period, or give it to somebody else",
)  # fmt: skip
HOLD = Rule(
    "hold", _I, "Leave it as it is",
    "Nothing above applies, or it is too early, too late or too soon after another change.",
    "Goals work because they stay. The bar for changing one is high.",
    "On track: 50 % done, 47 % expected today.",
    "Nothing to decide",
)  # fmt: skip

PROPOSAL_RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""In the order of precedence."""
