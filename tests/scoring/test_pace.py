"""Time, plan curve, earned schedule, status (section 2 of the scoring definition)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.policy import Policy
from perfsheet.scoring import Status, score_book
from perfsheet.scoring.pace import (
    cadence_of,
    earned_schedule,
    earned_value,
    even_plan,
    expected,
    finish,
    grace_of,
    needed_index,
    pace,
    phased_plan,
    schedule_index,
    timeline,
    verdict,
    whole_time,
)

# ---------------------------------------------------------------------------------- time and plan


def test_time_counts_to_the_end_of_the_day_v2_1() -> None:
    april = timeline(date(2026, 4, 1), date(2026, 4, 30))
    assert (april.days, april.elapsed(date(2026, 4, 15))) == (30, 15)
    assert expected(even_plan(april.days), 15) == 0.5


def test_the_other_convention_gives_0_on_the_first_day_v2_1() -> None:
    april = timeline(date(2026, 4, 1), date(2026, 4, 30), "exclusive")
    assert april.elapsed(date(2026, 4, 15)) / april.days == pytest.approx(0.483, abs=5e-4)
    assert april.elapsed(date(2026, 4, 1)) == 0


def test_a_goal_of_one_day_has_one_day() -> None:
    assert timeline(date(2026, 4, 1), date(2026, 4, 1)).days == 1


@pytest.mark.parametrize(
    ("days", "cadence", "grace"), [(91, 7, 2), (100, 7, 2), (101, 14, 3), (200, 14, 3), (365, 30, 6)]
)
def test_cadence_follows_the_planned_time(days: int, cadence: int, grace: int) -> None:
    assert (cadence_of(days, Policy()), grace_of(cadence, Policy())) == (cadence, grace)


def test_the_policy_goes_before_the_usual_cadence() -> None:
    policy = Policy(cadence=10, grace=0)
    assert (cadence_of(365, policy), grace_of(10, policy)) == (10, 0)


def test_a_phased_plan_runs_through_its_points() -> None:
    plan = phased_plan([(60, 0.2), (30, 0.1), (120, 5)], 90)
    assert plan == ((0, 0), (30, 0.1), (60, 0.2), (90, 1))
    assert [expected(plan, t) for t in (0, 15, 45, 75, 90, 200)] == [
        0,
        0.05,
        pytest.approx(0.15),
        pytest.approx(0.6),
        1,
        1,
    ]


# -------------------------------------------------------------------------------- earned schedule


@pytest.mark.parametrize(
    ("value", "es", "index", "sv", "whole"),
    [
        pytest.param(1330, 13.3, 0.886667, -1.7, 22.556391, id="V2.3 EV 1,330 on day 15"),
        pytest.param(50, 0.5, 0.5 / 15, -14.5, 600.0, id="V2.3 EV 50"),
        pytest.param(0, 0, 0, -15, None, id="V2.3 EV 0"),
    ],
)
def test_earned_schedule_v2_3(value: float, es: float, index: float, sv: float, whole: float | None) -> None:
    earned = earned_schedule(even_plan(20), value / 2000)
    spi = schedule_index(earned, 15)
    assert (earned, spi, earned - 15) == (pytest.approx(es), pytest.approx(index), pytest.approx(sv))
    assert whole_time(20, spi) == pytest.approx(whole)


def test_earned_schedule_v2_3_all_done_and_nothing_elapsed() -> None:
    assert earned_schedule(even_plan(20), 1.0) == 20
    assert schedule_index(20, 20) == 1
    assert schedule_index(0, 0) is None


def test_earned_value_v2_2() -> None:
    ev = earned_value(bac=100_000, pv=40_000, ev=35_000, ac=36_000)
    assert (ev.sv, ev.cv, ev.spi) == (-5000, -1000, 0.875)
    assert (ev.cpi, ev.eac) == (pytest.approx(0.9722222), pytest.approx(102_857.14, abs=0.005))


def test_earned_value_v2_4() -> None:
    plan = tuple((float(t), t / 10) for t in range(11))
    earned = earned_schedule(plan, 0.3)
    spi = schedule_index(earned, 4)
    assert (earned, spi, whole_time(10, spi)) == (
        pytest.approx(3),
        pytest.approx(0.75),
        pytest.approx(13.3333, abs=5e-5),
    )
    ev = earned_value(bac=100_000, pv=40_000, ev=30_000, ac=35_000, schedule=spi)
    assert (ev.cpi, ev.eac, ev.eac_typical) == (
        pytest.approx(0.8571, abs=5e-5),
        pytest.approx(116_666.67, abs=0.005),
        105_000,
    )
    assert (ev.eac_blend, ev.etc) == (pytest.approx(143_888.89, abs=0.005), pytest.approx(81_666.67, abs=0.005))
    assert (ev.tcpi, ev.vac) == (pytest.approx(1.0769, abs=5e-5), pytest.approx(-16_666.67, abs=0.005))
    assert ev.tcpi_eac == pytest.approx(70_000 / 81_666.67, abs=1e-6)


def test_earned_value_without_cost_or_plan_has_no_indices() -> None:
    ev = earned_value(bac=100, pv=0, ev=0, ac=0)
    assert (ev.spi, ev.cpi, ev.eac, ev.eac_blend, ev.tcpi) == (None, None, None, None, 1)


@pytest.mark.parametrize(
    ("elapsed", "done", "days", "index", "whole", "needed"),
    [
        pytest.param(28, 0.31, 91, 1.008, 90.3, 0.997, id="F1 on pace"),
        pytest.param(42, 0.23, 91, 0.498, 182.6, 1.430, id="F2 half pace"),
        pytest.param(33, 23 / 60, 90, 1.045, 86.1, 0.974, id="F3 irregular"),
        pytest.param(35, 0.20, 91, 0.520, 175.0, 1.300, id="F5 stalled"),
        pytest.param(7, 0.08, 91, 1.040, 87.5, 0.997, id="F6 one point"),
        pytest.param(30, 0.30, 100, 1.000, 100, 1.000, id="F7 exact line"),
    ],
)
def test_pace_of_the_forecast_vectors(
    elapsed: int, done: float, days: int, index: float, whole: float, needed: float
) -> None:
    run = pace(even_plan(days), done, elapsed)
    assert run.index == pytest.approx(index, abs=5.1e-4)
    assert run.whole == pytest.approx(whole, abs=0.051)
    assert run.needed == pytest.approx(needed, abs=5.1e-4)


def test_earned_schedule_on_a_plan_that_dips_takes_the_last_crossing() -> None:
    assert earned_schedule(((0, 0), (30, 0.5), (60, 0.4), (90, 1)), 0.45) == pytest.approx(62.5)


@given(st.integers(1, 1000), st.floats(0, 1))
def test_earned_schedule_of_an_even_plan_is_the_share_of_the_time(days: int, done: float) -> None:
    assert earned_schedule(even_plan(days), done) == pytest.approx(done * days)


@given(st.lists(st.tuples(st.integers(1, 99), st.floats(0, 1)), max_size=6), st.floats(0, 100), st.floats(0, 1))
def test_expectation_and_earned_schedule_stay_in_bounds(
    points: list[tuple[int, float]], at: float, done: float
) -> None:
    plan = phased_plan(points, 100)
    assert 0 <= expected(plan, at) <= 1
    assert 0 <= earned_schedule(plan, done) <= 100


@given(st.lists(st.floats(0.01, 0.3), min_size=1, max_size=5), st.floats(0.001, 0.999))
def test_earned_schedule_is_the_inverse_of_a_growing_plan(steps: list[float], done: float) -> None:
    total, sofar, points = sum(steps) + 0.1, 0.0, []
    for i, step in enumerate(steps, 1):
        sofar += step / total
        points.append((i * 10.0, sofar))
    plan = phased_plan(points, 100)
    assert expected(plan, earned_schedule(plan, done)) == pytest.approx(done)


def test_needed_pace_ends_with_the_time() -> None:
    assert needed_index(91, 45, 91) is None
    assert needed_index(91, 45, 100) is None


@pytest.mark.parametrize(
    ("whole", "day", "why"),
    [
        pytest.param(90.3, date(2026, 4, 1), None, id="within day 91"),
        pytest.param(90.0, date(2026, 3, 31), None, id="exactly day 90"),
        pytest.param(273.0, date(2026, 9, 30), None, id="three times the time"),
        pytest.param(273.1, None, "beyond three times the planned time", id="beyond"),
        pytest.param(None, None, "no progress yet", id="no progress"),
    ],
)
def test_finish_date(whole: float | None, day: date | None, why: str | None) -> None:
    assert finish(timeline(date(2026, 1, 1), date(2026, 4, 1)), whole) == (day, why)


# ------------------------------------------------------------------------------------------ status


@pytest.mark.parametrize(
    ("done", "hoped", "status"),
    [
        pytest.param(0.30, 0.33, Status.ON_TRACK, id="r .91"),
        pytest.param(0.29, 0.33, Status.ON_TRACK, id="r .88, but only 4 points"),
        pytest.param(0.25, 0.33, Status.AT_RISK, id="r .76, 8 points"),
        pytest.param(0.15, 0.33, Status.OFF_TRACK, id="r .45, 18 points"),
        pytest.param(0.02, 0.04, Status.ON_TRACK, id="r .5, but only 2 points"),
        pytest.param(0.23, 0.33, Status.OFF_TRACK, id="exactly 10 points, whatever binary fractions say"),
        pytest.param(0.75, 1.00, Status.AT_RISK, id="exactly r .75"),
        pytest.param(0.90, 1.00, Status.ON_TRACK, id="exactly r .90"),
    ],
)
def test_verdict(done: float, hoped: float, status: Status) -> None:
    assert verdict(done / hoped, hoped - done, Policy()) is status


GOAL = "| Goal ID | Goal | Owner | Kind | Baseline | Target | Lower | State | Start date | Due date |\n"


@pytest.mark.parametrize(
    ("goal", "elapsed", "value", "asof", "status", "reason"),
    [
        pytest.param("| Increase | 0 | 100 | | | | |", 28, 31, 28, "on_track", "31 % done, 31 % expected today.", id="on track"),
        pytest.param("| Increase | 0 | 100 | | | | |", 28, 24, 28, "at_risk", "24 % done, 31 % expected today: 7 points behind, 0.78 times the planned pace.", id="at risk"),
        pytest.param("| Increase | 0 | 100 | | | | |", 28, 10, 28, "off_track", "10 % done, 31 % expected today: 21 points behind, 0.33 times the planned pace.", id="off track"),
        pytest.param("| Increase | 0 | 100 | | | | |", 7, 1, 13, "too_early", "Day 13 of 91: no verdict before day 14.", id="too early"),
        pytest.param("| Increase | 0 | 100 | | | | |", 20, 120, 28, "achieved", "120 % done, since 2026-01-20.", id="achieved"),
        pytest.param("| Increase | 0 | 100 | | | | |", 20, 80, 92, "overdue", "It was due on 2026-04-01 and stands at 80 %.", id="overdue"),
        pytest.param("| Increase | 0 | | | | | |", 20, 80, 92, "no_data", "There is no progress number: no target.", id="no number, though past due"),
        pytest.param("| Increase | 0 | 100 | | Postponed | | |", 20, 80, 28, "postponed", "The goal is postponed; it is in no sum.", id="postponed"),
        pytest.param("| Increase | 0 | 100 | | Dropped | | |", 20, 80, 28, "dropped", "The goal is dropped; it is in no sum.", id="dropped"),
        pytest.param("| Increase | 0 | 100 | | Draft | | |", 20, 80, 28, "not_started", "A draft: it is in no sum until its State is Active.", id="draft"),
        pytest.param("| Increase | 0 | 100 | | | 2026-02-01 | |", 20, 80, 28, "not_started", "It starts on 2026-02-01.", id="starts later"),
        pytest.param("| Increase | 0 | 100 | | Done | | |", 28, 31, 28, "on_track", "31 % done, 31 % expected today. The State says Done, at 31 %.", id="marked done short of the target"),
        pytest.param("| Yes/No | | | | | | |", 20, 0, 60, "on_track", "0 % done, 0 % expected today.", id="yes/no has until its due date"),
        pytest.param("| Yes/No | | | | | | |", 20, 0, 92, "overdue", "It was due on 2026-04-01 and stands at 0 %.", id="yes/no overdue"),
        pytest.param("| Yes/No | | | | Done | | |", 20, 0, 60, "achieved", "100 % done.", id="yes/no done"),
        pytest.param("| Maintain | | | 70 | | | |", 14, 75, 14, "on_track", "Holding: 100 % done, 100 % expected today.", id="holding is not yet achieved"),
        pytest.param("| Maintain | | | 70 | | | |", 91, 75, 91, "no_data", "There is no progress number: only 8 % of the periods are reported.", id="holding with too few reports"),
        pytest.param("| Flow | | 10 | | | | |", 91, 12, 91, "achieved", "120 % done.", id="flow is achieved once due"),
        pytest.param("| Flow | | 10 | | | | |", 28, 7, 28, "off_track", "70 % done, 100 % expected today: 30 points behind, 0.70 times the expected level.", id="flow short"),
    ],
)  # fmt: skip
def test_status_in_its_order(team, readings, day, goal, elapsed, value, asof, status, reason) -> None:
    book = team(
        goals=GOAL + f"| G1 | Do it | Ada {goal}",
        checkins=readings([elapsed], [value]),
        policy=Policy(maintain_coverage=0.5),
    )
    score = score_book(book, day(asof)).goals[0]
    assert (score.status, score.status_reason) == (status, reason)


def test_without_dates_there_is_a_number_and_no_verdict(team, readings, day) -> None:
    book = team(
        goals=GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | | |",
        checkins=readings([20], [30]),
        settings={"period_start": None, "period_end": None},
    )
    score = score_book(book, day(28)).goals[0]
    assert (score.progress, score.expected, score.spi_t, score.status) == (0.3, None, None, "too_early")


def test_goals_that_hold_a_level_have_no_pace(team, readings, day) -> None:
    book = team(goals=GOAL + "| G1 | Calls | Ada | Flow | | 10 | | | | |", checkins=readings([7, 14, 21], [10, 5, 12]))
    score = score_book(book, day(28)).goals[0]
    assert (score.expected, score.spi_t, score.earned_schedule, score.tspi, score.forecast_finish) == (
        1.0,
        None,
        None,
        None,
        None,
    )
    assert (score.finish_reason, score.pace_ratio) == ("Flow goals have no pace", pytest.approx(0.9))


def test_phased_targets_move_the_expectation(team, readings, day) -> None:
    plan = "| Goal ID | Date | Planned value |\n| G1 | 2026-01-31 | 44 |\n| G1 | 2026-02-28 | 70 |"
    book = team(
        goals=GOAL + "| G1 | Do it | Ada | Increase | 40 | 100 | | | | |", checkins=readings([31], [44]), plan=plan
    )
    score = score_book(book, day(31)).goals[0]
    assert score.expected == pytest.approx(4 / 60)
    assert score.earned_schedule == pytest.approx(31)
    assert (score.spi_t, score.status) == (pytest.approx(1), "on_track")


def test_a_late_job_that_finishes_keeps_its_lateness(team, readings, day) -> None:
    book = team(
        goals=GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | | |", checkins=readings([50, 120], [50, 100])
    )
    score = score_book(book, day(130)).goals[0]
    assert (score.status, score.spi_t) == ("achieved", pytest.approx(91 / 130))
    assert (score.forecast_finish, score.finish_reason) == (day(120), "the day the target was reached")


def test_overdue_keeps_slipping(team, readings, day) -> None:
    book = team(goals=GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | | |", checkins=readings([80], [80]))
    paces = [score_book(book, day(t)).goals[0].spi_t for t in (91, 100, 120)]
    assert paces == sorted(paces, reverse=True)


# ----------------------------------------------------------------------- accepted changes of the plan

CHANGED = """
    | When | Goal ID | Field | From | To | Reason | Proposal ID |
    | 2026-01-28 | G1 | Target | 200 | 100 | scope cut | P1 |
"""


def test_an_accepted_change_starts_the_pace_anew_and_keeps_the_original(team, readings, day) -> None:
    """At the change on day 28 the value was 28 of now 100: the rest of the way is 72 in 63 days."""
    book = team(
        goals=GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | | |",
        checkins=readings([7, 14, 21, 28, 35, 49], [7, 14, 21, 28, 36, 52]),
        history=CHANGED,
    )
    score = score_book(book, day(49)).goals[0]
    assert (score.origin, score.elapsed, score.planned_days, score.whole_elapsed) == (day(28), 21, 63, 49)
    assert score.expected == pytest.approx(0.28 + 0.72 * 21 / 63)
    assert score.spi_t == pytest.approx((52 - 28) / 72 * 63 / 21)
    assert (score.raw_progress, score.rebaselined) == (0.52, 1)
    first = score.vs_original
    assert (first.target, first.raw_progress, first.expected) == (200, 0.26, pytest.approx(49 / 91))
    assert (first.status, score.status, first.changes) == ("off_track", "on_track", 1)


def test_the_forecast_starts_anew_with_the_value_at_the_change(team, readings, day) -> None:
    book = team(
        goals=GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | | |",
        checkins=readings([7, 14, 21, 28, 35, 49], [7, 14, 21, 28, 36, 52]),
        history=CHANGED,
    )
    told = score_book(book, day(49)).goals[0].forecast
    assert (told.check_ins, told.shown, told.word) == (2, None, "open")


def test_without_changes_the_original_is_the_plan_in_force(team, readings, day) -> None:
    book = team(goals=GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | | |", checkins=readings([28], [31]))
    score = score_book(book, day(28)).goals[0]
    first = score.vs_original
    assert (first.target, first.due, first.progress, first.spi_t, first.status, first.changes) == (
        100, day(91), score.progress, score.spi_t, score.status, 0,
    )  # fmt: skip


def test_a_due_date_that_moved_is_told_from_the_first_one(team, readings, day) -> None:
    history = "| When | Goal ID | Field | From | To |\n| 2026-03-01 | G1 | Due date | | 2026-05-01 |"
    book = team(
        goals=GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | | | 2026-05-01 |",
        checkins=readings([50], [50]),
        history=history,
    )
    score = score_book(book, date(2026, 4, 10)).goals[0]
    assert (score.due, score.vs_original.due) == (date(2026, 5, 1), day(91))
    assert (score.status, score.vs_original.status) == ("off_track", "overdue")
