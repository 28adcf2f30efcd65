"""Many goals as one number: weights, coverage, bounds, families of goals (section 4)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.policy import Policy
from perfsheet.scoring import Status, score_book
from perfsheet.scoring.parts import worst_of
from perfsheet.scoring.rollup import (
    Member,
    fill_weights,
    known,
    parents_without_cycles,
    roll_up,
    shares,
    topmost,
)

# ------------------------------------------------------------------------------------ arithmetic


def rolled(weights, progress):
    return roll_up([known(w, p) for w, p in zip(weights, progress, strict=True)])


def test_v4_1_weights_2_and_3() -> None:
    assert rolled([2, 3], [0.40, 0.20]).progress == pytest.approx(0.28)


def test_v4_2_and_v4_3_weights_are_relative() -> None:
    assert shares([2, 1]) == [pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert shares([2, 1, 1]) == [0.5, 0.25, 0.25]
    assert shares([0, 0]) == [0, 0]


def test_v4_4_coverage_and_bounds() -> None:
    found = rolled([40, 30, 20, 10], [0.8, 0.5, None, 1.2])
    assert (found.progress, found.coverage) == (pytest.approx(0.7125), pytest.approx(0.80))
    assert (found.low, found.high) == (pytest.approx(0.57), pytest.approx(0.77))


def test_v4_5_a_blank_takes_the_rest_of_100() -> None:
    assert fill_weights([50, 30, None], percent=True) == [50, 30, 20]
    assert shares(fill_weights([60, 50], percent=True)) == [
        pytest.approx(0.545, abs=5e-4),
        pytest.approx(0.455, abs=5e-4),
    ]


@pytest.mark.parametrize(
    ("given_weights", "percent", "filled"),
    [
        pytest.param([None, None], False, [1, 1], id="all blank: equal"),
        pytest.param([None, None], True, [1, 1], id="all blank: equal, also as percent"),
        pytest.param([40, None, None], True, [40, 30, 30], id="blanks share the rest"),
        pytest.param([60, 60, None], True, [60, 60, 60], id="nothing left to share: the mean"),
        pytest.param([3, 1, None], False, [3, 1, 2], id="not percent: the mean"),
        pytest.param([0, 2, None], False, [0, 2, 1], id="0 is a weight that was given"),
        pytest.param([0, None, None], False, [0, 1, 1], id="but it says nothing about the others"),
    ],
)
def test_blank_weights(given_weights, percent, filled) -> None:
    assert fill_weights(given_weights, percent) == filled


def test_nothing_known_or_no_weight_gives_no_number() -> None:
    assert rolled([1, 1], [None, None]).progress is None
    assert rolled([0], [0.5]).progress is None
    assert roll_up([]).coverage == 0


SETS = st.lists(st.tuples(st.floats(0.01, 100), st.none() | st.floats(-0.5, 1.5)), min_size=1, max_size=12)


@given(SETS)
def test_the_number_lies_within_its_bounds(members) -> None:
    found = rolled([w for w, _ in members], [p for _, p in members])
    assert -1e-9 <= found.low <= found.high <= 1 + 1e-9
    if found.progress is not None:
        assert found.low - 1e-9 <= found.progress <= found.high + 1e-9


@given(SETS)
def test_full_coverage_leaves_no_room(members) -> None:
    found = rolled([w for w, _ in members], [p if p is not None else 0.3 for _, p in members])
    assert found.coverage == pytest.approx(1)
    assert found.low == pytest.approx(found.progress) == pytest.approx(found.high)


@given(SETS, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(members, rnd: random.Random) -> None:
    mixed = members[:]
    rnd.shuffle(mixed)
    one, other = (rolled([w for w, _ in m], [p for _, p in m]) for m in (members, mixed))
    assert (one.progress, one.coverage, one.low, one.high) == (
        pytest.approx(other.progress), pytest.approx(other.coverage), pytest.approx(other.low), pytest.approx(other.high),
    )  # fmt: skip


@given(SETS, st.floats(0.01, 1000))
def test_the_scale_of_weights_does_not_matter(members, factor: float) -> None:
    one = rolled([w for w, _ in members], [p for _, p in members])
    other = rolled([w * factor for w, _ in members], [p for _, p in members])
    assert one.progress == pytest.approx(other.progress)
    assert one.coverage == pytest.approx(other.coverage)


def test_bounds_of_members_carry_through() -> None:
    found = roll_up([Member(1, 0.5, 0.5, 0.2, 0.8, 0.5), known(1, 1.0)])
    assert (found.progress, found.coverage, found.low, found.high) == (0.75, 0.75, 0.6, 0.9)


def test_only_topmost_goals_count_also_over_a_gap() -> None:
    parents = {"a": None, "b": "a", "c": "b", "d": None}
    assert topmost(["a", "c", "d"], parents) == ["a", "d"]
    assert topmost(["b", "c"], parents) == ["b"]


def test_cycles_become_roots() -> None:
    clean, cyclic = parents_without_cycles({"a": "b", "b": "a", "c": "a", "d": "d", "e": None})
    assert clean == {"a": None, "b": None, "c": "a", "d": None, "e": None}
    assert cyclic == ["a", "b", "d"]


def test_the_worst_status() -> None:
    assert worst_of([Status.ACHIEVED, Status.AT_RISK, Status.DROPPED]) is Status.AT_RISK
    assert worst_of([Status.DROPPED, Status.NOT_STARTED]) is None


# ------------------------------------------------------------------------------------- workbooks

GOALS = "| Goal ID | Goal | Owner | Parent goal | Kind | Baseline | Target | Weight | State |\n"


def values(day, *pairs: tuple[str, float], elapsed: int = 28) -> str:
    return "\n".join(
        ["| Date | Goal ID | Value |", *(f"| {day(elapsed)} | {goal} | {value} |" for goal, value in pairs)]
    )


def score(team, day, goals: str, *pairs: tuple[str, float], **more):
    return score_book(team(goals=GOALS + goals, checkins=values(day, *pairs), **more), day(28))


def test_a_team_is_the_weighted_mean_of_its_goals(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | one   | Ada | | Increase | 0 | 100 | 40 | |
        | G2 | two   | Bo  | | Increase | 0 | 100 | 30 | |
        | G3 | three | Bo  | | Increase | 0 | 100 | 20 | |
        | G4 | four  | Cy  | | Increase | 0 | 100 | 10 | |
        """,
        ("G1", 80), ("G2", 50), ("G4", 120),
    )  # fmt: skip
    sales = found.team
    assert (sales.progress, sales.coverage, sales.low, sales.high) == (
        pytest.approx(0.7125), pytest.approx(0.8), pytest.approx(0.57), pytest.approx(0.77),
    )  # fmt: skip
    assert sales.expected == pytest.approx(28 / 91)
    assert {k: n for k, n in sales.status_counts.items() if n} == {"achieved": 1, "on_track": 2, "no_data": 1}
    assert (sales.worst, sales.n, sales.partial) == ("no_data", 4, False)
    assert [(p.what, p.value, p.weight) for p in sales.parts][2] == ("G3 three", None, 20)
    assert sales.explain() == (
        "The weighted mean of the top-most goals is 71 % (3 of 4 goals with a number, 80 % of the weight). "
        "By plan the same goals should be at 31 %. Between 57 % and 77 %, if all that is missing were nothing or complete."
    )


@pytest.mark.parametrize(
    ("known_goals", "progress", "partial"),
    [
        pytest.param(["G1", "G2", "G3"], 0.5, False, id="60 % known"),
        pytest.param(["G1", "G2"], 0.5, True, id="40 %: partial"),
        pytest.param(["G1"], None, True, id="20 %: no number"),
    ],
)
def test_thin_coverage_is_partial_and_then_no_number(team, day, known_goals, progress, partial) -> None:
    goals = "\n".join(f"| G{i} | do {i} | Ada | | Increase | 0 | 100 | | |" for i in range(1, 6))
    found = score(team, day, goals, *((g, 50) for g in known_goals)).team
    assert (found.progress, found.partial) == (progress, partial)
    assert (found.reason is None) == (progress is not None)


def test_goals_that_are_outside_are_in_no_sum(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | one   | Ada | | Increase | 0 | 100 | | |
        | G2 | two   | Ada | | Increase | 0 | 100 | | Dropped |
        | G3 | three | Ada | | Increase | 0 | 100 | | Postponed |
        | G4 | four  | Ada | | Increase | 0 | 100 | | Draft |
        | G5 | five  | Ada | | Increase | 0 | 100 | 0 | |
        """,
        ("G1", 50), ("G2", 1), ("G5", 2),
    )  # fmt: skip
    assert (found.team.progress, found.team.n, found.team.coverage) == (0.5, 1, 1.0)
    assert found.team.status_counts["dropped"] == 1


def test_a_goal_without_measure_is_the_container_of_its_children(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | whole | Ada |    | Percent  |   |     |   | |
        | G2 | half  | Ada | G1 | Increase | 0 | 100 | 2 | |
        | G3 | other | Bo  | g1 | Increase | 0 | 100 | 3 | |
        """,
        ("G2", 40), ("G3", 20),
    )  # fmt: skip
    whole = found.goal("G1")
    assert (whole.container, whole.progress, whole.status) == (True, pytest.approx(0.28), "on_track")
    assert (whole.expected, whole.spi_t, whole.forecast) == (pytest.approx(28 / 91), None, None)
    assert (whole.children, found.goal("G2").parent) == (("G2", "G3"), "G1")
    assert (found.team.n, found.team.progress) == (1, pytest.approx(0.28))
    assert whole.status_reason == "Its sub-goals together are at 28 %, 31 % expected today."


def test_a_container_may_take_its_worst_childs_status(team, day) -> None:
    goals = """
        | G1 | whole | Ada |    | Percent  |   |     |   | |
        | G2 | half  | Ada | G1 | Increase | 0 | 100 | | |
        | G3 | other | Bo  | G1 | Increase | 0 | 100 | | |
    """
    found = score(team, day, goals, ("G2", 90), ("G3", 5), policy=Policy(worst_wins=True))
    assert found.goal("G1").status == "off_track"
    assert score(team, day, goals, ("G2", 90), ("G3", 5)).goal("G1").status == "on_track"


def test_a_container_of_containers_keeps_coverage_and_bounds(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | top    | Ada |    | Percent  |   |     | | |
        | G2 | middle | Ada | G1 | Percent  |   |     | | |
        | G3 | low a  | Ada | G2 | Increase | 0 | 100 | | |
        | G4 | low b  | Ada | G2 | Increase | 0 | 100 | | |
        """,
        ("G3", 50),
    )  # fmt: skip
    top = found.goal("G1")
    assert (top.progress, top.coverage, top.low, top.high) == (0.5, 0.5, 0.25, 0.75)
    assert (found.team.progress, found.team.coverage, found.team.partial) == (0.5, 0.5, True)


def test_a_parent_with_its_own_measure_shows_its_children_beside(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | whole | Ada |    | Increase | 0 | 100 | | |
        | G2 | half  | Ada | G1 | Increase | 0 | 100 | | |
        """,
        ("G1", 30), ("G2", 60),
    )  # fmt: skip
    whole = found.goal("G1")
    assert (whole.progress, whole.children_progress, whole.container) == (0.3, 0.6, False)
    assert [f.code for f in whole.flags] == ["parent_child_conflict"]
    assert whole.flags[0].message == "the goal's own progress is 30 %, its sub-goals' 60 %"
    assert found.team.progress == 0.3


def test_children_of_a_dropped_parent_count_themselves(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | whole | Ada |    | Increase | 0 | 100 | | Dropped |
        | G2 | half  | Ada | G1 | Increase | 0 | 100 | | |
        """,
        ("G1", 30), ("G2", 60),
    )  # fmt: skip
    assert found.team.progress == 0.6


def test_a_parent_in_another_workbook_makes_a_root(team, day) -> None:
    found = score(team, day, "| G1 | one | Ada | ORG-7 | Increase | 0 | 100 | | |", ("G1", 30))
    assert (found.goal("G1").parent, found.team.n, found.all_flags) == (None, 1, ())


def test_a_cycle_is_flagged_and_broken(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | one | Ada | G2 | Increase | 0 | 100 | | |
        | G2 | two | Ada | G1 | Increase | 0 | 100 | | |
        """,
        ("G1", 30), ("G2", 50),
    )  # fmt: skip
    assert [f.code for f in found.flags] == ["cycle", "cycle"]
    assert str(found.flags[0].address) == "Goals!D2"
    assert (found.team.n, found.team.progress) == (2, 0.4)


def test_a_very_deep_family_is_no_obstacle(team, day) -> None:
    goals = "\n".join(f"| G{i} | goal | Ada | {f'G{i - 1}' if i else ''} | Percent | | | | |" for i in range(1500))
    found = score(team, day, goals, ("G1499", 0.5))
    assert (found.goal("G0").progress, found.team.n) == (0.5, 1)


def test_co_owners_have_the_goal_in_full_and_the_team_once(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | both | Ada; Bo | | Increase | 0 | 100 | 1 | |
        | G2 | hers | Ada     | | Increase | 0 | 100 | 3 | |
        """,
        ("G1", 80), ("G2", 20),
    )  # fmt: skip
    assert found.person("Bo").progress.progress == 0.8
    assert found.person("ada").progress.progress == pytest.approx(0.35)
    assert found.team.progress == pytest.approx(0.35)


def test_a_persons_number_counts_the_topmost_goals_that_they_own(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | top | Ada |    | Increase | 0 | 100 | | |
        | G2 | mid | Bo  | G1 | Increase | 0 | 100 | | |
        | G3 | low | Ada | G2 | Increase | 0 | 100 | | |
        """,
        ("G1", 30), ("G2", 40), ("G3", 45),
    )  # fmt: skip
    assert (found.person("Ada").progress.progress, found.person("Bo").progress.progress) == (0.3, 0.4)
    assert found.person("Ada").goals == ("G1", "G3")


def test_percent_weights_are_each_owners_when_the_workbook_sums_to_more(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | one   | Ada | | Increase | 0 | 100 | 60 | |
        | G2 | two   | Ada | | Increase | 0 | 100 |    | |
        | G3 | three | Bo  | | Increase | 0 | 100 | 70 | |
        | G4 | four  | Bo  | | Increase | 0 | 100 | 20 | |
        """,
        weights_in_percent=True,
    )  # fmt: skip
    assert [g.weight for g in found.goals] == [60, 40, 70, 20]
    assert [(f.code, str(f.address)) for f in found.flags] == [
        ("weight_assumed", "Goals!H3"),
        ("weights_do_not_sum", "Goals!H4"),
    ]
    assert found.flags[1].message == "the weights sum to 90 and not to 100; they are used as relative numbers"


def test_percent_weights_of_the_whole_workbook_share_out_its_rest(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | one   | Ada | | Increase | 0 | 100 | 50 | |
        | G2 | two   | Bo  | | Increase | 0 | 100 | 30 | |
        | G3 | three | Cy  | | Increase | 0 | 100 |    | |
        """,
        weights_in_percent=True,
    )  # fmt: skip
    assert [g.weight for g in found.goals] == [50, 30, 20]


def test_weights_that_sum_to_100_only_with_a_dropped_goal_are_fine(team, day) -> None:
    found = score(
        team,
        day,
        """
        | G1 | one | Ada | | Increase | 0 | 100 | 60 | |
        | G2 | two | Ada | | Increase | 0 | 100 | 40 | Dropped |
        """,
        weights_in_percent=True,
    )  # fmt: skip
    assert found.flags == ()


def test_an_empty_workbook_has_no_score_and_says_so(team, day) -> None:
    found = score_book(team(), day(28))
    assert (found.goals, found.team.progress, found.team.reason, found.team.worst) == (
        (),
        None,
        "no goals to add up",
        None,
    )
    assert found.team.explain() == "No goals to add up."


def test_the_same_book_gives_the_same_scores(team, day) -> None:
    goals = "| G1 | one | Ada | | Increase | 0 | 100 | | |"
    assert score(team, day, goals, ("G1", 30)) == score(team, day, goals, ("G1", 30))
