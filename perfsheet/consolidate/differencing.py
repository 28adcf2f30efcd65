"""Which groups may be shown, so that nothing shown now or earlier lays a small group bare when it is subtracted.

Every number that is shown of a group is a sum over its units: a unit is one person with one entry
of theirs as it stands now (a goal and its progress, say), and it may weigh more in one sum than in another. Who holds all that was ever shown can
add and subtract it at will, across levels and editions. What comes out is again a sum over units,
and must never rest on fewer than `least` people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction

Unit = bytes
"""Who, what of them, and what it weighs, eight bytes each. A unit of nobody begins with zeros; weight zero is one."""
HALF = 8
NOBODY = ONE = bytes(HALF)

Group = frozenset[Unit]


def people_in(units: Iterable[Unit]) -> int:
    """How many people stand behind some units."""
    return len({unit[:HALF] for unit in units} - {NOBODY})


def weighing(units: Iterable[Unit], weight: Fraction) -> Group:
    """The same units in a sum in which they weigh so much beside others."""
    if max(weight.numerator, weight.denominator) >= 1 << 32:  # a family of many levels with odd weights
        weight = weight.limit_denominator(1 << 16) or Fraction(1, 1 << 16)
    packed = ONE if weight == 1 else weight.numerator.to_bytes(4) + weight.denominator.to_bytes(4)
    return frozenset(unit[: 2 * HALF] + packed for unit in units)


def _weight(unit: Unit) -> Fraction:
    half = 2 * HALF + 4
    return (
        Fraction(1)
        if unit[2 * HALF :] == ONE
        else Fraction(int.from_bytes(unit[2 * HALF : half]), int.from_bytes(unit[half:]))
    )


def showable(groups: Mapping[str, Group], earlier: Iterable[Group], least: int) -> set[str]:
    """The names of the groups that may be shown together, beside all that was shown `earlier`.

    Groups of fewer than `least` people never are. Where a subtraction would isolate fewer, the
    smallest group that takes part in it is left out, and the next, until none does: in one
    partition this is complement suppression. A group that was shown just so before is free, because it says
    nothing new.
    """
    old = dict.fromkeys(earlier)
    sizes = {name: people_in(units) for name, units in groups.items()}
    free = {name for name, units in groups.items() if sizes[name] >= least and units in old}
    fresh = {name for name in groups if sizes[name] >= least} - free
    while fresh:
        shown: dict[object, Group] = {**dict(enumerate(old)), **{name: groups[name] for name in sorted(fresh)}}
        found = exposed(shown, least)
        if not found:
            break
        fresh -= _taking_part(found, shown, fresh, sizes)
    return free | fresh


_Keys = tuple[tuple[object, Fraction], ...]
"""The groups that a unit is in, with its weight in each beside that in the first."""


def exposed(shown: Mapping[object, Group], least: int) -> list[_Keys]:
    """The small sets of units that could be isolated, each as the groups that all its units are in.

    Units in exactly the same groups, with weights in proportion, form a class that no arithmetic can split. A sum that rests on few
    people is nothing on every class of at least `least`; so the span of their rows is divided out. Classes
    whose rows are then multiples of one another are in a sum together or not at all: if enough people
    stand behind them, they are divided out as well, and so on. What is left over could be isolated.
    """
    classes = _classes(shown)
    span = _Span([keys for keys, people in classes.items() if len(people) >= least])
    small = [keys for keys, people in classes.items() if len(people) < least]
    while True:
        together: dict[_Line, list[_Keys]] = {}
        for keys in small:
            if line := span.rest(keys):
                together.setdefault(line, []).append(keys)
        large = [line for line, found in together.items() if len(set().union(*(classes[k] for k in found))) >= least]
        if not large:
            return [keys for found in together.values() for keys in found]
        for line in large:
            span.add(dict(line))
        small = [keys for found in together.values() for keys in found]


def _classes(shown: Mapping[object, Group]) -> dict[_Keys, set[bytes]]:
    """The people of each class, by the groups that its units are in."""
    within: dict[bytes, list[tuple[object, Fraction]]] = {}
    for key, units in shown.items():
        for unit in units:
            within.setdefault(unit[: 2 * HALF], []).append((key, _weight(unit)))
    classes: dict[_Keys, set[bytes]] = {}
    for entry, keys in within.items():
        first = keys[0][1]
        classes.setdefault(tuple((key, weight / first) for key, weight in keys), set()).add(entry[:HALF])
    for people in classes.values():
        people.discard(NOBODY)
    return classes


def _taking_part(
    found: Sequence[_Keys], shown: Mapping[object, Group], fresh: Set[str], sizes: Mapping[str, int]
) -> set[str]:
    """For each isolated set the smallest new group that takes part, unless one inside it goes already."""
    beside: dict[object, set[str]] = {}
    for keys in _classes(shown):
        new = [key for key, _ in keys if isinstance(key, str)]
        for key, _ in keys:
            beside.setdefault(key, set()).update(new)
    picked: set[str] = set()
    for keys in found:
        near = next((beside[key] for key, _ in sorted(keys, key=lambda k: len(shown[k[0]])) if beside[key]), fresh)
        picked.add(min(near, key=lambda name: (sizes[name], name)))
    gone: set[bytes] = set()
    out: set[str] = set()
    for name in sorted(picked, key=lambda n: (sizes[n], n)):
        entries = {unit[: 2 * HALF] for unit in shown[name]}
        if gone.isdisjoint(entries):
            out.add(name)
            gone |= entries
    return out


_Line = tuple[tuple[int, Fraction], ...]
"""A row of numbers by column, scaled so that the first is one."""


class _Span:
    """All sums of some rows, kept as exact fractions in echelon form; a row is the keys that are in it with their weights."""

    def __init__(self, rows: Sequence[_Keys]) -> None:
        counts: dict[object, int] = {}
        for row in rows:
            for key, _ in row:
                counts[key] = counts.get(key, 0) + 1
        # the rarest columns first, so that eliminating them fills hardly any others
        self._order = {key: i for i, key in enumerate(sorted(counts, key=lambda k: (counts[k], str(k))))}
        self._pivots: dict[int, dict[int, Fraction]] = {}
        for row in rows:
            self.add(self._row(row))

    def _row(self, keys: _Keys) -> dict[int, Fraction]:
        return {self._order.setdefault(key, len(self._order)): weight for key, weight in keys}

    def rest(self, keys: _Keys) -> _Line:
        """What is left of a row without its part in the span; nothing of a row that is in it."""
        rest = self._reduced(self._row(keys))
        if not rest:
            return ()
        lead = rest[min(rest)]
        return tuple(sorted((column, value / lead) for column, value in rest.items()))

    def add(self, row: dict[int, Fraction]) -> None:
        """One more row."""
        if rest := self._reduced(row):
            first = min(rest)
            self._pivots[first] = {column: value / rest[first] for column, value in rest.items()}

    def _reduced(self, row: dict[int, Fraction]) -> dict[int, Fraction]:
        """The row with nothing left in any column that the span can clear; eliminating one touches only later ones."""
        row, rest = dict(row), {}
        while row:
            first = min(row)
            factor = row[first]
            if first not in self._pivots:
                rest[first] = row.pop(first)
                continue
            for column, value in self._pivots[first].items():
                changed = row.get(column, 0) - factor * value
                if changed:
                    row[column] = Fraction(changed)
                else:
                    row.pop(column, None)
        return rest
