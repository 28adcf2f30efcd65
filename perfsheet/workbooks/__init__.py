"""The rooms that know a spreadsheet file: everything else works on plain tables.

A workbook goes through these rooms:

* `archive`   the zip archive, walked by its raw records, so that bytes can be copied unread
* `markup`    XML, parsed strictly and within limits
* `package`   parts and their relationships; what is hostile, damaged or encrypted is refused here
* `formats`   what a file is that is no workbook
* `reading`   package -> `tables.Book`: every sheet, every cell that holds something
  (`cells`, `strings` and `serials` are its tools: sheet XML, texts, dates behind numbers)

and, on the way out, through painting, grafting, editing and saving. They import
`perfsheet.tables` and `perfsheet.errors` and nothing else of perfsheet, and each can be tried
alone: `python -m perfsheet.workbooks --help`. Nothing is imported here, so that naming one room
does not load the others.
"""
