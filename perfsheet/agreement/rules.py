"""The pages of the rules about live cells."""

from __future__ import annotations

from ..findings import Rule, Severity

W, I = Severity.WARNING, Severity.INFO

LIVE_CELL_OVERWRITTEN = Rule(
    "live_cell_overwritten", W, "A live cell holds a typed value",
    "A cell of Goals that calculates itself, or one of the folded steps behind it, holds a fixed value instead of its formula.",
    "It stays as it is while the goal moves on. perfsheet never reads it, so the scores are right and the cell is not.",
    "Somebody typed 80 % into Progress.",
    "Run `perfsheet repair` on the file, or copy the cell above into it",
)  # fmt: skip
LIVE_FORMULA_EDITED = Rule(
    "live_formula_edited", W, "A live formula was changed",
    "The formula of a live cell, or of one of the folded steps behind it, is not the one that perfsheet writes.",
    "What the cell shows and what perfsheet counts are no longer the same thing.",
    "Progress is divided by a number that somebody typed into the formula.",
    "Run `perfsheet repair` on the file, or copy the cell above into it; a calculation of your own belongs in a column of your own",
)  # fmt: skip
LIVE_FORMULA_MISSING = Rule(
    "live_formula_missing", I, "A goal without live formulas",
    "A row of Goals has no formula where the rows around it have one.",
    "The goal is scored all the same, but its row does not show how it stands.",
    "Goals pasted below the table, which did not grow with them.",
    "Run `perfsheet repair` on the file, or fill the formulas down from the row above",
)  # fmt: skip
LIVE_VALUE_STALE = Rule(
    "live_value_stale", W, "A live cell shows an old result",
    "The formula is right, but the result that the file remembers is not what it gives for what is entered.",
    "Whoever looks at the file without calculating it sees old numbers.",
    "A script added check-ins, or calculation is set to manual.",
    "Open the workbook in a spreadsheet program, let it calculate (F9), and save it",
)  # fmt: skip
LIVE_READS_DIFFERENTLY = Rule(
    "live_reads_differently", I, "A live cell cannot see what perfsheet reads",
    "The formula is right, and it gives another result than perfsheet because of how something is entered or decided; the message says what.",
    "Formulas take cells as they are: a date typed as text is no date to them.",
    "A check-in dated '3 Feb' as text: perfsheet counts it, the live cell does not.",
    "Type the named cell again as a true number or date; otherwise go by Summary",
)  # fmt: skip
LIVE_OTHER_DAY = Rule(
    "live_other_day", I, "The live cells are of another day",
    "The results that the file remembers were calculated as of another day than this run judges.",
    "What should be done by now depends on the day, so Goals and Summary show different numbers.",
    "Saved on 1 March, scored as of 31 March.",
    "Open the workbook to have it calculated anew, or set As of in Settings to the day you mean",
)  # fmt: skip

RULES = (
    LIVE_CELL_OVERWRITTEN, LIVE_FORMULA_EDITED, LIVE_FORMULA_MISSING, LIVE_VALUE_STALE, LIVE_READS_DIFFERENTLY,
    LIVE_OTHER_DAY,
)  # fmt: skip
