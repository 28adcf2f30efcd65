"""LibreOffice's `uno` module found, and the office that runs for this user connected to.

The module belongs to the office, not to a package index: it lies beside the system's Python or in the office's own
program folder, and is built for one minor version of Python. A virtual environment of that version can use it.
"""

from __future__ import annotations

import contextlib
import functools
import getpass
import glob
import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from ....errors import NotRunning

PLACES = (
    "/usr/lib/python3/dist-packages", "/usr/lib64/python3*/site-packages", "/usr/lib/python3*/site-packages",
    "/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice*/program",
    "/Applications/LibreOffice.app/Contents/Resources", r"C:\Program Files\LibreOffice\program",
)  # fmt: skip
"""Where distributions and installers put the module."""

Uno = Any
"""An object at the other end of the bridge; it has no types that Python knows of."""


def address() -> str:
    """How the office is reached: PERFSHEET_UNO (a pipe's name, a connection or a whole address), else our own pipe."""
    given = os.environ.get("PERFSHEET_UNO") or default_pipe()
    if given.startswith("uno:"):
        return given
    connection = given if "," in given else f"pipe,name={given}"
    return f"uno:{connection};urp;StarOffice.ComponentContext"


def default_pipe() -> str:
    """The pipe that our extension opens for this user."""
    return "perfsheet_" + re.sub(r"[^a-z0-9]", "_", getpass.getuser().lower())


def uno_module() -> Any:
    """The module `uno`. Raises NotRunning where none fits this Python."""
    with contextlib.suppress(ImportError):
        return importlib.import_module("uno")
    for place in (found for pattern in PLACES for found in sorted(glob.glob(pattern))):
        with _looked_into(place), contextlib.suppress(ImportError):
            return importlib.import_module("uno")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise NotRunning(
        "LibreOffice",
        f"no uno module for Python {version} is here",
        "Install python3-uno (or LibreOffice), and perfsheet for the same Python version that it is made for",
    )


@contextlib.contextmanager
def _looked_into(place: str) -> Iterator[None]:
    """One more folder at the end of the path, for this import alone."""
    sys.path.append(place)
    try:
        yield
    finally:
        sys.path.remove(place)


class Complaint(Exception):
    """What LibreOffice says is wrong, as an exception of Python's own: those of UNO cannot pass through a `with`."""


def plainly(owner: type[Any]) -> type[Any]:
    """The class with complaints of the office raised as `Complaint`, from whichever method."""
    for name, member in list(vars(owner).items()):
        if isinstance(member, property):
            setattr(owner, name, _plain_property(member))
        elif isinstance(member, FunctionType):
            setattr(owner, name, _translated(member))
    return owner


def _plain_property(member: property) -> property:
    setter = _translated(member.fset) if member.fset else None
    return property(_translated(member.fget) if member.fget else None, setter)


def _translated(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            said = complaint(error)
            if said is None:
                raise
        raise Complaint(said)

    return call


def complaint(error: Exception) -> str | None:
    """The words of an exception of UNO; None for any other."""
    if isinstance(error, Complaint):
        return str(error)
    if not hasattr(error, "Message") or not hasattr(error, "Context"):
        return None
    said = str(error.Message).partition(" at ./")[0].strip().rstrip(".")
    return said or type(error).__name__.rpartition(".")[2]


class Office:
    """A running LibreOffice, and the few services of it that are used."""

    def __init__(self, context: Uno, uno: Any) -> None:
        self.uno = uno
        self._context = context
        self.desktop = self.service("com.sun.star.frame.Desktop")

    def service(self, name: str) -> Uno:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)

    def struct(self, name: str, **values: Any) -> Uno:
        """A struct of UNO with these fields."""
        made = self.uno.createUnoStruct(name)
        for field, value in values.items():
            setattr(made, field, value)
        return made

    def arguments(self, **values: Any) -> tuple[Uno, ...]:
        """Named arguments, as loading and dispatching take them."""
        return tuple(self.struct("com.sun.star.beans.PropertyValue", Name=n, Value=v) for n, v in values.items())

    def dispatch(self, controller: Uno, command: str, **values: Any) -> None:
        """Carries out a command of the menus in a window."""
        self._dispatcher.executeDispatch(controller.Frame, command, "", 0, self.arguments(**values))

    @functools.cached_property
    def _dispatcher(self) -> Uno:
        return self.service("com.sun.star.frame.DispatchHelper")

    def is_enabled(self, controller: Uno, command: str) -> bool:
        """Whether a command of the menus can be given in a window just now."""
        url = self.struct("com.sun.star.util.URL", Complete=command)
        _, url = self.service("com.sun.star.util.URLTransformer").parseStrict(url)
        dispatch = controller.Frame.queryDispatch(url, "", 0)
        if dispatch is None:
            return False
        listener = _Listener(self.uno)
        dispatch.addStatusListener(listener, url)
        dispatch.removeStatusListener(listener, url)
        return bool(listener.enabled)

    def documents(self) -> list[Uno]:
        """The open spreadsheets that have a window."""
        open_ones = self.desktop.Components.createEnumeration()
        found = []
        while open_ones.hasMoreElements():
            document = open_ones.nextElement()
            if hasattr(document, "Sheets") and document.CurrentController is not None and not _is_hidden(document):
                found.append(document)
        return found


class _Listener:
    """Hears the state of a command, which LibreOffice tells at once to everybody who asks.

    The methods have the names that it calls.
    """

    def __init__(self, uno: Any) -> None:
        self.uno, self.enabled = uno, False

    def statusChanged(self, event: Uno) -> None:
        self.enabled = event.IsEnabled

    def disposing(self, source: Uno) -> None:
        """The window is gone; there is nothing to hear any more."""

    def getTypes(self) -> tuple[Any, ...]:
        names = ("com.sun.star.frame.XStatusListener", "com.sun.star.lang.XTypeProvider")
        return tuple(map(self.uno.getTypeByName, names))

    def getImplementationId(self) -> Any:
        return self.uno.ByteSequence(b"")


def _is_hidden(document: Uno) -> bool:
    return any(argument.Name == "Hidden" and argument.Value for argument in document.Args)


def connected() -> Office:
    """The office that runs. Raises NotRunning if none listens."""
    uno = uno_module()
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    where = address()
    try:
        try:
            return Office(resolver.resolve(where), uno)
        except uno.getClass("com.sun.star.lang.DisposedException"):  # a busy office hung up while it answered
            return Office(resolver.resolve(where), uno)
    except uno.getClass("com.sun.star.connection.NoConnectException"):
        raise NotRunning(
            "LibreOffice",
            f"none is listening at {where.removeprefix('uno:').partition(';')[0]}",
            "Open the workbook in LibreOffice with the perfsheet extension installed, "
            f'or start it with: soffice "--accept=pipe,name={default_pipe()};urp;"',
        ) from None
    except uno.getClass("com.sun.star.uno.Exception") as trouble:
        raise NotRunning(
            "LibreOffice", f"{where} is no address that it can be reached at: {trouble.Message}", "Check PERFSHEET_UNO"
        ) from None
