"""The documentation pages that are rendered from the code, so that they cannot lag behind it.

python -m perfsheet.reference [FOLDER]           writes them (docs/ by default)
python -m perfsheet.reference --check FOLDER     says which committed ones are stale
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from inspect import cleandoc
from pathlib import Path

import click

from .consolidate.dataset import SCHEMA, SCHEMA_VERSION
from .doctor import CHECKS, FILE_CHECKS
from .findings import Rule
from .forms import FORMS, SETTINGS, Column, Form
from .forms.settings import FACTS
from .policy import Knob, knobs
from .records.locating import synonyms_of
from .rules import ROOMS

NOTE = "*Generated from the code by `python -m perfsheet.reference`; do not edit.*"
LANGUAGES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "pt": "Portuguese", "zh": "Chinese"}


def pages() -> dict[str, str]:
    """Each page's Markdown by its file name."""
    return {
        "columns.md": _columns(),
        "commands.md": _commands(),
        "dataset.md": _dataset(),
        "doctor.md": _doctor(),
        "policy.md": _policy(),
        "rules.md": _rules(),
    }


# ---------------------------------------------------------------------- columns


def _columns() -> str:
    lines = [
        "# Tabs and columns",
        "",
        NOTE,
        "",
        "Headers are matched without regard to case, spacing and punctuation, wherever the header row stands. Columns of your own are left alone. * = required.",
        "",
    ]
    for form in FORMS:
        lines += _form(form)
        if form is SETTINGS:
            lines += _facts()
    return "\n".join(lines)


def _facts() -> Iterator[str]:
    yield from ("These settings say whose workbook it is. The numbers that HR may change are in policy.md.", "")
    yield from ("| Setting | Holds | Meaning |", "| --- | --- | --- |")
    for fact in FACTS:
        yield f"| {fact.label}{' *' if fact.required else ''} | {fact.kind.value} | {fact.help} |"
    yield ""


def _form(form: Form) -> Iterator[str]:
    optional = " (optional)" if form.optional else ""
    yield from (f"## {form.tab}{optional}", "", f"{form.purpose} Excel table: `{form.table}`.", "")
    yield from ("| Column | Holds | Meaning | Also read as |", "| --- | --- | --- | --- |")
    for column in form.columns:
        star = " *" if column.required else ""
        yield f"| {column.header}{star} | {_holds(column)} | {column.help} | {_also(form, column)} |"
    yield ""


def _holds(column: Column) -> str:
    if column.choices:
        return ", ".join(column.choices)
    limits = (
        f", {column.low:g} to {column.high:g}"
        if column.low is not None and column.high is not None
        else f", at least {column.low:g}"
        if column.low is not None
        else ""
    )
    return ("formula" if column.live else column.kind.value) + limits


def _also(form: Form, column: Column) -> str:
    found: dict[str, list[str]] = {}
    for header, language, synonym in synonyms_of(form.tab):
        if header == column.header:
            found.setdefault(language, []).append(synonym.replace("|", "\\|"))
    return "<br>".join(f"{LANGUAGES[language]}: {', '.join(words)}" for language, words in sorted(found.items()))


# ---------------------------------------------------------------------- dataset


def _dataset() -> str:
    lines = [
        "# The dataset",
        "",
        NOTE,
        "",
        f"`perfsheet consolidate ... --dataset DIR` writes a folder for each table, partitioned by period, such as `DIR/goals/period=2026%20Q1/data.parquet`. It needs pyarrow: `pip install 'perfsheet[dataset]'`. This is schema version {SCHEMA_VERSION}, which each file names in its metadata; the version goes up when a column changes its meaning or goes away. A folder of another version is refused in one line; write into another folder then.",
        "",
        "A run replaces the periods that it read and keeps the others, and whatever else you put into the folder. Rows without a period, such as the files that were left out, have the period `(none)`. Empty cells are missing, never zero; shares are fractions from 0 to 1.",
        "",
    ]
    for table, fields in SCHEMA.items():
        lines += [f"## {table}", "", "| Column | Holds | Meaning |", "| --- | --- | --- |"]
        lines += [f"| {f.name} | {f.type.replace('_', '/')} | {f.meaning} |" for f in fields]
        lines.append("")
    return "\n".join(lines)


# ----------------------------------------------------------------------- doctor


def _doctor() -> str:
    lines = [
        "# What doctor looks at",
        "",
        NOTE,
        "",
        "`perfsheet doctor [FILE...]` looks, changes nothing, and sends nothing anywhere. Each line is *ok*, a *note*, or *wrong* with what to do; the exit code is 1 if anything is wrong. What a system does not have is passed over.",
        "",
        "| Check | Why it matters |",
        "| --- | --- |",
        *(f"| {check.name} | {check.why} |" for check in CHECKS),
        "",
        "Of each file that is named:",
        "",
        "| Check | Why it matters |",
        "| --- | --- |",
        *(f"| {check.name} | {check.why} |" for check in FILE_CHECKS),
        "",
    ]
    return "\n".join(lines)


# ----------------------------------------------------------------------- policy


def _policy() -> str:
    lines = [
        "# Policy numbers",
        "",
        NOTE,
        "",
        "Each stands in the Settings tab under its label; a TOML file (`--policy`) uses the key and goes before Settings. What Settings says about the workbook itself (team, period …) is in columns.md.",
        "",
    ]
    group = ""
    for knob in knobs():
        if knob.group != group:
            group = knob.group
            lines += [
                f"## {group}",
                "",
                "| Setting | Key | Default | Limits | Meaning |",
                "| --- | --- | --- | --- | --- |",
            ]
        lines.append(f"| {knob.label} | `{knob.name}` | {_default(knob)} | {_limits(knob)} | {knob.help} |")
    return "\n".join([*lines, ""])


def _default(knob: Knob) -> str:
    if knob.default is None:
        return "empty"
    if isinstance(knob.default, bool):
        return "Yes" if knob.default else "No"
    return f"{knob.default:.0%}" if knob.percent and isinstance(knob.default, (int, float)) else f"{knob.default}"


def _limits(knob: Knob) -> str:
    if knob.choices:
        return ", ".join(knob.choices)
    return f"{knob.low:g} to {knob.high:g}" if knob.low is not None and knob.high is not None else ""


# ------------------------------------------------------------------------ rules


def _rules() -> str:
    lines = [
        "# Rules",
        "",
        NOTE,
        "",
        "What a finding or an issue means and how to put it right; `perfsheet rule CODE` prints the same page.",
        "",
    ]
    told: set[str] = set()
    for stage, rules in ROOMS:
        lines += [f"## {stage}", ""]
        for rule in rules:
            if rule.code not in told:
                told.add(rule.code)
                lines += _rule(rule)
    return "\n".join(lines)


def _rule(rule: Rule) -> list[str]:
    return [
        f"### {rule.code}", "", f"**{rule.title}** ({rule.severity.value})", "", rule.what, "", f"*Why it matters:* {rule.why}", "",
        f"*Example:* {rule.example}", "", f"*What to do:* {rule.remedy}.", "",
    ]  # fmt: skip


# --------------------------------------------------------------------- commands


def _commands() -> str:
    from .cli import cli

    lines = [
        "# Commands",
        "",
        NOTE,
        "",
        "Exit codes: 0 all well; 1 findings of severity error, a file of many that could not be read, or no workbook to consolidate at all; 2 wrong usage; 3 an obstacle, as one line on standard error; 130 interrupted.",
        "",
    ]
    for name in sorted(cli.commands):
        lines += _command(cli.commands[name], name)
    return "\n".join(lines)


def _command(command: click.Command, name: str) -> list[str]:
    if isinstance(command, click.Group):
        parts = [_command(part, f"{name} {word}") for word, part in sorted(command.commands.items())]
        return [
            f"## {name}",
            "",
            cleandoc(command.help or ""),
            "",
            *(line.replace("## ", "### ") for part in parts for line in part),
        ]
    context = click.Context(command, info_name=f"perfsheet {name}")
    usage = " ".join([f"perfsheet {name}", *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", cleandoc(command.help or ""), "", "```", usage, "```", ""]
    # arguments stand in the usage line; whether they have a help record depends on click's version
    params = [p for p in command.get_params(context) if isinstance(p, click.Option)]
    options = [record for p in params if (record := p.get_help_record(context))]
    if options:
        lines += [
            "| Option | Meaning |",
            "| --- | --- |",
            *(f"| `{_in_table(left)}` | {_in_table(right)} |" for left, right in options),
            "",
        ]
    return lines


def _in_table(text: str) -> str:
    """A text for a Markdown table, where a bare | would begin the next column, in code too."""
    return text.replace("|", "\\|")


# ------------------------------------------------------------------------ files


def stale(folder: Path) -> list[str]:
    """The names of pages in the folder that differ from what the code says."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str]) -> int:
    """Writes the pages, or says which are stale."""
    folder = Path(next((a for a in arguments if not a.startswith("-")), "docs"))
    unknown = [a for a in arguments if a.startswith("-") and a != "--check"]
    if unknown:
        click.echo(f"{unknown[0]} is no option here; there is --check", err=True)
        return 2
    if "--check" in arguments:
        old = stale(folder)
        click.echo(
            f"stale: {', '.join(old)}; run python -m perfsheet.reference" if old else "the generated pages are current"
        )
        return 1 if old else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")  # the same bytes on every system
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
