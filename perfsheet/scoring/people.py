"""Each person's two numbers: the roll-up of their goals, and their record. They are never multiplied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..forms import same_name
from ..records.teambook import TeamBook
from .accountability import MANAGING, Ledger, judge, managing_practice, own_practice, own_weights, pooled_rates
from .parts import GoalScore, PersonScore
from .rollup import Family, score_group


def names_of(book: TeamBook) -> list[str]:
    """Everyone in People, then owners and managers who are not listed there, each once."""
    names = {key: p.person for key, p in book.people_by_name.items()}
    bosses = [p.manager for p in book.people] + [book.settings.manager]
    for name in [o for g in book.goals for o in g.owners] + [b for b in bosses if b]:
        names.setdefault(same_name(name), name)
    return list(names.values())


def score_people(
    book: TeamBook,
    goals: Mapping[str, GoalScore],
    tree: Family,
    as_of: date,
    rates: Mapping[str, float] | None = None,
) -> tuple[PersonScore, ...]:
    """Everyone's scores, in the order of People. `rates` are an organisation's pooled rates by component."""
    ledger, names = Ledger(book, as_of, goals), names_of(book)
    own = {name: own_practice(ledger, name) for name in names}
    managing = {name: managing_practice(ledger, name) for name in names}
    pooled = pooled_rates([*own.values(), *managing.values()], book.policy.usual_rate) | dict(rates or {})
    weights, equal = own_weights(book.policy), {name: 1 / len(MANAGING) for name in MANAGING}
    owned: dict[str, dict[str, GoalScore]] = {}
    for key, score in goals.items():
        for owner in score.owners:
            owned.setdefault(same_name(owner), {})[key] = score
    found = []
    for name in names:
        mine = owned.get(same_name(name), {})
        row = book.people_by_name.get(same_name(name))
        found.append(
            PersonScore(
                name,
                score_group(mine, tree.parents, book.policy),
                judge(own[name], weights, pooled, book.policy),
                judge(managing[name], equal, pooled, book.policy) if managing[name] else None,
                row.at("person") if row else None,
                tuple(s.goal_id for s in mine.values()),
                ledger.manager_of(name),
            )
        )
    return tuple(found)
