"""What only several forms together decide: the settings and the policy, and the scale of percent values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from ..findings import Finding
from ..forms import CheckIn, Goal, Kind, Setting, TeamSettings, folded, same_name
from ..forms.settings import FACTS, Fact, labels
from ..policy import Knob, Policy, with_numbers
from ..tables import Address
from . import rules
from .parsing import clean, date_in


def settle_settings(
    rows: Iterable[Setting], findings: list[Finding], tab: Address
) -> tuple[TeamSettings, Policy, dict[str, Address]]:
    """The facts and the policy of one workbook, and the cell of each value."""
    known = _labels()
    facts: dict[str, Any] = {}
    numbers: dict[str, Any] = {}
    cells: dict[str, Address] = {}
    for row in rows:
        thing = known.get(folded(row.setting))
        if thing is None:
            findings.append(
                rules.UNKNOWN_SETTING.at(
                    row.at("setting"), f"{row.setting!r} is not a setting of perfsheet", value=row.setting
                )
            )
            continue
        cells[thing.name] = row.at("value")
        if row.value is not None:
            (facts if isinstance(thing, Fact) else numbers).update(_settled(thing, row, findings))
    for fact in FACTS:
        if fact.required and facts.get(fact.name) is None:
            findings.append(rules.MISSING_SETTING.at(cells.get(fact.name, tab), f"{fact.label} is empty"))
    return TeamSettings(**facts), with_numbers(Policy(), numbers), cells


@cache
def _labels() -> dict[str, Fact | Knob]:
    """Every setting by its folded label."""
    return {folded(label): thing for label, thing in labels().items()}


def _settled(thing: Fact | Knob, row: Setting, findings: list[Finding]) -> dict[str, Any]:
    """{field name: value}, or nothing with a finding."""
    value, wrong = _fact(thing, row.value) if isinstance(thing, Fact) else _number(thing, row.value)
    if wrong:
        message = (
            f"{thing.label} {wrong}, found {row.value!r}"
            if not isinstance(row.value, date)
            else f"{thing.label} {wrong}, found {row.value}"
        )
        findings.append(rules.BAD_SETTING.at(row.at("value"), message, value=row.value))
        return {}
    return {thing.name: value}


def _fact(fact: Fact, value: object) -> tuple[object, str | None]:
    if fact.kind is Kind.DATE:
        day = value if isinstance(value, date) else date_in(value) if isinstance(value, str) else None
        return day, None if day else "must be a date"
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return clean(str(value)), None


def _number(knob: Knob, value: Any) -> tuple[object, str | None]:
    if isinstance(value, str):
        value = _word(knob, value)
    if (
        isinstance(value, float)
        and isinstance(knob.default, int)
        and not isinstance(knob.default, bool)
        and value == int(value)
    ):
        value = int(value)
    if knob.name in ("cadence", "grace") and isinstance(value, float):
        value = int(value) if value == int(value) else value
    return value, knob.check(value)


def _word(knob: Knob, text: str) -> object:
    """A setting typed as text: a choice, yes or no, 80%, or a number."""
    if knob.choices:
        return next((c for c in knob.choices if folded(c) == folded(text)), text)
    if isinstance(knob.default, bool):
        return {"yes": True, "true": True, "no": False, "false": False}.get(folded(text), text)
    try:
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return text


def settle_percent(
    goals: Sequence[Goal],
    checkins: Sequence[CheckIn],
    shares: Mapping[str, Mapping[str, set[int]]],
    findings: list[Finding],
) -> tuple[float, list[CheckIn]]:
    """(what 100 % is for Percent goals, check-ins on the scale of their goals).

    `shares` names the rows whose numbers are shares by their own looks, by form and column.
    Plain numbers are decided for all values of a scale together: 80 among them means points.
    """
    by_id = {same_name(g.goal_id): g for g in goals}
    shared = shares.get("Check-ins", {}).get("value", set())
    named = {c.goal_id for c in checkins}
    in_percent = {name for name in named if (g := by_id.get(same_name(name))) and g.kind == "Percent"}
    percent = [c for c in checkins if c.goal_id in in_percent and c.value is not None]
    scale = _scale([c.value for c in percent if c.row not in shared and c.value is not None])
    _note_mixed(percent, shared, scale, findings)
    if not shared:
        return scale, list(checkins)
    goal_scales = {
        key: scale if g.kind == "Percent" else _goal_scale(g, shares.get("Goals", {})) for key, g in by_id.items()
    }
    return scale, [_rescaled(c, goal_scales.get(same_name(c.goal_id)), c.row in shared) for c in checkins]


def _scale(plain: Sequence[float]) -> float:
    return 100.0 if any(abs(v) > 1.5 for v in plain) else 1.0


def _note_mixed(percent: Sequence[CheckIn], shared: set[int], scale: float, findings: list[Finding]) -> None:
    """Say how the values of Percent goals are read, and name those that then look wrong."""
    plain = [c for c in percent if c.row not in shared]
    if scale == 1 or not plain:
        return
    top = max(plain, key=lambda c: c.value or 0)
    findings.append(
        rules.SCALE_READ.at(
            plain[0].at("value"),
            f"Values of Percent goals are read as points of 100, because they go up to {top.value:g}",
        )
    )
    for check_in in plain:
        if check_in.value is not None and 0 < check_in.value < 1:
            message = (
                f"Value {check_in.value:g} is read as {check_in.value:g} %, because the column goes up to {top.value:g}"
            )
            findings.append(
                rules.MIXED_SCALE.at(check_in.at("value"), message, value=check_in.value, goal=check_in.goal_id)
            )


def _goal_scale(goal: Goal, shares: Mapping[str, set[int]]) -> float | None:
    """The scale of a goal measured in percent, from its baseline and target; None for other units."""
    if folded(goal.unit or "") not in ("percent", "") or (goal.unit or "").strip() not in ("%", "percent", "Percent"):
        return None
    values = [("baseline", goal.baseline), ("target", goal.target), ("lower", goal.lower), ("upper", goal.upper)]
    return _scale([v for name, v in values if v is not None and goal.row not in shares.get(name, set())])


def _rescaled(check_in: CheckIn, scale: float | None, is_share: bool) -> CheckIn:
    """80 % typed into a column of points is 80 there; 0.8 stays what it is among fractions."""
    if not is_share or scale != 100 or check_in.value is None:
        return check_in
    return dataclasses.replace(check_in, value=check_in.value * 100)


def weights_in_percent(goals: Sequence[Goal], shared: set[int], header: str) -> bool:
    """Whether weights are meant as percent of 100: by format, by header, or because they look it."""
    given = [g.weight for g in goals if g.weight is not None]
    if shared or "%" in header:
        return True
    if not given or max(given) < 10:
        return False
    by_owner: dict[str, list[float]] = {}
    for goal in goals:
        by_owner.setdefault(same_name(goal.owner), []).append(goal.weight or 0)
    near = sum(50 <= sum(weights) <= 150 for weights in by_owner.values())
    return 50 <= sum(given) <= 150 or 2 * near > len(by_owner)
