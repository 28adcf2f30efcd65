"""The documentation pages that are rendered from the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfsheet.forms import FORMS
from perfsheet.forms.settings import FACTS
from perfsheet.policy import knobs
from perfsheet.reference import main, pages, stale
from perfsheet.rules import all_rules

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_committed_pages_are_current():
    assert stale(DOCS) == [], "refresh them with: python -m perfsheet.reference"


def test_every_rule_column_setting_and_command_has_its_line():
    from perfsheet.cli import cli

    made = pages()
    assert [code for code in all_rules() if f"### {code}\n" not in made["rules.md"]] == []
    assert [f.tab for f in FORMS if f"## {f.tab}" not in made["columns.md"]] == []
    assert [c.header for f in FORMS for c in f.columns if f"| {c.header}" not in made["columns.md"]] == []
    assert [f.label for f in FACTS if f"| {f.label}" not in made["columns.md"]] == []
    assert [k.name for k in knobs() if f"| {k.label} | `{k.name}` |" not in made["policy.md"]] == []
    assert [name for name in cli.commands if f"## {name}\n" not in made["commands.md"]] == []


@pytest.mark.parametrize("name", pages())
def test_tables_have_as_many_cells_in_every_row(name):
    width = 0
    for number, line in enumerate(pages()[name].splitlines(), 1):
        cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
        if cells and width:
            assert cells == width, f"{name}:{number}: {line}"
        width = cells


def test_pages_are_written_and_checked(tmp_path, capsys):
    assert main([str(tmp_path), "--check"]) == 1
    assert "stale: columns.md, commands.md, dataset.md, doctor.md, policy.md, rules.md" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0
    assert b"\r" not in b"".join(page.read_bytes() for page in tmp_path.iterdir())
    (tmp_path / "rules.md").write_text("# Rules\n", encoding="utf-8")
    assert stale(tmp_path) == ["rules.md"]


def test_a_new_folder_is_made(tmp_path):
    assert main([str(tmp_path / "site" / "docs")]) == 0
    assert stale(tmp_path / "site" / "docs") == []


def test_an_unknown_option_writes_nothing(tmp_path, capsys):
    assert main([str(tmp_path), "--chek"]) == 2
    assert capsys.readouterr().err == "--chek is no option here; there is --check\n"
    assert list(tmp_path.iterdir()) == []
