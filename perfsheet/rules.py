"""Every rule's page in one place, for `perfsheet rule`, the documentation and whoever asks."""

from __future__ import annotations

import textwrap
from difflib import get_close_matches

from . import agreement, checks, decisions, issues, proposals, records
from .checks import across
from .errors import Misuse
from .findings import Rule

ROOMS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Reading", tuple(records.RULES)),
    ("Checks", tuple(checks.RULES)),
    ("Live cells", agreement.RULES),
    ("History", tuple(decisions.RULES)),
    ("Consolidation", tuple(across.RULES)),
    ("Issues", tuple(issues.RULES)),
    ("Proposals", tuple(proposals.PROPOSAL_RULES)),
)
"""Rules by the stage that finds them. A code that two stages share has one page, the first one's."""


def all_rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the stages."""
    found: dict[str, Rule] = {}
    for _, rules in ROOMS:
        for rule in rules:
            found.setdefault(rule.code, rule)
    return found


def page(code: str) -> str:
    """A rule's page for a terminal. Raises Misuse for an unknown code, with what may have been meant."""
    rules = all_rules()
    meant = code.strip().casefold().replace("-", "_")
    rule = rules.get(meant)
    if rule is None:
        near = get_close_matches(meant, rules, 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `perfsheet rule` lists them all"
        raise Misuse(f"there is no rule {code!r}{hint}")
    parts = (("What", rule.what), ("Why", rule.why), ("Example", rule.example), ("What to do", f"{rule.remedy}."))
    lines = [f"{rule.code} ({rule.severity.value}): {rule.title}", ""]
    for title, text in parts:
        lines += textwrap.wrap(f"{title}: {text}", 100, subsequent_indent="  ")
    return "\n".join(lines)


def index() -> str:
    """All codes with their titles, by stage."""
    lines: list[str] = []
    shown: set[str] = set()
    for stage, rules in ROOMS:
        lines += ["", stage]
        for rule in rules:
            if rule.code not in shown:
                shown.add(rule.code)
                lines.append(f"  {rule.code:28} {rule.severity.value:8} {rule.title}")
    return "\n".join(lines[1:])
