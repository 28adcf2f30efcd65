"""Other languages: headers and choices are read as synonyms, and written, and nothing else depends on them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from perfsheet import cycle
from perfsheet.errors import Misuse
from perfsheet.filling import Filler, new_file
from perfsheet.forms import CHECKINS, FORMS, GOALS, MILESTONES, PEOPLE
from perfsheet.forms.goals import GOAL_KINDS
from perfsheet.forms.languages import LANGUAGES, choices_in, headers_in, language_of
from perfsheet.live_columns import shown_values
from perfsheet.records import locate, read_records
from perfsheet.repair import repaired
from perfsheet.templates import in_language, template_bytes, templates_folder
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

ALL = sorted(LANGUAGES)
WRITTEN = [form for form in FORMS if form.tab not in ("Adjustments", "History", "Settings")]


@pytest.mark.parametrize("language", ALL)
def test_every_header_and_every_choice_has_its_word(language: str) -> None:
    for form in WRITTEN:
        words = headers_in(language, form.tab)
        assert words.keys() == {c.header for c in form.columns}, form.tab
        assert len(set(words.values())) == len(words), form.tab
        assert not any(set(word) & set("[]#'@") for word in words.values()), form.tab
        for column in form.columns:
            assert set(column.choices) <= choices_in(language).keys(), column.header


@cache
def workbook(language: str, template: str = "team") -> bytes:
    """A goal of each kind with a check-in, the choices typed in the language."""
    words = choices_in(language)
    goals = [
        {
            "goal_id": f"G{n}", "goal": kind, "owners": ("Ada Bell",), "kind": words[kind], "baseline": 60 if kind == "Decrease" else 0, "target": 50,
            "lower": 10 if kind == "Maintain" else None, "state": words["Postponed"] if kind == "Percent" else words["Active"],
        }
        for n, kind in enumerate(GOAL_KINDS)
    ]  # fmt: skip
    log = [
        {"day": date(2026, 2, 3), "goal_id": f"G{n}", "value": words["Yes"] if kind == "Yes/No" else 20}
        for n, kind in enumerate(GOAL_KINDS) if kind != "Milestones"
    ]  # fmt: skip
    steps = [{"goal_id": f"G{GOAL_KINDS.index('Milestones')}", "milestone": "one", "done": date(2026, 2, 3)}]
    settings = {
        "team": "Nord", "manager": "Mona May", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
        "as_of": date(2026, 2, 14),
    }  # fmt: skip
    rows = {PEOPLE: [{"person": "Ada Bell"}], GOALS: goals, CHECKINS: log, MILESTONES: steps}
    return Filler(in_language(template_bytes(template), language)).fill(rows, settings)


@pytest.mark.parametrize("language", ALL)
def test_choices_in_the_language_are_read_as_the_english_ones(language: str) -> None:
    team = read_records(read(Package.from_bytes(workbook(language))))
    assert [(g.kind, g.state) for g in team.goals] == [
        (kind, "Postponed" if kind == "Percent" else "Active") for kind in GOAL_KINDS
    ]
    assert [f"{f.code} {f.address}" for f in team.findings if f.severity != "info"] == []
    assert len(team.checkins) == len(GOAL_KINDS) - 1


@pytest.mark.parametrize("language", ALL)
def test_every_template_is_found_again_in_every_language(language: str) -> None:
    for path in templates_folder().glob("*.xlsx"):
        english, told = (
            locate(read(Package.from_bytes(data)))
            for data in (path.read_bytes(), in_language(path.read_bytes(), language))
        )
        assert {tab: place.columns for tab, place in told.items()} == {
            tab: place.columns for tab, place in english.items()
        }, path.name


def test_live_formulas_calculate_alike_in_every_language(recalculate: Any) -> None:
    calculated = recalculate({language: workbook(language) for language in ALL})
    for language, path in calculated.items():
        team = read_records(read(path))
        sheet, columns = team.book.sheet("Goals"), team.places["Goals"].columns  # type: ignore[union-attr]
        for score in cycle.score(team).scores.goals:
            for name, wanted in shown_values(score).items():
                cell = sheet.cells.get((score.address.row, columns[name]))  # type: ignore[union-attr]
                shown = cell.value if cell and cell.value is not None else ""
                assert shown == (pytest.approx(wanted) if isinstance(wanted, float) else wanted), (
                    language,
                    score.kind,
                    name,
                )


@pytest.mark.parametrize("language", ALL)
def test_formulas_in_the_language_are_no_changed_formulas(language: str) -> None:
    found = cycle.validate(read_records(read(Package.from_bytes(workbook(language)))))
    assert [f"{f.code} {f.message}" for f in found if f.code.startswith("live_")] == []


@pytest.mark.parametrize("language", ALL)
def test_repair_finds_nothing_to_repair(language: str) -> None:
    data = workbook(language)
    mended, result = repaired(Package.from_bytes(data))
    assert (mended == data, result.restored) == (True, ())


def test_a_workbook_in_german(tmp_path: Path) -> None:
    new_file(tmp_path / "nord.xlsx", language="de", facts={"team": "Nord", "manager": "Mona May"})
    sheet = read(tmp_path / "nord.xlsx").sheet("Goals")
    assert sheet is not None
    headers = [sheet.cells[4, column].value for column in range(1, 8)]
    assert headers == ["Ziel-Nr", "Ziel", "Verantwortlich", "Oberziel", "Kennzahl", "Art", "Einheit"]
    settings = read(tmp_path / "nord.xlsx").sheet("Settings")
    assert settings is not None
    assert {"Steigern", "Senken", "Ja/Nein", "Entwurf"} <= {cell.value for cell in settings.cells.values()}


def test_there_is_no_such_language() -> None:
    with pytest.raises(Misuse, match="no language 'la'"):
        in_language(template_bytes("team"), "la")
    assert language_of(["Ziel-Nr", "Art", "Stand"]) == "de"
    assert language_of(["N.º da meta", "Tipo", "Estado"]) == "pt"
    assert language_of(["Kind", "State", "Status"]) is None


def test_words_that_perfsheet_fills_in_are_the_workbooks_own(tmp_path: Path) -> None:
    """Somebody's library says Count and Draft; in a German workbook the formulas look for Anzahl and Entwurf."""
    goal = {
        "goal_id": "G1",
        "goal": "Anrufe",
        "owners": ("Ada Bell",),
        "kind": "Count",
        "target": 9,
        "state": "Draft",
        "due_fixed": True,
    }
    data = Filler(in_language(template_bytes("team"), "de")).fill(
        {GOALS: [goal]}, {"team": "Nord", "assume_baseline": True}
    )
    book = read(Package.from_bytes(data))
    typed = {cell.value for cell in (book.sheet("Goals") or book.sheets[0]).cells.values()}
    assert {"Anzahl", "Entwurf"} <= typed
    assert not {"Count", "Draft", "Yes"} & typed


def test_the_next_period_speaks_the_language_and_keeps_the_template(tmp_path: Path) -> None:
    from perfsheet.closing import close

    path, following = tmp_path / "q1.xlsx", tmp_path / "q2.xlsx"
    path.write_bytes(workbook("de", "okr"))
    close(path, following, period="2026 Q2", start=date(2026, 4, 1), end=date(2026, 6, 30))
    team = cycle.read(following)
    assert (team.settings.template_version or "").startswith("okr")
    sheet = read(following).sheet("Goals")
    assert sheet is not None
    assert sheet.cells[4, 1].value == "Ziel-Nr"
    assert [f.message for f in cycle.validate(team) if f.code.startswith("live_")] == []
    assert {g.kind for g in team.goals} <= set(GOAL_KINDS)
