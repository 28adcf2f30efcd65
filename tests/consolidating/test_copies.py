"""Every file accounted for: which version of a workbook counts, and what is odd when many lie side by side."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from unittest.mock import Mock

import openpyxl
import pytest

import perfsheet
from perfsheet.consolidate.copies import newest, odd_side_by_side, original_name, tell_in_files
from perfsheet.consolidate.parcels import Parcel
from perfsheet.consolidate.sources import gather
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.templates import template_bytes


def book(
    path: str, *, id: str | None = None, digest: str = "", saved: float = 1, period: str = "Q1", **more: object
) -> Parcel:
    facts = {"team": "North", "manager": "Mona May", "people": (), "version": None, **more}
    file = {
        "file": path, "team": facts["team"], "workbook_id": id, "digest": digest or path, "modified": saved, "period": period,
        "template_version": facts["version"], "outcome": "read", "warnings": 0, "note": None,
    }  # fmt: skip
    return Parcel(path, file, team={"manager": facts["manager"]}, people=facts["people"])  # type: ignore[arg-type]


def chosen(*books: Parcel) -> tuple[list[str], list[str]]:
    kept, older = newest(books)
    return [c.path for c in kept], [f"{s.path}: {s.reason}" for s in older]


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("team (1)", "team"),
        ("team - Copy", "team"),
        ("team - Copy (2)", "team"),
        ("Copy of team", "team"),
        ("team-DESKTOP-4711", "team"),
        ("team-laptop", "team"),
        ("team (Ada's conflicted copy 2026-02-14)", "team"),
        ("team - Conflicted copy", "team"),
        ("team (Case Conflict 1)", "team"),
        ("team (Unicode Encoding Conflict)", "team"),
        ("team (In Konflikt stehende Kopie von Ada 2026-02-14)", "team"),
        ("team – Conflicted copy", "team"),
        ("team (conflicted copy 2026-02-01 101112)", "team"),
        ("team.sync-conflict-20260201-101010-ABCDEFG", "team"),
        ("team_conf(2)", "team"),
        ("team(1)", "team"),
        ("team copy 2", "team"),
        ("team - Kopie", "team"),
        ("Kopie von team", "team"),
        ("team-Adas-MacBook-Pro", "team"),
        ("team", None),
        ("north 2", None),
        ("Team (north)", None),
        ("copywriters", None),
        ("desktop-support", None),
    ],
)
def test_names_that_programs_give_to_copies(name: str, original: str | None) -> None:
    assert original_name(name) == original


def test_of_one_workbook_id_the_newest_counts_whatever_it_is_called() -> None:
    assert chosen(book("a.xlsx", id="W1", saved=1), book("z.xlsx", id="W1", saved=2), book("b.xlsx", id="W2")) == (
        ["z.xlsx", "b.xlsx"],
        ["a.xlsx: an older copy of the same workbook: z.xlsx is read"],
    )


def test_of_two_saved_at_the_same_time_a_name_of_its_own_goes_before_a_copy_s() -> None:
    """From an archive, all have one time: neither is older."""
    assert chosen(book("t (1).xlsx", id="W1"), book("t.xlsx", id="W1"), book("u.xlsx", id="W1")) == (
        ["t.xlsx"],
        [
            "t (1).xlsx: another copy of the same workbook, saved at the same time: t.xlsx is read",
            "u.xlsx: another copy of the same workbook, saved at the same time: t.xlsx is read",
        ],
    )


def test_of_several_copies_each_names_the_one_that_is_read() -> None:
    """The first is older by its id, the second by its name."""
    copies = book("t.xlsx", digest="D", saved=1), book("u.xlsx", digest="D", saved=2), book("u (1).xlsx", saved=3)
    assert chosen(*copies) == (
        ["u (1).xlsx"],
        ["t.xlsx: an older copy of the same workbook: u (1).xlsx is read", "u.xlsx: an older copy of the same workbook: u (1).xlsx is read"],
    )  # fmt: skip


def test_another_teams_workbook_made_from_a_copy_is_no_version_of_it() -> None:
    """Its id came along; neither team nor manager did."""
    north, south = book("n.xlsx", id="W1", saved=1), book("s.xlsx", id="W1", saved=2, team="South", manager="Nils")
    assert chosen(north, south) == (["n.xlsx", "s.xlsx"], [])
    odd = list(odd_side_by_side([north, south]))
    assert [(row["code"], row["file"], row["message"]) for row in odd] == [
        ("id_twice", "n.xlsx", "It has the workbook id of s.xlsx, which is another team's")
    ]
    tell_in_files([north, south], odd)
    assert (north.file["outcome"], north.file["warnings"], north.file["note"]) == (
        "read with warnings",
        1,
        odd[0]["message"],
    )
    assert chosen(book("n.xlsx", id="W1", saved=1), book("s.xlsx", id="W1", saved=2, manager="Nils"))[0] == ["s.xlsx"]


def test_a_workbook_of_another_period_is_no_copy() -> None:
    assert chosen(book("a.xlsx", id="W1"), book("b.xlsx", id="W1", period="Q2"))[1] == []


def test_equal_bytes_without_an_id_are_one_file() -> None:
    assert chosen(book("a.xlsx", digest="D"), book("b.xlsx", digest="D"))[1] == [
        "b.xlsx: the same file: a.xlsx is read"
    ]


def test_a_copy_by_its_name_is_a_version_of_the_file_beside_it() -> None:
    assert chosen(book("x/team.xlsx", saved=1), book("x/team (1).xlsx", saved=2)) == (
        ["x/team (1).xlsx"],
        ["x/team.xlsx: an older copy of the same workbook: x/team (1).xlsx is read"],
    )


@pytest.mark.parametrize(
    "other",
    [book("x/team (1).xlsx", team="South"), book("y/team (1).xlsx"), book("x/team (1).xlsx", id="W2"), book("x/north (1).xlsx")],
)  # fmt: skip
def test_a_name_alone_makes_no_copy(other: Parcel) -> None:
    assert chosen(book("x/team.xlsx"), other)[1] == []


@pytest.mark.parametrize(
    ("books", "said"),
    [
        pytest.param([book("a.xlsx", id="1"), book("b.xlsx", id="2")], ["team_twice b.xlsx"], id="a team twice"),
        pytest.param([book("a.xlsx"), book("b.xlsx", manager="Nils")], [], id="another manager"),
        pytest.param(
            [book("a.xlsx"), book("b.xlsx", team="S"), book("c.xlsx", team="E", period="Q4")], ["period_differs c.xlsx"], id="period"
        ),
        pytest.param([book("a.xlsx"), book("b.xlsx", team="S", period="Q4")], [], id="no usual period"),
        pytest.param([book("a.xlsx", version="okr 0")], ["older_template a.xlsx"], id="an older template"),
        pytest.param([book("a.xlsx", version="team 1"), book("b.xlsx", team="S", version="mine")], [], id="present, or your own"),
        pytest.param(
            [
                book("a.xlsx", people=(("Ada", "ada@x.example", "People!A5"),)),
                book("b.xlsx", team="S", people=(("Ada", "ADA@x.example", "People!A9"),)),
            ],
            ["person_twice b.xlsx"],
            id="somebody twice",
        ),
    ],
)  # fmt: skip
def test_what_is_odd_side_by_side(books: list[Parcel], said: list[str]) -> None:
    assert [f"{row['code']} {row['file']}" for row in odd_side_by_side(books)] == said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two teams, an older copy, another period, another's workbook, an organisation workbook, a lock and a broken file."""
    root = tmp_path_factory.mktemp("mixed")
    for team in demo_teams(2):
        (root / team.file_name).write_bytes(
            fill(template_bytes("team"), team.rows, {**team.settings, "workbook_id": team.file_name})
        )
    perfsheet.consolidate([root], output=root / "organisation.xlsx")
    first = next(root.glob("L*.xlsx"))
    other = next(demo_teams(1))
    (root / "last-year.xlsx").write_bytes(
        fill(template_bytes("team"), other.rows, {**other.settings, "period": "2025 Q3"})
    )
    shutil.copy(first, root / "Leadership (1).xlsx")
    budget = openpyxl.Workbook()
    budget.active["A1"] = "Budget"
    budget.save(root / "budget.xlsx")
    (root / "~$team.xlsx").write_bytes(b"\x03Ada")
    (root / "broken.xlsx").write_bytes(b"PK\x03\x04")
    (root / "cloud.xlsx").write_bytes(b"")
    (root / "web.xlsx").write_bytes(b"<html><table>")
    for name in ("x.tmp", "~WRL0001.tmp", "north.xlsx.crdownload", "notes.pdf", "old.xls", ".DS_Store"):
        (root / name).write_bytes(b"x")
    (root / ".dropbox.cache").mkdir()
    (root / ".dropbox.cache" / "north.xlsx").write_bytes(b"PK")
    (root / "linked").symlink_to(root / ".dropbox.cache")
    os.mkfifo(root / "pipe.xlsx")
    return root


def test_every_file_is_accounted_for(folder: Path, tmp_path: Path) -> None:
    answer = perfsheet.consolidate([folder], period="2026 Q3", cache=tmp_path).answer()
    assert answer["files"] == 19 == answer["read"] + len(answer["failed"]) + len(answer["skipped"])
    assert answer["files"] == sum(answer["outcomes"].values())
    assert {Path(f["path"]).name: f["code"] for f in answer["failed"]} == {
        "broken.xlsx": "damaged",
        "pipe.xlsx": "missing",
        "web.xlsx": "not_a_workbook",
    }
    reasons = {Path(s["path"]).name: s["reason"].split(":")[0] for s in answer["skipped"]}
    copy = {name for name in reasons if name.startswith("Leadership")}
    assert len(copy) == 1
    assert {name: reason for name, reason in reasons.items() if name not in copy} == {
        "budget.xlsx": "it has no Goals tab",
        "cloud.xlsx": "it is empty, perhaps not yet downloaded by the sync program",
        "last-year.xlsx": "it is of another period",
        "linked": "it is a link to another folder; name that folder too if it is meant",
        "notes.pdf": "it is not a workbook",
        "old.xls": ".xls files are not read; save it as .xlsx",
        "organisation.xlsx": "it is an organisation workbook made by perfsheet",
        ".dropbox.cache": "it is a hidden folder",
        "~$team.xlsx": "it only says that somebody has the workbook open",
        **dict.fromkeys(
            (".DS_Store", "north.xlsx.crdownload", "x.tmp", "~WRL0001.tmp"), "it is an unfinished or hidden copy"
        ),
    }


def test_what_is_named_is_read_and_what_matches_nothing_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Globs look into folders; a lock file that the shell named is none that could be read; closed folders are told."""
    named = gather([folder / "broken.xlsx", folder / "notes.pdf", folder / "~$team.xlsx", folder / "nothing*.xlsx"])
    assert [Path(f).name for f in named.files] == ["broken.xlsx", "notes.pdf", "nothing*.xlsx"]
    assert [Path(s.path).name for s in named.skipped] == ["~$team.xlsx"]
    assert "broken.xlsx" in {Path(f).name for f in gather([folder.parent / "mixe*"]).files}
    monkeypatch.setattr(
        os, "scandir", Mock(side_effect=PermissionError(13, "Permission denied", str(folder / "closed")))
    )
    assert gather([folder]).files == (str(folder / "closed"),)
