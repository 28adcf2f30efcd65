"""Headers and choices in other languages: read everywhere as synonyms, written by `perfsheet new --language`."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources

LANGUAGES: Mapping[str, str] = {"de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese", "zh": "Chinese"}
"""What can be written beside English, by the code that --language takes."""

ANY = "*"
"""Stands in the table for the choices, which mean the same on every tab."""


@cache
def _table() -> tuple[dict[str, str], ...]:
    text = (resources.files("perfsheet") / "forms" / "languages.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def headers_in(language: str, tab: str) -> Mapping[str, str]:
    """A form's headers in a language, by their English names."""
    return {row["english"]: row[language] for row in _table() if row["form"] == tab}


@cache
def choices_in(language: str) -> Mapping[str, str]:
    """The words of the drop-down lists in a language, by the English ones."""
    return {row["english"]: row[language] for row in _table() if row["form"] == ANY}


def word_in(language: str | None, word: str) -> str:
    """A choice as a workbook in that language says it; None is English, and other words stay."""
    return word if language is None else choices_in(language).get(word, word)


@cache
def translations_of(choice: str) -> tuple[str, ...]:
    """A choice's words in all languages."""
    return tuple(choices_in(language)[choice] for language in LANGUAGES if choice in choices_in(language))


def header_synonyms(tab: str) -> tuple[tuple[str, str, str], ...]:
    """(English header, language, translation) of a form's columns."""
    return tuple(
        (english, language, word) for language in LANGUAGES for english, word in headers_in(language, tab).items()
    )


_TEXT = re.compile(r'"([^"]*)"')


def formula_in(language: str | None, formula: str) -> str:
    """An English formula as it compares with the choices of a workbook in that language; None is English."""
    if language is None:
        return formula
    words = choices_in(language)
    return _TEXT.sub(lambda m: f'"{words.get(m[1], m[1])}"', formula)


def language_of(headers: Collection[str]) -> str | None:
    """The language that a Goals tab was written in, by its headers; None for English or headers of one's own."""
    there = set(headers)

    def alike(language: str) -> int:
        return len(there & set(headers_in(language, "Goals").values()))

    best = max(LANGUAGES, key=alike)
    words = headers_in(best, "Goals")
    return best if {words["Kind"], words["State"]} <= there else None
