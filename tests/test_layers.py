"""One-way imports: each room knows only the rooms before it, and foreign libraries stay fenced."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "perfsheet"

ORDER = (
    ("errors", "machine"), ("tables",), ("findings",), ("policy",), ("forms",), ("records",), ("checks", "scoring"), ("live_columns",), ("agreement",), ("issues",),
    ("proposals",), ("since",), ("review",), ("decisions",), ("tabs",), ("rules",), ("answers",), ("workbooks",), ("cycle",), ("live",), ("templates",), ("lists", "counting", "handed_out"), ("filling",), ("closing", "distribute", "repair"),
    ("consolidate",), ("addin",), ("doctor",), ("listing",), ("demo", "runs"), ("cli",), ("examples", "reference", "__main__"),
)  # fmt: skip
"""A room may import from the rooms before it and from itself; rooms on one line do not know each other."""

FENCED = {
    "xlsxwriter": {"workbooks"},
    "lxml": {"workbooks"},
    "xlwings": {"workbooks"},
    "openpyxl": {"templates"},
    "pandas": {"consolidate"},
    "pyarrow": {"consolidate"},
    "pyopenvba": {"addin"},
    "click": {"cli", "examples", "listing", "runs", "reference"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> tuple[tuple[str, int], ...]:
    """(top-level room or foreign library, line) of every import, those inside functions included."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            if node.level < depth:
                continue
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ((f".{str(name).split('.')[0]}", node.lineno) for name in names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).split(".")[0], node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)


def test_every_room_is_in_the_order():
    known = {name for rooms in ORDER for name in rooms} | {"__init__"}
    assert {room(path) for path in MODULES} <= known


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_before_it(path):
    level = {name: i for i, rooms in enumerate(ORDER) for name in rooms}
    here = room(path)
    if here == "__init__":
        return
    wrong = [
        f"line {line}: {name[1:]}"
        for name, line in imports(path)
        if name.startswith(".") and name[1:] in level and name[1:] != here and level[name[1:]] >= level[here]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_foreign_libraries_stay_in_their_rooms(path):
    wrong = [
        f"line {line}: {name}" for name, line in imports(path) if name in FENCED and room(path) not in FENCED[name]
    ]
    assert wrong == []


NARROW = {
    "dask": {"consolidate/cluster.py"}, "distributed": {"consolidate/cluster.py"}, "fsspec": {"consolidate/remote.py"},
    "aiohttp": {"consolidate/remote.py"},
}  # fmt: skip
"""Libraries that one file alone may know."""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_some_libraries_stay_in_one_file(path):
    here = path.relative_to(PACKAGE).as_posix()
    assert [f"line {n}: {name}" for name, n in imports(path) if here not in NARROW.get(name, {here})] == []


def test_workbooks_know_tables_and_errors_alone():
    known = {
        name for path in (PACKAGE / "workbooks").rglob("*.py") for name, _ in imports(path) if name.startswith(".")
    }
    assert known <= {".tables", ".errors"}


def test_every_room_travels_in_the_wheel():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    packages = set(config["options"]["packages"].split())
    folders = {
        f"perfsheet.{p.parent.relative_to(PACKAGE)}".replace("/", ".").removesuffix("..")
        for p in MODULES
        if p.parent != PACKAGE
    }
    assert folders | {"perfsheet", "perfsheet.workbook_templates", "perfsheet.macros"} == packages
