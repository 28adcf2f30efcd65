"""The rules of reading: what can be wrong with the structure of a workbook and with single cells."""

from __future__ import annotations

from ..findings import Rule, Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO

MISSING_TAB = Rule(
    "missing_tab", E, "A tab is missing",
    "A tab that perfsheet needs was not found, neither by its name nor by its column headers.",
    "Without it, what it should hold cannot be checked or scored.",
    "A workbook without a Goals tab has nothing to score.",
    "Add the tab, or run `perfsheet new` for a fresh workbook and copy it over",
)  # fmt: skip
MISSING_FORM = Rule(
    "missing_form", W, "A usual tab is missing",
    "A tab that every team workbook has was not found, neither by its name nor by its column headers.",
    "Goals are scored all the same, but feedback, actions or development are not seen.",
    "A workbook without an Actions tab has no record of kept promises.",
    "Add the tab if the team uses it",
)  # fmt: skip
MISSING_COLUMN = Rule(
    "missing_column", E, "A required column is missing",
    "The tab is there, but a column that every row needs is not, under its own name or a known synonym.",
    "No row of the tab can be used without it.",
    "A Goals tab without a Kind column: nobody can say how progress is counted.",
    "Add the column with exactly this header, anywhere in the header row",
)  # fmt: skip
DUPLICATE_HEADER = Rule(
    "duplicate_header", W, "Two columns have the same header",
    "Two columns of one table mean the same. The first one is read, the second is left alone.",
    "If the second one holds the newer numbers, they are not seen.",
    "A Goals tab with Target in column I and Target again in column K.",
    "Rename or remove the column that is not meant",
)  # fmt: skip
SECOND_TABLE = Rule(
    "second_table", W, "A second table of the same kind",
    "Another tab holds a table with the same columns. Only the first one is read.",
    "Rows in the second table do not count.",
    "Goals and Goals (2), a copy that somebody kept on typing into.",
    "Bring the rows together in one table, or remove the copy",
)  # fmt: skip
MISSING_VALUE = Rule(
    "missing_value", E, "A required cell is empty",
    "The row is filled in, but a cell that it needs is empty.",
    "The row is set aside and does not count.",
    "A goal without an owner: nobody answers for it.",
    "Fill in the cell, or clear the whole row",
)  # fmt: skip
MISSING_SETTING = Rule(
    "missing_setting", E, "A required setting is empty",
    "Settings does not say whose workbook this is or which period it covers.",
    "Dates cannot be judged and the workbook cannot be consolidated properly.",
    "Period end is empty: no goal without a due date of its own can be scored.",
    "Fill in the Value beside the setting",
)  # fmt: skip
UNKNOWN_SETTING = Rule(
    "unknown_setting", I, "A setting that perfsheet does not know",
    "The name in the Setting column is none of perfsheet's.",
    "It has no effect. A slip in the name would leave the default in force.",
    "Grace days instead of Grace (days).",
    "Correct the name if it was meant for perfsheet; your own settings may stay",
)  # fmt: skip
BAD_SETTING = Rule(
    "bad_setting", E, "A setting outside its limits",
    "The value of a setting is of the wrong kind or outside its limits. The default is used instead.",
    "Scores would not follow the rule that was meant.",
    "A minimum group size of 1 would expose single people.",
    "Correct the value; docs/policy.md lists the limits",
)  # fmt: skip
ERROR_VALUE = Rule(
    "error_value", E, "A cell shows an error",
    "The cell holds a spreadsheet error such as #N/A or #REF!.",
    "An error is not a number and not an empty cell; it is left out.",
    "A target looked up in a file that has moved: #REF!.",
    "Repair the formula or type the value",
)  # fmt: skip
UNCALCULATED = Rule(
    "uncalculated_formula", E, "A formula that nobody has calculated",
    "The cell holds a formula without a remembered result, as files written by scripts do.",
    "perfsheet does not calculate other people's formulas, and an unknown value is not an empty one.",
    "A workbook exported by a script and never opened in a spreadsheet program.",
    "Open the workbook in Excel or LibreOffice, save it once, and run again",
)  # fmt: skip
NOT_A_NUMBER = Rule(
    "not_a_number", E, "Not a number",
    "The cell should hold a number and holds something else.",
    "The value is left out.",
    "About 40 in a Value cell.",
    "Type the number alone; units have a column of their own",
    anomaly=True,
)  # fmt: skip
NUMBER_AS_TEXT = Rule(
    "number_as_text", W, "A number stored as text",
    "The cell looks like a number but is text. It is read as the number shown in the message.",
    "Formulas in the workbook ignore it, so what people see and what is scored may differ.",
    "'42 with a leading apostrophe, or a value pasted from an e-mail.",
    "Type the number again, or use Data > Text to Columns",
)  # fmt: skip
AMBIGUOUS_NUMBER = Rule(
    "ambiguous_number", E, "A number that can be read in two ways",
    "A text such as 1,234 may be one thousand or one and a bit, and nothing else in the column decides it.",
    "Guessing could be wrong a thousandfold; the value is left out.",
    "1,234 as the only text in a column.",
    "Type it as a number",
    anomaly=True,
)  # fmt: skip
NOT_A_DATE = Rule(
    "not_a_date", E, "Not a date",
    "The cell should hold a date and holds something else.",
    "The value is left out; a row that needs it is set aside.",
    "Mid March in a Due date cell.",
    "Type the date, such as 2026-03-15",
    anomaly=True,
)  # fmt: skip
DATE_AS_TEXT = Rule(
    "date_as_text", I, "A date stored as text",
    "The cell looks like a date but is text. It is read as the date shown in the message.",
    "Formulas and sorting do not see it as a date.",
    "2026-03-15 pasted as text.",
    "Type the date again so that the program knows it is one",
    anomaly=True,
)  # fmt: skip
DATE_AS_NUMBER = Rule(
    "date_as_number", W, "A date shown as a plain number",
    "The cell holds a day number without a date format. It is read as the date shown in the message.",
    "Nobody can check it by looking at it.",
    "46096 instead of 2026-03-15.",
    "Give the cell a date format",
    anomaly=True,
)  # fmt: skip
AMBIGUOUS_DATE = Rule(
    "ambiguous_date", E, "A date that can be read in two ways",
    "A text such as 3/4/2026 may be 3 April or 4 March, and nothing else in the column decides it.",
    "Guessing day and month would be wrong half of the time; the value is left out.",
    "3/4/2026 in a column where no day is above 12.",
    "Type it as a true date, or as 2026-04-03",
    anomaly=True,
)  # fmt: skip
UNKNOWN_CHOICE = Rule(
    "unknown_choice", E, "Not one of the choices",
    "The cell takes one of a few words and holds another.",
    "What it should mean cannot be guessed; a row that needs it is set aside.",
    "Growth in the Kind column, which knows Increase.",
    "Choose from the list",
)  # fmt: skip
OUT_OF_LIMITS = Rule(
    "out_of_limits", E, "A value outside its limits",
    "The number lies outside what the column can mean.",
    "The value is left out.",
    "A weight of -20, an attainment of 5.",
    "Correct the number",
    anomaly=True,
)  # fmt: skip
MIXED_SCALE = Rule(
    "mixed_scale", W, "Two scales in one column",
    "Some values of the column look like shares (0.8), others like percent or points (80). The whole column is read on one scale.",
    "One of the two groups is then wrong a hundredfold or tenfold.",
    "Confidence 0.7 in one row and 80 in the next.",
    "Use one scale for the whole column",
    anomaly=True,
)  # fmt: skip
SCALE_READ = Rule(
    "scale_read", I, "How the scale of a column was read",
    "The message says which scale was found and why.",
    "Three percent conventions are in use in the world; better to say than to guess in silence.",
    "Confidence from 0 to 10 is read as 0 % to 100 %.",
    "Nothing to do if it is right",
)  # fmt: skip
PLACEHOLDER = Rule(
    "placeholder", I, "A placeholder instead of a value",
    "The cell holds a word such as n/a, tbd or a dash. It is read as empty.",
    "Missing is missing, never zero.",
    "tbd in a Target cell.",
    "Leave the cell empty, or fill in the value",
)  # fmt: skip
TOTALS_ROW = Rule(
    "totals_row", I, "A totals row was left out",
    "The row looks like a total of the rows above and is not read as an entry.",
    "It would count everything twice.",
    "Total in the first cell below the last goal.",
    "Nothing to do; if it is a true entry, give it another first word",
)  # fmt: skip
BELOW_TABLE = Rule(
    "below_table", I, "A row below the table",
    "The row stands below the end of the Excel table. It is read all the same.",
    "The table's formulas and drop-downs do not reach it.",
    "A check-in typed one row too low in a program that does not grow tables.",
    "Drag the table's lower right corner down to take it in",
)  # fmt: skip
HIDDEN_ROWS = Rule(
    "hidden_rows", I, "Hidden rows are counted",
    "Rows with entries are hidden, by hand or by a filter. They count like all others.",
    "What people see and what is scored differ.",
    "A filter on one owner hides the others' goals.",
    "Show the rows to see what is scored",
)  # fmt: skip
HIDDEN_PART = Rule(
    "hidden_part", I, "A hidden tab or column is read",
    "A tab or a column that is read is hidden.",
    "Numbers that nobody sees are part of the scores.",
    "A hidden Weight column.",
    "Show it if people should see what counts",
)  # fmt: skip
MERGED_CELLS = Rule(
    "merged_cells", W, "Merged cells among the entries",
    "Only the first cell of a merged area holds its value; the others are empty.",
    "Rows that seem to share a value have none.",
    "One owner merged over three goals: only the first goal has an owner.",
    "Unmerge the cells and fill each row",
)  # fmt: skip
ODD_CELL = Rule(
    "odd_cell", W, "A cell stored in an odd way",
    "The file holds this cell in a way that programs read differently; the message says which.",
    "Two programs may show two values.",
    "A day 60 of the year 1900, which never was; a cell that is in the file twice.",
    "Type the value again and save",
)  # fmt: skip
OWN_TAB_NAME = Rule(
    "tab_name_taken", I, "A tab of yours has the name of one of ours",
    "A tab that perfsheet did not write has the name that perfsheet uses, so ours has another.",
    "Nothing of yours is ever overwritten.",
    "Your own Summary tab stays; ours is called Summary (perfsheet).",
    "Nothing to do; rename yours if you prefer",
)  # fmt: skip

RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
