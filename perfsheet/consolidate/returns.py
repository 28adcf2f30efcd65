"""Who has not returned the workbook that was made for them in a state to count, by its id and whatever it is called now."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..handed_out import MANIFEST, Handed, read_manifest


def find_manifest(paths: Sequence[str | os.PathLike[str]]) -> Path | None:
    """The list that `distribute` left in one of the folders, or beside one of the files, if there is one."""
    for path in map(Path, paths):
        folder = path if os.path.isdir(path) else path.parent
        if os.path.isfile(folder / MANIFEST):  # False too where nobody may look, which Path.is_file raises
            return folder / MANIFEST
    return None


def not_returned(manifest: Path, files: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each workbook that is missing, unreadable or still as it was handed out. `files` are the rows of the run's files.

    What cannot be read tells no id: it is known by the name under which it was handed out.
    """
    by_id = {row["workbook_id"]: row for row in files if row.get("workbook_id") and row["outcome"] != "left out"}
    unread = {os.path.basename(row["file"]).casefold() for row in files if row["outcome"] == "not read"}
    found = []
    for handed in read_manifest(manifest):
        row = by_id.get(handed.id)
        if row is None and os.path.basename(handed.file).casefold() in unread:
            found.append(
                _row(handed, "it has come back, but cannot be read: please save it again and send it once more")
            )
        elif row is None:
            found.append(_row(handed, "it has not come back"))
        elif handed.digest and row["digest"] == handed.digest:
            found.append(_row(handed, "it is as it was handed out: nobody has filled anything in"))
    return found


def _row(handed: Handed, reason: str) -> dict[str, Any]:
    return {
        "id": handed.id,
        "file": handed.file,
        "manager": handed.manager,
        "email": handed.email,
        "team": handed.team,
        "reason": reason,
    }
