"""Exact confidence bounds on a probability."""

from __future__ import annotations

import math
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.errors import InputError
from verify.checks import statistical
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import Tally
from verify.context import Context
from verify.evidence import Evidence, Verdict


def answer(tally: object, probability: object = Fraction(1, 2), confidence: object = "99/100") -> Evidence:
    return statistical.bound(tally, probability=probability, confidence=confidence).run(Context())


@given(st.integers(1, 30), st.data(), st.fractions(0, 1, max_denominator=20))
@settings(deadline=None)
def test_tails_are_binomial_sums(n: int, data: st.DataObject, p: Fraction):
    k = data.draw(st.integers(0, n))
    weights = [comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(n + 1)]
    assert statistical.lower_tail(k, n, p) == sum(weights[: k + 1])
    assert statistical.upper_tail(k, n, p) == sum(weights[k:])


@pytest.mark.parametrize("trials", [1, 10, 100])
def test_bounds_without_a_failure_or_a_success_have_a_closed_form(trials):
    # All succeed: the lower bound is risk^(1/n).
    low, high = statistical.clopper_pearson(trials, trials, 0.99)
    assert (low, high) == (pytest.approx(0.01 ** (1 / trials)), 1.0)
    low, high = statistical.clopper_pearson(0, trials, 0.99)
    assert (low, high) == (0.0, pytest.approx(1 - 0.01 ** (1 / trials)))


@given(st.integers(1, 60), st.data(), st.fractions("1/20", "19/20", max_denominator=20))
@settings(deadline=None)
def test_the_exact_decision_agrees_with_the_bounds(n: int, data: st.DataObject, p: Fraction):
    k = data.draw(st.integers(0, n))
    found = answer(Tally(k, n - k), p)
    low, high = statistical.clopper_pearson(k, n, 0.99)
    if abs(low - p) < 1e-9 or abs(high - p) < 1e-9:
        return
    if low >= p:
        assert found.verdict is Verdict.SUPPORTED
    elif high < p:
        assert found.verdict is Verdict.REFUTED
    else:
        assert found.not_confirmed


def test_the_boundary_belongs_to_the_claim():
    # 1/8 = (1/2)³: three successes of three confirm 1/2 at a confidence of exactly 7/8.
    assert answer(Tally(3, 0), "1/2", "7/8").verdict is Verdict.SUPPORTED
    assert answer(Tally(3, 0), "1/2", "8/9").verdict is Verdict.UNDECIDED
    assert answer(Tally(0, 3), "1/2", "7/8").verdict is Verdict.UNDECIDED
    assert answer(Tally(0, 3), "1/2", "6/7").verdict is Verdict.REFUTED


def test_certainty_is_refuted_by_one_failure_and_never_supported():
    assert answer(Tally(1000, 1), 1).verdict is Verdict.REFUTED
    assert answer(Tally(1000, 0), 1).verdict is Verdict.UNDECIDED


def test_trials_without_an_answer_count_against_every_conclusion():
    assert answer(Tally(20, 0)).verdict is Verdict.SUPPORTED
    assert answer(Tally(0, 20)).verdict is Verdict.REFUTED
    for tally in (Tally(10, 0, 10), Tally(0, 10, 10)):
        found = answer(tally)
        assert found.verdict is Verdict.UNDECIDED
        assert not found.not_confirmed
    assert answer(Tally(10, 10)).not_confirmed


def test_a_tally_counts_outcomes():
    assert Tally.of([True, False, None, True]) == Tally(2, 1, 1)
    for bad in ((-1, 0), (1.5, 0), (True, 0)):
        with pytest.raises(InputError):
            Tally(*bad)


@pytest.mark.parametrize("outcome", [math.nan, "no", 1, 0.0, np.float64("nan")])
def test_what_is_neither_true_nor_false_is_no_outcome(outcome):
    with pytest.raises(InputError, match="True, False or None"):
        Tally.of([True, outcome])
    assert Tally.of([np.True_, np.False_]) == Tally(1, 1)


def test_no_trial_is_undecided():
    found = answer(Tally(0, 0))
    assert found.verdict is Verdict.UNDECIDED
    assert not found.not_confirmed


def test_trials_may_be_made_by_a_function():
    check = statistical.bound(lambda context: Tally(context.seed, 0), probability=0.5)
    assert check.run(Context(seed=50)).verdict is Verdict.SUPPORTED
    assert answer(lambda context: (3, 4)).verdict is Verdict.ERROR
    assert answer(lambda context: 1 / 0).verdict is Verdict.ERROR
    assert answer(Tally(10**6, 0)).verdict is Verdict.ERROR  # too many to count exactly


@pytest.mark.parametrize(
    ("probability", "confidence"), [(0, 0.9), (1.1, 0.9), (0.5, 1), (0.5, 0), ("half", 0.9)]
)
def test_bad_arguments_are_refused(probability, confidence):
    with pytest.raises(InputError):
        statistical.bound(Tally(1, 0), probability=probability, confidence=confidence)


def test_decimals_are_read_as_they_are_written():
    assert answer(Tally(50, 0), 0.9, 0.99).data["probability"] == "9/10"


def rule(within: int, outside: int, doubtful: int = 0, missing: int = 0) -> Evidence:
    """Comparisons of 1 with a tolerance of 1/10, measured well inside, well outside, on the edge, or not at all."""
    measured = [1.01] * within + [2.0] * outside + [1.1] * doubtful + [None] * missing
    items = [Comparison(f"trial {i}", v, 1.0, 0.1, 0.01) for i, v in enumerate(measured)]
    return statistical.as_a_rule(lambda _: Measurement(items, remark="seen"), quantity="a number").run(
        Context()
    )


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        # Of 10 fair coins 10 heads are 1/1024 and 9 or more 11/1024: below and above one in a hundred.
        ((10, 0), Verdict.SUPPORTED),
        ((9, 1), Verdict.UNDECIDED),
        ((0, 10), Verdict.REFUTED),
        ((1, 9), Verdict.UNDECIDED),
        ((9, 0, 1), Verdict.UNDECIDED),
        ((0, 9, 0, 1), Verdict.UNDECIDED),
    ],
)
def test_a_rule_holds_in_more_than_half_of_the_trials(counts: tuple[int, ...], verdict: Verdict):
    found = rule(*counts)
    assert found.verdict is verdict
    assert len(found.data["table"]["rows"]) == 10
    assert found.detail.startswith("a number: ")
    assert found.detail.endswith("; seen")


def test_what_is_in_doubt_or_missing_catches_nothing():
    assert rule(5, 5).not_confirmed
    assert not rule(5, 4, 1).not_confirmed
    assert not rule(5, 4, 0, 1).not_confirmed


def test_a_rule_without_trials_decides_nothing():
    assert rule(0, 0).verdict is Verdict.UNDECIDED
