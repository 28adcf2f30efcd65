"""Each person's two numbers: the roll-up of their goals, and their record. They are never multiplied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from ..forms import same_name
from ..records.teambook import TeamBook
from .accountability import (
    MANAGING,
    Ledger,
    Practice,
    judge,
    managing_practice,
    own_practice,
    own_weights,
    pooled_rates,
)
from .parts import Accountability, GoalScore, PersonScore
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
    pooled = pooled_rates(list(own.values()), book.policy.usual_rate) | dict(rates or {})
    weights, managers = own_weights(book.policy), Managers(ledger, names, rates or {})
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
                row.at("person") if row else None,
                tuple([s.goal_id for s in mine.values()]),
                ledger.manager_of(name),
                partial(managers.index_of, name),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Managers:
    """The records of people as managers, worked out once somebody asks for one."""

    ledger: Ledger
    names: Sequence[str]
    rates: Mapping[str, float]
    """An organisation's pooled rates by component."""

    def index_of(self, name: str) -> Accountability | None:
        """The person's index as a manager; None without direct reports."""
        policy, equal = self.ledger.policy, {component: 1 / len(MANAGING) for component in MANAGING}
        practice = self._practice[name]
        return judge(practice, equal, self._pooled, policy) if practice else None

    @cached_property
    def _practice(self) -> dict[str, Practice]:
        return {name: managing_practice(self.ledger, name) for name in self.names}

    @cached_property
    def _pooled(self) -> dict[str, float]:
        return pooled_rates(list(self._practice.values()), self.ledger.policy.usual_rate) | dict(self.rates)
