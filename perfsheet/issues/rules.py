"""The pages of the issue rules: what each looks for, why it matters, and what helps.

Severities here say how an issue weighs as a rule: high and med are warnings, info is info. Each
single issue carries its own.
"""

from __future__ import annotations

from ..findings import Rule, Severity

W, I = Severity.WARNING, Severity.INFO

NO_CHECKIN = Rule(
    "no_checkin", W, "No check-in yet",
    "Two check-in cadences of the goal's time are over and nobody has recorded a value.",
    "Goals that are looked at and written down are reached more often; without a check-in nobody knows.",
    "No check-in in the first 21 days of a goal that is looked at every 7.",
    "Add a line for the goal to Check-ins, even if the value has not moved",
)  # fmt: skip
STALE = Rule(
    "stale", W, "The last check-in is old",
    "Since the last check-in more than one and a half cadences and the grace days have passed (med), or more than three (high). Absences do not count.",
    "Status and forecast are those of the last check-in; the longer ago, the less they say.",
    "Last check-in 25 days ago, every 7 expected.",
    "Add a check-in with today's value",
)  # fmt: skip
STALLED = Rule(
    "stalled", W, "The value stands still",
    "The last three or more check-ins, over two cadences and a tenth of the time, moved less than 1 % of the way to the target.",
    "A flat line is easier to talk about now than on the due date.",
    "20 since 2026-02-10, 4 check-ins.",
    "Ask what is in the way, and note it as a blocker or agree an action",
)  # fmt: skip
AT_RISK = Rule(
    "at_risk", W, "At risk",
    "Progress runs below 90 % of the planned pace and is at least 5 points behind what is expected today.",
    "A small gap can still be closed; the evidence says how much faster it has to go.",
    "25 % done, 33 % expected today; needs 1.1 times the planned pace.",
    "Agree what will change, or check whether the plan was even in the first place (Plan tab)",
)  # fmt: skip
OFF_TRACK = Rule(
    "off_track", W, "Off track",
    "Progress runs below 75 % of the planned pace and is at least 10 points behind what is expected today.",
    "Help is worth most while there is time left.",
    "15 % done, 33 % expected today; needs 1.3 times the planned pace.",
    "See the proposal for this goal in Adjustments",
)  # fmt: skip
OVERDUE = Rule(
    "overdue", W, "Overdue",
    "The due date has passed and the target is not reached.",
    "An open goal past its date belongs either finished, moved with a reason, or closed.",
    "80 % done, due 2026-03-31, 5 days ago.",
    "Close the goal with what was learned, or agree a new one",
)  # fmt: skip
REVERSING = Rule(
    "reversing", W, "Moving the wrong way",
    "The measure stands worse than the baseline, or its trend over five or more check-ins points surely away from the target.",
    "Doing nothing would have been better so far: the cause is worth finding before trying harder.",
    "Trend -0.4 to -0.2 a day, where the target is upwards.",
    "Look for what changed; check that kind, baseline and target are the right way round",
)  # fmt: skip
CONFIDENCE_CONFLICT = Rule(
    "confidence_conflict", W, "Confidence and record disagree",
    "The owner is at least 70 % sure where the record gives 30 % or less, or the other way round (from three check-ins on).",
    "One of the two knows something that the other does not.",
    "Confidence 90 %, chance by the record 15 %.",
    "Ask what the owner sees coming; it may belong in a note, an action or a plan",
)  # fmt: skip
BLOCKED = Rule(
    "blocked", W, "A blocker without an answer",
    "A blocker has stood in the check-ins for more than seven days and no action for the goal was agreed since.",
    "A blocker that is named and not answered teaches people not to name the next one. It is the manager's to answer.",
    "Blocked for 12 days: waiting for the data export.",
    "Agree an action with a name and a date in the Actions tab",
)  # fmt: skip
SANDBAGGING = Rule(
    "sandbagging?", I, "Was it too easy?",
    "The target was reached before 60 % of the time was over, or every one of ten or more promises was kept in time.",
    "Often simply good work. A question for the next goal, never an accusation, and it counts against nobody.",
    "Reached after 40 of 90 days. Could the next goal ask for more?",
    "Close the goal and set the next one with the owner",
)  # fmt: skip
LATE_SURGE = Rule(
    "late_surge", I, "Most of it came at the very end",
    "At least half of the way was reported in the last tenth of the time.",
    "Either the work came in a rush or the check-ins did; forecasts cannot see either.",
    "60 % of the way reported in the last 9 days.",
    "Ask whether steps on the way would have helped; a Plan tab can hold them",
)  # fmt: skip
TARGET_MOVED = Rule(
    "target_moved", W, "The target was eased late",
    "By History, target or due date were eased in the last quarter of the time or when the goal was off track, or an owner's goals were eased twice.",
    "Such a change may be right. It should be seen, and the score against the original plan stays beside it.",
    "Target 100 -> 80 on 2026-03-20 by A. Lee.",
    "Nothing to do if the reason in History says it all",
)  # fmt: skip
OVERLOAD = Rule(
    "overload", W, "Too many goals at once",
    "One person has more than five active goals (med), more than eight (high), or more than three due within 14 days.",
    "Three to five is what people can keep in mind; beyond that all of them suffer.",
    "7 active goals: G1, G2, G3, G4, G5, G6 and 1 more.",
    "Put off or hand over the goals with the least weight",
)  # fmt: skip
MISSING_FEEDBACK = Rule(
    "missing_feedback", W, "No feedback from the manager",
    "A direct report has had no feedback from the manager in 30 days (med) or 60 days (high). Requests and absences do not count.",
    "Regular, timely feedback about the task is one of the few things known to help. It is the manager's to give.",
    "No feedback from the manager in 45 days.",
    "Give feedback on something seen recently and note it in Feedback",
)  # fmt: skip
FEEDBACK_NOT_FOLLOWED = Rule(
    "feedback_not_followed", W, "An agreed follow-up is overdue",
    "A follow-up to feedback is more than seven days past its date and not marked as done.",
    "Feedback works through what follows from it.",
    "Follow-up due 2026-02-01, 20 days ago.",
    "Do it and fill in Follow-up done, or agree a new date",
)  # fmt: skip
SIGNAL = Rule(
    "signal", W, "A point out of the ordinary",
    "A reading lies outside the natural limits of its own series (XmR chart). Kept-level goals are judged by level, growing ones by pace. Runs of eight on one side, and three of four near a limit, are hints.",
    "Inside the limits, ups and downs are noise and need no explanation; outside there is a cause worth finding.",
    "64 on 2026-03-02 lies above the upper limit of 55.8 (mean 50.8, 10 values).",
    "Ask what was different that day",
)  # fmt: skip

ORPHAN = Rule(
    "orphan", W, "The parent goal is not here",
    "Parent goal names an id that this workbook does not have. The goal counts as one without parent.",
    "It is not part of its parent's progress here.",
    "G7 has the parent C1, which stands in another team's workbook.",
    "Nothing to do if the parent stands in another workbook; otherwise correct the id",
)  # fmt: skip
PARENT_CHILD_CONFLICT = Rule(
    "parent_child_conflict", W, "Parent and children tell two stories",
    "A parent goal's own measure and the roll-up of its children differ by more than 20 points.",
    "Either the children are not what moves the parent, or one side is not up to date.",
    "C1 is 20 % done by its own measure, its children 75 %.",
    "Check the measures, and whether these children still serve this parent",
)  # fmt: skip
WEIGHTS_DO_NOT_SUM = Rule(
    "weights_do_not_sum", W, "The weights do not add up to 100 %",
    "The weights are given as percent and their sum is off 100 by more than half a point.",
    "Weights count in proportion, so nothing breaks; but what people see is not what counts.",
    "The weights add up to 110: 60 counts as 54.5 %.",
    "Adjust the weights, or see them as plain proportions",
)  # fmt: skip
DOUBLE_COUNT_RISK = Rule(
    "double_count_risk", W, "The same work may count twice",
    "A goal and its parent both count with a measure of their own.",
    "If the child's result is part of the parent's measure, it is in the team's score twice.",
    "C1 measures all sales, its child G4 the sales of one region.",
    "Give one of the two the weight 0, or leave the parent without a measure of its own",
)  # fmt: skip
BASELINE_ASSUMED_ZERO = Rule(
    "baseline_assumed_zero", W, "No baseline: zero assumed",
    "The goal grows to its target and has no baseline. Progress is counted from zero.",
    "If the measure did not start at zero, progress looks better than it is.",
    "Customers to 500 with an empty Baseline cell.",
    "Fill in Baseline, even if it is 0",
)  # fmt: skip
WORSE_THAN_BASELINE = Rule(
    "worse_than_baseline", I, "Below where it began",
    "The newest reading is worse than the baseline. Progress counts as 0 %; the raw number is shown beside it.",
    "A capped zero would hide that something was lost.",
    "Baseline 20, target 40, now 18: -10 %.",
    "Check the reading; if it is right, see the issue reversing",
)  # fmt: skip
WEIGHT_ASSUMED = Rule(
    "weight_assumed", I, "An empty weight was filled in",
    "Some goals have a weight and this one has none. What is left of 100 % is shared out, or the mean of the others is used.",
    "The goal counts with a weight that nobody chose.",
    "Weights 50, 30 and empty: the third counts as 20.",
    "Fill in Weight, or empty it for all goals to count them alike",
)  # fmt: skip
CYCLE = Rule(
    "cycle", W, "Parents in a circle",
    "Following the parent goals leads back to the goal itself. It is treated as a goal without parent.",
    "No roll-up can end.",
    "G1 has the parent G2, and G2 has the parent G1.",
    "Correct one of the Parent goal cells",
)  # fmt: skip
DIRECTION_MISMATCH = Rule(
    "direction_mismatch", W, "Kind and numbers disagree",
    "The kind says one direction, baseline to target goes the other. Nothing is computed, since either may be meant.",
    "A guess would turn success into failure.",
    "Kind Decrease from 10 to 50.",
    "Correct the kind, or exchange baseline and target",
    anomaly=True,
)  # fmt: skip
BASELINE_EQUALS_TARGET = Rule(
    "baseline_equals_target", W, "Baseline and target are the same",
    "There is no way to go, so there is no progress to count.",
    "What is meant is probably to keep a level.",
    "Baseline 95, target 95.",
    "Choose the kind Maintain with Lower or Upper, or correct one of the two",
    anomaly=True,
)  # fmt: skip
VALUE_DECREASED = Rule(
    "value_decreased", W, "A running total fell",
    "The value of a Count goal is lower than in the check-in before. The newest value counts.",
    "A correction or a real loss: only the owner knows.",
    "120 calls, then 95.",
    "Correct the check-in, or say in Note why the total fell",
    anomaly=True,
)  # fmt: skip

RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
