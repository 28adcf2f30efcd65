"""The organisation as a workbook: painted new, or its tabs renewed where our workbook stands already."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

import pandas as pd

from ..errors import Unwritable
from ..tabs.organisation import OrganisationView, organisation_tabs
from .alignment import Node
from .rollup import Organisation, plain_rows


def view_of(org: Organisation) -> OrganisationView:
    """The organisation as plain rows, for the tabs."""
    totals = org.totals
    return OrganisationView(
        name=_common(org.teams["organisation"]),
        period=_common(org.teams["period"]),
        as_of=org.as_of,
        progress=totals["progress"],
        expected=totals["expected"],
        coverage=totals["coverage"],
        status_counts=org.status_counts,
        teams=plain_rows(org.teams.sort_values(["team", "file"], kind="stable")),
        goals=plain_rows(org.goals),
        alignment=[_tree_row(node) for node in org.alignment.nodes],
        top_most=org.alignment.total,
        people=plain_rows(org.people.sort_values(["person", "team", "file"], kind="stable")),
        issues=plain_rows(org.issues),
        findings=plain_rows(org.findings),
        proposals=plain_rows(
            org.proposals.sort_values(["days", "team", "goal_id"], ascending=[False, True, True], kind="stable")
        ),
        files=plain_rows(org.files.sort_values("file", kind="stable")),
        forecasts=plain_rows(org.forecasts),
        skill=org.forecast_skill,
        confidence_skill=org.confidence_skill,
        fairness=org.fairness,
        moved=None if org.moved is None else [m.row for m in org.moved],
    )


def _tree_row(node: Node) -> dict[str, Any]:
    """A goal as a line of the tree."""
    below = node.below
    return {
        **node.row, "level": node.level, "progress": node.progress, "expected": node.expected, "children": node.children or None,
        "below": below and below.progress, "below_coverage": below and below.coverage, "remark": node.remark,
    }  # fmt: skip


def _common(values: pd.Series[Any]) -> str:
    """The value that most teams share."""
    known = values.dropna()
    return str(known.mode().iloc[0]) if len(known) else ""


def write_organisation(org: Organisation, output: str) -> None:
    """Writes the organisation workbook. A file of that name that is not ours is never replaced."""
    from ..workbooks.grafting import graft
    from ..workbooks.package import check, open_package
    from ..workbooks.painting import paint
    from ..workbooks.reading import read
    from ..workbooks.saving import check_writable, create, save

    tabs = organisation_tabs(view_of(org))
    fresh = not os.path.exists(output)
    painted = paint(tabs, created=org.as_of or date(2000, 1, 1), marked=fresh)
    if fresh:
        create(output, painted, overwrite=False)
        return
    package = open_package(output)
    if not any((sheet.mark or "").startswith("Org") for sheet in read(package).sheets):
        raise Unwritable(
            output, "there is a file of this name that perfsheet did not make", "Choose another name with -o"
        )
    check(package, for_writing=True)
    check_writable(output)
    grafted = graft(package, painted, {tab.name: tab.mark for tab in tabs})
    if grafted.data != package.data:
        save(output, grafted.data, expected_digest=package.digest)
