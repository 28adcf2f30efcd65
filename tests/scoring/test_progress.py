"""Progress: one formula a kind (section 1 of the scoring definition), its edge cases, its published vectors."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.policy import Policy
from perfsheet.scoring import score_book
from perfsheet.scoring.progress import (
    burn,
    capped,
    change,
    count,
    error_budget,
    flow,
    in_range,
    maintained,
    milestones,
    share_held,
)

# ---------------------------------------------------------------------------------- the arithmetic


@pytest.mark.parametrize(
    ("baseline", "target", "current", "raw"),
    [
        pytest.param(0, 1_000_000, 700_000, 0.70, id="V1.1 700 k of a million"),
        pytest.param(0, 200, 50, 0.25, id="V1.4 50 between 0 and 200"),
        pytest.param(50, 10, 35, 0.375, id="V1.7 decrease 50 to 10 at 35"),
        pytest.param(20, 40, 18, -0.10, id="V1.7 increase 20 to 40 at 18, below the baseline"),
        pytest.param(5, 5, 5, None, id="V1.7 baseline equals target"),
        pytest.param(50, 0, 20, 0.60, id="bugs from 50 to 0"),
        pytest.param(0, 100, 132, 1.32, id="beyond the target, uncapped"),
    ],
)
def test_change(baseline: float, target: float, current: float, raw: float | None) -> None:
    assert change(baseline, target, current) == pytest.approx(raw)


def test_flow_of_cumulative_quarters_v1_2() -> None:
    actual, planned = [220, 260, 230, 258], [250] * 4
    shares = [flow(actual[:n], planned[:n]) for n in (1, 2, 3, 4)]
    assert shares == [pytest.approx(s, abs=5e-4) for s in (0.88, 0.96, 0.947, 0.968)]


def test_error_budget_v1_6() -> None:
    assert error_budget(0.999, 30 * 24 * 60) == pytest.approx(43.2)
    assert burn(0.9985, 0.999) == pytest.approx(1.5)
    assert burn(0.9, 1.0) is None


@pytest.mark.parametrize(
    ("current", "target", "raw"),
    [
        pytest.param(30, 40, 0.75, id="30 of 40"),
        pytest.param(5, 0, None, id="V1.7 target 0"),
        pytest.param(5, -3, None, id="target below 0"),
        pytest.param(-1, 10, None, id="negative count"),
    ],
)
def test_count(current: float, target: float, raw: float | None) -> None:
    assert count(current, target) == raw


def test_share_held_v1_7() -> None:
    assert share_held([72, 69, 75, 81, None], 70, 80) == 0.5
    assert maintained(0.5, coverage=4 / 5) == 0.5


@pytest.mark.parametrize(
    ("share", "coverage", "required", "raw"),
    [
        pytest.param(0.9, 1.0, 0.9, 1.0, id="as much as required"),
        pytest.param(0.9, 0.49, 1.0, None, id="too few periods reported"),
        pytest.param(0.9, 0.5, 1.0, 0.9, id="just enough periods reported"),
        pytest.param(None, 0.0, 1.0, None, id="nothing reported"),
        pytest.param(0.2, 1.0, 0.0, 1.0, id="nothing required"),
    ],
)
def test_maintained(share: float | None, coverage: float, required: float, raw: float | None) -> None:
    assert maintained(share, coverage, required) == raw


def test_limits_belong_to_the_range_and_a_missing_one_does_not_bind() -> None:
    assert in_range(70, 70, 80)
    assert in_range(80, 70, 80)
    assert in_range(1e9, 70, None)
    assert not in_range(80.1, None, 80)


def test_milestones_give_no_credit_for_halves() -> None:
    assert milestones([True, False, True], [2, 1, 1]) == 0.75
    assert milestones([True], [0]) is None


@given(st.floats(-10, 10), st.floats(1, 2))
def test_capped_is_bounded_and_keeps_what_lies_between(raw: float, cap: float) -> None:
    assert 0 <= (capped(raw, cap) or 0) <= cap
    if 0 <= raw <= cap:
        assert capped(raw, cap) == raw


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_progress_never_falls_when_the_value_moves_towards_the_target(
    b: float, t: float, c: float, step: float
) -> None:
    if b != t:
        onwards = c + step if t > b else c - step
        assert (change(b, t, onwards) or 0) >= (change(b, t, c) or 0)


# ----------------------------------------------------------------------------------- from the records


def one(team, goal: str, checkins: str = "", on: date = date(2026, 1, 28), **more):
    """The score of a workbook's single goal, G1, on day 28 or another."""
    return score_book(team(goals=goal, checkins=checkins, **more), on).goals[0]


def codes(score) -> list[str]:
    return [f.code for f in score.flags]


GOAL = "| Goal ID | Goal | Owner | Kind | Baseline | Target | Lower | Upper | State |\n"


@pytest.mark.parametrize(
    ("goal", "value", "raw", "flags", "reason"),
    [
        pytest.param("| Increase | 40 | 100 | | |", 64, 0.4, [], None, id="increase"),
        pytest.param("| Decrease | 50 | 10 | | |", 35, 0.375, [], None, id="V1.7 decrease"),
        pytest.param("| Increase | 20 | 40 | | |", 18, -0.1, ["worse_than_baseline"], None, id="V1.7 worse than the baseline"),
        pytest.param("| Increase | 5 | 5 | | |", 5, None, ["baseline_equals_target"], "baseline and target are both 5", id="V1.7 b = t"),
        pytest.param("| Increase | 5 | 5 | 4 | |", 5, 1.0, ["baseline_equals_target"], None, id="b = t with a limit is held"),
        pytest.param("| Decrease | 10 | 50 | | |", 35, None, ["direction_mismatch"], "goes the other way", id="decrease upwards"),
        pytest.param("| Increase | 50 | 10 | | |", 35, None, ["direction_mismatch"], "goes the other way", id="increase downwards"),
        pytest.param("| Increase | | 100 | | |", 30, 0.3, ["baseline_assumed_zero"], None, id="increase without baseline"),
        pytest.param("| Decrease | | 10 | | |", 30, None, [], "no baseline", id="decrease without baseline"),
        pytest.param("| Decrease | 50 | 0 | | |", 20, 0.6, [], None, id="decrease to 0"),
        pytest.param("| Increase | 0 | | | |", 20, None, [], "no target", id="no target"),
        pytest.param("| Count | 0 | 40 | | |", 30, 0.75, [], None, id="count"),
        pytest.param("| Count | | 40 | | |", 30, 0.75, ["baseline_assumed_zero"], None, id="count without baseline"),
        pytest.param("| Count | 0 | 0 | | |", 30, None, [], "above 0", id="V1.7 count with target 0"),
        pytest.param("| Count | 0 | 40 | | |", -3, None, [], "negative", id="negative count"),
        pytest.param("| Flow | | 10 | | |", 8, 0.8, [], None, id="flow, one period"),
        pytest.param("| Flow | | 0 | | |", 8, None, [], "above 0", id="flow without plan"),
        pytest.param("| Yes/No | | | | |", 0, 0.0, [], None, id="not done"),
        pytest.param("| Yes/No | | | | |", 1, 1.0, [], None, id="done"),
        pytest.param("| Yes/No | | | | | Done", 0, 1.0, [], None, id="done by its State"),
        pytest.param("| Maintain | | | | |", 5, None, [], "nothing to hold", id="maintain without limits"),
        pytest.param("| Percent | | | | |", 0.8, 0.8, [], None, id="percent"),
    ],
)  # fmt: skip
def test_progress_by_kind(team, readings, goal, value, raw, flags, reason) -> None:
    end = "" if goal.endswith("Done") else " "
    score = one(
        team, GOAL + f"| G1 | Do it | Ada {goal}{end}|", readings([28], [value]), policy=Policy(maintain_coverage=0.1)
    )
    assert score.raw_progress == pytest.approx(raw)
    assert codes(score) == flags
    assert (reason or "") in (score.reason or "")
    assert (score.reason is None) == (raw is not None)


def test_no_check_in_is_missing_and_not_the_baseline(team) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 40 | 100 | | | |")
    assert (score.progress, score.status, score.coverage) == (None, "no_data", 0.0)
    assert score.reason == "no check-in with a value yet"


def test_assume_baseline_gives_zero_without_coverage(team) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 40 | 100 | | | |", policy=Policy(assume_baseline=True))
    assert (score.progress, score.coverage, score.low, score.high) == (0.0, 0.0, 0.0, 1.0)


def test_the_cap_counts_and_the_raw_number_stays(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | |", readings([7], [132]))
    assert (score.raw_progress, score.progress) == (pytest.approx(1.32), 1.0)
    assert "It counts as 100 % in the sums." in score.explain()


def test_of_two_rows_on_one_day_the_last_counts(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | |", readings([7, 14, 14], [10, 50, 20]))
    assert (score.current, score.check_ins) == (20, 2)
    assert score.parts[-1].address.row == 4


def test_rows_in_the_future_or_before_the_start_are_no_readings(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | |", readings([-3, 14, 60], [90, 20, 99]))
    assert (score.current, score.check_ins, len(score.readings)) == (20, 1, 1)


def test_rows_may_stand_in_any_order(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | |", readings([21, 7, 14], [30, 10, 20]))
    assert [r.value for r in score.readings] == [10, 20, 30]


def test_a_check_in_without_value_counts_as_a_check_in_only(team) -> None:
    rows = "| Date | Goal ID | Value | Note |\n| 2026-01-07 | G1 | 10 | |\n| 2026-01-14 | g1 | | on leave |"
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | |", rows)
    assert (score.current, score.check_ins, len(score.readings)) == (10, 2, 1)


def test_a_running_total_that_falls_keeps_its_newest_value(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Count | 0 | 40 | | | |", readings([7, 14], [20, 15]))
    assert (score.raw_progress, codes(score)) == (0.375, ["value_decreased"])
    assert "fell from 20 to 15" in score.flags[0].message
    assert str(score.flags[0].address) == "'Check-ins'!C3"


def test_percent_on_a_scale_of_100_is_decided_for_the_column(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Percent | | | | | |", readings([7], [80]), percent_scale=100.0)
    assert (score.raw_progress, score.self_reported) == (0.8, True)
    assert "owner's own estimate" in score.explain()


def test_maintain_counts_the_last_reading_of_each_period_v1_7(team, readings, day) -> None:
    """Five weeks, the last without a reading: half of four in range, four of five reported."""
    table = readings([6, 7, 14, 21, 28], [99, 72, 69, 75, 81])
    score = one(team, GOAL + "| G1 | Hold | Ada | Maintain | | | 70 | 80 | |", table, on=day(35))
    assert (score.raw_progress, score.coverage) == (0.5, 0.8)
    assert [p.reason for p in score.parts if p.what.startswith("period")] == [
        "in range", "out of range", "in range", "out of range", "no reading",
    ]  # fmt: skip
    assert "In range in 2 of 4 reported periods (5 due): 50 %;" in score.explain()


def test_a_period_that_has_only_begun_is_not_missing(team, readings, day) -> None:
    goal = GOAL + "| G1 | Hold | Ada | Maintain | | | 70 | 80 | |"
    assert one(team, goal, readings([7], [75]), on=day(10)).coverage == 1.0
    assert one(team, goal, readings([7, 9], [75, 90]), on=day(10)).raw_progress == 0.5


def test_maintain_with_too_few_reports_has_no_number(team, readings, day) -> None:
    score = one(team, GOAL + "| G1 | Hold | Ada | Maintain | | | 70 | | |", readings([7], [75]), on=day(28))
    assert (score.progress, score.coverage, score.reason) == (None, 0.25, "only 25 % of the periods are reported")


def test_milestones_come_from_their_own_rows(team, day) -> None:
    steps = """
        | Goal ID | Milestone | Weight | Due date | Done on |
        | G1 | Draft | 1 | 2026-01-10 | 2026-01-09 |
        | G1 | Review | 1 | 2026-01-20 | |
        | G1 | Print | 2 | 2026-01-25 | 2026-01-27 |
        | G1 | Send | | 2026-02-20 | 2026-02-20 |
    """
    score = one(team, GOAL + "| G1 | Book | Ada | Milestones | | | | | |", milestones=steps, on=day(28))
    assert score.raw_progress == pytest.approx(3 / (16 / 3))
    assert [p.value for p in score.parts] == [1, 0, 1, 0]
    assert score.check_ins == 0


def test_milestones_without_rows_have_no_number(team) -> None:
    score = one(team, GOAL + "| G1 | Book | Ada | Milestones | | | | | |")
    assert (score.progress, score.reason) == (None, "no milestones are listed")


def test_flow_without_plan_has_the_target_in_each_check_in(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Calls | Ada | Flow | | 10 | | | |", readings([7, 14, 21], [10, 5, 12]))
    assert score.raw_progress == pytest.approx(27 / 30)
    assert "27 came of 30 planned" in score.explain()


def test_flow_with_plan_counts_the_periods_that_are_reported(team, readings, day) -> None:
    plan = "| Goal ID | Date | Planned value |\n| G1 | 2026-01-31 | 100 |\n| G1 | 2026-02-28 | 50 |\n| G1 | 2026-03-31 | 50 |"
    score = one(
        team,
        GOAL + "| G1 | Calls | Ada | Flow | | | | | |",
        readings([10, 31, 70], [40, 50, 30]),
        plan=plan,
        on=day(80),
    )
    assert score.raw_progress == pytest.approx((40 + 50 + 30) / (100 + 50))


def test_every_part_has_its_cell(team, readings) -> None:
    score = one(team, GOAL + "| G1 | Do it | Ada | Increase | 40 | 100 | | | |", readings([28], [64]))
    assert [(p.what, p.value, str(p.address)) for p in score.parts] == [
        ("baseline", 40, "Goals!E2"),
        ("target", 100, "Goals!F2"),
        ("current", 64, "'Check-ins'!C2"),
    ]
    assert score.explain().startswith(
        "From baseline 40 to target 100 the way is 60; the newest value 64 in 'Check-ins'!C2 of 2026-01-28 is 24 along it: 40 %."
    )


def test_flow_beyond_its_plan_is_not_counted_and_said(team, readings, day) -> None:
    plan = "| Goal ID | Date | Planned value |\n| G1 | 2026-01-31 | 100 |"
    score = one(
        team, GOAL + "| G1 | Calls | Ada | Flow | | | | | |", readings([10, 40], [40, 50]), plan=plan, on=day(80)
    )
    assert (score.raw_progress, codes(score)) == (0.4, ["outside_plan"])
    assert str(score.flags[0].address) == "'Check-ins'!C3"
