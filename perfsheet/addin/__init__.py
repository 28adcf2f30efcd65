"""The spreadsheet's own buttons: built from the texts in macros/, put in place for one user, taken away again.

`excel` makes the add-in for Excel and `libreoffice` the extension for LibreOffice, the same bytes
every time; `places` knows where each program looks for them; `installing` puts them there.
"""

from __future__ import annotations

from .building import KINDS, Built, Kind, build, fingerprint
from .installing import Change, install, remove

__all__ = ["KINDS", "Built", "Change", "Kind", "build", "fingerprint", "install", "remove"]
