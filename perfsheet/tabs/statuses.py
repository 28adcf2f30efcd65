"""How a status looks wherever it is shown: a symbol and a word, a style, a colour in charts."""

from __future__ import annotations

from collections.abc import Mapping

from ..live_columns import SHOWN
from ..scoring import Status

STATUS_WORDS: Mapping[Status, str] = SHOWN

STATUS_STYLES: Mapping[Status, str] = {status: f"status_{status.value}" for status in Status}

STATUS_COLOURS: Mapping[Status, str] = {
    Status.ACHIEVED: "#009E73", Status.ON_TRACK: "#56B4E9", Status.AT_RISK: "#E69F00", Status.OFF_TRACK: "#D55E00",
    Status.OVERDUE: "#CC79A7", Status.NO_DATA: "#7B8794", Status.TOO_EARLY: "#BCC4CC", Status.NOT_STARTED: "#D9DEE3",
    Status.POSTPONED: "#D9DEE3", Status.DROPPED: "#D9DEE3",
}  # fmt: skip
"""After Okabe and Ito: told apart by the colour-blind and in grey."""

BAR_COLOUR = "#9CC9E8"
EXPECTED_COLOUR = "#DDE2E7"

ATTENTION = (
    Status.OVERDUE, Status.OFF_TRACK, Status.AT_RISK, Status.NO_DATA, Status.TOO_EARLY, Status.ON_TRACK, Status.ACHIEVED,
    Status.NOT_STARTED, Status.POSTPONED, Status.DROPPED,
)  # fmt: skip
"""The order in which goals are listed: what needs attention first."""
