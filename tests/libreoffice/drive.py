"""Drives a real LibreOffice over UNO, as a person would: open, type, look, save.

Runs under the Python that has LibreOffice's `uno` module (often the system's), as a program of
its own: each line of standard input is a JSON order, and each line that it prints a JSON answer.

    {"open": FILE, "type": {"Goals": {"A4": "G1", ...}}, "look": {"Summary": ["A1"]}, "save": FILE or null}

With "books": [{"Goals": ["A5", [[...], ...]], ...}, ...] and "read": {"Goals": "R5:U34"} the document is filled
again and again, a block of cells a sheet, and the answer has what it shows each time, unrounded.
With "resave": {FILE: FILE, ...} each workbook is opened, calculated and saved under its other name; "open" is not needed.
With "convert": [[FILE, READING, {FILE: WRITING, ...}], ...] the same, each way by a filter of its own with its options.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def property_value(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def start(soffice, folder):
    """LibreOffice in the background with a profile of its own, and its desktop."""
    pipe = f"perfsheet{os.getpid()}"
    command = [
        soffice, "--headless", "--norestore", "--nologo", "--nodefault", f"--accept=pipe,name={pipe};urp;",
        f"-env:UserInstallation=file://{folder}/profile",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return process, context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except NoConnectException:
            time.sleep(0.25)
    process.kill()
    raise SystemExit("LibreOffice did not start within a minute")


def type_into(document, sheets):
    """Each value as if typed: numbers and dates are recognised in the cell's own locale."""
    for name, cells in sheets.items():
        sheet = document.Sheets.getByName(name)
        for cell, value in cells.items():
            place = sheet.getCellRangeByName(cell)
            if isinstance(value, str):
                place.setFormula(value) if value[:4].isdigit() and value[4:5] == "-" else place.setString(value)
            else:
                place.setValue(value)


def look_at(document, sheets):
    return {
        name: {c: document.Sheets.getByName(name).getCellRangeByName(c).getString() for c in cells}
        for name, cells in sheets.items()
    }


def results_of(document, books, read):
    """What the cells `read` show with each of the books in the document."""
    document.enableAutomaticCalculation(False)
    for book in books:
        for name, (corner, rows) in book.items():
            sheet = document.Sheets.getByName(name)
            first = sheet.getCellRangeByName(corner).CellAddress
            left, top = first.Column, first.Row
            area = sheet.getCellRangeByPosition(left, top, left + len(rows[0]) - 1, top + len(rows) - 1)
            area.setDataArray(tuple(map(tuple, rows)))
        document.calculateAll()
        sheets = document.Sheets
        yield {name: sheets.getByName(name).getCellRangeByName(area).getDataArray() for name, area in read.items()}


def by_filter(name, options=""):
    """What says how a file is read or written."""
    return property_value("FilterName", name), property_value("FilterOptions", options)


def opened(desktop, path, reading=()):
    hidden = property_value("Hidden", True)
    return desktop.loadComponentFromURL(
        uno.systemPathToFileUrl(path), "_blank", 0, (hidden, *(by_filter(*reading) if reading else ()))
    )


def save(document, path, writing=("Calc MS Excel 2007 XML",)):
    document.storeToURL(uno.systemPathToFileUrl(path), by_filter(*writing))


def convert(desktop, steps):
    for source, reading, targets in steps:
        document = opened(desktop, source, reading)
        document.calculateAll()
        for target, writing in targets.items():
            save(document, target, writing)
        document.close(True)


def resave(desktop, files):
    convert(desktop, [(source, (), {target: ("Calc MS Excel 2007 XML",)}) for source, target in files.items()])


def carried_out(desktop, order):
    """The answer to an order about one document."""
    document = opened(desktop, order["open"])
    type_into(document, order.get("type", {}))
    document.calculateAll()
    results = list(results_of(document, order.get("books", []), order.get("read", {})))
    seen = look_at(document, order.get("look", {}))
    answer = {"results": results, "sheets": list(document.Sheets.ElementNames), "seen": seen}
    if order.get("save"):
        save(document, order["save"])
    document.close(True)
    return answer


def obeyed(desktop, order):
    resave(desktop, order.get("resave", {}))
    convert(desktop, order.get("convert", []))
    return carried_out(desktop, order) if "open" in order else {}


def main():
    with tempfile.TemporaryDirectory() as folder:
        process, desktop = start(sys.argv[1], folder)
        try:
            for line in sys.stdin:
                print(json.dumps(obeyed(desktop, json.loads(line))), flush=True)
        finally:
            with contextlib.suppress(Exception):  # LibreOffice closes the bridge while it answers
                desktop.terminate()
            process.wait(timeout=30)


main()
