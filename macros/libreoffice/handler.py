"""The buttons inside LibreOffice: each press starts perfsheet as a program of its own and returns at once.

Runs in LibreOffice's Python, whatever version that is, and knows nothing of the package perfsheet.
The program reaches the open workbook through a pipe that LibreOffice listens on, writes into it as
one undo step, and says in the status bar what it does. What stood in its way is shown above the sheet.
"""

import getpass
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading

import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.frame import FeatureStateEvent, XDispatch, XDispatchProvider, XTerminateListener
from com.sun.star.lang import XInitialization, XServiceInfo

PROGRAM = ""  # `perfsheet addin install` writes the program's path here

NAME = "org.perfsheet.Handler"
PROTOCOL = "org.perfsheet:"
ORDERS = {
    "validate": ["validate"],
    "score": ["score"],
    "preview": ["apply", "--dry-run"],
    "apply": ["apply"],
    "restore": ["restore"],
}
HELP = (
    "Validate: what is wrong, by cell, in the tab Checks.\n"
    "Score: Summary, Adjustments and Checks, made anew.\n"
    "Preview: which cells Apply would change. Nothing changes yet.\n"
    "Apply: puts the adjustments that you accepted into Goals, each with a row in History.\n"
    "Restore last: takes the last Apply back.\n\n"
    "Nothing leaves this computer. In a terminal, perfsheet doctor says what is wrong with the set-up."
)
DOCTOR = "Run perfsheet doctor in a terminal: it says what to do."
LONGEST = 120
"""Seconds after which a run is given up."""

_standing = None  # the pipe of this user, on which commands from a terminal reach LibreOffice too


class Handler(unohelper.Base, XServiceInfo, XInitialization, XDispatchProvider, XDispatch):
    """Answers `org.perfsheet:...`, the addresses behind the buttons and the menu, for one window."""

    def __init__(self, context, *arguments):
        self.context = context
        self.frame = None

    def initialize(self, arguments):
        if arguments:
            self.frame = arguments[0]

    def queryDispatch(self, url, target, flags):
        if not url.Complete.startswith(PROTOCOL):
            return None
        stand_by(self.context)
        return self

    def queryDispatches(self, requests):
        return tuple(self.queryDispatch(r.FeatureURL, r.FrameName, r.SearchFlags) for r in requests)

    def addStatusListener(self, listener, url):
        listener.statusChanged(FeatureStateEvent(self, url, "", True, False, None))

    def removeStatusListener(self, listener, url):
        pass

    def dispatch(self, url, arguments):
        order = url.Complete[len(PROTOCOL) :]
        if order in ORDERS:
            self._start(ORDERS[order])
        else:
            self._explain()

    def getImplementationName(self):
        return NAME

    def supportsService(self, name):
        return name in self.getSupportedServiceNames()

    def getSupportedServiceNames(self):
        return ("com.sun.star.frame.ProtocolHandler",)

    def _start(self, order):
        self._say_nothing()
        indicator = self.frame.createStatusIndicator()
        indicator.start(f"perfsheet: starting {' '.join(order)}", 0)
        try:
            pipe = _standing or Pipe(self.context, f"perfsheet_{secrets.token_hex(16)}")
            process = started([*order, "--book", self._book()], pipe.name)
        except Exception as error:
            indicator.end()
            self._tell(f"perfsheet could not be started ({error}). {DOCTOR}")
        else:
            threading.Thread(target=self._follow, args=(process, pipe, indicator), daemon=True).start()

    def _follow(self, process, pipe, indicator):
        """Waits for the run and holds its pipe open; what stood in its way is said in LibreOffice's own thread."""
        sentence = outcome(process)

        def finish():
            indicator.end()
            if sentence:
                self._tell(sentence)

        service = self.context.ServiceManager.createInstanceWithContext("com.sun.star.awt.AsyncCallback", self.context)
        service.addCallback(Later(finish), None)

    def _book(self):
        """The workbook's path, or the name that the window shows while it was never saved."""
        model = self.frame.getController().getModel()
        return unohelper.fileUrlToSystemPath(model.URL) if model.URL.startswith("file:") else model.URL or model.Title

    def _tell(self, sentence):
        """A line above the sheet that stays until it is closed, or until the next press."""
        self._say_nothing()
        controller = self.frame.getController()
        controller.appendInfobar(NAME, "perfsheet", sentence, 2, (), True)

    def _say_nothing(self):
        controller = self.frame.getController()
        if controller.hasInfobar(NAME):
            controller.removeInfobar(NAME)

    def _explain(self):
        window = self.frame.getContainerWindow()
        box = window.getToolkit().createMessageBox(window, 1, 1, "perfsheet", HELP)
        box.execute()
        box.dispose()


class Later(unohelper.Base, XCallback):
    """Something to do in LibreOffice's own thread."""

    def __init__(self, action):
        self.action = action

    def notify(self, data):
        self.action()


class Pipe:
    """LibreOffice listens on a pipe of this name as long as somebody holds this."""

    def __init__(self, context, name):
        self.name = name
        self._acceptor = context.ServiceManager.createInstanceWithContext("com.sun.star.office.Acceptor", context)
        self._acceptor.initialize((f"pipe,name={name};urp;StarOffice.ComponentContext", True))


def stand_by(context):
    """Listens for `perfsheet live` in a terminal of the same user; the first LibreOffice of that user does.

    Not on Windows, where a pipe of LibreOffice may be opened by other users: there each press has a
    pipe of its own, whose name nobody can guess, until its run is over.
    """
    global _standing
    if _standing is None and sys.platform != "win32":
        name = "perfsheet_" + re.sub(r"[^a-z0-9]", "_", getpass.getuser().lower())
        if not somebody_listens(context, name):
            _standing = Pipe(context, name)
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            desktop.addTerminateListener(End())


class End(unohelper.Base, XTerminateListener):
    """LibreOffice ends when nobody listens any more."""

    def queryTermination(self, event):
        pass

    def notifyTermination(self, event):
        global _standing
        _standing = None

    def disposing(self, event):
        pass


def somebody_listens(context, name):
    connector = context.ServiceManager.createInstanceWithContext("com.sun.star.connection.Connector", context)
    try:
        connector.connect(f"pipe,name={name}").close()
    except Exception:
        return False
    return True


def started(arguments, pipe):
    """The running program. Raises OSError if there is none."""
    program = PROGRAM or os.environ.get("PERFSHEET_CLI") or shutil.which("perfsheet")
    if not program:
        raise FileNotFoundError("no program named perfsheet was found")
    return subprocess.Popen(
        [program, "live", *arguments],
        env=clean(os.environ) | {"PERFSHEET_UNO": pipe},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        creationflags=subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0,
    )


def clean(environment):
    """The environment without what LibreOffice sets for its own Python and libraries."""
    own = re.compile(r"PYTHON|VIRTUAL_ENV|LD_LIBRARY_PATH|DYLD_|URE_|UNO_|SAL_")
    return {name: value for name, value in environment.items() if not own.match(name)}


def outcome(process):
    """What stood in the way, as one sentence; "" if the run came to its end."""
    try:
        _, errors = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"perfsheet did not finish within {LONGEST} seconds and was stopped. Save the workbook and press again."
    if process.returncode in (0, 1):
        return ""
    said = errors.decode("utf-8", "replace").strip().splitlines()
    if said and said[0].startswith("Traceback"):
        return f"perfsheet stumbled over something that it does not know ({said[-1]}). Nothing is half-done; save the workbook. {DOCTOR}"
    return said[0] if said else f"perfsheet ended with code {process.returncode}. {DOCTOR}"


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Handler, NAME, ("com.sun.star.frame.ProtocolHandler",))
