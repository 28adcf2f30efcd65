"""The organisation as a workbook: painted new, or its tabs renewed where our workbook stands already."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from ..errors import Leaking, Unwritable
from ..tables import MAX_ROW, Block, Segment, Tab
from ..tabs.control import LINES, OUTCOMES
from ..tabs.listing import Painted
from ..tabs.organisation import OrganisationView, blocks_of, organisation_tabs, too_many, worth_telling
from ..workbooks.grafting import emptied, graft, marked_sheets, without
from ..workbooks.package import Package, check, open_large
from ..workbooks.painting import painted_without_rows
from ..workbooks.palette import NUMBERS
from ..workbooks.pouring import in_order, pour
from ..workbooks.saving import check_new, check_writable, create, digest_of, save
from .branches import tree_row
from .leaks import but_ours, leaks
from .packing import Changed, Row, Rows, sorted_by
from .parcels import Listings, Parcel
from .privacy import for_audience
from .rollup import Audience, Organisation, common


def view_of(org: Organisation, painted: bool = False) -> OrganisationView:
    """The organisation for the tabs: its listings as plain rows, or as they were painted with each workbook."""
    totals = org.totals
    files = [*sorted(org.file_rows, key=lambda row: str(row["file"])), *_not_returned(org)]
    listings = _painted(org) if painted else _plain(org)
    return OrganisationView(
        goals=listings["goals"],
        alignment=listings["alignment"],
        people=listings["people"],
        issues=listings["issues"],
        findings=listings["findings"],
        proposals=listings["proposals"],
        forecasts=listings["forecasts"],
        name=common(row["organisation"] for row in org.team_rows),
        period=common(row["period"] for row in org.team_rows),
        as_of=org.as_of,
        progress=totals["progress"],
        expected=totals["expected"],
        coverage=totals["coverage"],
        status_counts=org.status_counts,
        counts={"teams": org.read, "people": org.count("people"), "goals": org.count("goals")},
        teams=sorted(org.team_rows, key=lambda row: (row["team"], row["file"])),
        top_most=org.whole.total,
        files=files,
        found=_found(org, files),
        painted_teams={one.path: one.listings.team for one in org.parcels if painted and one.listings},
        painted_files={
            one.path: one.listings.file for one in org.parcels if painted and one.listings and one.path in org.as_read
        },
        quality=org.quality,
        skill=org.forecast_skill,
        confidence_skill=org.confidence_skill,
        fairness=org.fairness,
        feedback=Rows(org.feedback) if org.count("feedback") else None,
        trend=org.trend or (),
        moved=None if org.moved is None else [m.row for m in org.moved],
    )


def _plain(org: Organisation) -> dict[str, Sequence[Row]]:
    """The listings as rows, to be painted one by one."""
    return {
        "goals": Rows(org.goals), "alignment": Changed(org.alignment.nodes, tree_row), "issues": Rows(org.issues),
        "people": sorted_by(org.people, ["person", "team", "file"]), "findings": worth_telling(Rows(org.findings)),
        "proposals": sorted_by(org.proposals, ["days", "team", "goal_id"], [False, True, True]),
        "forecasts": Rows(org.forecasts) if org.count("forecasts") else (),
    }  # fmt: skip


def _found(org: Organisation, files: Sequence[Row]) -> dict[str, float]:
    """What stands in all tabs, by the lines of Control, counted over the rows themselves."""
    goals = [one.goals for one in org.parcels if one.goals]
    tiles = {name.capitalize(): value for name, value in org.totals.items()}
    return {
        **{f"{name} in Summary": value or 0.0 for name, value in tiles.items()},
        **{f"{name} by counted goals": math.fsum((row[name.lower()] or 0.0) * row["counted"] for row in org.team_rows) for name in tiles},
        "Goals by status": sum(org.status_counts.values()),
        "Goals": sum(len(own.ids) for own in goals), "Goals, by team": sum(len(own.ids) for own in goals),
        "Goals that count": sum(own.counted for own in goals), "People": org.count("people"), "Check-ins": org.check_ins,
        "Entries left out for an error": org.errors, "Sum of progress": math.fsum(own.progress for own in goals),
        "Sum of weight by progress": math.fsum(own.weighted for own in goals), "Workbooks read": org.read, "Files: read, read with findings, not read, left out": sum(row["outcome"] in OUTCOMES for row in files),
    }  # fmt: skip


# ------------------------------------------------------------- rows that were painted with their workbooks


def _painted(org: Organisation) -> dict[str, Sequence[Row]]:
    """The same listings of the rows that each workbook's parcel brings along painted."""
    listed = [(one, one.listings) for one in org.parcels if one.listings is not None]
    told = sum(n for (severity, _), n in org.quality.items() if severity != "info")
    return {
        "goals": Painted(org.count("goals"), lambda: (found.goals for _, found in listed)),
        "alignment": Painted(org.count("goals"), org.whole.rows),
        "issues": Painted(org.count("issues"), lambda: _issues(org, listed)),
        "people": Painted(org.count("people"), lambda: _people(listed)),
        "findings": Painted(told, lambda: _quality(org, listed)),
        "proposals": Painted(org.count("proposals"), lambda: _proposals(listed)),
        "forecasts": Painted(org.count("forecasts"), lambda: (found.forecasts for _, found in listed)),
    }  # fmt: skip


Listed = Sequence[tuple[Parcel, Listings]]


def _issues(org: Organisation, listed: Listed) -> Iterator[Segment]:
    for one, found in listed:
        orphans = org.orphans(one)
        yield from (segment for goal, segment in found.issues if goal not in orphans)


def _quality(org: Organisation, listed: Listed) -> Iterator[Segment | Block]:
    """Errors by file, then warnings; those that show only where workbooks lie side by side come last in each file."""
    odd: dict[tuple[str, str], list[Row]] = {}
    for row in org.odd:
        odd.setdefault((row["severity"], row["file"]), []).append(row)
    for severity in ("error", "warning"):
        for one, found in sorted(listed, key=lambda pair: pair[0].path):
            yield found.errors if severity == "error" else found.warnings
            yield from blocks_of("Data quality", odd.get((severity, one.path), ()))


def _people(listed: Listed) -> Iterator[Segment]:
    """By name; people of the same name by team and file."""
    by_team = sorted(listed, key=lambda pair: (pair[0].team["team"], pair[0].path))
    return in_order(found.people for _, found in by_team)


def _proposals(listed: Listed) -> Iterator[Segment]:
    """Those that wait longest first, those that never began to last."""
    teams = {name: at for at, name in enumerate(sorted({one.team["team"] for one, _ in listed}))}
    return in_order(
        (
            [
                (math.inf if days is None else -days, teams[one.team["team"]], goal is None, goal or "")
                for days, goal in found.proposals[0]
            ],
            found.proposals[1],
        )
        for one, found in listed
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


OPTIONAL = frozenset({"OrgFairness", "OrgMovedgoalposts", "OrgTrend"})
"""The marks of tabs that come and go with what a run was asked for; the others are an audience's own."""


def write_organisation(
    org: Organisation, output: str, audience: Audience, most_rows: int = MAX_ROW, dry_run: bool = False
) -> None:
    """Writes the organisation workbook for an audience. A file of that name that is not ours is never replaced.

    The finished bytes are looked through before they are saved: raises Leaking, and writes nothing,
    if a name is left that the audience must not see. Details beyond `most_rows` of a sheet stay in the
    dataset; without one raises Unwritable. On a dry run all of that is done but for the saving.
    """
    painted = audience.name == "hr" and audience.names is None and org.painted
    view = replace(view_of(org, painted), elsewhere=org.dataset, most_rows=most_rows)
    view = for_audience(view, audience.name, audience.names, audience.released)
    for found in too_many(view):
        if view.elsewhere is None:
            raise Unwritable(
                output, f"{found.tab} has {found.rows:,} rows, and a sheet holds {found.most:,}",
                "Add --dataset DIR: they go there, and the workbook says so",
            )  # fmt: skip
    tabs = organisation_tabs(view)
    fresh = not os.path.exists(output)
    donor = painted_without_rows(tabs, created=org.as_of or date(2000, 1, 1), marked=fresh)
    with _scratch(output) as file:
        if fresh:
            pour(Package.from_bytes(donor), tabs, file)
            _refuse_leaks(output, file, audience)
            if dry_run:
                check_new(output)
            else:
                create(output, file, overwrite=False)
            return
        before = _renewed(output, donor, tabs, file)
        _refuse_leaks(output, file, audience)
        if not dry_run and digest_of(file) != before:
            save(output, file, expected_digest=before)


@contextmanager
def _scratch(output: str) -> Iterator[BinaryIO]:
    """Room for the finished bytes until they were looked through."""
    try:
        with TemporaryFile() as file:
            yield file
    except OSError as error:
        what = f"it cannot be put together in the folder for temporary files: {error.strerror or error}"
        raise Unwritable(output, what, "Free some room there, or name another folder with TMPDIR") from error


def _renewed(output: str, donor: bytes, tabs: Sequence[Tab], file: BinaryIO) -> str:
    """Pours the workbook that is there, with our tabs renewed, into `file`. Returns the digest of what is there."""
    with open_large(output) as there:
        _refuse_foreign(output, there, {tab.mark for tab in tabs})
        package, digest = emptied(there), there.digest
    check(package, for_writing=True)
    package = without(package, OPTIONAL - {tab.mark for tab in tabs})
    check_writable(output)
    grafted = graft(package, donor, {tab.name: tab.mark for tab in tabs}, NUMBERS.values())
    pour(Package.from_bytes(grafted.data, output), tabs, file, grafted)
    return digest


def _refuse_foreign(output: str, package: Package, marks: set[str]) -> None:
    """A file that is not ours, or holds tabs of ours that this audience does not get."""
    ours = {mark: sheet.name for mark, sheet in marked_sheets(package).items() if mark.startswith("Org")}
    if not ours:
        raise Unwritable(
            output, "there is a file of this name that perfsheet did not make", "Choose another name with -o"
        )
    if more := [name for mark, name in ours.items() if mark not in marks | OPTIONAL]:
        what = f"it shows more than this run may ({', '.join(more)})"
        raise Unwritable(output, what, "Choose another name with -o")


def _of_nobody() -> bytes:
    """An organisation workbook without a single row."""
    nothing: Sequence[Row] = ()
    view = OrganisationView(
        "", "", None, None, None, None, {}, {}, nothing, nothing, nothing, nothing, nothing, nothing, moved=nothing,
        found=dict.fromkeys((line.what for line in LINES), 0),
    )  # fmt: skip
    return painted_without_rows(organisation_tabs(view), created=date(2000, 1, 1))


def _refuse_leaks(output: str, file: BinaryIO, audience: Audience) -> None:
    if audience.names is None:
        return
    forbidden = audience.names.forbidden
    if found := but_ours(leaks(file, forbidden), lambda: leaks(_of_nobody(), forbidden)):
        part, words = found[0]
        raise Leaking(
            output,
            f"{words!r} would be left in it ({part}, {len(found)} places in all)",
            "Nothing was written; use --audience hr, or tell us",
        )
