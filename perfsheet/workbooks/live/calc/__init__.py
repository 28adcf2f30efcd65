"""LibreOffice Calc as an engine of xlwings, over UNO.

* `bridge`    the `uno` module found, a running office connected to
* `grammar`   formulas between the writing of Excel and that of LibreOffice
* `engine`    the objects that xlwings asks for: apps, books, sheets, ranges, names, tables
"""
