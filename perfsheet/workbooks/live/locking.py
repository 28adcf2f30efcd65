"""One perfsheet at a time in an open workbook: a second press finds the first one's claim, and gives way.

The claim lies in the user's own folder and ends with the process that holds it, however it ends.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

from ...errors import InUse, Unwritable
from ..claiming import claimed
from .keeping import folder


@contextlib.contextmanager
def alone(name: str, fullname: str) -> Iterator[None]:
    """The workbook `name`, known by its path or address, is ours meanwhile. Raises InUse if another perfsheet is in it."""
    key = hashlib.sha256(fullname.casefold().encode("utf-8", "surrogatepass")).hexdigest()[:16]
    place = folder()
    with contextlib.ExitStack() as held:
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            held.enter_context(claimed(place / f"{key}-at-work"))
        except InUse:
            raise InUse(
                name, "perfsheet is at work in this workbook already", "Wait until it has finished, and press again"
            ) from None
        except OSError as error:
            what = f"it cannot be noted there that perfsheet is at work: {error.strerror or error}"
            raise Unwritable(
                place, what, "Make room in that folder, or name another one in PERFSHEET_BACKUPS"
            ) from None
        yield
