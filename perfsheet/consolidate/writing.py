"""The organisation as a workbook: painted new, or its tabs renewed where our workbook stands already."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from ..errors import Leaking, Unwritable
from ..tables import MAX_ROW, Tab
from ..tabs.organisation import OrganisationView, organisation_tabs, too_many
from ..workbooks.grafting import emptied, graft, marked_sheets
from ..workbooks.package import Package, check, open_large
from ..workbooks.painting import painted_without_rows
from ..workbooks.palette import NUMBERS
from ..workbooks.pouring import pour
from ..workbooks.saving import check_writable, create, digest_of, save
from .alignment import Node
from .leaks import leaks
from .packing import Changed, Rows, sorted_by
from .privacy import for_audience
from .rollup import Audience, Organisation, common


def view_of(org: Organisation) -> OrganisationView:
    """The organisation as plain rows, for the tabs."""
    totals = org.totals
    return OrganisationView(
        name=common(org.teams["organisation"]),
        period=common(org.teams["period"]),
        as_of=org.as_of,
        progress=totals["progress"],
        expected=totals["expected"],
        coverage=totals["coverage"],
        status_counts=org.status_counts,
        counts={"teams": len(org.teams), "people": len(org.people), "goals": len(org.goals)},
        teams=sorted_by(org.teams, ["team", "file"]),
        goals=Rows(org.goals),
        alignment=Changed(org.alignment.nodes, _tree_row),
        top_most=org.alignment.total,
        people=sorted_by(org.people, ["person", "team", "file"]),
        issues=Rows(org.issues),
        findings=Rows(org.findings),
        proposals=sorted_by(org.proposals, ["days", "team", "goal_id"], [False, True, True]),
        files=[*sorted_by(org.files, ["file"]), *_not_returned(org)],
        forecasts=Rows(org.forecasts),
        skill=org.forecast_skill,
        confidence_skill=org.confidence_skill,
        fairness=org.fairness,
        trend=org.trend or (),
        moved=None if org.moved is None else [m.row for m in org.moved],
    )


def _not_returned(org: Organisation) -> list[dict[str, Any]]:
    """Workbooks that were handed out and have not come back, as lines of Files."""
    return [
        {
            "file": row["file"], "outcome": "not returned", "team": row["team"], "workbook_id": row["id"],
            "note": f"{row['manager']}: {row['reason']}", "digest": None,
        }
        for row in org.not_returned or ()
    ]  # fmt: skip


TREE = ("goal", "goal_id", "team", "owner", "status", "cell", "file")
"""What the tree shows of a goal as it stands in its workbook."""


def _tree_row(node: Node) -> dict[str, Any]:
    """A goal as a line of the tree."""
    below = node.below
    return {
        **{name: node.row[name] for name in TREE}, "key": node.key, "level": node.level, "progress": node.progress, "expected": node.expected, "children": node.children or None,
        "below": below and below.progress, "below_coverage": below and below.coverage, "remark": node.remark,
    }  # fmt: skip


def write_organisation(org: Organisation, output: str, audience: Audience, most_rows: int = MAX_ROW) -> None:
    """Writes the organisation workbook for an audience. A file of that name that is not ours is never replaced.

    The finished bytes are looked through before they are saved: raises Leaking, and writes nothing,
    if a name is left that the audience must not see. Details beyond `most_rows` of a sheet stay in the
    dataset; without one raises Unwritable.
    """
    view = replace(view_of(org), elsewhere=org.dataset, most_rows=most_rows)
    view = for_audience(view, audience.name, audience.names, audience.released)
    for found in too_many(view):
        if view.elsewhere is None:
            raise Unwritable(
                output, f"{found.tab} has {found.rows:,} rows, and a sheet holds {found.most:,}",
                "Add --dataset DIR: they go there, and the workbook says so",
            )  # fmt: skip
    tabs = organisation_tabs(view)
    fresh = not os.path.exists(output)
    painted = painted_without_rows(tabs, created=org.as_of or date(2000, 1, 1), marked=fresh)
    with TemporaryFile() as file:
        if fresh:
            pour(Package.from_bytes(painted), tabs, file)
            _refuse_leaks(output, file, audience)
            create(output, file, overwrite=False)
            return
        before = _renewed(output, painted, tabs, file)
        _refuse_leaks(output, file, audience)
        if digest_of(file) != before:
            save(output, file, expected_digest=before)


def _renewed(output: str, painted: bytes, tabs: Sequence[Tab], file: BinaryIO) -> str:
    """Pours the workbook that is there, with our tabs renewed, into `file`. Returns the digest of what is there."""
    with open_large(output) as there:
        _refuse_foreign(output, there, {tab.mark for tab in tabs})
        package, digest = emptied(there), there.digest
    check(package, for_writing=True)
    check_writable(output)
    grafted = graft(package, painted, {tab.name: tab.mark for tab in tabs}, NUMBERS.values())
    pour(Package.from_bytes(grafted.data, output), tabs, file, grafted)
    return digest


def _refuse_foreign(output: str, package: Package, marks: set[str]) -> None:
    """A file that is not ours, or holds tabs of ours that this audience does not get."""
    ours = {mark for mark in marked_sheets(package) if mark.startswith("Org")}
    if not ours:
        raise Unwritable(
            output, "there is a file of this name that perfsheet did not make", "Choose another name with -o"
        )
    optional = {"OrgFairness", "OrgMovedgoalposts", "OrgTrend"}
    if ours - marks - optional:
        raise Unwritable(output, "it was made for an audience that sees more", "Choose another name with -o")


def _refuse_leaks(output: str, file: BinaryIO, audience: Audience) -> None:
    found = leaks(file, audience.names.forbidden) if audience.names else []
    if found:
        part, words = found[0]
        raise Leaking(
            output,
            f"{words!r} would be left in it ({part}, {len(found)} places in all)",
            "Nothing was written; use --audience hr, or tell us",
        )
