"""One case an issue rule: a small workbook, the day, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfsheet.findings import Rule, Severity
from perfsheet.issues import RULES
from perfsheet.proposals import PROPOSAL_RULES
from perfsheet.tables import Address

from .conftest import FEEDBACK, checkins, day, log

GOALS = """
| Goal ID | Goal       | Owner   | Kind     | Baseline | Target | Unit  |
| G1      | More calls | Ann Lee | Increase | 0        | 100    | calls |
"""
STEADY = {7: 8, 14: 15, 21: 24, 28: 31}


def test_a_goal_on_pace_has_no_issue_of_its_own(look):
    assert look(29, goals=GOALS, checkins=checkins(log("G1", STEADY))).codes("G1") == []


def test_no_checkin_after_two_cadences_and_not_stale_as_well(look):
    found = look(21, goals=GOALS)
    assert found.told("no_checkin") == ["high Goals!A2: No check-in in the first 21 days"]
    assert found.codes("G1") == ["no_checkin"]


def test_nothing_is_missed_before_two_cadences(look):
    assert look(13, goals=GOALS).codes("G1") == []


@pytest.mark.parametrize(
    ("elapsed", "said"),
    [
        (40, []),
        (41, ["med Goals!A2: Last check-in 13 days ago (2026-01-28), every 7 days expected"]),
        (49, ["med Goals!A2: Last check-in 21 days ago (2026-01-28), every 7 days expected"]),
        (50, ["high Goals!A2: Last check-in 22 days ago (2026-01-28), every 7 days expected"]),
    ],
)
def test_stale_after_one_and_a_half_cadences_and_grace(look, elapsed, said):
    assert look(elapsed, goals=GOALS, checkins=checkins(log("G1", STEADY))).told("stale") == said


def test_days_away_do_not_make_a_goal_stale(look):
    away = "| Person | From | To |\n| Ann Lee | 2026-01-29 | 2026-02-10 |"
    assert look(49, goals=GOALS, checkins=checkins(log("G1", STEADY)), absences=away).told("stale") == []


def test_stalled_is_a_flat_line_over_two_cadences(look):
    readings = {7: 10, 14: 20, 21: 20, 28: 20, 35: 20}
    found = look(35, goals=GOALS, checkins=checkins(log("G1", readings)))
    assert found.told("stalled") == ["high 'Check-ins'!C6: 20 calls since 2026-01-14, 4 check-ins"]


def test_a_goal_that_moves_a_little_is_not_stalled(look):
    readings = {7: 10, 14: 20, 21: 21, 28: 22, 35: 23}
    assert look(35, goals=GOALS, checkins=checkins(log("G1", readings))).told("stalled") == []


def test_at_risk_and_off_track_say_what_is_needed(look):
    at_risk = look(30, goals=GOALS, checkins=checkins(log("G1", {10: 8, 20: 17, 30: 25})))
    assert at_risk.told("at_risk") == ["med Goals!A2: 25 % done, 33 % expected today; needs 1.1 times the planned pace"]
    off_track = look(42, goals=GOALS, checkins=checkins(log("G1", {7: 4, 14: 7, 21: 12, 28: 15, 35: 19, 42: 23})))
    assert off_track.told("off_track") == [
        "high Goals!A2: 23 % done, 46 % expected today; needs 1.4 times the planned pace"
    ]


def test_overdue_stands_alone(look):
    goals = "| Goal ID | Goal | Owner | Kind | Baseline | Target | Due date |\n| G1 | Calls | Ann Lee | Increase | 0 | 100 | 2026-02-28 |"
    found = look(64, goals=goals, checkins=checkins(log("G1", {20: 30, 40: 60, 55: 80})))
    assert found.told("overdue") == ["high Goals!G2: 80 % done, due 2026-02-28, 5 days ago"]
    assert not {"off_track", "at_risk", "stale"} & set(found.codes("G1"))


def test_reversing_by_trend(look):
    readings = {7: 40, 14: 35, 21: 31, 28: 25, 35: 21, 42: 15}
    found = look(42, goals=GOALS, checkins=checkins(log("G1", readings)))
    assert len(found.told("reversing")) == 1
    assert found.told("reversing")[0].startswith("high 'Check-ins'!C7: Trend -0.7143 a day (")
    assert found.told("reversing")[0].endswith("6 check-ins), where the target is upwards")


def test_reversing_below_the_baseline(look):
    goals = "| Goal ID | Goal | Owner | Kind | Baseline | Target |\n| G1 | Scores | Ann Lee | Increase | 20 | 40 |"
    found = look(21, goals=goals, checkins=checkins(log("G1", {7: 21, 14: 18})))
    assert found.told("reversing") == ["high 'Check-ins'!C3: 18 is worse than the baseline 20 (-10 % of the way)"]
    assert found.told("worse_than_baseline") == ["info 'Check-ins'!C3: The newest reading is worse than the baseline"]


def test_confidence_conflict_names_both_numbers(look):
    readings = {7: 4, 14: 7, 21: 12, 28: 15, 35: 19, 42: 23}
    found = look(42, goals=GOALS, checkins=checkins(log("G1", readings, confidence="90%")))
    assert found.told("confidence_conflict") == [
        "med 'Check-ins'!D7: Confidence 90 %, chance by the record 10 % (6 check-ins)"
    ]


BLOCKED = checkins(log("G1", STEADY, blocker="waiting for the export"))


def test_blocked_without_an_action_is_the_managers(look):
    found = look(36, goals=GOALS, checkins=BLOCKED)
    assert found.told("blocked") == [
        "high 'Check-ins'!E5: Blocked for 8 days, no action agreed: waiting for the export"
    ]
    assert [i.for_manager for i in found.issues if i.code == "blocked"] == [True]


def test_an_action_answers_the_blocker(look):
    actions = f"| Action ID | Action | Goal ID | Owner | Agreed on | Due date |\n| A1 | Ask IT | G1 | Mona May | {day(30)} | {day(40)} |"
    assert look(36, goals=GOALS, checkins=BLOCKED, actions=actions).told("blocked") == []


@pytest.mark.parametrize("word", ["none", "-", "No", "n/a"])
def test_a_word_for_nothing_is_no_blocker(look, word):
    assert look(36, goals=GOALS, checkins=checkins(log("G1", STEADY, blocker=word))).told("blocked") == []


def test_reached_early_is_a_question(look):
    found = look(45, goals=GOALS, checkins=checkins(log("G1", {10: 40, 25: 80, 40: 100})))
    assert found.told("sandbagging?") == [
        "info Goals!A2: Reached after 40 of 91 days. Could the next goal ask for more?"
    ]


def test_late_surge(look):
    readings = {20: 10, 40: 20, 80: 35, 90: 90}
    found = look(91, goals=GOALS, checkins=checkins(log("G1", readings)))
    assert found.told("late_surge") == [
        "info 'Check-ins'!C5: 55 % of the way reported from 2026-03-31 on, in the last tenth of the time"
    ]


def test_signal_in_a_level_that_should_hold(look):
    goals = "| Goal ID | Goal | Owner | Kind | Lower | Upper |\n| G1 | Temperature | Ann Lee | Maintain | 5 | 30 |"
    levels = dict(zip(range(7, 77, 7), [10, 11, 10, 9, 10, 11, 10, 9, 10, 25], strict=True))
    found = look(71, goals=goals, checkins=checkins(log("G1", levels)))
    assert found.told("signal") == [
        "med 'Check-ins'!C11: 25 on 2026-03-11 lies above the upper limit of 18.3 (mean 11.5, 10 values)"
    ]


def test_a_good_goal_that_grows_evenly_is_no_signal(look):
    readings = {7 * k: 8 * k + k % 2 for k in range(1, 11)}
    assert look(71, goals=GOALS, checkins=checkins(log("G1", readings))).told("signal") == []


HISTORY = """
| When       | Who      | Goal ID | Field  | From | To | Reason |
| {when}     | Mona May | G1      | Target | 100  | 80 | scope  |
"""


def test_target_moved_late(look):
    goals = GOALS.replace("100   ", "80    ")
    found = look(
        80, goals=goals, checkins=checkins(log("G1", {20: 22, 40: 44, 60: 66})), history=HISTORY.format(when=day(78))
    )
    assert found.told("target_moved") == [
        "med History!F2: Target 100 -> 80 on 2026-03-19 by Mona May: 86 % of the time was over"
    ]


def test_target_moved_in_trouble(look):
    found = look(60, goals=GOALS, checkins=checkins(log("G1", {20: 5, 40: 10})), history=HISTORY.format(when=day(41)))
    assert found.told("target_moved") == [
        "med History!F2: Target 100 -> 80 on 2026-02-10 by Mona May: the goal was off track"
    ]


def test_two_easings_of_one_owner_go_one_level_up(look):
    goals = GOALS + "| G2 | More visits | Ann Lee | Increase | 0 | 50 | |"
    history = HISTORY.format(when=day(30)) + f"| {day(35)} | Mona May | G2 | Due date | {day(60)} | {day(91)} | scope |"
    good = {20: 22, 30: 33}
    found = look(40, goals=goals, checkins=checkins(log("G1", good), log("G2", {20: 11, 35: 20})), history=history)
    assert found.told("target_moved") == [
        "med History!F3: Due date 2026-03-01 -> 2026-04-01 on 2026-02-04 by Mona May: "
        "easing number 2 for Ann Lee, one for the manager's own manager to see"
    ]


def many(count: int, due: str = "") -> str:
    rows = [f"| G{k} | Goal {k} | Ann Lee | Increase | 0 | 100 | {due} |" for k in range(1, count + 1)]
    return "\n".join(["| Goal ID | Goal | Owner | Kind | Baseline | Target | Due date |", *rows])


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (5, []),
        (6, ["med People!A3: 6 active goals: G1, G2, G3, G4, G5 and G6"]),
        (9, ["high People!A3: 9 active goals: G1, G2, G3, G4, G5, G6 and 3 more"]),
    ],
)
def test_overload_counts_active_goals(look, count, said):
    assert look(5, goals=many(count)).told("overload") == said


def test_overload_counts_what_is_due_soon(look):
    assert look(50, goals=many(4, str(day(60)))).told("overload") == [
        "med People!A3: 4 goals due by 2026-03-05: G1, G2, G3 and G4"
    ]


def test_key_results_count_as_their_objective(look):
    rows = "\n".join(f"| G{k} | Goal {k} | Ann Lee | O1 | Increase | 0 | 100 |" for k in range(1, 7))
    goals = f"| Goal ID | Goal | Owner | Parent goal | Kind | Baseline | Target |\n| O1 | Objective | Ann Lee | | Increase | | |\n{rows}"
    assert look(5, goals=goals).told("overload") == []


@pytest.mark.parametrize(("elapsed", "severity"), [(31, None), (32, "med"), (61, "med"), (62, "high")])
def test_missing_feedback_is_the_managers(look, elapsed, severity):
    found = look(elapsed, goals=GOALS, feedback=FEEDBACK)
    said = [i for i in found.issues if i.code == "missing_feedback" and i.person == "Ann Lee"]
    assert [(i.severity, i.for_manager) for i in said] == ([(severity, True)] if severity else [])


def test_missing_feedback_counts_from_the_last(look):
    feedback = "| Date | From | To | Kind | Feedback |\n| 2026-01-10 | Mona May | Ann Lee | Coaching | On the pitch |"
    found = look(50, goals=GOALS, feedback=feedback)
    assert found.told("missing_feedback") == [
        "med People!A3: No feedback from Mona May in 40 days: the last was on 2026-01-10",
        "med People!A4: No feedback from Mona May in 49 days: none since 2026-01-01",
    ]


def test_a_follow_up_that_is_overdue_says_nothing_of_what_was_said(look):
    feedback = (
        "| Date | From | To | Kind | Feedback | Follow-up | Follow-up due | Follow-up done |\n"
        f"| {day(5)} | Mona May | Ann Lee | Concern | Secret | Call | {day(20)} | |"
    )
    found = look(28, goals=GOALS, feedback=feedback)
    assert found.told("feedback_not_followed") == [
        "med Feedback!G2: Follow-up to feedback of 2026-01-05 was due 2026-01-20, 8 days ago"
    ]
    assert look(27, goals=GOALS, feedback=feedback).told("feedback_not_followed") == []


FAMILY = """
| Goal ID | Goal   | Owner    | Parent goal | Kind     | Baseline | Target | Weight |
| C1      | Sales  | Mona May |             | Increase | 0        | 100    | {c1}   |
| G1      | Region | Ann Lee  | C1          | Increase | 0        | 100    | {g1}   |
"""


def test_orphan_is_one_issue_a_missing_parent(look):
    goals = (
        FAMILY.format(c1="", g1="").replace("| C1          |", "| X9          |")
        + "| G2 | Town | Bo Kim | X9 | Increase | 0 | 10 | |"
    )
    assert look(5, goals=goals).told("orphan") == ["med Goals!D3: The parent X9 of G1 and G2 is not in this workbook"]


def test_double_count_risk(look):
    assert look(5, goals=FAMILY.format(c1=50, g1=50)).told("double_count_risk") == [
        "med Goals!A2: C1 and G1 below it all count with measures of their own"
    ]
    assert look(5, goals=FAMILY.format(c1=100, g1=0)).told("double_count_risk") == []


def test_parent_child_conflict(look):
    found = look(45, goals=FAMILY.format(c1="", g1=""), checkins=checkins(log("C1", {40: 20}), log("G1", {40: 75})))
    assert found.told("parent_child_conflict") == ["med Goals!A2: The goal's own progress is 20 %, its sub-goals' 75 %"]


def test_weights_do_not_sum(look):
    goals = "| Goal ID | Goal | Owner | Kind | Baseline | Target | Weight |\n" + "".join(
        f"| G{k} | Goal {k} | Ann Lee | Increase | 0 | 100 | {w} |\n" for k, w in ((1, "60%"), (2, "50%"))
    )
    found = look(5, goals=goals)
    assert found.told("weights_do_not_sum") == [
        "med Goals!G2: The weights sum to 110 and not to 100; they are used as relative numbers"
    ]


SLIP = Rule("unit_slip", Severity.WARNING, "t", "w", "w", "e", "r", anomaly=True)


def test_data_anomalies_come_first_one_a_goal(look):
    slips = [
        SLIP.at(Address("Check-ins", row, 3), f"{v} is 100 times the others", value=v)
        for row, v in ((3, 1500), (4, 2400))
    ]
    found = look(60, goals=GOALS, checkins=checkins(log("G1", STEADY)), findings=slips)
    assert found.told("unit_slip") == ["data 'Check-ins'!C3: 1500 is 100 times the others (also C4)"]
    assert found.codes()[0] == "unit_slip"
    assert [(i.goal_id, i.person) for i in found.issues if i.code == "unit_slip"] == [("G1", "Ann Lee")]


def test_flags_of_the_scores_are_data_issues(look):
    goals = "| Goal ID | Goal | Owner | Kind | Baseline | Target |\n| G1 | Bugs | Ann Lee | Decrease | 10 | 50 |"
    assert look(5, goals=goals).told("direction_mismatch") == [
        "data Goals!D2: The kind is Decrease, but baseline 10 to target 50 goes the other way"
    ]


FLAGGED = "| Goal ID | Goal | Owner | Parent goal | Kind | Baseline | Target | Weight |\n"


@pytest.mark.parametrize(
    ("code", "rows", "said"),
    [
        (
            "baseline_assumed_zero",
            "| G1 | A | Ann Lee | | Increase | | 50 | |",
            "med Goals!F2: The baseline is empty: 0 is assumed",
        ),
        (
            "baseline_equals_target",
            "| G1 | A | Ann Lee | | Increase | 5 | 5 | |",
            "data Goals!G2: Baseline and target are both 5",
        ),
        (
            "weight_assumed",
            "| G1 | A | Ann Lee | | Increase | 0 | 5 | 2 |\n| G2 | B | Ann Lee | | Increase | 0 | 5 | |",
            "info Goals!H3: The weight is empty: 2 is used",
        ),
        (
            "cycle",
            "| G1 | A | Ann Lee | G2 | Increase | 0 | 5 | |\n| G2 | B | Ann Lee | G1 | Increase | 0 | 5 | |",
            "med Goals!D2: G1 is its own ancestor; it is treated as a goal without parent",
        ),
    ],
)
def test_what_the_scores_noticed_is_told(look, code, rows, said):
    assert look(5, goals=FLAGGED + rows).told(code)[:1] == [said]


def test_a_running_total_that_fell_is_data(look):
    goals = FLAGGED + "| G1 | A | Ann Lee | | Count | 0 | 50 | |"
    assert look(20, goals=goals, checkins=checkins(log("G1", {7: 12, 14: 9}))).told("value_decreased") == [
        "data 'Check-ins'!C3: The running total fell from 12 to 9; the newest value counts"
    ]


def test_ten_promises_kept_without_a_miss_are_a_question(look):
    rows = "\n".join(f"| A{k} | Do {k} | Bo Kim | {day(k)} | {day(20)} | {day(15)} |" for k in range(1, 11))
    actions = f"| Action ID | Action | Owner | Agreed on | Due date | Done on |\n{rows}"
    found = look(30, goals=GOALS, actions=actions)
    assert found.told("sandbagging?") == [
        "info People!A4: All 10 promises kept in time. Could some of them ask for more?"
    ]


def test_every_issue_rule_has_a_case_here():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [rule.code for rule in RULES if f'"{rule.code}"' not in text] == []


def test_the_order_is_data_high_med_info(look):
    readings = {7: 4, 14: 7, 21: 12, 28: 15, 35: 19, 42: 23}
    slip = SLIP.at(Address("Check-ins", 3, 3), "700 is 100 times the others", value=700)
    found = look(55, goals=GOALS, checkins=checkins(log("G1", readings, confidence="90%")), findings=[slip])
    rank = {"data": 0, "high": 1, "med": 2, "info": 3}
    order = [rank[i.severity] for i in found.issues]
    assert order == sorted(order)
    assert {0, 1, 2} <= set(order)


@pytest.mark.parametrize("state", ["Draft", "Postponed", "Dropped"])
def test_goals_that_do_not_run_ask_for_nothing(look, state):
    goals = f"| Goal ID | Goal | Owner | Kind | Baseline | Target | State |\n| G1 | Calls | Ann Lee | Increase | 0 | 100 | {state} |"
    assert look(60, goals=goals).codes("G1") == []


@pytest.mark.parametrize("rule", RULES + PROPOSAL_RULES, ids=lambda r: r.code)
def test_every_page_is_filled_in(rule):
    assert all((rule.code, rule.title, rule.what, rule.why, rule.example, rule.remedy))
