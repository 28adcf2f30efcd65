"""Development beside the scores: what people build on and work on, and how far their plans came.

Goal attainment scaling (Kiresuk and Sherman, 1968) brings a person's attainment levels to one T score;
50 is "as expected". It enters no progress, no index and no rating.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..forms import Development
from ..records.teambook import TeamBook, by_key
from . import words
from .parts import DevelopmentScore
from .scales import attainment_t


def score_development(book: TeamBook) -> tuple[DevelopmentScore, ...]:
    """Everybody with a row in Development, by name."""
    by_person = by_key(book.development, "person")
    return tuple(_score(by_person[key]) for key in sorted(by_person))


def _score(items: Sequence[Development]) -> DevelopmentScore:
    judged = [item for item in items if item.attainment is not None]
    levels = [item.attainment for item in judged if item.attainment is not None]
    score = attainment_t(levels)
    how = words.development_sentence(len(items), levels, score)
    return DevelopmentScore(items[0].person, tuple(items), tuple(levels), score, how)
