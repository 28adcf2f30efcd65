"""The list of what was handed out, which lies beside the workbooks: consolidation knows by it who has not returned theirs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import Misuse

MANIFEST = "perfsheet-distributed.json"
"""Its name."""


@dataclass(frozen=True)
class Handed:
    """One workbook as it was handed out, a line of the manifest."""

    id: str
    file: str
    manager: str
    email: str | None
    team: str
    people: int
    goals: int
    digest: str
    """The sha256 of its bytes as they were made: a workbook that still has it was not touched. Empty: not known."""


def manifest(facts: Mapping[str, Any], handed: Iterable[Handed]) -> dict[str, Any]:
    """What the list holds: the period and whatever else the workbooks have in common, and each of them."""
    common = {name: str(value) for name, value in sorted(facts.items())}
    return {**common, "workbooks": [asdict(one) for one in handed]}


def write_manifest(path: Path, facts: Mapping[str, Any], handed: Iterable[Handed]) -> None:
    """Writes the list, or replaces the one that is there. Raises an Obstacle if it cannot be written."""
    from .workbooks.saving import create

    text = json.dumps(manifest(facts, handed), ensure_ascii=False, indent=1)
    create(path, (text + "\n").encode(), overwrite=True)


def read_manifest(path: str | os.PathLike[str]) -> list[Handed]:
    """The workbooks that a list says were handed out. Raises Misuse for a file that is none."""
    try:
        rows: Iterable[dict[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8"))["workbooks"]
        handed = [Handed(**row) for row in rows]
        if any(Path(h.file).name != h.file for h in handed):
            raise ValueError(path)
        return handed
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misuse(f"{path}: it is no list of workbooks that `perfsheet distribute` wrote") from error
