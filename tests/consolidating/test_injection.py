"""Text from a team's workbook stays text in HR's: no formula, no link, no call, nothing that cannot be seen."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from perfsheet.cli import cli
from perfsheet.errors import made_visible
from perfsheet.filling import fill
from perfsheet.forms import GOALS, PEOPLE
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

from ..payloads import PAYLOADS, cleaned


def test_there_are_enough_of_them() -> None:
    assert len(PAYLOADS) > 500


def test_every_text_is_there_as_it_was_written(hostile_org: Path) -> None:
    goals = read(hostile_org).sheet("Goals")
    assert goals is not None
    shown = {cell.value: cell for cell in goals.cells.values() if cell.type == "text"}
    wanted = {made_visible(cleaned(text)) for text in PAYLOADS if cleaned(text)}
    assert wanted - shown.keys() == set()


OURS = re.compile(
    r"<f>(?:SUM|SUMPRODUCT|COUNTA|COUNTIF|COUNTIFS|ROWS|IF|AVERAGE|AVERAGEIFS|SUMXMY2|ROUND\(B|N\(Summary!|1-|B\d+-C\d+|C\d+/B\d+|Control!B3)[^<]*</f>"
)


def test_no_formula_but_our_own_and_no_link_leads_out(hostile_org: Path) -> None:
    with zipfile.ZipFile(hostile_org) as package:
        parts = {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}
    sheets = "".join(text for name, text in parts.items() if name.startswith("xl/worksheets/sheet"))
    formulas = re.findall(r"<f[ >].*?</f>", sheets, re.S)
    assert formulas
    assert [f for f in formulas if not OURS.fullmatch(f)] == []
    assert "evil" not in "".join(text for name, text in parts.items() if name.endswith(".rels"))
    assert 'TargetMode="External"' not in "".join(parts.values())
    assert not any(name.startswith(("xl/externalLinks", "xl/connections", "xl/queryTables")) for name in parts)
    assert "ddeLink" not in "".join(parts.values())


def test_what_cannot_be_seen_is_written_out(hostile_org: Path) -> None:
    text = "".join(str(cell.value) for sheet in read(hostile_org).sheets for cell in sheet.cells.values())
    assert "abc[U+202E]gpj.exe" in text
    assert not set(text) & {"\u202e", "\u2066", "\u200b", "\x1b", "\x07"}


@pytest.mark.parametrize("text", ["naïve", "日本語", "عربي", "👩‍👩‍👧", "a\u00adb", "line\nline", "می‌خواهم", "Ł\tx"])
def test_honest_text_is_left_alone(text: str) -> None:
    assert made_visible(text) == text


def test_the_terminal_gets_no_escapes(hostile_org: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from perfsheet.runs import validate_files

    validate_files(
        [str(hostile_org.with_name("team.xlsx"))], as_of=date(2026, 2, 14), as_json=False, policy=None, quiet=False
    )
    printed = capfd.readouterr().out.replace("\x1b[0m", "")
    assert not re.search(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]", re.sub(r"\x1b\[[0-9;]*m", "", printed))


CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
DIRTY = "C1\x9b31m DEL\x7f tag\U000e0041 bidi\u202e"


def test_json_on_a_terminal_is_data_alone(tmp_path: Path) -> None:
    """C1 controls are obeyed as escapes by some terminals, and JSON itself does not ask for them to be escaped."""
    people = [{"person": DIRTY, "email": "x\x1b]0;y\x07"}]
    goals = [{"goal_id": "G1", "goal": DIRTY, "owners": (DIRTY,), "kind": "Increase", "baseline": 0, "target": 9}]
    path = tmp_path / "team.xlsx"
    path.write_bytes(
        fill(template_bytes("team"), {PEOPLE: people, GOALS: goals}, {"team": "T", "manager": "M", "period": "P"})
    )
    for command in (["score", "--dry-run"], ["validate"]):
        done = CliRunner().invoke(cli, [*command, str(path), "--format", "json"])
        assert not CONTROL.search(done.stdout)
        assert DIRTY in json.dumps(json.loads(done.stdout), ensure_ascii=False) or command == ["validate"]


def test_an_error_on_a_terminal_is_one_harmless_line(tmp_path: Path, hostile_org: Path) -> None:
    done = CliRunner().invoke(cli, ["score", str(hostile_org.with_name("team.xlsx")), "--person", "Nobody"])
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert not CONTROL.search(done.output.rstrip("\n"))
