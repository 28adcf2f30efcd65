"""Section 7: ratings, fairness, privacy. Each vector by its number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.scoring.fairness import agreement, fisher, hidden_groups, impacts, krippendorff, leniency

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
N = None
IRR = [
    [1, 1, N, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2],
    [N, 5, 5, 5], [N, N, 1, 1], [N, N, 3, N],
]  # fmt: skip


def test_v7_1_intraclass_correlations():
    found = agreement(SHROUT_FLEISS)
    assert found is not None
    wanted = (0.17, 0.29, 0.71, 0.44, 0.62, 0.91)
    assert [
        found.one_way,
        found.absolute,
        found.consistent,
        found.one_way_mean,
        found.absolute_mean,
        found.consistent_mean,
    ] == [pytest.approx(w, abs=0.005) for w in wanted]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_v7_2_krippendorff(level, alpha):
    assert krippendorff(IRR, level) == pytest.approx(alpha, abs=0.0005)


def test_v7_3_a_low_ratio_in_small_numbers_is_no_finding():
    (second, first) = impacts({"A": (7, 72), "B": (3, 63)})[::-1]
    assert (second.ratio, second.p) == (pytest.approx(0.490, abs=0.0005), pytest.approx(0.3365, abs=0.00005))
    assert (second.verdict, first.verdict) == ("ratio low, numbers too small to tell", "no sign of a gap")


def test_v7_4_only_the_last_is_below_four_fifths():
    found = impacts({"a": (60, 100), "b": (48, 100), "c": (51, 100), "d": (45, 100)})
    assert [round(i.ratio, 2) for i in found] == [1.0, 0.8, 0.85, 0.75]
    assert [i.group for i in found if i.ratio < 0.8] == ["d"]


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        pytest.param({"Sales": 4, "Technology": 9}, {"Sales", "Technology"}, id="V7.5 a remainder of one group"),
        pytest.param({"a": 2, "b": 6, "c": 7, "d": 20}, {"a", "b"}, id="V7.7"),
        pytest.param({"a": 2, "b": 3, "c": 7}, {"a", "b"}, id="together enough"),
        pytest.param({"a": 1, "b": 2, "c": 7}, {"a", "b", "c"}, id="together too few"),
        pytest.param({"a": 5, "b": 6}, set(), id="none small"),
    ],
)
def test_small_groups_and_what_would_give_them_away(sizes, hidden):
    assert hidden_groups(sizes, 5) == hidden


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30), min_size=1))
def test_what_is_hidden_can_never_be_calculated(sizes):
    hidden = hidden_groups(sizes, 5)
    assert all(sizes[g] >= 5 for g in sizes if g not in hidden)
    total = sum(sizes[g] for g in hidden)
    assert not hidden or hidden == set(sizes) or (len(hidden) > 1 and total >= 5)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_fisher_is_a_probability_and_does_not_care_for_order(a, b, c, d):
    if a + b and c + d:
        p = fisher(a, b, c, d)
        assert 0 < p <= 1
        assert p == pytest.approx(fisher(c, d, a, b))


@pytest.mark.parametrize(("own", "wanted"), [([4.0] * 5, 0.5), ([4.0] * 4, None), ([3.0] * 20, 0.0)])
def test_leniency_is_drawn_to_zero_for_few_ratees(own, wanted):
    assert leniency(own, 3.0, 1.0) == wanted
