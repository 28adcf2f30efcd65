"""`perfsheet repair`: what pasting and slips of the finger destroyed is put back, and nothing else is touched."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfsheet.cli import cli
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.records import read_records
from perfsheet.repair import Repaired, repair, repaired, template_of
from perfsheet.tables import Address, Change, cell_position
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

FACTS = {
    "team": "North", "manager": "Ada", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
    "as_of": date(2026, 2, 14),
}  # fmt: skip
GOAL = {"goal_id": "G1", "goal": "Grow", "owners": "Ada", "kind": "Count", "target": 10}


@cache
def book(template: str = "team") -> bytes:
    rows = {
        PEOPLE: [{"person": "Ada"}],
        GOALS: [GOAL],
        CHECKINS: [{"goal_id": "G1", "day": date(2026, 2, 1), "value": 4}],
    }
    return fill(template_bytes(template), rows, FACTS)


def typed(data: bytes, **cells: Any) -> bytes:
    """The workbook with constants typed in: typed(data, Goals_R5=3)."""
    changes = [
        Change(Address(*name.split("_")[:1], *cell_position(name.split("_")[1])), value)
        for name, value in cells.items()
    ]
    return edit(Package.from_bytes(data), changes)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def sheet_part(data: bytes, tab: str) -> str:
    return next(sheet.part for sheet in Package.from_bytes(data).sheets if sheet.name == tab)


def rewritten(data: bytes, tab: str, change: Callable[[str], str]) -> bytes:
    """The workbook with a sheet's XML changed."""
    part = sheet_part(data, tab)
    return Package.from_bytes(data).replace({part: change(parts(data)[part].decode()).encode()})


def mended(data: bytes) -> tuple[bytes, Repaired]:
    new, result = repaired(Package.from_bytes(data))
    again, nothing = repaired(Package.from_bytes(new))
    assert (again, nothing.restored) == (new, ())
    return new, result


def lines(result: Repaired) -> list[str]:
    return [f"{r.kind} {r.sheet}!{r.where}{'' if r.old is None else f' held {r.old}'}" for r in result.restored]


def values(data: bytes) -> dict[str, Mapping[Any, Any]]:
    return {
        sheet.name: {place: cell.value for place, cell in sheet.cells.items() if not cell.formula}
        for sheet in read(Package.from_bytes(data)).sheets
    }


@pytest.mark.parametrize("template", ["team", "okr", "scorecard", "one-to-one"])
def test_a_sound_workbook_stays_byte_for_byte(template: str) -> None:
    data = book(template)
    new, result = repaired(Package.from_bytes(data))
    assert (new, result.restored, result.left, result.template) == (data, (), (), template)


def test_a_formula_that_was_typed_over_is_put_back_and_the_constant_named() -> None:
    before = book()
    new, result = mended(typed(before, Goals_R5=7, Goals_S6="half"))
    assert lines(result) == ["formula Goals!R5 held 7", "formula Goals!S6 held half"]
    sheet = openpyxl.load_workbook(io.BytesIO(new))["Goals"]
    assert sheet["R5"].value == openpyxl.load_workbook(io.BytesIO(before))["Goals"]["R5"].value
    assert values(new) == values(before)


def test_all_other_parts_stay_byte_for_byte() -> None:
    broken = typed(book(), Goals_R5=7)
    new, _ = mended(broken)
    old, now = parts(broken), parts(new)
    assert list(old) == list(now)
    assert {name for name in old if old[name] != now[name]} == {sheet_part(broken, "Goals")}


def test_a_formula_that_somebody_edited_is_put_back_and_the_edit_named() -> None:
    broken = rewritten(book(), "Goals", lambda xml: re.sub(r'(<c r="S5"[^>]*>)<f>.*?</f>', r"\1<f>MIN(1,R5)</f>", xml))
    new, result = mended(broken)
    assert lines(result) == ["formula Goals!S5 held =MIN(1,R5)"]
    assert "MIN(1,R5)" not in parts(new)[sheet_part(new, "Goals")].decode()


def test_lost_drop_downs_come_back_where_no_rule_covers_the_cell() -> None:
    before = book()
    broken = rewritten(before, "Goals", lambda xml: re.sub(r"<dataValidations.*?</dataValidations>", "", xml))
    new, result = mended(broken)
    assert {line.split("!")[0] for line in lines(result)} == {"entry rule Goals"}

    def rules(data: bytes) -> set[tuple[Any, ...]]:
        found = openpyxl.load_workbook(io.BytesIO(data))["Goals"].data_validations.dataValidation
        return {
            (str(r.sqref), r.type, r.formula1, r.formula2, r.errorStyle, r.promptTitle, r.prompt, r.error)
            for r in found
        }

    assert {area for rule in rules(new) for area in rule[0].split()} == {
        area for rule in rules(before) for area in rule[0].split()
    }
    assert {rule[1:] for rule in rules(new)} == {rule[1:] for rule in rules(before)}


def test_a_hole_in_a_drop_down_is_closed_by_the_rule_that_is_there() -> None:
    kinds = re.compile(r'sqref="F5:F34"')
    broken = rewritten(book(), "Goals", lambda xml: kinds.sub('sqref="F5:F8 F10:F34"', xml))
    new, result = mended(broken)
    assert lines(result) == ["entry rule Goals!F9", "conditional format Goals!F9"]
    assert 'sqref="F5:F8 F10:F34 F9"' in parts(new)[sheet_part(new, "Goals")].decode()


def test_a_rule_of_their_own_stays() -> None:
    broken = rewritten(
        book(), "Goals", lambda xml: xml.replace('sqref="I5:I34"><formula1>', 'sqref="I5:I34"><formula1>1', 1)
    )
    assert repaired(Package.from_bytes(broken))[1].restored == ()


Colours = set[tuple[str, str, str | None, tuple[str, ...], str | None]]


def colours(data: bytes, tab: str = "Goals") -> Colours:
    """Each condition of a tab: where, what kind, its formulas, the fill."""
    found = openpyxl.load_workbook(io.BytesIO(data))[tab].conditional_formatting
    return {
        (str(area.sqref), r.type, r.operator, tuple(r.formula), r.dxf and r.dxf.fill and r.dxf.fill.bgColor.rgb)
        for area in found
        for r in area.rules
    }


def without_colours(xml: str) -> str:
    return re.sub(r"<conditionalFormatting.*</conditionalFormatting>", "", xml)


@pytest.mark.parametrize("template", ["team", "okr", "scorecard", "one-to-one"])
def test_lost_status_colours_come_back(template: str) -> None:
    before = book(template)
    new, result = mended(rewritten(before, "Goals", without_colours))
    assert {line.split("!")[0] for line in lines(result)} == {"conditional format Goals"}
    assert colours(new) == colours(before)
    assert values(new) == values(before)


def test_cells_that_pasting_left_without_colours_get_them() -> None:
    broken = rewritten(book(), "Goals", lambda xml: xml.replace('sqref="U5:U34"', 'sqref="U5:U8 U11:U34"', 1))
    new, result = mended(broken)
    assert lines(result) == ["conditional format Goals!U9:U10"]
    assert ("U9:U10", "cellIs", "equal", ('"▲ At risk"',), "00F9DFA6") in colours(new)


def test_a_condition_reads_in_each_hole_as_it_did_there() -> None:
    broken = rewritten(book(), "Goals", lambda xml: xml.replace('sqref="B5:B34"', 'sqref="B5:B6 B9:B34"', 1))
    new, _ = mended(broken)
    assert ("B7:B8", "expression", None, ('AND(COUNTA($A7:$Q7)>0,$B7="")',), "00F9DFA6") in colours(new)


def test_conditional_formats_of_their_own_stay_and_come_first() -> None:
    own = (
        '<conditionalFormatting sqref="U5:U34"><cfRule type="containsText" dxfId="2" priority="4" operator="containsText" text="risk">'
        '<formula>NOT(ISERROR(SEARCH("risk",U5)))</formula></cfRule></conditionalFormatting>'
        '<conditionalFormatting sqref="I5:I34"><cfRule type="dataBar" priority="9"><dataBar><cfvo type="min"/><cfvo type="max"/>'
        '<color rgb="FF638EC6"/></dataBar></cfRule></conditionalFormatting>'
    )
    broken = rewritten(
        book(), "Goals", lambda xml: re.sub(r"<conditionalFormatting.*</conditionalFormatting>", own, xml)
    )
    new, _ = mended(broken)
    xml = parts(new)[sheet_part(new, "Goals")].decode()
    assert own in xml
    ranks = [int(n) for n in re.findall(r' priority="(\d+)"', xml.partition(own)[2])]
    assert ranks == list(range(10, 10 + len(ranks)))
    assert xml.index(own) < xml.index("<dataValidations")


def test_other_colours_for_the_same_condition_are_a_matter_of_taste() -> None:
    taste = rewritten(book(), "Goals", lambda xml: re.sub(r'(priority="9" operator="equal" dxfId=)"\d"', r'\1"3"', xml))
    assert taste != book()
    assert repaired(Package.from_bytes(taste))[1].restored == ()


def test_colours_follow_a_column_that_moved() -> None:
    new, result = mended(moved_columns())
    assert "conditional format Check-ins!C5:C204" in lines(result)
    assert ("C5:C204", "expression", None, ('AND(COUNTA($A5:$H5)>0,$C5="")',), "00F9DFA6") in colours(new, "Check-ins")


def test_lost_formats_come_back_and_a_date_format_of_their_own_stays() -> None:
    plain = rewritten(book(), "Check-ins", lambda xml: re.sub(r'(<c r="A5") s="\d+"', r'\1 s="0"', xml))
    new, result = mended(plain)
    assert lines(result) == ["format Check-ins!A5"]
    assert openpyxl.load_workbook(io.BytesIO(new))["Check-ins"]["A5"].number_format == "yyyy-mm-dd"
    assert openpyxl.load_workbook(io.BytesIO(new))["Check-ins"]["A5"].style == "Input"
    own = openpyxl.load_workbook(io.BytesIO(book()))
    own["Check-ins"]["A5"].number_format = "dd.mm.yyyy"
    out = io.BytesIO()
    own.save(out)
    assert not [r for r in repaired(Package.from_bytes(out.getvalue()))[1].restored if r.kind == "format"]


def test_rows_typed_below_the_table_join_it() -> None:
    data = book()
    last = 4 + PEOPLE.prepared_rows
    full = edit(Package.from_bytes(data), [Change(Address("People", row, 1), f"P{row}") for row in range(6, last + 3)])
    new, result = mended(full)
    assert lines(result)[0] == "table People!tblPeople"
    (table,) = read(Package.from_bytes(new)).sheet("People").list_objects  # type: ignore[union-attr]
    assert table.area.bottom == last + 2
    assert f"entry rule People!A{last + 1}:A{last + 2}" in lines(result)
    assert f"format People!B{last + 2}" in lines(result)


def test_rows_typed_below_goals_get_their_formulas() -> None:
    data = book()
    rows = [{**GOAL, "goal_id": f"G{n}"} for n in range(2, 32)]
    full = fill(data, {GOALS: rows[:29]}, {})
    last = 5 + 30
    below = edit(
        Package.from_bytes(full),
        [Change(Address("Goals", last, 1 + i), v) for i, v in enumerate(("G31", "Grow", "Ada"))],
    )
    new, result = mended(below)
    assert f"formula Goals!R{last}" in lines(result)
    assert read(Package.from_bytes(new)).sheet("Goals").cells[last, 18].formula  # type: ignore[union-attr]


def test_the_tables_own_formula_for_new_rows_comes_back() -> None:
    package = Package.from_bytes(book())
    part = next(name for name, data in parts(package.data).items() if b'name="tblGoals"' in data)
    text = parts(package.data)[part].decode()
    bare = re.sub(r"<calculatedColumnFormula.*?</calculatedColumnFormula>", "", text, count=1)
    new, result = mended(package.replace({part: bare.encode()}))
    assert lines(result) == ["column formula Goals!tblGoals[Current]"]
    assert parts(new)[part].decode().count("<calculatedColumnFormula") == text.count("<calculatedColumnFormula")


def test_lost_names_come_back() -> None:
    package = Package.from_bytes(book())
    text = parts(package.data)["xl/workbook.xml"].decode()
    lost = re.sub(r'<definedName name="(?:as_of|list_People_Person)".*?</definedName>', "", text)
    new, result = mended(package.replace({"xl/workbook.xml": lost.encode()}))
    assert [f"{r.kind} {r.where}" for r in result.restored] == ["name as_of", "name list_People_Person"]
    names = openpyxl.load_workbook(io.BytesIO(new)).defined_names
    whole = openpyxl.load_workbook(io.BytesIO(package.data)).defined_names
    assert {name: item.attr_text for name, item in names.items()} == {
        name: item.attr_text for name, item in whole.items()
    }


def moved_columns() -> bytes:
    """Goals with Target called Zielwert, and Check-ins with Value before Goal ID: the formulas with them."""
    data = book()
    goals, log = sheet_part(data, "Goals"), sheet_part(data, "Check-ins")
    found = {name: text for name, text in parts(data).items() if name.endswith(".xml")}
    changes = {}
    for name, raw in found.items():
        text = raw.decode().replace("tblGoals[[#This Row],[Target]]", "tblGoals[[#This Row],[Zielwert]]")
        text = text.replace("tblGoals[Target]", "tblGoals[Zielwert]")
        if b'name="tblGoals"' in raw:
            text = text.replace('name="Target"', 'name="Zielwert"')
        if b'name="tblCheckIns"' in raw:
            text = (
                text.replace('name="Goal ID"', 'name="?"')
                .replace('name="Value"', 'name="Goal ID"')
                .replace('name="?"', 'name="Value"')
            )
        if text.encode() != raw:
            changes[name] = text.encode()
    package = Package.from_bytes(Package.from_bytes(data).replace(changes))
    swapped = [
        Change(Address("Goals", 4, 9), "Zielwert"), Change(Address("Check-ins", 4, 2), "Value"), Change(Address("Check-ins", 4, 3), "Goal ID"),
        Change(Address("Check-ins", 5, 2), 4), Change(Address("Check-ins", 5, 3), "G1"),
    ]  # fmt: skip
    assert goals != log
    return edit(package, swapped)


def test_columns_that_moved_or_go_by_a_synonym_are_found_again() -> None:
    data = moved_columns()
    assert [(g.goal_id, g.target) for g in read_records(read(Package.from_bytes(data))).goals] == [("G1", 10)]
    new, result = mended(typed(data, Goals_R5=7, Goals_S5=0.7))
    formulas = [line for line in lines(result) if line.startswith("formula")]
    assert formulas == ["formula Goals!R5 held 7", "formula Goals!S5 held 0.7"]
    assert "[Target]" not in parts(new)[sheet_part(new, "Goals")].decode()


def test_a_table_that_is_no_table_any_more_is_named_and_left() -> None:
    data = book()
    part = sheet_part(data, "Plan")
    bare = rewritten(data, "Plan", lambda xml: re.sub(r"<tableParts.*?</tableParts>", "", xml))
    _, result = repaired(Package.from_bytes(typed(bare, Goals_R5=7)))
    assert part
    assert any("tblPlan" in left.what for left in result.left)
    assert lines(result)[:1] == ["formula Goals!R5 held 7"]


def test_somebody_elses_tracker_is_left_alone() -> None:
    own = openpyxl.Workbook()
    own.active.title = "Goals"
    for row in (("Goal ID", "Goal", "Owner", "Kind", "Target", "Due date"), ("G1", "Grow", "Ada", "Count", 10, 46000)):
        own.active.append(row)
    out = io.BytesIO()
    own.save(out)
    data, result = repaired(Package.from_bytes(out.getvalue()))
    assert (data, result.restored) == (out.getvalue(), ())
    assert [left.what for left in result.left] == [
        "this workbook has none of a template's tables, so it is left as it is"
    ]


def test_the_template_is_known_by_its_columns_when_settings_do_not_say() -> None:
    row = next(
        place[0]
        for place, cell in read(Package.from_bytes(book("okr"))).sheet("Settings").cells.items()  # type: ignore[union-attr]
        if cell.value == "Template version"
    )
    data = edit(Package.from_bytes(book("okr")), [Change(Address("Settings", row, 3), None)])
    assert template_of(read(Package.from_bytes(data))) == "okr"


def test_the_file_is_replaced_only_without_dry_run(tmp_path: Path) -> None:
    path = tmp_path / "team.xlsx"
    path.write_bytes(typed(book(), Goals_R5=7))
    before = path.read_bytes()
    assert lines(repair(path, dry_run=True)) == ["formula Goals!R5 held 7"]
    assert path.read_bytes() == before
    repair(path)
    assert repair(path).restored == ()


def test_the_command_says_cell_by_cell_what_it_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    Path("team.xlsx").write_bytes(typed(book(), Goals_R5=7))
    answer = CliRunner().invoke(cli, ["repair", "team.xlsx", "--dry-run", "--format", "json"])
    (workbook,) = json.loads(answer.output)["workbooks"]
    assert workbook["restored"] == [
        {"kind": "formula", "sheet": "Goals", "where": "R5", "what": "the formula that was typed over", "old": 7}
    ]
    said = CliRunner().invoke(cli, ["repair", "team.xlsx"])
    assert (said.exit_code, said.output) == (
        0,
        "team.xlsx:Goals!R5: put back the formula that was typed over; it held 7\n",
    )
    assert CliRunner().invoke(cli, ["repair", "team.xlsx"]).output == "team.xlsx: nothing was missing (template team)\n"


def as_shared(xml: str) -> str:
    """Progress as Excel may save it: written in the first cell, the others point to it."""
    count = iter(range(1000))

    def turn(match: re.Match[str]) -> str:
        first = next(count) == 0
        body = f'<f t="shared" ref="S5:S34" si="0">{match[2]}</f>' if first else '<f t="shared" si="0"/>'
        return match[1] + body

    return re.sub(r'(<c r="S\d+"[^>]*>)<f>(.*?)</f>', turn, xml)


def test_formulas_that_cells_share_are_understood() -> None:
    shared = rewritten(book(), "Goals", as_shared)
    assert repaired(Package.from_bytes(shared))[1].restored == ()
    _, result = mended(typed(shared, Goals_S9=0.5))
    assert lines(result) == ["formula Goals!S9 held 0.5"]


def test_a_shared_formula_that_was_changed_is_named_and_left() -> None:
    broken = rewritten(
        book(),
        "Goals",
        lambda xml: re.sub(r'(<f t="shared" ref="S5:S34" si="0">).*?</f>', r"\1R5/2</f>", as_shared(xml)),
    )
    _, result = repaired(Package.from_bytes(broken))
    assert [left.what for left in result.left] == ["S5: other cells share its formula, which was changed"]
    assert lines(result)[0] == "formula Goals!S6 held =R6/2"


def test_drop_downs_that_newer_programs_keep_elsewhere_are_seen() -> None:
    def elsewhere(xml: str) -> str:
        rule = re.search(r'<dataValidation sqref="F5:F34"[^>]*>.*?</dataValidation>', xml)
        assert rule
        newer = (
            '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
            '<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list">'
            "<x14:formula1><xm:f>Settings!$J$5:$J$12</xm:f></x14:formula1><xm:sqref>F5:F34</xm:sqref></x14:dataValidation>"
            "</x14:dataValidations></ext></extLst></worksheet>"
        )
        return xml.replace(rule[0], "").replace("</worksheet>", newer)

    moved = rewritten(book(), "Goals", elsewhere)
    assert repaired(Package.from_bytes(moved))[1].restored == ()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_broken_no_value_changes(seed: int) -> None:
    chance = random.Random(seed)
    before = book(chance.choice(("team", "okr", "scorecard", "one-to-one")))
    package = Package.from_bytes(before)
    broken: dict[str, bytes] = {}
    for sheet in package.sheets:
        xml = parts(before)[sheet.part].decode()
        xml = re.sub(
            r"<dataValidation .*?(?:/>|</dataValidation>)", lambda m: "" if chance.random() < 0.2 else m[0], xml
        )
        xml = re.sub(r'(<c r="[A-Z]+\d+") s="\d+"', lambda m: m[1] if chance.random() < 0.02 else m[0], xml)
        xml = re.sub(
            r'<c (r="[A-Z]+\d+"[^>]*)><f[^>]*>.*?</f>(?:<v>.*?</v>|<v/>)?</c>',
            lambda m: m[0] if chance.random() > 0.02 else f"<c {m[1]}/>".replace(' t="str"', ""),
            xml,
        )
        broken[sheet.part] = xml.encode()
    new, result = mended(package.replace(broken))
    assert values(new) == values(before)
    assert result.left == ()

    def formulas(data: bytes) -> dict[str, set[Any]]:
        return {
            sheet.name: {place for place, cell in sheet.cells.items() if cell.formula}
            for sheet in read(Package.from_bytes(data)).sheets
        }

    assert formulas(new) == formulas(before)
