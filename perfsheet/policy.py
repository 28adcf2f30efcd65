"""Every number that an organisation may change, with its default and its meaning.

A policy is made of the defaults, then the Settings tab of the workbook, then a TOML file
(`--policy FILE.toml`): the last one wins. It is frozen: a run uses one policy throughout.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .errors import Misuse


@dataclass(frozen=True)
class Knob:
    """One policy number: the label in the Settings tab, the limits, what it does."""

    name: str
    label: str
    default: float | int | bool | str | None
    help: str
    low: float | None = None
    high: float | None = None
    group: str = ""
    percent: bool = False
    choices: tuple[str, ...] = ()

    def check(self, value: object) -> str | None:
        """What is wrong with the value, or None."""
        if self.choices:
            return None if value in self.choices else f"must be one of {', '.join(self.choices)}"
        if value is None:
            return None if self.default is None else "must not be empty"
        if isinstance(self.default, bool):
            return None if isinstance(value, bool) else "must be yes or no"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return "must be a number"
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return (
                f"must lie between {self.low:g} and {self.high:g}"
                if self.high is not None
                else f"must be at least {self.low:g}"
            )
        return None


def knob(label: str, default: Any, help: str, low: float | None = None, high: float | None = None, **more: Any) -> Any:
    """Declares one policy number as a dataclass field."""
    return dataclasses.field(default=default, metadata={"label": label, "help": help, "low": low, "high": high, **more})


def share(label: str, default: float, help: str, **more: Any) -> Any:
    """A policy number between 0 and 1, shown as percent."""
    return knob(label, default, help, 0, 1, percent=True, **more)


@dataclass(frozen=True)
class Policy:
    """The numbers in force. Days are calendar days; shares are fractions from 0 to 1."""

    # people and rhythm
    cadence: int | None = knob(
        "Check-in cadence (days)",
        None,
        "Days between check-ins. Empty: 7 for goals up to 100 days, 14 up to 200, else 30.",
        1,
        366,
        group="Rhythm",
    )
    grace: int | None = knob(
        "Grace (days)",
        None,
        "Days a check-in may be late and still be on time. Empty: a fifth of the cadence, rounded up.",
        0,
        60,
        group="Rhythm",
    )
    minimum_group: int = knob(
        "Minimum group size", 5, "Groups of fewer people are not shown in any aggregate.", 3, 50, group="Privacy"
    )
    minimum_group_comments: int = knob(
        "Minimum group size for comments",
        10,
        "Where names are replaced, feedback of teams with fewer people is not shown.",
        3,
        100,
        group="Privacy",
    )
    feedback_for_hr: bool = knob(
        "Feedback for HR leaves the workbook",
        False,
        "Yes: feedback marked as visible to HR comes into HR's organisation workbook. All other feedback never does.",
        group="Privacy",
    )

    # progress
    cap: float = knob(
        "Progress cap",
        1.0,
        "A goal counts at most this much in a roll-up, so that one easy goal does not hide two failures.",
        1,
        2,
        group="Progress",
        percent=True,
    )
    required_share: float = share(
        "Maintain: required share",
        1.0,
        "Share of reported periods that must lie in range for a Maintain goal to be met.",
    )
    maintain_coverage: float = share(
        "Maintain: least coverage", 0.5, "Below this share of reported periods a Maintain goal has no number."
    )
    time_convention: str = knob(
        "Time convention",
        "inclusive",
        "inclusive: start and due day both count. exclusive: 0 % on the first day, 100 % on the last.",
        choices=("inclusive", "exclusive"),
        group="Progress",
    )
    assume_baseline: bool = knob(
        "No check-in means baseline",
        False,
        "Yes: a goal without check-ins shows 0 % with no coverage instead of no number.",
        group="Progress",
    )

    # status
    at_risk_pace: float = knob(
        "At risk below pace",
        0.90,
        "At risk when progress runs below this share of the planned pace (and the gap is wide enough).",
        0,
        1,
        group="Status",
        percent=True,
    )
    off_track_pace: float = knob(
        "Off track below pace",
        0.75,
        "Off track when progress runs below this share of the planned pace (and the gap is wide enough).",
        0,
        1,
        group="Status",
        percent=True,
    )
    at_risk_gap: float = share(
        "At risk from gap", 0.05, "At risk only if progress is also this far behind expectation."
    )
    off_track_gap: float = share(
        "Off track from gap", 0.10, "Off track only if progress is also this far behind expectation."
    )
    too_early_share: float = share("Too early until", 0.15, "No verdict before this share of the time has passed …")
    too_early_cadences: float = knob(
        "Too early until (cadences)",
        2,
        "… or before this many check-in cadences, whichever is later.",
        0,
        20,
        group="Status",
    )

    # forecast
    prior_strength: float = knob(
        "Forecast: weight of the plan",
        0.5,
        "Weight of the planned pace before any check-in, as a share of the planned duration.",
        0.01,
        5,
        group="Forecast",
    )
    prior_shape: float = knob(
        "Forecast: prior shape", 2.0, "Shape of the prior on the volatility.", 1.01, 20, group="Forecast"
    )
    prior_volatility: float = knob(
        "Forecast: prior volatility",
        0.5,
        "Volatility expected before any check-in, as a share of the gap.",
        0.01,
        5,
        group="Forecast",
    )
    attainment: float = share("Forecast: usual attainment", 0.85, "Share of the planned pace that goals usually keep.")
    attainment_committed: float = share("Forecast: attainment, committed", 1.0, "The same for goals marked Committed.")
    attainment_aspirational: float = share(
        "Forecast: attainment, aspirational", 0.7, "The same for goals marked Aspirational."
    )
    forecast_check_ins: int = knob(
        "Forecast shown from (check-ins)",
        3,
        "No probability is shown below this many check-ins.",
        1,
        50,
        group="Forecast",
    )
    forecast_elapsed: float = share(
        "Forecast shown from (time)", 0.15, "No probability is shown before this share of the time has passed."
    )

    # roll-up
    partial_below: float = share(
        "Partial below coverage", 0.6, "A roll-up with less coverage is marked partial.", group="Roll-up"
    )
    none_below: float = share("No number below coverage", 0.3, "A roll-up with less coverage shows no number.")
    worst_wins: bool = knob(
        "Worst status wins", False, "Yes: a parent goal takes the worst status of its children.", group="Roll-up"
    )

    # accountability
    weight_clarity: float = share(
        "Weight: clarity",
        0.15,
        "Weight of complete goal fields in the index of recorded practice.",
        group="Accountability",
    )
    weight_cadence: float = share("Weight: cadence", 0.25, "Weight of check-ins made on time.")
    weight_commitments: float = share("Weight: commitments", 0.35, "Weight of actions done by their due date.")
    weight_follow_through: float = share(
        "Weight: follow-through", 0.15, "Weight of feedback follow-ups that were done."
    )
    weight_responsiveness: float = share(
        "Weight: responsiveness", 0.10, "Weight of missed or troubled check-ins that were explained or acted on."
    )
    shrinkage: float = knob(
        "Shrinkage (average trials added)",
        4,
        "So many average trials are added to every component, so that thin records do not shout.",
        0,
        100,
        group="Accountability",
    )
    usual_rate: float = share(
        "Usual success rate",
        0.8,
        "The average that thin records are drawn to, until the organisation's own rate rests on 30 trials.",
    )
    late_credit: float = share(
        "Credit for a late check-in", 0.5, "What a late check-in counts, where one on time counts 1."
    )
    index_trials: int = knob(
        "Index shown from (trials)",
        5,
        "Below this many trials there is not enough record for an index.",
        1,
        100,
        group="Accountability",
    )
    show_index: bool = knob(
        "Show the practice index",
        True,
        "No: Summary and the organisation workbook show the raw counts alone; each person can still see their own.",
        group="Accountability",
    )
    manager_feedback_days: int = knob(
        "Feedback to each report within (days)",
        30,
        "A manager gives each direct report feedback at least this often.",
        1,
        366,
        group="Accountability",
    )
    blocker_days: int = knob(
        "Blockers answered within (working days)",
        5,
        "A manager answers a blocker within this many working days.",
        1,
        60,
        group="Accountability",
    )
    decision_days: int = knob(
        "Proposals decided within (days)",
        14,
        "A manager decides on a proposal within this many days.",
        1,
        366,
        group="Accountability",
    )

    # issues
    stale_cadences: float = knob(
        "Stale after (cadences)",
        1.5,
        "A goal is stale after this many cadences plus grace without a check-in …",
        0.5,
        20,
        group="Issues",
    )
    stale_high_cadences: float = knob(
        "Very stale after (cadences)", 3, "… and very stale after this many.", 0.5, 40, group="Issues"
    )
    blocked_days: int = knob(
        "Blocked after (days)",
        7,
        "A blocker without an action is an issue after this many days.",
        1,
        90,
        group="Issues",
    )
    overload_goals: int = knob(
        "Overload above (goals)", 5, "More active goals than this for one owner is an overload …", 1, 50, group="Issues"
    )
    overload_goals_high: int = knob(
        "Heavy overload above (goals)", 8, "… and more than this a heavy one.", 1, 100, group="Issues"
    )
    overload_due: int = knob(
        "Overload above (due in 14 days)",
        3,
        "More goals than this due within 14 days is an overload too.",
        1,
        50,
        group="Issues",
    )
    feedback_days: int = knob(
        "Missing feedback after (days)",
        30,
        "A report without feedback for this long is an issue …",
        1,
        366,
        group="Issues",
    )
    feedback_high_days: int = knob(
        "Missing feedback, high, after (days)", 60, "… and a high one after this long.", 1, 366, group="Issues"
    )
    follow_up_days: int = knob(
        "Follow-up overdue after (days)",
        7,
        "An agreed follow-up this many days past its due date is an issue.",
        0,
        90,
        group="Issues",
    )
    conflict_gap: float = share(
        "Parent-child conflict from",
        0.2,
        "Difference between a goal's own progress and its children's that is worth a look.",
    )

    # proposals
    proposal_elapsed: float = share(
        "Proposals from (time)",
        0.25,
        "No adjustment is proposed before this share of the time has passed.",
        group="Proposals",
    )
    proposal_last: float = share(
        "No proposals in the last",
        0.10,
        "No adjustment is proposed in the last share of the time: close, and set the next goal.",
    )
    quiet_cadences: float = knob(
        "Rejected proposals stay quiet (cadences)",
        2,
        "A rejected proposal is not made again for this many cadences …",
        0,
        20,
        group="Proposals",
    )
    quiet_change: float = share(
        "… unless the chance moved by", 0.15, "… unless the chance of success moved by this much."
    )

    # views: other scales, for display only
    grade_red_below: float = share(
        "OKR grade: red below", 0.35, "Progress below this is graded red (template okr; display only).", group="Views"
    )
    grade_green_from: float = share(
        "OKR grade: green from", 0.65, "Progress from this on is graded green (template okr; display only)."
    )
    curve_at_threshold: float = share(
        "Curve: at the threshold", 0.5, "What the curve shows at the threshold; below it 0 (template scorecard)."
    )
    curve_at_stretch: float = knob(
        "Curve: at the stretch target",
        1.5,
        "What the curve shows from the stretch target on; 100 % at the target (template scorecard).",
        1,
        5,
        percent=True,
    )


@cache
def knobs() -> tuple[Knob, ...]:
    """Every policy number, in the order of declaration."""
    defaults, group = Policy(), ""
    found = []
    for f in dataclasses.fields(Policy):
        meta = dict(f.metadata)
        group = meta.pop("group", "") or group
        found.append(Knob(name=f.name, default=getattr(defaults, f.name), group=group, **meta))
    return tuple(found)


def with_numbers(policy: Policy, numbers: Mapping[str, object]) -> Policy:
    """The policy with some numbers replaced. Whole numbers become ints where the default is one."""
    return dataclasses.replace(policy, **numbers) if numbers else policy  # type: ignore[arg-type]


def from_toml(policy: Policy, path: str | Path) -> Policy:
    """The policy with a TOML file's numbers on top; keys are the field names.

    Raises Misuse for an unknown key or a value outside its limits.
    """
    try:
        numbers = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misuse(f"{path}: the policy file cannot be read: {error}") from error
    known = {k.name: k for k in knobs()}
    for name, value in numbers.items():
        if name not in known:
            raise Misuse(f"{path}: no policy number is called {name!r}; docs/policy.md lists them all")
        if wrong := known[name].check(value):
            raise Misuse(f"{path}: {name} = {value!r} {wrong}")
    return with_numbers(policy, numbers)
