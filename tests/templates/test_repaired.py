"""A repaired workbook calculates again, and one that LibreOffice saved is understood."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import openpyxl

from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.repair import repaired
from perfsheet.tables import Address, Change
from perfsheet.templates.look import STATUS_LOOK
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

FACTS = {
    "team": "North", "manager": "Ada", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
    "as_of": date(2026, 2, 14),
}  # fmt: skip


def workbook(template: bytes) -> bytes:
    rows = {
        PEOPLE: [{"person": "Ada"}],
        GOALS: [
            {"goal_id": f"G{n}", "goal": f"Goal {n}", "owners": "Ada", "kind": "Count", "target": 100} for n in (1, 2)
        ],
        CHECKINS: [{"goal_id": f"G{n}", "day": date(2026, 2, 1), "value": 30 * n} for n in (1, 2)],
    }
    return fill(template, rows, FACTS)


def test_a_formula_that_was_put_back_calculates(team_template: bytes, recalculate: Any) -> None:
    typed = edit(Package.from_bytes(workbook(team_template)), [Change(Address("Goals", 5, 19), 0.99)])
    data, _ = repaired(Package.from_bytes(typed))
    shown = {
        name: read(path).sheet("Goals").cells for name, path in recalculate({"typed": typed, "whole": data}).items()
    }
    assert [shown[name][5, 19].value for name in ("typed", "whole")] == [0.99, 0.3]
    assert [shown["whole"][row, 21].value for row in (5, 6)] == ["✖ Off track", "✔ On track"]


def test_a_workbook_that_libreoffice_saved_lacks_only_its_tables_formulas(
    templates: dict[str, bytes], recalculate: Any
) -> None:
    names = ("team", "okr", "scorecard")
    saved = recalculate({name: workbook(templates[name]) for name in names})
    mended = {name: repaired(Package.from_bytes(saved[name].read_bytes(), "saved.xlsx")) for name in names}
    again = recalculate({name: data for name, (data, _) in mended.items()})
    for name, (_, result) in mended.items():
        assert {item.kind for item in result.restored} == {"column formula"}, name
        assert result.left == (), name
        goals = read(again[name]).sheet("Goals")
        (table,) = goals.list_objects
        assert goals.cells[6, 1 + table.columns.index("Progress")].value == 0.6, name


def test_status_colours_that_were_put_back_are_painted(team_template: bytes, recalculate: Any) -> None:
    package = Package.from_bytes(workbook(team_template))
    part = next(sheet.part for sheet in package.sheets if sheet.name == "Goals")
    bare = re.sub(rb"<conditionalFormatting.*</conditionalFormatting>", b"", package.read(part))
    lost = package.replace({part: bare})
    data, _ = repaired(Package.from_bytes(lost))
    saved = recalculate({"lost": lost, "whole": data})
    told = {name: openpyxl.load_workbook(path)["Goals"].conditional_formatting for name, path in saved.items()}
    fills = {
        rule.formula[0]: rule.dxf.fill.bgColor.rgb[2:]
        for area in told["whole"]
        if "U5" in area.sqref
        for rule in area.rules
    }
    assert list(told["lost"]) == []
    assert fills == {f'"{word}"': fill for word, (fill, _) in STATUS_LOOK.items()}
