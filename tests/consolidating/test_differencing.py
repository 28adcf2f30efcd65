"""Which groups may be shown: the published vectors, and an adversary who adds and subtracts all that was ever shown."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfsheet.consolidate.differencing import HALF, ONE, Group, exposed, people_in, showable, weighing

K = 3
"""A small minimum keeps the adversary's search short."""


def unit(who: str, what: str = "") -> bytes:
    """Ada as she stands: unit("ada", "40 %")."""
    return who.encode()[-HALF:].ljust(HALF, b"_") + what.encode().ljust(HALF, b"_") + ONE


def group(*entries: str) -> Group:
    """group("ada:40", "ben") -> two people, Ada with a state."""
    return frozenset(unit(*entry.split(":")) for entry in entries)


def team(name: str, people: int, state: str = "") -> Group:
    """So many people of a team."""
    return frozenset(unit(f"{name}{i}", state) for i in range(people))


def whole(*parts: Group) -> Group:
    return frozenset().union(*parts)


# ------------------------------------------------------------------------------------- vectors


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        pytest.param({"Sales": 4, "Technology": 9}, {"whole"}, id="one too small takes the other along"),
        pytest.param({"Sales": 4, "Technology": 9, "Rest": 6}, {"whole", "Technology"}, id="the next smallest goes along"),
        pytest.param({"a": 2, "b": 6, "c": 7, "d": 20}, {"whole", "c", "d"}, id="a, and b for a's sake"),
        pytest.param({"a": 2, "b": 3, "c": 7}, {"whole", "c"}, id="two small ones hide each other"),
        pytest.param({"a": 5, "b": 6}, {"whole", "a", "b"}, id="nothing to hide"),
        pytest.param({"a": 4}, set(), id="too few in all"),
    ],
)  # fmt: skip
def test_small_groups_and_what_would_give_them_away(sizes: dict[str, int], shown: set[str]) -> None:
    teams = {name: team(name, size) for name, size in sizes.items()}
    assert showable({**teams, "whole": whole(*teams.values())}, [], 5) == shown


A, B = team("a", 6), team("b", 8)


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        pytest.param(A, {"a", "b", "whole"}, id="nothing changed"),
        pytest.param(A | group("new"), {"b"}, id="one joined"),
        pytest.param(A - group("a0"), {"b"}, id="one left"),
        pytest.param(A - group("a0") | group("a0:changed"), {"b"}, id="one changed"),
        pytest.param(team("a", 6, "later"), {"a", "b", "whole"}, id="all changed"),
        pytest.param(A | team("new", 4), {"b"}, id="four joined"),
        pytest.param(A | team("new", 5), {"a", "b", "whole"}, id="five joined"),
    ],
)
def test_the_next_edition_tells_nothing_of_a_few_who_changed(now: Group, shown: set[str]) -> None:
    before = [A, B, whole(A, B)]
    assert showable({"a": now, "b": B, "whole": whole(now, B)}, before, 5) == shown


def test_three_who_changed_in_each_of_two_teams_show_in_the_whole_alone() -> None:
    changed = {name: team(name, 3, "later") | team(name, 8) - team(name, 3) for name in "abc"}
    before = {name: team(name, 8) for name in "abc"}
    found = showable({**changed, "whole": whole(*changed.values())}, [*before.values(), whole(*before.values())], 5)
    assert found == {"whole"}


def test_editions_that_are_far_apart_are_compared_too() -> None:
    """Five changed and four changed back: beside the edition before the last it is one person."""
    first = team("a", 8)
    second = first - team("a", 5) | team("a", 5, "later")
    third = first - group("a0") | group("a0:later")
    assert showable({"a": second}, [first], 5) == {"a"}
    assert showable({"a": third}, [first, second], 5) == set()


def test_parts_that_stay_together_count_together() -> None:
    """Of a goal's five supporters three changed: what is known of them is known of the five, and nothing of the three."""
    five, rest = team("a", 5), team("b", 9)
    before = [five, rest | five]
    after = team("a", 3, "later") | team("b", 9, "later") | five - team("a", 3)
    assert showable({"team": after}, before, 5) == {"team"}
    assert not isolates([*before, after], 5)


def test_somebody_who_moves_from_team_to_team_is_not_isolated() -> None:
    before = [A, B, whole(A, B)]
    moved = {"a": A - group("a0"), "b": B | group("a0"), "whole": whole(A, B)}
    assert showable(moved, before, 5) == {"whole"}


def test_groups_that_cross_are_weighed_against_each_other() -> None:
    """Everybody of a department but one is in one team: the difference is that one and another."""
    department = A - group("a0") | group("b0")
    assert people_in(department ^ A) == 2
    assert len(showable({"a": A, "b": B, "department": department}, [], 5) - {"b"}) == 1


def test_what_of_nobody_changes_alone_is_told_of_nobody() -> None:
    rest, later = bytes(HALF) + b"3 late__" + ONE, bytes(HALF) + b"4 late__" + ONE
    assert people_in([rest]) == 0
    assert showable({"a": A | {later}}, [A | {rest}], 5) == set()


def test_two_sums_of_the_same_people_that_weigh_otherwise_are_two_equations() -> None:
    """Two and three people, in two sums together: as often, no arithmetic splits them; half as often in one, it does."""
    two, three = team("x", 2), team("y", 3)
    assert not exposed({"x": two | three, "y": two | three | B}, 5)
    assert exposed({"x": two | three, "y": weighing(two, Fraction(1, 2)) | three | B, "b": B}, 5)
    assert not exposed({"x": two | three, "y": weighing(two | three, Fraction(1, 2)) | B, "b": B}, 5)


# ---------------------------------------------------------------------------------- the adversary


def isolates(shown: Iterable[Group], least: int) -> bool:
    """Whether any sum or difference of the groups rests on fewer people than `least`, by trying all sets of so few."""
    groups = [g for g in shown if g]
    units = sorted(whole(*groups)) if groups else []
    matrix = numpy.array([[u in g for g in groups] for u in units], dtype=float)
    people = sorted({u[:HALF] for u in units})
    rank = numpy.linalg.matrix_rank(matrix) if groups else 0
    for few in combinations(people, min(least - 1, len(people))):
        rest = matrix[[u[:HALF] not in few for u in units]]
        if (numpy.linalg.matrix_rank(rest) if rest.size else 0) < rank:
            return True
    return False


states = st.sampled_from(["x", "y"])
units = st.builds(unit, st.sampled_from("abcdefghij"), states)
families = st.dictionaries(st.sampled_from(["t1", "t2", "t3", "t4"]), st.frozensets(units, max_size=12), max_size=4)


@given(st.lists(families, min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_no_arithmetic_over_editions_isolates_a_few(editions: list[dict[str, Group]]) -> None:
    """Groups nest and overlap at will; whatever is shown, edition after edition, stays safe together."""
    published: list[Group] = []
    for groups in editions:
        published += [groups[name] for name in sorted(showable(groups, published, K))]
        assert not isolates(published, K)


@given(
    st.lists(st.tuples(st.sampled_from("uvwxyz"), st.integers(1, 4)), min_size=1, max_size=6, unique_by=lambda t: t[0])
)
@settings(max_examples=200, deadline=None)
def test_a_tree_of_teams_in_departments_in_a_whole(sizes: list[tuple[str, int]]) -> None:
    teams = {name: team(name, size) for name, size in sizes}
    half = sorted(teams)[: len(teams) // 2]
    departments = {"D1": whole(*(teams[t] for t in half)), "D2": whole(*(teams[t] for t in teams if t not in half))}
    groups = {**teams, **departments, "whole": whole(*teams.values())}
    shown = showable(groups, [], K)
    assert not isolates([groups[name] for name in shown], K)


def test_what_the_adversary_finds_is_found_here_too() -> None:
    shown = {"whole": whole(A, B), "b": B - group("b0")}
    assert isolates(shown.values(), 8)
    assert exposed(shown, 8)
