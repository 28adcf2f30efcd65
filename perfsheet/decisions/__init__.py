"""Decisions -> changed goals and History: what `apply` is going to do, and whether History is whole.

Nothing here touches a file: a plan of changes comes out, and findings about what stands there.
"""

from __future__ import annotations

from .applying import Plan, plan_changes
from .history import Entry, chained, fields_of, row_hash, verify
from .plan_record import PlanRecord, record_from, records, unrecorded_changes
from .rules import RULES

__all__ = [
    "RULES", "Entry", "chained", "Plan", "PlanRecord", "fields_of", "plan_changes", "record_from", "records", "row_hash",
    "unrecorded_changes", "verify",
]  # fmt: skip
