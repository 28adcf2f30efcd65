"""The file layer by itself: `python -m perfsheet.workbooks COMMAND ...`.

Any workbook will do, ours or not. Each command is a function that takes its arguments and
returns its exit code: 0, or 3 for an obstacle; COMMANDS is the one list of them. Whatever a
command needs is imported when it runs.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Misuse, Obstacle

if TYPE_CHECKING:
    from ..tables import Book, Cell, Change, Scalar
    from .package import Package

OK, OBSTACLE, USAGE = 0, 3, 2


class Command(NamedTuple):
    """One command: what it is called with, what it does, the function that does it."""

    usage: str
    does: str
    run: Callable[[Sequence[str]], int]


def main(arguments: Sequence[str]) -> int:
    """Run one command. Obstacles and wrong usage are one line on standard error."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_help())
        return OK if arguments else USAGE
    command = COMMANDS.get(arguments[0])
    try:
        if command is None:
            raise Misuse(f"no such command: {arguments[0]}")
        return command.run(arguments[1:])
    except Misuse as misuse:
        usage = f"{command.usage}" if command else f"one of {', '.join(COMMANDS)}"
        print(f"{misuse}. Usage: python -m perfsheet.workbooks {usage}", file=sys.stderr)
        return USAGE
    except Obstacle as obstacle:
        print(obstacle, file=sys.stderr)
        return OBSTACLE


def _help() -> str:
    lines = [f"  {command.usage:<44} {command.does}" for command in COMMANDS.values()]
    return "python -m perfsheet.workbooks COMMAND ...\n\n" + "\n".join(lines)


# --------------------------------------------------------------------- check and read


def check(arguments: Sequence[str]) -> int:
    """One JSON line a file: can it be read, and if not, why."""
    if not arguments:
        raise Misuse("check needs a file")
    verdicts = [_verdict(path) for path in arguments]
    return OK if all(verdicts) else OBSTACLE


def _verdict(path: str) -> bool:
    from .reading import read

    try:
        sheets = [sheet.name for sheet in read(path).sheets]
        line = {"path": path, "verdict": "read", "code": None, "message": None, "sheets": sheets}
    except Obstacle as obstacle:
        print(obstacle, file=sys.stderr)
        line = {"path": path, "verdict": "refused", "code": obstacle.code, "message": str(obstacle), "sheets": []}
    print(json.dumps(line))
    return line["verdict"] == "read"


def read_cells(arguments: Sequence[str]) -> int:
    """Every cell that holds something, as one JSON document."""
    from .reading import read

    if len(arguments) != 1:
        raise Misuse("read needs one file")
    print(json.dumps(_as_json(read(arguments[0]))))
    return OK


def _as_json(book: Book) -> dict[str, object]:
    from ..tables import letters

    sheets = []
    for sheet in book.sheets:
        cells = {f"{letters(column)}{row}": _cell(cell) for (row, column), cell in sheet.cells.items()}
        remarks = [{"code": code, "message": message} for code, message in sheet.remarks]
        sheets.append({"name": sheet.name, "state": sheet.state, "cells": cells, "remarks": remarks})
    return {"path": book.path, "digest": book.digest, "date1904": book.date1904, "sheets": sheets}


def _cell(cell: Cell) -> dict[str, object]:
    return {"type": cell.type, "value": _plain(cell.value), "formula": cell.formula, "format": cell.format}


def _plain(value: object) -> object:
    """A value as JSON holds it: dates as ISO text, durations in seconds."""
    from datetime import datetime, time, timedelta

    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value


# ------------------------------------------------------------ graft, edit and ungraft


def _with_output(arguments: Sequence[str]) -> tuple[list[str], str]:
    """The arguments without `-o OUT`, and OUT."""
    rest = list(arguments)
    if "-o" not in rest or rest.index("-o") + 1 >= len(rest):
        raise Misuse("where to write is missing: -o OUT")
    at = rest.index("-o")
    output = rest[at + 1]
    del rest[at : at + 2]
    return rest, output


def _put_out(package: Package, data: bytes, output: str) -> None:
    """Writes the result. Over the input itself it is a save: refused if the input changed meanwhile."""
    from .saving import create, save

    if os.path.realpath(output) == os.path.realpath(package.path):
        save(output, data, expected_digest=package.digest)
    else:
        create(output, data, overwrite=True)


def graft_sheets(arguments: Sequence[str]) -> int:
    """The donor's sheets into the target; each sheet's name is its mark."""
    from .grafting import graft
    from .package import open_package

    names, output = _with_output(arguments)
    if len(names) != 2:
        raise Misuse("graft needs a target and a donor")
    target, donor = open_package(names[0]), open_package(names[1])
    grafted = graft(target, donor.data, {sheet.name: sheet.name for sheet in donor.sheets})
    _put_out(target, grafted.data, output)
    print(json.dumps({"path": output, "sheets": grafted.names}, ensure_ascii=False))
    return OK


def ungraft_sheets(arguments: Sequence[str]) -> int:
    """The workbook without our tabs."""
    from .grafting import ungraft
    from .package import open_package

    names, output = _with_output(arguments)
    if len(names) != 1:
        raise Misuse("ungraft needs one file")
    package = open_package(names[0])
    _put_out(package, ungraft(package), output)
    return OK


def edit_cells(arguments: Sequence[str]) -> int:
    """Single cells changed: 'Sheet!B7=12.5', dates as 2026-03-31, TRUE and FALSE, else text."""
    from .editing import edit
    from .package import check, open_package

    names, output = _with_output(arguments)
    if len(names) < 2:
        raise Misuse("edit needs a file and at least one change")
    package = open_package(names[0])
    check(package, for_writing=True)
    _put_out(package, edit(package, [_change(text) for text in names[1:]]), output)
    return OK


def _change(text: str) -> Change:
    """'Check-ins'!B7=12.5 as a change."""
    from ..tables import Address, Change, cell_position

    match = re.fullmatch(r"(?:'((?:[^']|'')+)'|([^!=]+))!(\$?[A-Za-z]{1,3}\$?[0-9]+)=(.*)", text, re.DOTALL)
    if match is None:
        raise Misuse(f"not a change: {text!r}; write Sheet!B7=value")
    try:
        row, column = cell_position(match[3])
    except ValueError:
        raise Misuse(f"there is no cell {match[3]}") from None
    return Change(Address((match[1] or match[2]).replace("''", "'"), row, column), _value(match[4]))


def _value(text: str) -> Scalar:
    """What a typed value means."""
    from datetime import datetime

    if text in ("", "TRUE", "FALSE"):
        return None if not text else text == "TRUE"
    if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", text, re.ASCII):
        return float(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?", text, re.ASCII):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return text


COMMANDS = {
    "check": Command("check FILE...", "can these files be read, and if not, why", check),
    "read": Command("read FILE", "every cell as JSON", read_cells),
    "graft": Command("graft TARGET DONOR -o OUT", "the donor's sheets into the target", graft_sheets),
    "edit": Command("edit FILE 'Sheet!B7=12.5'... -o OUT", "single cells changed in place", edit_cells),
    "ungraft": Command("ungraft FILE -o OUT", "our tabs out again", ungraft_sheets),
}


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:  # whoever read our lines has had enough of them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
