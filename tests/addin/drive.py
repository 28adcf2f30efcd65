"""One running LibreOffice, told over standard input what to do: a JSON line asks, a JSON line answers.

Runs under the Python that has LibreOffice's `uno`. Macros are run as a ribbon would, buttons are
found by their names as a screen reader finds them.
"""

import contextlib
import json
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

TOOLBAR = "private:resource/toolbar/addon_org.perfsheet.toolbar"


def property_value(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def connected(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(400):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
    raise SystemExit("LibreOffice did not start within 40 seconds")


class Office:
    """What can be asked for; each method is an order."""

    def __init__(self, pipe):
        self.context = connected(pipe)
        self.desktop = self.context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)
        self.addin = self.document = None

    def load_addin(self, path):
        self.addin = self._load(path, "Calc MS Excel 2007 VBA XML")

    def load(self, path):
        self.document = self._load(path, "Calc MS Excel 2007 XML")

    def find(self, path):
        """Takes the document that LibreOffice opened from its command line."""
        url = uno.systemPathToFileUrl(path)
        for _ in range(400):
            for document in self.desktop.Components:
                if url == document.URL and document.CurrentController:
                    self.document = document
                    return
            time.sleep(0.1)
        raise SystemExit(f"LibreOffice did not open {path} within 40 seconds")

    def _load(self, path, kind):
        options = (property_value("FilterName", kind), property_value("MacroExecutionMode", 4))
        return self.desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, options)

    def macro(self, name, from_ribbon):
        provider = self.addin.getScriptProvider()
        script = provider.getScript(f"vnd.sun.star.script:VBAProject.{name}?language=Basic&location=document")
        button = (self.desktop,)  # any object of the office's own stands for the ribbon's button
        return script.invoke(button if from_ribbon else (), (), ())[0]

    def sheets(self):
        return list(self.document.Sheets.ElementNames)

    def rows(self, sheet):
        """What is shown in each cell of the used range."""
        found = self.document.Sheets.getByName(sheet)
        cursor = found.createCursor()
        cursor.gotoEndOfUsedArea(False)
        area = found.getCellRangeByPosition(0, 0, cursor.RangeAddress.EndColumn, cursor.RangeAddress.EndRow)
        return [[str(v) for v in row] for row in area.getDataArray()]

    def type(self, sheet, column, row, text):
        self.document.Sheets.getByName(sheet).getCellByPosition(column, row).setString(text)

    def show(self, sheet):
        self.document.CurrentController.setActiveSheet(self.document.Sheets.getByName(sheet))

    def undo_steps(self):
        return list(self.document.UndoManager.getAllUndoActionTitles())

    def told(self, name):
        return self.document.CurrentController.hasInfobar(name)

    def button(self, label):
        """The middle of a button of our toolbar, from the corner below the menu, and the height from there on.

        None while it is not shown. Places on the screen are off by a menu that the desktop draws, alike for all.
        """
        toolbar = self.document.CurrentController.Frame.LayoutManager.getElement(TOOLBAR)
        if toolbar is None:
            return None
        window = self.document.CurrentController.Frame.ContainerWindow
        corner = window.AccessibleContext.getLocationOnScreen()
        context = toolbar.getRealInterface().AccessibleContext
        buttons = (context.getAccessibleChild(i).AccessibleContext for i in range(context.getAccessibleChildCount()))
        for found in (b for b in buttons if b.getAccessibleName() == label):
            place, size = found.getLocationOnScreen(), found.getSize()
            x, y = place.X + size.Width // 2 - corner.X, place.Y + size.Height // 2 - corner.Y
            return [x, y, window.PosSize.Height]
        return None

    def quit(self):
        with contextlib.suppress(Exception):  # LibreOffice closes the bridge while it answers
            for document in self.desktop.Components:
                document.close(True)  # which does not ask whether to save
            self.desktop.terminate()


def main():
    office = Office(sys.argv[1])
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        try:
            answer = {"answer": getattr(office, order)(*arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
