"""The forecast: its arithmetic, what may be shown of it, and how it is judged (section 3)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.policy import Policy
from perfsheet.scoring import score_book
from perfsheet.scoring.distributions import normal_quantile, t_cdf, t_quantile
from perfsheet.scoring.forecast import (
    Prior,
    at_time,
    brier,
    chance,
    chance_word,
    drift,
    first_with_chance,
    interval,
    judged,
    median_time,
    rough_word,
    rounded_chance,
    skill,
    theil_sen,
    trend_of,
    value_with_chance,
)

F1 = ([0, 7, 14, 21, 28], [0, 8, 15, 24, 31], 91, 100)
F2 = ([0, 7, 14, 21, 28, 35, 42], [0, 4, 7, 12, 15, 19, 23], 91, 100)
F3 = ([0, 5, 26, 33], [40, 44, 60, 63], 90, 100)
F5 = ([0, 7, 14, 21, 28, 35], [0, 10, 20, 20, 20, 20], 91, 100)
F6 = ([0, 7], [0, 8], 91, 100)
F7 = ([0, 10, 20, 30], [0, 10, 20, 30], 100, 100)


@pytest.mark.parametrize(
    ("points", "probability", "slope", "median", "ends", "df"),
    [
        pytest.param(F1, 0.4426, 1.0000, 94.00, (37.8, 150.2), 8, id="F1 on pace"),
        pytest.param(F2, 0.1006, 0.7486, 59.68, (19.3, 100.1), 10, id="F2 half pace"),
        pytest.param(F3, 0.4751, 0.6218, 98.44, (64.4, 132.4), 7, id="F3 irregular"),
        pytest.param(F5, 0.1746, 0.7764, 63.48, (12.3, 114.6), 9, id="F5 stalled"),
        pytest.param(F6, 0.4390, 0.9619, 88.80, None, 5, id="F6 one point"),
        pytest.param(F7, 0.4420, 0.9062, 93.44, (32.0, 154.8), 7, id="F7 exact line"),
    ],
)
def test_drift_vectors(points, probability, slope, median, ends, df) -> None:
    times, values, days, target = points
    model = drift(times, values, days, target)
    assert chance(model, days, target) == pytest.approx(probability, abs=5.1e-5)
    assert model.drift == pytest.approx(slope, abs=5.1e-5)
    assert at_time(model, days)[0] == pytest.approx(median, abs=5.1e-3)
    assert model.df == df
    if ends:
        assert interval(model, days) == pytest.approx(ends, abs=0.051)


def test_before_any_reading_there_is_only_the_plan() -> None:
    model = drift([0], [0], 91, 100)
    assert (model.drift, model.df) == (pytest.approx(0.85 * 100 / 91), 4)


def test_a_target_below_mirrors_a_target_above() -> None:
    times, values, days, target = F3
    up = drift(times, values, days, target)
    down = drift(times, [-v for v in values], days, -target)
    assert chance(down, days, -target, upwards=False) == pytest.approx(chance(up, days, target))


def test_f2_reaches_70_percent_only_near_day_200_v8_2() -> None:
    model = drift(*F2)
    assert chance(model, 136, 100) == pytest.approx(0.445, abs=5e-4)
    assert first_with_chance(model, 100, 0.7, 91 + 45) is None
    assert first_with_chance(model, 100, 0.7, 400) == pytest.approx(200, abs=5)


def test_the_value_reached_with_a_chance_has_that_chance() -> None:
    model = drift(*F1)
    value = value_with_chance(model, 91, 0.4)
    assert chance(model, 91, value) == pytest.approx(0.4)
    assert value > at_time(model, 91)[0]


def test_the_first_safe_day_is_the_first() -> None:
    model = drift(*F1)
    safe = first_with_chance(model, 100, 0.8, 400)
    assert chance(model, safe, 100) >= 0.8 > chance(model, safe - 1, 100)


def test_the_median_reaches_the_target_when_its_line_does() -> None:
    model = drift(*F1)
    assert at_time(model, median_time(model, 100))[0] == pytest.approx(100)
    assert median_time(drift([0, 10, 20], [0, -30, -60], 91, 100), 100) is None


@given(st.floats(-60, 60), st.integers(1, 200))
def test_t_cdf_equals_scipy(t: float, df: int) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed, so there is nothing to compare with")
    assert t_cdf(t, df) == pytest.approx(stats.t.cdf(t, df), abs=1e-12)


@given(st.floats(0.001, 0.999), st.integers(1, 60))
def test_quantiles_are_the_inverse(share: float, df: int) -> None:
    assert t_cdf(t_quantile(share, df), df) == pytest.approx(share, abs=1e-12)


def test_normal_quantiles() -> None:
    assert normal_quantile(0.9) == pytest.approx(1.2815515655446004)
    assert normal_quantile(0.5) == pytest.approx(0, abs=1e-12)


PATH = st.lists(st.tuples(st.integers(1, 20), st.floats(-20, 30)), min_size=1, max_size=8)


@given(PATH, st.floats(10, 500), st.sampled_from([Prior(), Prior(attainment=1.0), Prior(attainment=0.7)]))
def test_chances_are_chances_and_fall_with_the_target(
    steps: list[tuple[int, float]], target: float, prior: Prior
) -> None:
    times, values = [0], [0.0]
    for days, step in steps:
        times.append(times[-1] + days)
        values.append(values[-1] + step)
    model = drift(times, values, times[-1] + 30, target, prior)
    p = chance(model, times[-1] + 30, target)
    assert 0 <= p <= 1
    assert chance(model, times[-1] + 30, target * 1.1) <= p


@given(PATH, st.randoms(use_true_random=False))
def test_units_do_not_matter(steps: list[tuple[int, float]], rnd: random.Random) -> None:
    times, values = [0], [0.0]
    for days, step in steps:
        times.append(times[-1] + days)
        values.append(values[-1] + step)
    factor, horizon = rnd.choice([0.001, 1000.0]), times[-1] + 30
    small = chance(drift(times, values, horizon, 100), horizon, 100)
    assert chance(
        drift(times, [v * factor for v in values], horizon, 100 * factor), horizon, 100 * factor
    ) == pytest.approx(small)


# ------------------------------------------------------------------------------------------ trend


def test_theil_sen_v3_1() -> None:
    x, y = [1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78]
    trend = theil_sen(x, y, confidence=0.93)
    assert (trend.slope, trend.intercept) == (4, 4)
    assert (trend.low, trend.high) == (pytest.approx(3.714, abs=5e-4), pytest.approx(4.375))


def test_theil_sen_v3_2_one_wild_entry_does_not_move_it() -> None:
    assert theil_sen(range(1, 8), [1, 2, 3, 4, 5, 16, 7]).slope == 1


POINTS = st.lists(st.tuples(st.integers(0, 30), st.integers(-9, 9)), min_size=5, max_size=12, unique_by=lambda p: p[0])


@given(POINTS, st.sampled_from([0.8, 0.9, 0.95]))
def test_theil_sen_equals_scipy(points: list[tuple[int, int]], confidence: float) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed, so there is nothing to compare with")
    x, y = [p[0] for p in points], [p[1] for p in points]
    ours = theil_sen(x, y, confidence)
    theirs = stats.theilslopes(y, x, confidence)
    assert (ours.slope, ours.intercept) == (pytest.approx(theirs[0]), pytest.approx(theirs[1]))
    assert (ours.low, ours.high) == (pytest.approx(theirs[2]), pytest.approx(theirs[3]))


def test_points_on_one_day_have_no_slope() -> None:
    assert theil_sen([3, 3, 3], [1, 2, 3]) is None


@pytest.mark.parametrize(("n", "slope", "ranged"), [(3, None, False), (4, 1.0, False), (5, 1.0, True)])
def test_a_trend_is_shown_from_four_points_and_its_range_from_five(n: int, slope: float | None, ranged: bool) -> None:
    trend = trend_of([(float(i), float(i)) for i in range(n)])
    assert (trend.slope if trend else None) == slope
    assert bool(trend and trend.low is not None) == ranged


# ------------------------------------------------------------------------------ what may be shown


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, 0.05), (0.024, 0.05), (0.4426, 0.45), (0.425, 0.45), (0.424, 0.4), (0.974, 0.95), (1.0, 0.95)],
)
def test_chances_are_shown_in_steps_of_five(probability: float, shown: float) -> None:
    assert rounded_chance(probability) == shown


def test_words_for_chances() -> None:
    words = [chance_word(p) for p in (0.09, 0.1, 0.29, 0.3, 0.7, 0.71, 0.9, 0.91)]
    assert words == ["very unlikely", "unlikely", "unlikely", "open", "open", "likely", "likely", "very likely"]
    assert [rough_word(p) for p in (0.29, 0.3, 0.7, 0.71)] == ["unlikely", "open", "open", "likely"]


GOAL = "| Goal ID | Goal | Owner | Kind | Baseline | Target | Due date | Aspiration |\n"
CLIMB = GOAL + "| G1 | Do it | Ada | Increase | 0 | 100 | | |"


def goal_of(team, readings, on, goal=CLIMB, times=(), values=(), **more):
    return score_book(team(goals=goal, checkins=readings(list(times), list(values)), **more), on).goals[0]


def test_f1_from_a_workbook(team, readings, day) -> None:
    score = goal_of(team, readings, day(28), times=F1[0][1:], values=F1[1][1:])
    told = score.forecast
    assert (told.probability, told.shown, told.word) == (pytest.approx(0.4426, abs=5e-5), 0.45, "open")
    assert (told.median, told.low, told.high) == (
        pytest.approx(94.0),
        pytest.approx(37.8, abs=0.05),
        pytest.approx(150.2, abs=0.05),
    )
    assert (told.df, told.drift, told.stale, told.check_ins) == (8, pytest.approx(1.0), False, 4)
    assert "Exactly on pace means roughly even odds, not certainty." in score.explain()


def test_f3_from_a_workbook_with_another_due_date(team, readings, day) -> None:
    goal = GOAL + f"| G1 | Do it | Ada | Increase | 40 | 100 | {day(90)} | |"
    score = goal_of(team, readings, day(33), goal, F3[0][1:], F3[1][1:])
    assert score.forecast.probability == pytest.approx(0.4751, abs=5e-5)


@pytest.mark.parametrize(
    ("times", "asof", "shown", "word"),
    [
        pytest.param([7], 28, None, "one check-in, no trend", id="one (F6): nothing"),
        pytest.param([7, 14], 28, None, "open", id="two: a word"),
        pytest.param([7, 14, 21], 21, 0.4, "open", id="three: a chance"),
        pytest.param([1, 2, 3], 10, None, "open", id="three, before 15 % of the time: a word"),
    ],
)
def test_what_may_be_shown_at_how_many_check_ins(team, readings, day, times, asof, shown, word) -> None:
    told = goal_of(team, readings, day(asof), times=times, values=[t * 1.1 for t in times]).forecast
    assert (told.shown is not None, told.word) == (shown is not None, word)


@pytest.mark.parametrize(
    ("goal", "times", "values", "asof", "why"),
    [
        pytest.param("Increase | 0 | 100", [], [], 28, "no check-in yet", id="no check-in"),
        pytest.param(
            "Increase | 0 | 100", [7, 80], [8, 70], 92, "the due date has come: the outcome counts", id="past due"
        ),
        pytest.param(
            "Increase | 0 | 100",
            [7, 91],
            [8, 70],
            91,
            "the due date has come: the outcome counts",
            id="reported on the due date",
        ),
        pytest.param("Yes/No | |", [7], [0], 28, "Yes/No goals have no trend", id="yes/no"),
        pytest.param("Flow | | 10", [7, 14, 21], [9, 9, 9], 28, "Flow goals have no trend", id="flow"),
        pytest.param("Increase | 5 | 5", [7, 14, 21], [9, 9, 9], 28, "both 5", id="no gap"),
    ],
)
def test_where_there_is_no_forecast_it_is_said_why(team, readings, day, goal, times, values, asof, why) -> None:
    score = goal_of(team, readings, day(asof), GOAL + f"| G1 | Do it | Ada | {goal} | | |", times, values)
    assert score.forecast is None
    assert why in score.forecast_reason


def test_aspirational_goals_expect_less_and_committed_ones_more(team, readings, day) -> None:
    chances = []
    for aspiration in ("Aspirational", "", "Committed"):
        goal = GOAL + f"| G1 | Do it | Ada | Increase | 0 | 100 | | {aspiration} |"
        chances.append(goal_of(team, readings, day(28), goal, F1[0][1:], F1[1][1:]).forecast.probability)
    assert chances == sorted(chances)
    assert len(set(chances)) == 3


def test_an_old_record_is_stale_and_its_range_wider(team, readings, day) -> None:
    fresh = goal_of(team, readings, day(28), times=F1[0][1:], values=F1[1][1:]).forecast
    old = goal_of(team, readings, day(43), times=F1[0][1:], values=F1[1][1:]).forecast
    assert (fresh.stale, old.stale, old.outlook.from_day) == (False, True, day(28))
    assert old.probability == fresh.probability
    assert not goal_of(team, readings, day(42), times=F1[0][1:], values=F1[1][1:]).forecast.stale


def test_a_running_total_at_its_target_is_locked(team, readings, day) -> None:
    goal = GOAL + "| G1 | Do it | Ada | Count | 0 | 40 | | |"
    score = goal_of(team, readings, day(28), goal, [7, 14, 21], [20, 30, 41])
    assert (score.forecast.probability, score.forecast.locked, score.forecast.word) == (1.0, True, "reached")
    assert (score.forecast.shown, score.forecast.safe_date) == (None, None)


def test_a_range_is_cut_where_the_measure_cannot_go_and_says_so(team, readings, day) -> None:
    goal = GOAL + "| G1 | Do it | Ada | Count | 0 | 400 | | |"
    score = goal_of(team, readings, day(21), goal, [7, 14, 21], [1, 2, 3])
    assert (score.forecast.low, score.forecast.outlook.clipped) == (0.0, True)
    assert "cut where the measure cannot go" in score.explain()


def test_milestones_have_a_forecast_from_four_on(team, day) -> None:
    def steps(n: int) -> str:
        done = [day(10), day(20), day(30)]
        rows = [f"| G1 | step {i} | {done[i] if i < 3 else ''} |" for i in range(n)]
        return "\n".join(["| Goal ID | Milestone | Done on |", *rows])

    goal = GOAL + "| G1 | Build | Ada | Milestones | | | | |"
    three = score_book(team(goals=goal, milestones=steps(3)), day(25)).goals[0]
    assert three.forecast_reason == "fewer than 4 milestones make no trend"
    eight = score_book(team(goals=goal, milestones=steps(8)), day(40)).goals[0]
    assert (eight.forecast.check_ins, eight.forecast.outlook.from_day, eight.forecast.stale) == (3, day(40), False)
    assert 0 <= eight.forecast.low <= eight.forecast.high <= 1


def test_maintain_shows_its_share_and_no_forecast(team, readings, day) -> None:
    goal = "| Goal ID | Goal | Owner | Kind | Lower |\n| G1 | Hold | Ada | Maintain | 70 |"
    score = goal_of(team, readings, day(28), goal, [7, 14, 21, 28], [75, 69, 72, 80])
    assert score.forecast is None
    assert "80 % range of the true share: 43 to 92 %" in score.explain()


# ------------------------------------------------------------------------- were the forecasts good?


def test_brier_v3_5() -> None:
    assert brier([0.1, 0.9, 0.8, 0.3], [False, True, True, False]) == pytest.approx(0.0375)
    assert brier([0.5, 0.5], [True, False]) == 0.25


@given(st.lists(st.tuples(st.sampled_from([0.05, 0.25, 0.45, 0.65, 0.85]), st.booleans()), min_size=1, max_size=60))
def test_murphys_terms_make_the_brier_score_when_chances_are_equal_in_a_bin(said: list[tuple[float, bool]]) -> None:
    found = skill([p for p, _ in said], [o for _, o in said])
    assert found.score == pytest.approx(found.brier)
    assert sum(b.n for b in found.table) == found.n == len(said)


def test_skill_is_nothing_for_the_base_rate_and_one_for_an_oracle() -> None:
    outcomes = [True] * 12 + [False] * 28
    assert skill([0.3] * 40, outcomes).skill == pytest.approx(0)
    assert skill([float(o) for o in outcomes], outcomes).skill == 1
    assert skill([0.3] * 4, [False] * 4).skill is None


def test_forecasts_are_judged_from_thirty_resolved_goals() -> None:
    assert judged([0.5] * 29, [True] * 29) is None
    assert judged([0.5] * 30, [True] * 30).n == 30


def test_the_prior_comes_from_the_policy(team, readings, day) -> None:
    policy = Policy(attainment=1.0)
    more = goal_of(team, readings, day(28), times=F1[0][1:], values=F1[1][1:], policy=policy).forecast
    less = goal_of(team, readings, day(28), times=F1[0][1:], values=F1[1][1:]).forecast
    assert more.probability > less.probability
