"""The shapes of scores: every score holds its parts, so that tabs and evidence only render it.

Shares are fractions (1.0 is 100 %), days are calendar days, None is "not known" and never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from ..forms import Development, Record, Spot, address_of, same_name
from ..tables import Address


class Status(StrEnum):
    """Where a goal stands, in the words of the contract; the order is that of a legend."""

    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    OVERDUE = "overdue"
    NO_DATA = "no_data"
    TOO_EARLY = "too_early"
    NOT_STARTED = "not_started"
    POSTPONED = "postponed"
    DROPPED = "dropped"

    __hash__ = str.__hash__
    """As what it equals, its word. An enumeration's own goes by the name, and is called some hundred times."""


WORST_FIRST = (
    Status.OVERDUE, Status.OFF_TRACK, Status.AT_RISK, Status.NO_DATA, Status.TOO_EARLY, Status.ON_TRACK, Status.ACHIEVED,
)  # fmt: skip
"""What needs attention first. Goals outside all sums (not started, postponed, dropped) have no rank."""

OUTSIDE = frozenset({Status.NOT_STARTED, Status.POSTPONED, Status.DROPPED})
"""Statuses of goals that are in no sum."""

STATUS_WORDS = {status: status.value for status in Status}


def worst_of(statuses: Iterable[Status]) -> Status | None:
    """The status that needs attention most; None if all are outside the sums."""
    present = set(statuses)
    return next((s for s in WORST_FIRST if s in present), None)


Parts = Callable[[], "tuple[Part, ...]"]
Sentences = Callable[[], tuple[str, ...]]
"""Parts and sentences are made when somebody asks for them: most scores are only added up."""


def _none() -> tuple[()]:
    return ()


class Part(NamedTuple):
    """One thing that a score is made of: a cell's value, a period, a milestone, a member goal."""

    what: str
    value: float | None
    weight: float | None = None
    address: Address | None = None
    reason: str | None = None
    """Why there is no value, or why it counts as it does."""
    day: date | None = None


class Flag(NamedTuple):
    """Something noticed while scoring, for the issues and checks to tell."""

    code: str
    message: str
    address: Address


class Reading(NamedTuple):
    """A value of a goal on one day; `elapsed` is the day's number since the goal began."""

    day: date
    value: float
    spot: Spot
    elapsed: int

    @property
    def address(self) -> Address:
        """The cell of the value."""
        return address_of(self.spot)


@dataclass(slots=True, unsafe_hash=True)
class Readings:
    """A goal's readings, one a day and oldest first, kept by columns, since nearly all that asks for them goes down one.

    Of each reading the day, the value, the day's number and the record whose `field` is the value. Nobody
    changes them once they are made.
    """

    days: tuple[date, ...] = ()
    values: tuple[float, ...] = ()
    elapsed: tuple[int, ...] = ()
    rows: tuple[Record, ...] = ()
    field: str = "value"

    def __len__(self) -> int:
        return len(self.days)

    def __getitem__(self, at: int) -> Reading:
        return Reading(self.days[at], self.values[at], (self.rows[at], self.field), self.elapsed[at])

    def __iter__(self) -> Iterator[Reading]:
        return map(self.__getitem__, range(len(self)))

    def part(self, first: int, end: int | None = None) -> Readings:
        """The readings from one place up to another, as a slice has them."""
        span = slice(first, end)
        return Readings(self.days[span], self.values[span], self.elapsed[span], self.rows[span], self.field)


NO_READINGS = Readings()


class Drift(NamedTuple):
    """The forecast's posterior: where the value stands, how fast it drifts, how unsure both are.

    `elapsed` is the time of the last reading, `value` the reading, `drift` the change a day,
    `spread` the variance a day, `pooled` the days of evidence (the plan's weight included).
    """

    elapsed: float
    value: float
    drift: float
    spread: float
    pooled: float
    df: float


class Outlook(NamedTuple):
    """What a forecast says of the due date, in the goal's own unit."""

    median: float
    low: float
    high: float
    """`low` to `high` is the 80 % range on the due date, within what is physically possible."""
    clipped: bool
    """The range was cut at a physical bound."""
    safe_date: date | None
    median_date: date | None
    """The day on which the median reaches the target."""
    from_day: date
    """The day of the last reading, from which the forecast reaches forward."""


@dataclass(unsafe_hash=True)
class Forecast:
    """What the record says about the due date. Made for most goals, so not frozen; nobody changes one."""

    probability: float
    """Chance that the target is met on the due date, unrounded."""
    shown: float | None
    """The chance as it may be shown: steps of 5 %, from 5 to 95 %; None while nothing may be shown."""
    word: str
    check_ins: int
    """Readings since the start or the last re-baseline."""
    stale: bool
    """The last reading is older than two cadences."""
    locked: bool
    """A running total that has reached its target."""
    model: Drift
    seen: Callable[[], Outlook] = field(repr=False, compare=False)

    @cached_property
    def outlook(self) -> Outlook:
        """Range and dates, made when somebody asks for them: most goals are only told by their chance."""
        return self.seen()

    @property
    def median(self) -> float:
        """The value that is as likely reached as not on the due date."""
        return self.outlook.median

    @property
    def low(self) -> float:
        """The lower end of the 80 % range on the due date."""
        return self.outlook.low

    @property
    def high(self) -> float:
        """The upper end of the 80 % range on the due date."""
        return self.outlook.high

    @property
    def safe_date(self) -> date | None:
        """The first day with a chance of at least 80 %; None if not within twice the planned time."""
        return self.outlook.safe_date

    @property
    def df(self) -> float:
        """Degrees of freedom."""
        return self.model.df

    @property
    def drift(self) -> float:
        """Expected change a day."""
        return self.model.drift


class Trend(NamedTuple):
    """Theil-Sen pace a day, with its confidence interval from five readings on."""

    slope: float
    intercept: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = None


def _not_known() -> None:
    return None


class Original(NamedTuple):
    """The goal measured against its plan as first agreed; an accepted change never touches it."""

    baseline: float | None
    target: float | None
    start: date | None
    due: date | None
    raw_progress: float | None
    progress: float | None
    expected: float | None
    spi_t: float | None
    status: Status
    changes: int = 0
    """Accepted changes of the plan since."""


@dataclass(unsafe_hash=True)
class GoalScore:
    """One goal on one day, with everything that the numbers are made of. Nobody changes one once it is made.

    It is not frozen, because each workbook makes dozens and a frozen one of so many fields takes four
    times as long to make.
    """

    goal_id: str
    goal: str
    owner: str
    kind: str
    address: Address
    baseline: float | None
    target: float | None
    current: float | None
    raw_progress: float | None
    progress: float | None
    expected: float | None
    spi_t: float | None
    earned_schedule: float | None
    forecast_finish: date | None
    tspi: float | None
    status: Status
    status_reason: str
    check_ins: int
    forecast: Forecast | None
    reason: str | None
    """Why there is no progress; None if there is."""
    first_agreed: Callable[[], Original] = field(repr=False, compare=False)
    owners: tuple[str, ...] = ()
    parent: str | None = None
    """The id of the parent goal in this workbook; None for a root."""
    children: tuple[str, ...] = ()
    weight: float = 1.0
    """The resolved weight; 0 is tracked and not counted."""
    counted: bool = True
    """Whether the goal is in the sums at all."""
    container: bool = False
    """No measure of its own: its numbers are the roll-up of its children."""
    children_progress: float | None = None
    coverage: float = 1.0
    """Share of what should be known that is: reported periods of Maintain, weights of a container."""
    low: float = 0.0
    high: float = 1.0
    """Progress if all that is missing were 0, and if it were 1."""
    assumed: bool = False
    """No check-in: the baseline was assumed, by policy."""
    self_reported: bool = False
    finish_reason: str | None = None
    """Why there is no forecast finish, or what kind of date it is."""
    forecast_reason: str | None = None
    """Why there is no forecast."""
    pace_ratio: float | None = None
    """The ratio that the status was judged by: SPI(t), or progress by expectation where there is no pace."""
    start: date | None = None
    due: date | None = None
    origin: date | None = None
    """The day at elapsed 0 of the present plan: the eve of the start, or the day of the last re-baseline."""
    elapsed: int | None = None
    planned_days: int | None = None
    whole_elapsed: int | None = None
    whole_days: int | None = None
    """Elapsed and planned days since the goal's own start, whatever was re-baselined since."""
    rebaselined: int = 0
    cadence: int = 7
    grace: int = 2
    readings: Readings = NO_READINGS
    last_check_in: date | None = None
    reached_on: date | None = None
    """Since when the target has been reached, without a break."""
    flags: tuple[Flag, ...] = ()
    listed: Parts = field(default=_none, repr=False, compare=False)
    seen: Callable[[], Trend | None] = field(default=_not_known, repr=False, compare=False)
    told: Sentences = field(default=_none, repr=False, compare=False)
    looked_back: Callable[[], Mapping[date, bool]] = field(default=dict, repr=False, compare=False)

    @cached_property
    def vs_original(self) -> Original:
        """The goal against its plan as first agreed."""
        return self.first_agreed()

    @cached_property
    def off_track(self) -> Mapping[date, bool]:
        """Whether the goal was off track on the day of each reading, seen from the plan in force."""
        return self.looked_back()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What the progress is made of."""
        return self.listed()

    @cached_property
    def trend(self) -> Trend | None:
        """The pace a day that the readings show, whatever the plan."""
        return self.seen()

    @cached_property
    def how(self) -> tuple[str, ...]:
        """How the numbers came about, sentence by sentence."""
        return self.told()

    @property
    def gap(self) -> float | None:
        """How far progress is behind expectation; negative when ahead."""
        return None if self.progress is None or self.expected is None else self.expected - self.progress

    def explain(self) -> str:
        """How the numbers came about, in sentences for a person without statistics."""
        return " ".join(self.how)


@dataclass(unsafe_hash=True)
class GroupScore:
    """The roll-up of a set of goals: a team's or a person's. `parts` are the top-most goals. Nobody changes one."""

    progress: float | None
    expected: float | None
    coverage: float
    low: float | None
    high: float | None
    statuses: tuple[Status, ...] = ()
    """Those of all goals of the set."""
    partial: bool = False
    n: int = 0
    """Goals in the sum, known or not."""
    reason: str | None = None
    listed: Parts = field(default=_none, repr=False, compare=False)
    told: Sentences = field(default=_none, repr=False, compare=False)

    @property
    def status_counts(self) -> dict[str, int]:
        """How many goals have each status, by its word, in the order of `Status`."""
        return {word: self.statuses.count(status) for status, word in STATUS_WORDS.items()}

    @property
    def worst(self) -> Status | None:
        """The status that needs attention most; None if all are outside the sums."""
        return worst_of(self.statuses)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The top-most goals of the set."""
        return self.listed()

    @cached_property
    def how(self) -> tuple[str, ...]:
        """How the number came about, sentence by sentence."""
        return self.told()

    def explain(self) -> str:
        """How the number came about, in sentences."""
        return " ".join(self.how)


class Trial(NamedTuple):
    """One occasion that counted: what it was, what it earned (0 to 1), where it stands, why so."""

    what: str
    credit: float
    spot: Spot
    day: date | None = None
    told: str = ""
    on: date | None = None
    """The day on which it happened."""

    @property
    def address(self) -> Address:
        """The cell that says so."""
        return address_of(self.spot)

    @property
    def reason(self) -> str:
        """Why it earned what it did, with the day."""
        return f"{self.told}, {self.on.isoformat()}" if self.on else self.told


@dataclass(unsafe_hash=True)
class Component:
    """One component of the index: `successes` of `trials`, `share` raw, `shrunk` with average trials added."""

    name: str
    successes: float
    trials: int
    share: float | None
    weight: float
    """The weight within this index, after components without a trial are left out; 0 for these."""
    policy_weight: float
    shrunk: float | None = None
    rate: float = 0.8
    """The average that a thin record is drawn to."""
    variance: float | None = None
    reason: str | None = None
    """Why there is nothing to judge."""
    occasions: Callable[[], Sequence[Trial]] = field(default=tuple, repr=False, compare=False)

    @property
    def listed(self) -> tuple[Trial, ...]:
        """Every occasion that counted."""
        return tuple(self.occasions())


@dataclass(unsafe_hash=True)
class Accountability:
    """The index of recorded practice: not character, not a rank. None with a reason if the record is thin.

    Nobody changes one once it is made.
    """

    index: float | None
    low: float | None
    high: float | None
    """`low` to `high` is the 80 % band."""
    coverage: float
    """The share of the weights that has something to judge."""
    reason: str | None
    components: tuple[Component, ...]
    sd: float | None = None
    trials: int = 0
    told: Sentences = field(default=_none, repr=False, compare=False)

    @cached_property
    def how(self) -> tuple[str, ...]:
        """How the index came about, sentence by sentence."""
        return self.told()

    def explain(self) -> str:
        """How the index came about, in sentences."""
        return " ".join(self.how)


@dataclass(unsafe_hash=True)
class PersonScore:
    """One person: the roll-up of the goals they own, and their record. Two numbers, never multiplied.

    Nobody changes one once it is made.
    """

    person: str
    progress: GroupScore
    accountability: Accountability
    address: Address | None = None
    """The person's row in People; None for an owner who is not listed there."""
    goals: tuple[str, ...] = ()
    """Ids of the goals owned or contributed to."""
    manager: str | None = None
    managed: Callable[[], Accountability | None] = field(default=_not_known, repr=False, compare=False)

    @cached_property
    def as_manager(self) -> Accountability | None:
        """The person's record as a manager; None without direct reports."""
        return self.managed()


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial with the person, the index and the component it counts in."""

    person: str
    as_manager: bool
    component: str
    trial: Trial


def trials_of(score: PersonScore) -> list[TrialRow]:
    """Every trial that counted for a person, their own first, then those as a manager."""
    indices = ((False, score.accountability), (True, score.as_manager))
    return [
        TrialRow(score.person, as_manager, component.name, trial)
        for as_manager, index in indices
        if index
        for component in index.components
        for trial in component.listed
    ]


@dataclass(frozen=True)
class DevelopmentScore:
    """One person's development: the rows, the attainment levels given so far, and their T score (50: as expected)."""

    person: str
    items: tuple[Development, ...]
    levels: tuple[int, ...]
    t_score: float | None
    """None while no level is given."""
    how: str


@dataclass(frozen=True)
class Scores:
    """All scores of one workbook on one day. `goals` are in the order of their rows."""

    as_of: date
    goals: tuple[GoalScore, ...]
    team: GroupScore
    people: tuple[PersonScore, ...] = ()
    development: tuple[DevelopmentScore, ...] = ()
    """Beside the scores and in none of them."""
    flags: tuple[Flag, ...] = ()
    """What concerns several goals: weights and cycles. Each goal's own flags stand with it."""

    def goal(self, goal_id: str) -> GoalScore | None:
        """The goal of that id, without regard to case; of duplicates the first."""
        return self._by_id.get(same_name(goal_id))

    @cached_property
    def _by_id(self) -> dict[str, GoalScore]:
        return {same_name(g.goal_id): g for g in reversed(self.goals)}

    def person(self, name: str) -> PersonScore | None:
        """The person of that name, without regard to case and spacing."""
        return next((p for p in self.people if same_name(p.person) == same_name(name)), None)

    @property
    def all_flags(self) -> tuple[Flag, ...]:
        """Every flag of the workbook, in the order of the goals, then those of several goals."""
        return tuple(f for g in self.goals for f in g.flags) + self.flags
