"""A workbook that is open in a spreadsheet program: read with what was typed a moment ago, and written into.

Everything goes through the object model of xlwings (its BSD part): programs that it knows are attached to,
and LibreOffice is made known to it by an engine of ours.

* `hosts`     which programs run here, and which open workbook is meant
* `excel`, `libreoffice`   what the programs do differently; `calc` is the engine over UNO
* `session`   the time that we are at work in a workbook: what the user sees meanwhile, and finds again afterwards
* `locking`   one perfsheet at a time in a workbook
* `reading`   open workbook -> `tables.Book`, in the shapes that a file gives
* `putting`   tabs put in or renewed, cells changed, tables lengthened
* `keeping`   what a command is about to change, kept in the user's own folder

xlwings is imported by `engines`, and without the libraries that it would load for data frames.
"""
