"""Outcomes by group and levels by rater: small groups stay hidden, and somebody in two workbooks counts once."""

from __future__ import annotations

from typing import Any

import pytest

from perfsheet.scoring.outcomes import fairness_of


def people(*groups: tuple[str | None, int, int], email: bool = True) -> list[dict[str, Any]]:
    """(group, people, of these with an off-track goal): their rows."""
    rows = []
    for group, n, behind in groups:
        for i in range(n):
            rows.append(
                {
                    "person": f"{group} {i}", "team": "T", "email": f"{group}{i}@x.example" if email else None, "group": group,
                    "judged": 2, "behind": int(i < behind), "feedback_received": 1, "proposals_decided": int(i < 3), "proposals_accepted": 0,
                }
            )  # fmt: skip
    return rows


def levels(**by_rater: list[float]) -> list[dict[str, Any]]:
    return [
        {"person": f"{rater} {i}", "team": "T", "email": None, "rater": rater, "skill": "Clarity", "attainment": level}
        for rater, own in by_rater.items()
        for i, level in enumerate(own)
    ]


def test_groups_are_compared_with_the_best() -> None:
    found = fairness_of(people(("East", 10, 1), ("West", 10, 8)), [], 5)
    on_plan = found.outcomes[0]
    assert [(r.group, r.people, r.hits, r.verdict) for r in on_plan.rates] == [
        ("East", 10, 9, "no sign of a gap"),
        ("West", 10, 2, "a gap worth looking into"),
    ]


def test_small_groups_are_hidden_with_what_would_give_them_away() -> None:
    found = fairness_of(people(("a", 2, 0), ("b", 6, 0), ("c", 7, 0), ("d", 20, 0)), [], 5)
    shown = {r.group for outcome in found.outcomes for r in outcome.rates}
    assert (shown & {"a", "b"}, [o.hidden for o in found.outcomes]) == (set(), [2, 2, 4])


def test_a_group_with_few_in_the_pool_is_hidden_there() -> None:
    accepted = fairness_of(people(("East", 10, 1), ("West", 10, 8)), [], 5).outcomes[2]
    assert (accepted.rates, accepted.hidden) == ((), 2)


def test_people_without_a_group_are_in_no_group() -> None:
    found = fairness_of(people((None, 30, 0), ("East", 10, 0), ("West", 10, 0)), [], 5)
    assert (found.grouped, {r.group for r in found.outcomes[0].rates}) == (20, {"East", "West"})


@pytest.mark.parametrize(("email", "counted"), [(True, 20), (False, 20)])
def test_somebody_in_two_workbooks_counts_once(email: bool, counted: int) -> None:
    rows = people(("East", 10, 1), ("West", 10, 8), email=email)
    again = [{**row, "team": "T" if not email else "other", "behind": 0} for row in rows]
    found = fairness_of([*rows, *again], [], 5)
    assert (found.grouped, [r.hits for r in found.outcomes[0].rates]) == (counted, [9, 2])


def test_a_lenient_manager_and_one_who_makes_no_difference_show() -> None:
    found = fairness_of([], levels(Mona=[2, 2, 1, 2, 2, 1], Nils=[-1, -2, 0, -1, -2, -2], Olga=[0, 0, 0, 0, 0]), 5)
    assert [(r.name, r.ratees, r.remark) for r in found.raters] == [
        ("Mona", 6, "levels run higher than elsewhere; hardly any difference between people"),
        ("Nils", 6, "levels run lower than elsewhere"),
        ("Olga", 5, "hardly any difference between people"),
    ]


def test_few_people_say_nothing_about_a_manager() -> None:
    assert [r.name for r in fairness_of([], levels(Mona=[2, 2, 2, 2], Nils=[0, 1, 0, 1, 0]), 5).raters] == ["Nils"]
    assert fairness_of([], levels(Mona=[2, 1, 2, 2, 0]), 5).raters == ()


def test_managers_who_rated_the_same_skills_are_compared() -> None:
    rows = [
        {"person": f"P{i}", "team": "T", "email": f"p{i}@x.example", "rater": rater, "skill": "Clarity", "attainment": level}
        for i, level in enumerate([-2, -1, 0, 1, 2, 0, 1, -1, 2, 0])
        for rater in ("Mona", "Nils")
    ]  # fmt: skip
    assert (
        fairness_of([], rows, 5).agreement
        == "Krippendorff's alpha 1.00 over 10 skills that two or more managers rated: reliable."
    )
    assert (
        fairness_of([], rows[:18], 5).agreement
        == "Skills that two managers rated: 9; below 10 no agreement is computed."
    )
