"""The pages of all rules: complete, and found by their code."""

from __future__ import annotations

import re

import pytest

from perfsheet.errors import Misuse
from perfsheet.findings import Rule
from perfsheet.rules import ROOMS, all_rules, index, page

ALL = tuple(all_rules().values())


@pytest.mark.parametrize("rule", ALL, ids=lambda r: r.code)
def test_a_page_is_complete(rule: Rule):
    # one hint is a question, and its code says so
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", rule.code) or rule.code == "sandbagging?"
    assert all(text.endswith((".", "?")) for text in (rule.what, rule.why, rule.example))
    assert rule.title
    assert rule.remedy
    assert not rule.title.endswith(".")
    assert not rule.remedy.endswith(".")  # it is printed with a full stop, alone and after a message


@pytest.mark.parametrize(("stage", "rules"), ROOMS, ids=[stage for stage, _ in ROOMS])
def test_codes_are_unique_in_their_stage(stage, rules):
    codes = [rule.code for rule in rules]
    assert [code for code in codes if codes.count(code) > 1] == [], f"twice in {stage}"


def test_a_code_of_two_stages_has_the_page_of_the_first():
    first = {rule.code: rule for _, rules in reversed(ROOMS) for rule in reversed(rules)}
    assert all_rules() == first


SHARED = {
    "baseline_assumed_zero",
    "baseline_equals_target",
    "direction_mismatch",
    "value_decreased",
    "weights_do_not_sum",
}
"""A finding in the workbook and an issue of the goal: one cause, told twice under one code."""


def test_pages_of_one_code_mean_the_same():
    pages: dict[str, list[Rule]] = {}
    for _, rules in ROOMS:
        for rule in rules:
            pages.setdefault(rule.code, []).append(rule)
    twice = {code: found for code, found in pages.items() if len(found) > 1}
    assert set(twice) == SHARED, "read both pages: one code is one cause; else give one of them another code"
    assert [code for code, found in twice.items() if len({rule.anomaly for rule in found}) > 1] == []


def test_a_page_on_a_terminal():
    assert page("parent_is_itself").splitlines() == [
        "parent_is_itself (error): A goal is its own parent",
        "",
        "What: The Parent goal cell names the goal's own id.",
        "Why: A goal cannot support itself; it is treated as one without a parent.",
        "Example: G1 with the parent G1, often a row copied or filled down.",
        "What to do: Name the goal that it supports, or clear the cell.",
    ]


@pytest.mark.parametrize("typed", ["Parent-is-itself", " PARENT_IS_ITSELF "])
def test_case_and_hyphens_do_not_matter(typed):
    assert page(typed) == page("parent_is_itself")


@pytest.mark.parametrize("code", all_rules())
def test_every_page_fits_a_terminal(code):
    assert max(map(len, page(code).splitlines())) <= 100


def test_the_index_names_every_rule_once_under_its_stage():
    lines = index().splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(all_rules())
    assert [line for line in lines if line and not line.startswith(" ")] == [stage for stage, _ in ROOMS]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("unknown_gaol", "there is no rule 'unknown_gaol'; did you mean unknown_goal"),
        ("Unknown-Gaol", "there is no rule 'Unknown-Gaol'; did you mean unknown_goal"),
        ("qqq", "there is no rule 'qqq'; `perfsheet rule` lists them all"),
    ],
)
def test_an_unknown_code_is_met_with_what_may_have_been_meant(typed, answer):
    with pytest.raises(Misuse) as refused:
        page(typed)
    assert str(refused.value).startswith(answer)


def test_close_matches_do_not_care_for_case_or_hyphens():
    with pytest.raises(Misuse, match="did you mean unknown_goal"):
        page("UNKNOWN-GAOL")
