"""The documentation pages that are rendered from the code, and the same pages on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfsheet.errors import Misuse
from perfsheet.forms import FORMS
from perfsheet.policy import knobs
from perfsheet.reference import main, pages, stale
from perfsheet.rules import all_rules, index, page

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_committed_pages_are_current():
    assert stale(DOCS) == [], "refresh them with: python -m perfsheet.reference"


def test_every_rule_column_setting_and_command_has_its_line():
    from perfsheet.cli import cli

    made = pages()
    assert [code for code in all_rules() if f"### {code}\n" not in made["rules.md"]] == []
    assert [f.tab for f in FORMS if f"## {f.tab}" not in made["columns.md"]] == []
    assert [c.header for f in FORMS for c in f.columns if f"| {c.header}" not in made["columns.md"]] == []
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
    assert "stale: columns.md, commands.md, policy.md, rules.md" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0
    (tmp_path / "rules.md").write_text("# Rules\n", encoding="utf-8")
    assert stale(tmp_path) == ["rules.md"]


def test_a_page_on_a_terminal():
    assert page("Parent-is-itself").splitlines() == [
        "parent_is_itself (error): A goal is its own parent",
        "",
        "What: The Parent goal cell names the goal's own id.",
        "Why: A goal cannot support itself; it is treated as one without a parent.",
        "Example: G1 with the parent G1, often a row copied or filled down.",
        "What to do: Name the goal that it supports, or clear the cell.",
    ]


def test_every_page_fits_a_terminal_and_the_index_names_it():
    listed = [line.split()[0] for line in index().splitlines() if line.startswith("  ")]
    assert listed == list(all_rules())
    assert [code for code in all_rules() if max(map(len, page(code).splitlines())) > 100] == []


def test_an_unknown_code_is_met_with_what_may_have_been_meant():
    with pytest.raises(Misuse, match="there is no rule 'unknown_gaol'; did you mean unknown_goal"):
        page("unknown_gaol")
    with pytest.raises(Misuse, match="lists them all"):
        page("qqq")
