"""The index of recorded practice: its arithmetic and every trial that it counts (section 5)."""

from __future__ import annotations

import gc
import weakref
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.policy import Policy
from perfsheet.scoring import score_book
from perfsheet.scoring.accountability import (
    Count,
    Occasions,
    _dearest,
    _in_their_own,
    bands_apart,
    index_of,
    kept_share,
    pooled_rates,
    serve,
    shrunk,
    slots,
    working_days_later,
)
from perfsheet.scoring.distributions import wilson

# ------------------------------------------------------------------------------------ arithmetic

V5_2 = (
    Count("clarity", 13, 15, 0.15),
    Count("cadence", 9.5, 12, 0.25),
    Count("commitments", 4, 5, 0.35),
    Count("follow_through", 0, 0, 0.15),
    Count("responsiveness", 1, 1, 0.10),
)


@pytest.mark.parametrize(("kept", "promised", "share"), [(5, 6, 0.83), (8, 10, 0.80), (16, 20, 0.80)])
def test_percent_plan_complete_v5_1(kept: int, promised: int, share: float) -> None:
    assert kept_share(kept, promised) == pytest.approx(share, abs=0.005)
    assert kept_share(0, 0) is None


def test_index_v5_2() -> None:
    found = index_of(V5_2)
    assert [c.shrunk for c in found.components] == [
        pytest.approx(0.8526, abs=5e-5), pytest.approx(0.7937, abs=5e-5), 0.8, None, pytest.approx(0.84),
    ]  # fmt: skip
    assert [c.weight for c in found.components] == [
        pytest.approx(w, abs=5e-5) for w in (0.1765, 0.2941, 0.4118, 0, 0.1176)
    ]
    assert (found.index, found.sd) == (pytest.approx(0.8122, abs=5e-5), pytest.approx(0.0637, abs=5e-5))
    assert (found.low, found.high) == (pytest.approx(0.731, abs=5e-4), pytest.approx(0.894, abs=5e-4))
    assert (found.coverage, found.reason, found.trials) == (pytest.approx(0.85), None, 33)


def test_a_component_without_trials_is_left_out_and_says_so() -> None:
    empty = index_of(V5_2).components[3]
    assert (empty.share, empty.shrunk, empty.weight, empty.policy_weight, empty.reason) == (
        None,
        None,
        0,
        0.15,
        "nothing to judge yet",
    )


def test_shrinkage_v5_3() -> None:
    assert shrunk(1, 1) == pytest.approx(0.84)
    assert shrunk(0, 1) == pytest.approx(0.64)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_v5_4(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials, 1.959964) == pytest.approx((low, high), abs=5.1e-5)


def test_shrinkage_of_batters_v5_5() -> None:
    """The pedigree: Efron and Morris draw 18 batting averages to their mean by the factor .212."""
    hits = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
    rates = [h / 45 for h in hits]
    mean = sum(rates) / len(rates)
    spread = sum((r - mean) ** 2 for r in rates)
    factor = 1 - (len(rates) - 3) * (mean * (1 - mean) / 45) / spread
    assert (mean, factor) == (pytest.approx(0.265, abs=5e-4), pytest.approx(0.212, abs=5e-3))
    kappa = 45 * (1 - 0.212) / 0.212
    assert shrunk(18, 45, mean, kappa) == pytest.approx(0.294, abs=5e-4)


@given(st.integers(1, 200), st.floats(0, 1), st.floats(0, 1), st.floats(0, 50))
def test_a_shrunk_rate_lies_between_the_raw_one_and_the_average(
    n: int, share: float, rate: float, kappa: float
) -> None:
    theta = shrunk(share * n, n, rate, kappa)
    assert min(share, rate) - 1e-9 <= theta <= max(share, rate) + 1e-9


COUNTS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.floats(0.01, 1)), min_size=2, max_size=5)


@given(COUNTS)
def test_the_index_lies_in_its_band_and_the_weights_make_one(counts) -> None:
    names = ("clarity", "cadence", "commitments", "follow_through", "responsiveness")
    found = index_of([Count(n, s * t, t, w) for n, (s, t, w) in zip(names, counts, strict=False)])
    if found.index is not None:
        assert 0 <= found.low <= found.index <= found.high <= 1
        assert sum(c.weight for c in found.components) == pytest.approx(1)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        pytest.param([Count("cadence", 9, 9, 0.6)], "9 occasions in 1 component", id="one component"),
        pytest.param([Count("cadence", 2, 2, 0.5), Count("clarity", 2, 2, 0.5)], "4 occasions in 2 components", id="few occasions"),
        pytest.param([Count("cadence", 5, 5, 0.25), Count("clarity", 5, 5, 0.15), Count("commitments", 0, 0, 0.6)], "10 occasions in 2 components", id="little of the weight"),
    ],
)  # fmt: skip
def test_a_thin_record_gives_counts_and_no_index(counts, reason) -> None:
    found = index_of(counts)
    assert (found.index, found.low, found.reason) == (None, None, f"not enough record: {reason}")
    assert found.explain().startswith("Not enough record for an index: ")


def test_two_people_differ_only_if_their_bands_do_not_overlap() -> None:
    good, poor = (index_of([Count("cadence", s, 40, 0.5), Count("commitments", s, 40, 0.5)]) for s in (39, 12))
    assert bands_apart(good, poor)
    assert not bands_apart(good, good)
    assert not bands_apart(good, index_of([]))


def test_a_pooled_rate_needs_thirty_trials() -> None:
    def practice(n: int) -> dict[str, Occasions]:
        return {"cadence": Occasions([0.5] * n, list)}

    assert pooled_rates([practice(10), practice(19)], 0.8)["cadence"] == 0.8
    assert pooled_rates([practice(10), practice(20)], 0.8)["cadence"] == 0.5


# ---------------------------------------------------------------------------------------- slots

JAN = [date(2026, 1, d) for d in range(1, 32)]


def on(*days: int) -> list[date]:
    return [JAN[d - 1] for d in days]


@pytest.mark.parametrize(
    ("check_ins", "said"),
    [
        pytest.param([8, 15, 22], ["on time", "on time", "on time"], id="on the day"),
        pytest.param([3, 10, 17], ["on time", "on time", "on time"], id="early is on time"),
        pytest.param([10, 17, 24], ["on time", "on time", "on time"], id="within the grace"),
        pytest.param([11], ["missed", "on time", "missed"], id="after the grace it serves the next slot"),
        pytest.param([11, 15, 22], ["late", "on time", "on time"], id="late when the next slot has its own"),
        pytest.param([2, 3, 4], ["on time", "missed", "missed"], id="one check-in a slot"),
        pytest.param([], ["missed", "missed", "missed"], id="none"),
        pytest.param([1], ["missed", "missed", "missed"], id="the start itself is no slot"),
    ],
)
def test_slots_are_served_once(check_ins: list[int], said: list[str]) -> None:
    due = slots(JAN[0], JAN[30], cadence=7, as_of=JAN[23])
    assert due == (*on(8, 15, 22),)
    served = serve(JAN[0], due, 7, 2, on(*check_ins))
    assert ["missed" if not day else "late" if late else "on time" for _, day, late in served] == said


def test_slots_end_with_the_due_date() -> None:
    assert slots(JAN[0], JAN[14], 7, JAN[30]) == (*on(8, 15),)
    assert slots(JAN[0], JAN[14], 7, JAN[6]) == ()


@pytest.mark.parametrize(("day", "count", "later"), [(8, 5, 15), (9, 1, 12), (10, 1, 12), (8, 0, 8)])
def test_working_days_leave_out_the_weekend(day: int, count: int, later: int) -> None:
    assert working_days_later(JAN[day - 1], count) == JAN[later - 1]


# --------------------------------------------------------------------------------- from workbooks

PEOPLE = """
    | Person | Manager |
    | Ada | Mona May |
    | Bo | Mona May |
    | Mona May | |
"""
GOALS = "| Goal ID | Goal | Owner | Parent goal | Measure | Kind | Baseline | Target | State |\n"
GOAL = GOALS + "| G1 | Sell | Ada | | Sales, from the books | Increase | 0 | 100 | |"
CHECKINS = "| Date | Goal ID | Value | Blocker | Note | By | Entered on |\n"


def trials(book, on: date, person: str, component: str, manager: bool = False):
    found = score_book(book, on).person(person)
    index = found.as_manager if manager else found.accountability
    return next(c for c in index.components if c.name == component)


def told(component) -> list[tuple[float, str]]:
    return [(t.credit, t.reason) for t in component.listed]


@pytest.mark.parametrize(
    ("goal", "credit", "reason"),
    [
        pytest.param("| Ada | | From the books | Increase | 0 | 100 | |", 1.0, "all five checks hold", id="complete"),
        pytest.param("| Ada | ORG1 | | Increase | 0 | 100 | |", 1.0, "all five checks hold", id="a parent is a purpose"),
        pytest.param("| Ada | | | Increase | | 100 | |", 0.6, "no measure: kind, target or baseline; no purpose: neither Parent goal nor Measure", id="no baseline, no purpose"),
        pytest.param("| Zoe | ORG1 | | Yes/No | | | |", 0.8, "owner not listed in People", id="owner unknown"),
    ],
)  # fmt: skip
def test_clarity_is_the_share_of_five_checks(team, day, goal, credit, reason) -> None:
    book = team(goals=GOALS + f"| G1 | Sell {goal}", people=PEOPLE)
    owner = goal.split("|")[1].strip()
    assert told(trials(book, day(10), owner, "clarity")) == [(pytest.approx(credit), reason)]


def test_cadence_lists_every_slot_with_its_cell(team, day) -> None:
    rows = CHECKINS + f"| {day(8)} | G1 | 8 | | | | |\n| {day(19)} | G1 | 9 | | | | |\n| {day(22)} | G1 | 9 | | | | |"
    found = trials(team(goals=GOAL, people=PEOPLE, checkins=rows), day(36), "Ada", "cadence")
    assert told(found) == [
        (1.0, "on time, 2026-01-08"), (0.5, "late, 2026-01-19"), (1.0, "on time, 2026-01-22"), (0.0, "missed"),
    ]  # fmt: skip
    assert [str(t.address) for t in found.listed] == ["'Check-ins'!A2", "'Check-ins'!A3", "'Check-ins'!A4", "Goals!A2"]
    assert (found.successes, found.trials, found.share) == (2.5, 4, 0.625)


def test_a_slot_within_its_grace_is_not_yet_missed(team, day) -> None:
    book = team(goals=GOAL, people=PEOPLE)
    assert [trials(book, day(t), "Ada", "cadence").trials for t in (8, 10, 11)] == [0, 0, 1]


def test_rows_entered_on_one_day_count_once(team, day) -> None:
    rows = CHECKINS + "\n".join(f"| {day(t)} | G1 | {t} | | | | {day(30)} |" for t in (8, 15, 22, 29))
    found = trials(team(goals=GOAL, people=PEOPLE, checkins=rows), day(32), "Ada", "cadence")
    assert [t.credit for t in found.listed] == [0, 0, 0, 1]


def test_absence_and_time_outside_the_team_move_slots_out(team, day) -> None:
    away = f"| Person | From | To |\n| ada | {day(7)} | {day(16)} |"
    found = trials(team(goals=GOAL, people=PEOPLE, absences=away), day(32), "Ada", "cadence")
    assert [t.day for t in found.listed] == [day(22), day(29)]
    joined = f"| Person | Manager | Start |\n| Ada | Mona May | {day(20)} |"
    assert trials(team(goals=GOAL, people=joined), day(32), "Ada", "cadence").trials == 2


def test_milestones_containers_and_drafts_need_no_check_in(team, day) -> None:
    goals = (
        GOALS
        + """
        | G1 | Whole | Ada | | m | Percent | | | |
        | G2 | Steps | Ada | G1 | m | Milestones | | | |
        | G3 | Later | Ada | | m | Increase | 0 | 9 | Draft |
        | G4 | Over | Ada | | m | Increase | 0 | 9 | Dropped |
    """
    )
    assert trials(team(goals=goals, people=PEOPLE), day(60), "Ada", "cadence").trials == 0


def test_no_check_in_is_due_after_a_goal_is_done(team, day) -> None:
    rows = CHECKINS + f"| {day(8)} | G1 | 50 | | | | |\n| {day(15)} | G1 | 100 | | | | |"
    book = team(goals=GOAL[: -len("| |")] + "| Done |", people=PEOPLE, checkins=rows)
    assert told(trials(book, day(60), "Ada", "cadence")) == [(1.0, "on time, 2026-01-08"), (1.0, "on time, 2026-01-15")]


ACTIONS = "| Action ID | Action | Goal ID | Owner | Raised by | Agreed on | Due date | Done on |\n"


@pytest.mark.parametrize(
    ("due", "done", "credit", "reason"),
    [
        pytest.param(20, 20, 1.0, "done in time, 2026-01-20", id="on the day"),
        pytest.param(20, 21, 0.0, "done late, 2026-01-21", id="late: no partial credit"),
        pytest.param(20, None, 0.0, "not done", id="open"),
        pytest.param(20, 50, 0.0, "not done", id="done on a day still to come"),
    ],
)
def test_a_promise_is_kept_or_not(team, day, due, done, credit, reason) -> None:
    row = f"| A1 | Call | | Ada | | {day(2)} | {day(due)} | {day(done) if done else ''} |"
    assert told(trials(team(people=PEOPLE, actions=ACTIONS + row), day(30), "Ada", "commitments")) == [(credit, reason)]


def test_a_promise_that_is_not_due_is_no_trial(team, day) -> None:
    row = f"| A1 | Call | | Ada | | {day(2)} | {day(40)} | {day(10)} |"
    assert trials(team(people=PEOPLE, actions=ACTIONS + row), day(30), "Ada", "commitments").trials == 0


@pytest.mark.parametrize(
    ("moves", "credit", "reason"),
    [
        pytest.param([(8, 10)], 1.0, "done in time, 2026-01-19", id="moved once before it came: free"),
        pytest.param([(8, 10), (12, 15)], 0.0, "the date was moved 2 times", id="moved twice"),
        pytest.param([(11, 10)], 0.0, "the date 2026-01-10 was moved after it had passed", id="moved too late"),
    ],
)
def test_a_moved_date_counts_as_history_shows_it(team, day, moves, credit, reason) -> None:
    row = f"| A1 | Call | | Ada | | {day(2)} | {day(20)} | {day(19)} |"
    history = "\n".join(
        [
            "| When | Workbook part | Field | From | To |",
            *(f"| {day(w)} | Actions!G2 | Due date | {day(o)} | |" for w, o in moves),
        ]
    )
    book = team(people=PEOPLE, actions=ACTIONS + row, history=history)
    assert told(trials(book, day(30), "Ada", "commitments")) == [(credit, reason)]


def test_follow_through_counts_follow_ups_that_are_due(team, day) -> None:
    given = f"""
        | Date | From | To | Kind | Feedback | Follow-up | Follow-up due | Follow-up done |
        | {day(3)} | Mona May | Ada | Coaching | a | practise | {day(10)} | {day(12)} |
        | {day(4)} | Mona May | Ada | Coaching | b | write up | {day(11)} | |
        | {day(5)} | Mona May | Ada | Coaching | c | present | {day(60)} | |
        | {day(6)} | Mona May | Ada | Praise | d | | | |
    """
    found = trials(team(people=PEOPLE, feedback=given), day(30), "Ada", "follow_through")
    assert [(t.what, t.credit) for t in found.listed] == [("practise", 1.0), ("write up", 0.0)]


def test_responsiveness_counts_missed_blocked_and_off_track_check_ins(team, day) -> None:
    rows = (
        CHECKINS
        + f"""
        | {day(8)}  | G1 | 8 | | | | |
        | {day(22)} | G1 | 9 | no licence | | | |
        | {day(29)} | G1 | 9 | | | | |
        | {day(36)} | G1 | 9 | | waiting for law | | |
    """
    )
    found = trials(team(goals=GOAL, people=PEOPLE, checkins=rows), day(45), "Ada", "responsiveness")
    assert [(t.what, t.credit, t.reason) for t in found.listed] == [
        ("missed check-in on G1", 1.0, "explained in the next check-in"),
        ("blocked check-in on G1", 1.0, "explained"),
        ("off-track check-in on G1", 0.0, "neither explained nor acted on"),
        ("off-track check-in on G1", 1.0, "explained"),
    ]


def test_an_action_within_a_week_answers_an_off_track_check_in(team, day) -> None:
    rows = CHECKINS + "\n".join(f"| {day(t)} | G1 | 1 | | | | |" for t in (8, 15, 22, 29))
    action = ACTIONS + f"| A1 | Help | G1 | Mona May | Ada | {day(29)} | {day(60)} | |"
    found = trials(team(goals=GOAL, people=PEOPLE, checkins=rows, actions=action), day(30), "Ada", "responsiveness")
    assert [(t.day, t.credit, t.reason) for t in found.listed] == [
        (day(15), 0, "neither explained nor acted on"),
        (day(22), 1, "action A1"),
        (day(29), 1, "action A1"),
    ]


def test_what_may_still_be_answered_is_not_judged(team, day) -> None:
    rows = CHECKINS + "\n".join(f"| {day(t)} | G1 | 1 | | | | |" for t in (8, 15, 22))
    found = trials(team(goals=GOAL, people=PEOPLE, checkins=rows), day(24), "Ada", "responsiveness")
    assert [t.day for t in found.listed] == [day(15)]


# -------------------------------------------------------------------------------- the manager's own


def test_a_manager_gives_each_report_feedback(team, day) -> None:
    given = f"| Date | From | To | Kind | Feedback |\n| {day(35)} | Mona May | Ada | Praise | a |\n| {day(2)} | Mona May | Bo | Praise | b |"
    found = trials(team(people=PEOPLE, feedback=given), day(40), "Mona May", "feedback", manager=True)
    assert [(t.what, t.credit, t.reason) for t in found.listed] == [
        ("feedback to Ada", 1.0, "2026-02-04"), ("feedback to Bo", 0.0, "none in 30 days"),
    ]  # fmt: skip


def test_a_manager_answers_blockers_within_five_working_days(team, day) -> None:
    rows = (
        CHECKINS
        + f"""
        | {day(8)}  | G1 | 8 | No licence | | | |
        | {day(15)} | G1 | 8 | no licence | | | |
        | {day(22)} | G1 | 9 | no budget  | | | |
        | {day(29)} | G1 | 9 | no room    | | | |
        | {day(30)} | G1 |   |            | I booked one | Mona May | |
    """
    )
    action = ACTIONS + f"| A1 | Buy | G1 | Mona May | Ada | {day(13)} | {day(20)} | {day(20)} |"
    found = trials(
        team(goals=GOAL, people=PEOPLE, checkins=rows, actions=action), day(40), "Mona May", "blockers", manager=True
    )
    assert [(t.what, t.credit) for t in found.listed] == [
        ("blocker on G1: No licence", 1.0), ("blocker on G1: no budget", 0.0), ("blocker on G1: no room", 1.0),
    ]  # fmt: skip


def test_a_managers_promises_to_reports(team, day) -> None:
    rows = (
        ACTIONS
        + f"""
        | A1 | Buy    | G1 | Mona May |     | {day(2)} | {day(9)} | {day(9)} |
        | A2 | Ask    |    | Mona May | Bo  | {day(2)} | {day(9)} | |
        | A3 | Rest   |    | Mona May |     | {day(2)} | {day(9)} | |
        | A4 | Do     | G1 | Ada      |     | {day(2)} | {day(9)} | |
    """
    )
    found = trials(team(goals=GOAL, people=PEOPLE, actions=rows), day(40), "Mona May", "promises", manager=True)
    assert [(t.what, t.credit) for t in found.listed] == [("A1 Buy", 1.0), ("A2 Ask", 0.0)]


DECISIONS = "| Proposal ID | Goal ID | Rule | Proposed on | Decision | Decided on | State |"


@pytest.mark.parametrize(
    ("row", "credit"),
    [
        pytest.param("P1 | G1 | extend_due | 2026-01-10 | Accept | 2026-01-24 | Applied", 1.0, id="on the last day"),
        pytest.param("P1 | G1 | extend_due | 2026-01-10 | Reject | 2026-01-25 | Open", 0.0, id="a day late"),
        pytest.param("P1 | G1 | extend_due | 2026-01-10 | | | Open", 0.0, id="not at all"),
        pytest.param("P1 | G1 | extend_due | 2026-01-10 | Later | 2026-01-11 | Open", 0.0, id="Later is no decision"),
        pytest.param("P1 | G1 | extend_due | 2026-01-30 | | | Open", None, id="there is time left"),
        pytest.param("P1 | G1 | extend_due | 2026-01-10 | Accept | | Open", None, id="nobody knows when"),
        pytest.param("P1 | G1 | extend_due | | Accept | 2026-01-24 | Open", None, id="nobody knows since when"),
        pytest.param("P1 | G1 | extend_due | 2026-01-10 | | | Withdrawn", None, id="withdrawn"),
        pytest.param("P1 | G1 | hold | 2026-01-10 | | | Open", None, id="nothing to decide"),
        pytest.param("P1 | G9 | extend_due | 2026-01-10 | | | Open", None, id="nobody's goal"),
    ],
)
def test_a_manager_decides_on_proposals_in_time(team, day, row: str, credit: float | None) -> None:
    book = team(goals=GOAL, people=PEOPLE, decisions=f"{DECISIONS}\n| {row} |")
    found = trials(book, day(40), "Mona May", "decisions", manager=True)
    assert [t.credit for t in found.listed] == ([] if credit is None else [credit])


def test_a_managers_index_is_beside_their_own_and_reports_have_none(team, day) -> None:
    scores = score_book(team(goals=GOAL, people=PEOPLE), day(40))
    assert scores.person("Ada").as_manager is None
    mona = scores.person("Mona May")
    assert [c.name for c in mona.as_manager.components] == [
        "feedback",
        "report_clarity",
        "blockers",
        "decisions",
        "promises",
    ]
    assert {c.policy_weight for c in mona.as_manager.components} == {0.2}
    assert (mona.manager, scores.person("Bo").manager) == (None, "Mona May")


def test_the_organisations_rates_go_before_the_usual_one(team, day) -> None:
    book = team(goals=GOAL, people=PEOPLE)
    own = score_book(book, day(40), rates={"cadence": 0.5}).person("Ada").accountability
    rates = {c.name: c.rate for c in own.components}
    assert (rates["cadence"], rates["clarity"]) == (0.5, 0.8)


def test_scores_hold_no_circles_that_only_a_search_for_garbage_could_free(team, day) -> None:
    gc.collect()
    gc.disable()
    try:
        scores = score_book(team(goals=GOAL, people=PEOPLE), day(40))
        goal = weakref.ref(scores.goals[0])
        del scores
        assert goal() is None
    finally:
        gc.enable()


def test_the_weights_come_from_the_policy(team, day) -> None:
    book = team(goals=GOAL, people=PEOPLE, policy=Policy(weight_cadence=0.4))
    cadence = trials(book, day(40), "Ada", "cadence")
    assert cadence.policy_weight == 0.4


def test_an_index_explains_itself(team, day) -> None:
    rows = CHECKINS + "\n".join(f"| {day(t)} | G1 | {t} | | | | |" for t in (8, 15, 22, 29))
    actions = ACTIONS + f"| A1 | Call | | Ada | | {day(2)} | {day(20)} | {day(20)} |"
    own = (
        score_book(team(goals=GOAL, people=PEOPLE, checkins=rows, actions=actions), day(31))
        .person("Ada")
        .accountability
    )
    assert own.explain() == (
        "On record: goal fields that are complete 1 of 1; check-ins made on time 4 of 4; actions done by their date 1 of 1. "
        "Weighted, and with 4 average occasions added to each, that is 86 % (80 % band 75 % to 97 %, 6 occasions). "
        "It says what is written down here, not what a person is like."
    )


@given(st.sets(st.integers(2, 45)), st.integers(0, 6))
def test_serving_slots_never_wastes_a_check_in_that_is_alone_in_its_slot(taken: set[int], grace: int) -> None:
    """With 42 days in weekly slots: at least one for each week that has a check-in, at most one a check-in."""
    start = date(2026, 1, 1)
    due = slots(start, date(2026, 2, 12), 7, date(2026, 3, 1))
    days = [date.fromordinal(start.toordinal() + t - 1) for t in sorted(taken)]
    served = [day for _, day, _ in serve(start, due, 7, grace, days) if day]
    weeks = {(t - 2) // 7 for t in taken if t <= 43}
    assert len(weeks) <= len(served) <= min(len(taken), len(due))
    assert len(set(served)) == len(served)


@given(st.sets(st.integers(2, 50)), st.integers(1, 9), st.integers(0, 12), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_check_ins_in_their_own_slots_need_no_search(taken: set[int], cadence: int, grace: int, late: float) -> None:
    """Where the short way serves the slots, the search comes to the same."""
    start = date(2026, 1, 1)
    due = slots(start, date(2026, 2, 12), cadence, date(2026, 3, 1))
    days = [date.fromordinal(start.toordinal() + t - 1) for t in sorted(taken)]
    served = _in_their_own(due, days)
    assert served is None or served == _dearest(due, days, cadence, grace, late)
