"""Goals find their parents across workbooks; every goal counts once, and what hangs loose is named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfsheet.consolidate.alignment import Alignment, align
from perfsheet.consolidate.branches import branch_of
from perfsheet.consolidate.packing import COLUMNS, packed
from perfsheet.consolidate.parcels import Parcel, _goals, painter
from perfsheet.consolidate.rollup import whole_of
from perfsheet.policy import Policy
from perfsheet.workbooks.segments import content_of


def tree(table: str) -> Alignment:
    """Goals drawn as file | id | parent | weight | progress (empty: no number, *: no measure of its own)."""
    rows = []
    for line in table.strip().splitlines():
        file, name, parent, weight, progress = (cell.strip() for cell in line.strip().strip("|").split("|"))
        rows.append(_goal(file, name, parent, float(weight or 1), progress))
    return align(rows, Policy())


def _goal(file: str, name: str, parent: str, weight: float, progress: str) -> dict[str, Any]:
    number = float(progress) if progress not in ("", "*") else None
    low, high = (number, number) if number is not None else (0.0, 1.0)
    return {
        "file": file, "team": file, "owner": "Ada" if name.startswith("O") else name, "goal_id": name, "goal": name, "cell": "Goals!A5", "period": "2026 Q1", "parent": parent or None,
        "weight": weight, "counted": True, "progress": number, "expected": 0.5, "measured": progress != "*", "low": low, "high": high,
        "coverage": float(number is not None),
    }  # fmt: skip


def drawn(found: Alignment) -> list[str]:
    """The tree as lines: indented id, progress, remark."""
    lines = []
    for node in found.nodes:
        number = "-" if node.progress is None else f"{node.progress:.2f}"
        lines.append(f"{'  ' * node.level}{node.row['file']}.{node.row['goal_id']} {number} {node.remark}".rstrip())
    return lines


def test_goals_stand_under_the_goals_they_serve_in_other_workbooks() -> None:
    found = tree(
        """
        | org   | O1 |    | | *   |
        | north | N1 | O1 | | 0.8 |
        | north | N2 | N1 | | 0.4 |
        | south | S1 | o1 | | 0.4 |
        | south | S9 |    | | 0.1 |
        """
    )
    assert drawn(found) == [
        "org.O1 0.67",
        "  north.N1 0.80 40 % ahead of the goals that support it",
        "    north.N2 0.40",
        "  south.S1 0.40",
        "south.S9 0.10",
    ]


def test_each_goal_counts_once() -> None:
    found = tree(
        """
        | org   | O1 |    | | 0.9 |
        | north | N1 | O1 | | 0.1 |
        | south | S1 |    | | 0.5 |
        """
    )
    assert found.total.progress == pytest.approx(0.7)


def test_a_goal_that_is_only_tracked_hides_no_sub_goal() -> None:
    """In its own workbook too the sub-goals of a goal of weight 0 count."""
    found = tree(
        """
        | north | N1 |    | 0 | 0.9 |
        | north | N2 | N1 | 1 | 0.1 |
        | south | S1 |    | 1 | 0.5 |
        """
    )
    assert found.total.progress == pytest.approx(0.3)


def test_children_from_several_workbooks_weigh_by_their_share_of_their_own() -> None:
    found = tree(
        """
        | org   | O1 |    |    | *   |
        | north | N1 | O1 | 80 | 1.0 |
        | north | N2 |    | 20 | 0   |
        | south | S1 | O1 | 1  | 0.0 |
        | south | S2 |    | 4  | 0   |
        """
    )
    assert found.nodes[0].progress == pytest.approx(0.8 / (0.8 + 0.2))


def test_a_sum_of_little_known_has_no_number() -> None:
    found = tree(
        """
        | org   | O1 |    | | *   |
        | north | N1 | O1 | | 0.8 |
        | south | S1 | O1 | |     |
        | east  | E1 | O1 | |     |
        | west  | W1 | O1 | |     |
        """
    )
    assert drawn(found)[0] == "org.O1 - only 25 % of what supports it is known"


@pytest.mark.parametrize(
    ("table", "remark"),
    [
        ("| a | G1 | X7 | | 0.5 |", "its parent X7 stands in no workbook of this period"),
        ("| a | G1 | g1 | | 0.5 |", "names itself as its parent"),
        ("| a | G1 | O1 | | 0.5 |\n| b | O1 | | | 0.5 |\n| c | O1 | | | 0.5 |", "its parent O1 stands in 2 workbooks: which one is meant?"),
        ("| a | G1 | G2 | | 0.5 |\n| b | G2 | G1 | | 0.5 |", "one of its own ancestors: counted as top-most"),
    ],
)  # fmt: skip
def test_what_hangs_loose_is_named(table: str, remark: str) -> None:
    found = tree(table)
    (node,) = [n for n in found.nodes if n.row["file"] == "a"]
    assert (node.remark, node.level) == (remark, 0)
    assert node.key in (*found.broken, *found.circular)


def test_an_own_workbooks_goal_goes_before_one_of_the_same_id_elsewhere() -> None:
    found = tree("| a | G1 | O1 | | 0.5 |\n| a | O1 | | | 0.2 |\n| b | O1 | | | 0.9 |")
    assert drawn(found) == ["a.O1 0.20 30 % behind the goals that support it", "  a.G1 0.50", "b.O1 0.90"]


def test_organisation_goals_that_nobody_supports() -> None:
    found = tree(
        "| org | O1 | | | 0.5 |\n| org | O2 | | | 0.5 |\n| org | P1 | | | 0.5 |\n| a | G1 | O1 | | 0.5 |\n| b | B1 | | | 0.5 |"
    )
    assert [n.row["goal_id"] for n in found.nodes if n.remark == "no goal supports it"] == ["O2"]
    assert len(found.unsupported) == 1


def test_a_goal_in_a_circle_is_said_to_be_in_one_and_not_to_lack_support() -> None:
    found = tree(
        "| org | O1 | N2 | | * |\n| org | O2 | | | * |\n| north | N1 | O2 | | 0.8 |\n| north | N2 | O1 | | 0.4 |"
    )
    assert "org.O1 - one of its own ancestors: counted as top-most" in drawn(found)
    assert found.unsupported == ()


def test_a_long_chain_is_no_trouble() -> None:
    rows = [_goal("a", f"G{n}", f"G{n - 1}" if n else "", 1, "0.5") for n in range(5000)]
    assert align(rows, Policy()).nodes[-1].level == 4999


# ---------------------------------------------------------- settled with the workbook, or all in one go

IDS = ("O1", "O2", "N1", "N2", "N3", "S1")
GOAL = st.fixed_dictionaries({
    "id": st.sampled_from(IDS), "parent": st.sampled_from(("", "", *IDS, "X9")), "weight": st.sampled_from((0.0, 1.0, 3.0)),
    "progress": st.sampled_from(("", "*", "0.2", "0.5", "1")), "counted": st.booleans(),
})  # fmt: skip


def _parcel(file: str, goals: list[dict[str, Any]]) -> Parcel:
    """A workbook of which only the goals are of interest."""
    rows = []
    for goal in {goal["id"]: goal for goal in goals}.values():
        row = _goal(file, goal["id"], goal["parent"], goal["weight"], goal["progress"])
        rows.append({**dict.fromkeys(COLUMNS["goals"]), **row, "status": "on_track", "counted": goal["counted"]})
    return Parcel(file, {}, {"team": file}, packed={"goals": packed(rows, "goals")}, goals=_goals(rows, Policy(), True))  # fmt: skip


def _seen(parcels: list[Parcel]) -> tuple[dict[str, Any], list[bytes], frozenset[str]]:
    whole = whole_of(parcels, Policy(), painted=True)
    return whole.answer(), b"".join(map(content_of, whole.rows())).split(b"</row>"), whole.found_elsewhere


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(GOAL, min_size=1, max_size=5), min_size=1, max_size=5))
def test_goals_settled_with_their_workbook_give_the_same_tree_as_all_goals_at_once(teams: list[list[dict[str, Any]]]):
    parcels = [_parcel(f"team {number}", goals) for number, goals in enumerate(teams)]
    for one in parcels:
        tree = branch_of(align(one.rows("goals"), Policy()), painter("Alignment").segment)
        assert one.goals is not None
        assert one.goals.alone == tree
    at_once = [one._replace(goals=one.goals._replace(rest=None)) for one in parcels if one.goals]
    assert _seen(parcels) == _seen(at_once)


def test_what_hangs_from_another_workbook_is_looked_at_by_its_top_alone() -> None:
    goals = [{"id": "N1", "parent": "O1"}, {"id": "N2", "parent": "N1"}, {"id": "N3", "parent": ""}]
    usual = {"weight": 1.0, "progress": "0.5", "counted": True}
    team = _parcel("team", [{**usual, **goal} for goal in goals])
    assert team.goals is not None
    assert [row["goal_id"] for row in team.goals.hanging] == ["N1"]
    assert [row["goal_id"] for row in team.rows("goals")] == ["N1", "N2", "N3"]
    head = _parcel("head", [{**usual, "id": "O1", "parent": ""}])
    whole = whole_of([head, team], Policy(), painted=True)
    rows = b"".join(map(content_of, whole.rows())).decode()
    assert re.findall(r"<row [^>]*><c [^>]*><is><t>(.*?)</t>", rows) == ["O1", "N1", "N2", "N3"]
    assert whole.answer()["levels"] == 3
