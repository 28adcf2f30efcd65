"""Small workbooks, and every line that the checks say of them: code, cell, message. Nothing else may be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from perfsheet.forms import TeamSettings
from perfsheet.tables import Address

ADA = """
| Person       | Email         | Manager      |
| Ada Lovelace | ada@x.example |              |
| Grace Hopper |               | Ada Lovelace |
"""
GOAL = """
| Goal ID | Goal      | Owner        | Kind     | Baseline | Target |
| G1      | Sell more | Ada Lovelace | Increase | 0        | 100    |
"""
QUARTER = TeamSettings(manager="Ada Lovelace", period_start=date(2026, 1, 1), period_end=date(2026, 3, 31))


# ---------------------------------------------------------------------- people


def test_owners(said):
    assert said(
        people="""
| Person         | End        |
| Ada Lovelace   |            |
| Grace Hopper   | 2026-01-31 |
""",
        goals="""
| Goal ID | Goal | Owner                      | Kind   |  Measure | State   |
| G1      | a    | Ada Lovelance              | Yes/No |  letter  |         |
| G2      | b    | Grace Hopper               | Yes/No |  letter  |         |
| G3      | c    | Grace Hopper               | Yes/No |  letter  | Dropped |
| G4      | d    | ada  lovelace; Marie Curie | Yes/No |  letter  |         |
""",
        actions="""
| Action ID | Action | Owner | Due date   |
| A1        | Call   | Linus | 2026-02-01 |
""",
    ) == [
        "unknown_owner Goals!C2 Ada Lovelance owns G1 and is not in People (Ada Lovelace in A2 is)",
        "unknown_owner Goals!C5 Marie Curie owns G4 and is not in People",
        "unknown_owner Actions!C2 Linus owns action A1 and is not in People",
        "owner_left Goals!C3 Grace Hopper left on 2026-01-31 and still owns G2",
        "several_owners Goals!C5 ada  lovelace is accountable for G4; Marie Curie contributes",
    ]


def test_names_everywhere_else(said):
    """A manager without a row is told once, by a rule of its own, and not wherever the name stands."""
    assert (
        said(
            settings=replace(QUARTER, manager="Marie Curie"),
            people="""
| Person       | Manager     |
| Ada Lovelace | Marie Curie |
| Grace Hopper | Marie Curie |
""",
            goals=GOAL,
            checkins="""
| Date       | Goal ID | Value | By          |
| 2026-01-08 | G1      | 5     | Marie Curie |
| 2026-01-15 | G1      | 9     | G. Hoper    |
""",
            feedback="""
| Date       | From        | To           | Kind   | Feedback |
| 2026-01-08 | Marie Curie | Ada Lovelacе | Praise | Clear    |
""",
            absences="""
| Person | From       | To         |
| Linus  | 2026-01-01 | 2026-01-09 |
""",
        )
        == [
            "unknown_person 'Check-ins'!D3 G. Hoper is not in People",
            "unknown_person Feedback!C2 Ada Lovelacе is not in People (Ada Lovelace in A2 is)",  # the last letter is Cyrillic
            "unknown_person Absences!A2 Linus is not in People",
            "unknown_manager People!B2 Marie Curie manages Ada Lovelace and has no row in People",
            "manager_not_in_people Settings!A1 Marie Curie is not in People",
        ]
    )


def test_people_of_one_name(said):
    assert said(
        people="""
| Person        | Email           |
| Maria Santos  | maria@x.example |
| MARIA  SANTOS |                 |
| Maria Santos  | m.s@x.example   |
| Maria Santós  |                 |
| Mаria Santos  |                 |
| Mari\u200ba Santos |            |
| Mario Santos  |                 |
"""
    ) == [
        "same_name_twice People!A3 MARIA  SANTOS stands in A2 already",
        "same_name_twice People!A4 Maria Santos stands in A2 already, with another e-mail",
        "look_alike_name People!A5 Maria Santós looks like Maria Santos in A2",
        "look_alike_name People!A6 Mаria Santos looks like Maria Santos in A2",  # a Cyrillic а
        "look_alike_name People!A7 Mari\u200ba Santos looks like Maria Santos in A2",  # a character without width
    ]


def test_vowel_signs_and_voicing_marks_are_part_of_a_name(said):
    assert said(people="| Person |\n| राम |\n| रमा |\n| たかだ |\n| たかた |") == []


def test_composed_and_decomposed_letters_are_the_same_name(said):
    assert said(people="| Person |\n| Jose\u0301 Costa |\n| Jos\xe9 Costa |") == [
        "same_name_twice People!A3 José Costa stands in A2 already"
    ]


def test_managers_in_a_circle(said):
    """Who reports into the circle from outside is not part of it; who manages themselves is one of their own."""
    assert said(
        people="""
| Person | Manager |
| Ada    | Grace   |
| Grace  | Ada     |
| Linus  | Ada     |
| Marie  | Marie   |
"""
    ) == [
        "manager_cycle People!B2 Following the managers of Ada leads back to Ada",
        "manager_cycle People!B3 Following the managers of Grace leads back to Grace",
        "manager_cycle People!B5 Following the managers of Marie leads back to Marie",
    ]


def test_days_of_people(said):
    assert said(
        people="""
| Person | Start      | End        |
| Ada    | 2026-03-01 | 2026-02-01 |
""",
        absences="""
| Person | From       | To         |
| Ada    | 2026-03-10 | 2026-03-01 |
| Ada    | 2026-01-05 | 2026-01-09 |
| ada    | 2026-01-09 | 2026-01-16 |
""",
    ) == [
        "absence_reversed Absences!C2 The absence of Ada ends on 2026-03-01, before 2026-03-10",
        "absence_twice Absences!B4 ada is away from 2026-01-09 here and from 2026-01-05 to 2026-01-09 in row 3",
        "person_ends_before_start People!C2 Ada left on 2026-02-01, before the start on 2026-03-01",
    ]


# ----------------------------------------------------------------------- goals


def test_what_each_kind_needs(said):
    assert said(
        goals="""
| Goal ID | Goal | Owner | Measure | Kind       | Baseline | Target | Lower | Upper |
| G1      | a    | Ada   | m       | Increase   | 1        |        |       |       |
| G2      | b    | Ada   | m       | Flow       |          |        |       |       |
| G3      | c    | Ada   | m       | Decrease   |          | 5      |       |       |
| G4      | d    | Ada   | m       | Increase   |          | 5      |       |       |
| G5      | e    | Ada   | m       | Count      | 3        | 5      |       |       |
| G6      | f    | Ada   | m       | Maintain   |          |        |       |       |
| G7      | g    | Ada   | m       | Milestones |          |        |       |       |
| G8      | h    | Ada   | m       | Count      | 0        | 0      |       |       |
| G9      | i    | Ada   | m       | Decrease   | 5        | 5      |       |       |
| G10     | j    | Ada   | m       | Decrease   | 20       | 40     |       |       |
| G11     | k    | Ada   | m       | Maintain   |          |        | 25    | 18    |
| G12     | l    | Ada   |         | Percent    |          |        |       |       |
| g1      | m    | Ada   | m       | Yes/No     |          |        |       |       |
"""
    ) == [
        "duplicate_id Goals!A14 g1 stands in A2 already",
        "goal_needs_target Goals!G2 G1 is a goal of kind Increase without a target",
        "goal_needs_target Goals!G3 G2 is a goal of kind Flow without a target",
        "goal_needs_baseline Goals!F4 G3 is a Decrease goal without a baseline",
        "baseline_assumed_zero Goals!F5 G4 has no baseline and is counted from 0",
        "count_baseline_unused Goals!F6 G5 is a Count goal with a baseline of 3, and counts from 0",
        "maintain_needs_limits Goals!H7 G6 is a Maintain goal without Lower or Upper",
        "milestones_needed Goals!E8 G7 has no rows in Milestones",
        "target_not_positive Goals!G9 G8 is a Count goal with a target of 0",
        "baseline_equals_target Goals!G10 G9 goes from 5 to 5",
        "direction_mismatch Goals!E11 G10 says Decrease and goes from 20 to 40",
        "limits_reversed Goals!H12 G11 has Lower 25 above Upper 18",
        "vague_goal Goals!D13 G12 has no measure and no target",
    ]


def test_goals_that_need_no_numbers(said):
    """A parent is the roll-up of its children; a draft and what was given up are not scored."""
    assert (
        said(
            goals="""
| Goal ID | Goal | Owner | Parent goal | Kind       | Baseline | Target | State     |
| G1      | a    | Ada   |             | Increase   |          |        |           |
| G2      | b    | Ada   | G1          | Decrease   | 9        | 0      |           |
| G3      | c    | Ada   | G1          | Decrease   |          |        | Draft     |
| G4      | d    | Ada   | G1          | Milestones |          |        | Dropped   |
| G5      | e    | Ada   | G1          | Maintain   |          |        | Postponed |
"""
        )
        == []
    )


def test_a_parent_with_a_target_of_its_own_needs_its_baseline(said):
    goals = """
| Goal ID | Goal | Owner | Parent goal | Kind     | Baseline | Target |
| G1      | a    | Ada   |             | Decrease |          | 5      |
| G2      | b    | Ada   | G1          | Decrease | 9        | 0      |
"""
    assert said(goals=goals) == ["goal_needs_baseline Goals!F2 G1 is a Decrease goal without a baseline"]


def test_dates_of_goals(said):
    assert said(
        goals="""
| Goal ID | Goal | Owner | Measure | Kind    | Start date | Due date   | State |
| G1      | a    | Ada   | m       | Percent | 2026-03-01 | 2026-02-01 |       |
| G2      | b    | Ada   | m       | Percent | 2025-12-01 | 2027-03-31 |       |
| G3      | c    | Ada   | m       | Percent |            | 2026-01-01 | Done  |
"""
    ) == [
        "due_before_start Goals!G2 G1 is due on 2026-02-01, before its start on 2026-03-01",
        "dates_outside_period Goals!F3 G2 starts on 2025-12-01, before the period's start on 2026-01-01",
        "dates_outside_period Goals!G3 G2 is due on 2027-03-31, after the period's end on 2026-03-31",
        "done_without_value Goals!H4 G3 is Done without any value checked in",
    ]


def test_a_reversed_period_is_said_once_and_not_for_every_goal(said):
    settings = replace(QUARTER, period_end=date(2025, 3, 31))
    at = {"period_end": Address("Settings", 6, 2)}
    assert said(settings=settings, settings_at=at, goals=GOAL) == [
        "period_reversed Settings!B6 The period ends on 2025-03-31, before 2026-01-01"
    ]


def test_the_day_lies_outside_the_period(said):
    assert said(settings=QUARTER, goals=GOAL, as_of=date(2026, 5, 2)) == [
        "as_of_outside_period Settings!A1 2026-05-02 lies outside the period 2026-01-01 to 2026-03-31"
    ]


# ------------------------------------------------------------------- alignment


def weighted(*rows: tuple[str, str, str, str]) -> str:
    """Goals as (owner, parent, weight, state)."""
    lines = [
        f"| G{i} | a | {owner} | {parent} | m | Yes/No | {weight} | {state} |"
        for i, (owner, parent, weight, state) in enumerate(rows, 1)
    ]
    return "\n".join(["| Goal ID | Goal | Owner | Parent goal | Measure | Kind | Weight | State |", *lines])


def test_weights(said):
    goals = weighted(("Ada", "", "60", ""), ("Ada", "", "50", ""), ("Bo", "", "50", ""), ("Bo", "", "", ""))
    assert said(weights_in_percent=True, goals=goals) == [
        "weights_do_not_sum Goals!G2 The weights of Ada sum to 110, not to 100",
        "weight_blank Goals!G5 G4 has no weight, and others have one",
    ]
    assert said(weights_in_percent=False, goals=goals) == [
        "weight_blank Goals!G5 G4 has no weight, and others have one"
    ]


def test_weights_that_make_100_in_one_way_or_another(said):
    whole_book = weighted(("Ada", "", "60", ""), ("Bo", "", "40", ""))
    topmost = weighted(("Ada", "", "100", ""), ("Ada", "G1", "50", ""), ("Ada", "G1", "20", ""))
    before_one_was_dropped = weighted(("Ada", "", "60", ""), ("Ada", "", "40", "Dropped"), ("Bo", "", "100", ""))
    after_one_was_dropped = weighted(("Ada", "", "100", ""), ("Ada", "", "40", "Dropped"), ("Bo", "", "100", ""))
    for goals in (whole_book, topmost, before_one_was_dropped, after_one_was_dropped):
        assert said(weights_in_percent=True, goals=goals) == []


def test_parents(said):
    assert said(
        goals="""
| Goal ID | Goal | Owner | Parent goal | Measure | Kind   | State   |
| G1      | a    | Ada   | G2          | m       | Yes/No |         |
| G2      | b    | Ada   | G1          | m       | Yes/No |         |
| G3      | c    | Ada   | g3          | m       | Yes/No |         |
| G4      | d    | Ada   | O1          | m       | Yes/No | Dropped |
| G5      | e    | Ada   | G4          | m       | Yes/No |         |
| G6      | f    | Ada   |             | m       | Yes/No |         |
"""
    ) == [
        "parent_not_here Goals!D5 G4 supports O1, which is not in this workbook",
        "circular_parent Goals!D2 Following the parents of G1 leads back to G1",
        "circular_parent Goals!D3 Following the parents of G2 leads back to G2",
        "parent_is_itself Goals!D4 G3 names itself as its parent",
        "no_parent Goals!D7 G6 has no parent, most others have one",
        "parent_retired Goals!D6 G5 supports G4, which is Dropped",
    ]


# ------------------------------------------------------------------- check-ins


def test_days_of_check_ins(said):
    assert said(
        goals=GOAL.replace("Target |", "Target | Due date |").replace("100    |", "100 | 2026-01-31 |"),
        checkins="""
| Date       | Goal ID | Value | Entered on |
| 2025-12-31 | G1      | 1     |            |
| 2026-01-08 | G1      | 5     | 2026-01-07 |
| 2026-01-15 | G1      | 6     |            |
| 2026-01-15 | G1      | 7     |            |
| 2026-01-15 | g1      | 7     |            |
| 2026-02-02 | G1      | 8     |            |
| 2026-02-15 | G1      | 9     |            |
| 2026-02-01 | G9      | 9     |            |
""",
    ) == [
        "unknown_goal 'Check-ins'!B9 There is no goal G9",
        "future_check_in 'Check-ins'!A8 The check-in for G1 is dated 2026-02-15, after 2026-02-14",
        "before_start 'Check-ins'!A2 The check-in for G1 is dated 2025-12-31, before its start on 2026-01-01",
        "same_day_twice 'Check-ins'!C5 G1 has 7 for 2026-01-15 here and 6 in C4; this one counts",
        "duplicate_row 'Check-ins'!B6 The check-in for g1 of 2026-01-15 stands in row 5 already",
        "check_in_after_due 'Check-ins'!A7 G1 was due on 2026-01-31, the check-in is of 2026-02-02",
        "entered_before_date 'Check-ins'!D3 The check-in for G1 of 2026-01-08 was entered on 2026-01-07",
    ]


def log(*values: float, goal: str = "G1", entered: str = "") -> str:
    """A check-in every seventh day from 7 January."""
    days = [date.fromordinal(date(2026, 1, 7).toordinal() + 7 * i) for i in range(len(values))]
    rows = [f"| {day} | {goal} | {value} | {entered} |" for day, value in zip(days, values, strict=True)]
    return "\n".join(["| Date | Goal ID | Value | Entered on |", *rows])


def kind(name: str, baseline: object = "", target: object = "", lower: object = "", upper: object = "") -> str:
    """One goal of a kind."""
    return f"| Goal ID | Goal | Owner | Measure | Kind | Baseline | Target | Lower | Upper |\n| G1 | a | Ada | m | {name} | {baseline} | {target} | {lower} | {upper} |"


def test_values_outside_what_is_possible(said):
    assert said(goals=kind("Percent"), percent_scale=100.0, checkins=log(50, 120, -1)) == [
        "out_of_bounds 'Check-ins'!C3 G1 should be between 0 and 100, found 120",
        "out_of_bounds 'Check-ins'!C4 G1 should be between 0 and 100, found -1",
    ]
    assert said(goals=kind("Percent"), percent_scale=1.0, checkins=log(0.5, 1.2)) == [
        "out_of_bounds 'Check-ins'!C3 G1 should be between 0 and 1, found 1.2"
    ]
    assert said(goals=kind("Count", 0, 50), checkins=log(-3)) == [
        "out_of_bounds 'Check-ins'!C2 G1 should be at least 0, found -3"
    ]
    assert said(goals=kind("Decrease", 20, 10, upper=30), checkins=log(18, 31)) == [
        "out_of_bounds 'Check-ins'!C3 G1 should be at most 30, found 31"
    ]
    assert said(goals=kind("Maintain", lower=18, upper=25), checkins=log(18, 31)) == []


def test_slips_of_the_unit(said):
    assert said(goals=kind("Increase", 10, 40), checkins=log(12, 14, 15500, 17)) == [
        "unit_slip 'Check-ins'!C4 G1 has 15500 where its other values are about 14"
    ]
    assert said(goals=kind("Maintain", lower=60), checkins=log(70, 72, 0.75, 80, 78)) == [
        "unit_slip 'Check-ins'!C4 G1 has 0.75 where its other values are about 75"
    ]
    assert said(goals=kind("Increase", 60, 90), checkins=log(70, 75, 80, 0.85)) == [
        "unit_slip 'Check-ins'!C5 G1 has 0.85 where its other values are about 75"
    ]


def test_a_small_first_or_last_step_is_no_slip(said):
    assert said(goals=kind("Increase", 0, 100), checkins=log(1, 45, 80, 95)) == []
    assert said(goals=kind("Count", "0", 500), checkins=log(2, 180, 260, 400)) == []
    assert said(goals=kind("Decrease", 300, 0), checkins=log(250, 200, 150, 2)) == []
    assert said(goals=kind("Increase", 10, 40), checkins=log(12, 15500, 17)) == []  # three are too few to tell


def test_a_running_total_that_falls(said):
    assert said(goals=kind("Count", 0, 50), checkins=log(12, 15, 4, 9)) == [
        "value_decreased 'Check-ins'!C4 G1 fell from 15 to 4"
    ]
    assert said(goals=kind("Increase", 0, 50), checkins=log(12, 15, 4, 9)) == []
    corrected = (
        "| Date | Goal ID | Value |\n| 2026-01-08 | G1 | 12 |\n| 2026-01-15 | G1 | 4 |\n| 2026-01-15 | G1 | 14 |"
    )
    assert said(goals=kind("Count", 0, 50), checkins=corrected) == [
        "same_day_twice 'Check-ins'!C4 G1 has 14 for 2026-01-15 here and 4 in C3; this one counts"
    ]


def test_values_that_may_not_be_of_their_day(said):
    assert said(goals=kind("Increase", 0, 50), checkins=log(3, 7, 9, entered="2026-02-10")) == [
        "many_entered_at_once 'Check-ins'!D2 3 check-ins of G1 were entered on 2026-02-10"
    ]
    assert said(goals=kind("Increase", 0, 50), checkins=log(3, 7, entered="2026-02-10")) == []
    same = log(41.7, 41.7, 41.7, 41.7, 41.7)
    assert said(goals=kind("Increase", 0, 50), checkins=same) == [
        "identical_values 'Check-ins'!C6 G1 has had 41.7 five times running"
    ]
    assert said(goals=kind("Maintain", lower=40), checkins=same) == []


def test_a_goal_whose_row_was_set_aside_is_told_from_one_that_is_not_there(make_book):
    from perfsheet.checks import check
    from perfsheet.records import read_records

    book = read_records(
        make_book(
            {
                "Goals": "| Goal ID | Goal | Owner | Measure | Kind |\n| G1 | a | Ada | m | Yes/No |\n| G2 | b | | m | Yes/No |\n| 7 | c | | m | Yes/No |",
                "Check-ins": "| Date | Goal ID | Value |\n| 2026-01-08 | G2 | 1 |\n| 2026-01-08 | 7 | 1 |\n| 2026-01-08 | G3 | 1 |",
            }
        )
    )
    found = check(book, date(2026, 2, 14))
    assert [f"{f.code} {f.address} {f.message}" for f in found] == [
        "unknown_goal 'Check-ins'!B2 Goal G2 in A3 was set aside",
        "unknown_goal 'Check-ins'!B3 Goal 7 in A4 was set aside",
        "unknown_goal 'Check-ins'!B4 There is no goal G3",
    ]


# -------------------------------------------------------- plans and milestones


def test_plans(said):
    assert said(
        goals="""
| Goal ID | Goal | Owner | Measure | Kind     | Baseline | Target | Due date   |
| G1      | a    | Ada   | m       | Increase | 0        | 100    |            |
| G2      | b    | Ada   | m       | Decrease | 50       | 10     | 2026-03-01 |
| G3      | c    | Ada   | m       | Yes/No   |          |        |            |
| G4      | d    | Ada   | m       | Flow     |          | 5      |            |
""",
        plan="""
| Goal ID | Date       | Planned value |
| G1      | 2026-01-31 | 40            |
| G1      | 2026-02-28 | 35            |
| G1      | 2026-03-31 | 90            |
| G2      | 2025-12-31 | 50            |
| G2      | 2026-02-01 | 30            |
| G2      | 2026-02-01 | 28            |
| G2      | 2026-03-15 | 10            |
| G3      | 2026-03-01 | 1             |
| G4      | 2026-01-31 | 20            |
| G4      | 2026-02-28 | 10            |
| G5      | 2026-02-28 | 10            |
""",
    ) == [
        "unknown_goal Plan!A12 There is no goal G5",
        "plan_outside_dates Plan!B5 A phase of G2 ends on 2025-12-31, before the goal's start on 2026-01-01",
        "plan_outside_dates Plan!B8 A phase of G2 ends on 2026-03-15, after its due date on 2026-03-01",
        "plan_date_twice Plan!B7 G2 has a planned value for 2026-02-01 in row 6 already",
        "plan_turns_back Plan!C3 G1 is planned at 35 on 2026-02-28, and at 40 before on 2026-01-31",
        "plan_end_differs Plan!C4 G1 is planned at 90 on its due date, and its target is 100",
        "plan_unused Plan!A9 G3 is a goal of kind Yes/No, for which no plan is used",
    ]


def test_milestones(said):
    assert said(
        goals="""
| Goal ID | Goal | Owner | Measure | Kind       |
| G1      | a    | Ada   | m       | Milestones |
| G2      | b    | Ada   | m       | Percent    |
""",
        milestones="""
| Goal ID | Milestone | Done on    |
| G1      | Pilot     | 2026-02-14 |
| G1      | Live      | 2026-02-15 |
| G2      | Step      |            |
""",
    ) == [
        "milestone_kind Milestones!A4 G2 is a goal of kind Percent",
        "done_in_future Milestones!C3 Live of G1 is done on 2026-02-15, after 2026-02-14",
    ]


# -------------------------------------- feedback, actions, development, settings


def test_feedback(said):
    assert said(
        people=ADA,
        goals=GOAL,
        feedback="""
| Date       | From         | To           | Kind     | Goal ID | Feedback | Follow-up | Follow-up due | Follow-up done |
| 2026-01-20 | Ada Lovelace | ADA LOVELACE | Praise   |         | x        |           |               |                |
| 2026-02-20 | Ada Lovelace | Grace Hopper | Praise   | G9      | x        |           |               |                |
| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching |         | x        | Try again |               |                |
| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching |         | x        | Try again | 2026-01-10    | 2026-01-09     |
| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching |         | x        | Try again | 2026-03-01    | 2026-02-20     |
| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching |         | x        | Try again | 2026-01-20    | 2026-01-20     |
""",
    ) == [
        "unknown_goal Feedback!E3 There is no goal G9",
        "done_in_future Feedback!I6 The follow-up is done on 2026-02-20, after 2026-02-14",
        "self_feedback Feedback!C2 Ada Lovelace gives feedback to ADA LOVELACE",
        "feedback_in_future Feedback!A3 The feedback to Grace Hopper is dated 2026-02-20, after 2026-02-14",
        "follow_up_without_due Feedback!H4 The follow-up with Grace Hopper has no date",
        "follow_up_before_feedback Feedback!H5 The follow-up of 2026-01-10 lies before the feedback of 2026-01-20",
        "follow_up_before_feedback Feedback!I5 The follow-up of 2026-01-09 lies before the feedback of 2026-01-20",
    ]


def test_actions(said):
    assert said(
        people=ADA,
        actions="""
| Action ID | Action | Owner        | Raised by | Agreed on  | Due date   | Done on    |
| A1        | Call   | Ada Lovelace | Linus     | 2026-01-20 | 2026-01-10 |            |
| A2        | Write  | Ada Lovelace |           | 2026-01-20 | 2026-01-30 | 2026-01-19 |
| A3        | Ask    | Ada Lovelace |           | 2026-01-20 | 2026-01-20 | 2026-01-20 |
| a3        | Tell   | Ada Lovelace |           |            | 2026-02-20 | 2026-02-15 |
""",
    ) == [
        "unknown_person Actions!D2 Linus is not in People",
        "duplicate_id Actions!A5 a3 stands in A4 already",
        "done_in_future Actions!G5 Action a3 is done on 2026-02-15, after 2026-02-14",
        "due_before_agreed Actions!F2 Action A1 is due on 2026-01-10, before it was agreed on 2026-01-20",
        "done_before_agreed Actions!G3 Action A2 was done on 2026-01-19, before it was agreed on 2026-01-20",
    ]


def test_development(said):
    assert said(
        people=ADA,
        development="""
| Person       | Kind        | Skill       | Plan     | Attainment |
| Grace Hopper | Strength    | Clarity     |          |            |
| Grace Hopper | Opportunity | Negotiation |          |            |
| Grace Hopper | Opportunity | Estimates   |          | 2          |
| Grace Hopper | Aspiration  | Leading     | Lead one | -1         |
| Linus        | Strength    | Calm        |          |            |
""",
    ) == [
        "unknown_person Development!A6 Linus is not in People",
        "development_without_plan Development!D3 Opportunity Negotiation of Grace Hopper has no plan",
        "attainment_without_plan Development!E4 Estimates of Grace Hopper has an attainment of +2 and no plan",
    ]


def test_decisions(said):
    assert said(
        decisions="""
| Proposal ID | Goal ID | Decision | Decided value | Decided by | Decided on | State     |
| P1          | G1      | Change   |               | Ada        | 2026-02-10 | Open      |
| P2          | G2      | Reject   |               |            |            | Open      |
| P3          | G3      | Later    |               |            |            | Open      |
| P4          | G4      | Accept   |               |            |            | Applied   |
| P5          | G5      | Change   | 40            | Ada        | 2026-02-10 | Open      |
""",
    ) == [
        "decision_incomplete Adjustments!D2 Change on G1: Decided value is empty",
        "decision_incomplete Adjustments!E3 Reject on G2: Decided by, Decided on are empty",
    ]
