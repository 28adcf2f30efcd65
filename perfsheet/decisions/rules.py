"""The pages of the rules about History: rows that were changed or are gone, and changes it does not know."""

from __future__ import annotations

from ..findings import Rule, Severity

HISTORY_ROW_CHANGED = Rule(
    "history_row_changed", Severity.ERROR, "A row of History was changed",
    "The row's hash does not fit what the row says: a cell of it was changed after it was written.",
    "History is what makes a changed goal fair: everybody can see what it was before. An edited row is no evidence.",
    "To says 80, and the hash was made of 60.",
    "Bring the row back from a copy or a version of the workbook from before",
)  # fmt: skip
HISTORY_BROKEN = Rule(
    "history_broken", Severity.ERROR, "The chain of History is broken",
    "A row does not follow from the row above it: one in between was removed, added or moved; or a change is marked as applied and has no row.",
    "Every row carries the hash of the one before, so that nothing can be left out in silence.",
    "Row 7 follows a row that is not there.",
    "Bring the missing rows back from a copy or a version of the workbook from before",
)  # fmt: skip
TARGET_CHANGED = Rule(
    "target_changed_without_history", Severity.WARNING, "A plan changed without a row in History",
    "Baseline, target, start or due date of a goal are not what they were when the goal was first scored or last changed, and History has no row about it.",
    "Scores against a plan that moved in silence compare with nothing.",
    "Target is 80; by History it is 100 since 2026-02-01.",
    "Put the old value back and decide on the change in Adjustments, or say there why it was right",
)  # fmt: skip

RULES = (HISTORY_ROW_CHANGED, HISTORY_BROKEN, TARGET_CHANGED)
