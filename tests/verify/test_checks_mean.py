"""The mean over draws: Student's interval, its coverage, and what it decides."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.errors import InputError
from verify.checks import mean
from verify.checks.mean import Draws
from verify.context import Context
from verify.evidence import Evidence, Verdict


def answer(draws: Draws, low: float = 0.0, high: float = math.inf) -> Evidence:
    return mean.within(lambda context: draws, low, high, quantity="gap").run(Context())


def test_the_interval_of_a_textbook():
    """Ten values with mean 5 and standard deviation 1: t(0.975; 9) = 2.262157, so ± 0.715357."""
    spread = math.sqrt(9 / 10)
    low, high = mean.student_interval([5 - spread] * 5 + [5 + spread] * 5, 0.95)
    half = 2.2621571627 / math.sqrt(10)
    assert (low, high) == (pytest.approx(5 - half, rel=1e-9), pytest.approx(5 + half, rel=1e-9))


def test_nineteen_of_twenty_intervals_hold_the_mean():
    generator = np.random.Generator(np.random.Philox(key=3))
    trials = 4000
    held = 0
    for row in generator.standard_normal((trials, 6)) + 1.5:
        low, high = mean.student_interval(list(row), 0.95)
        held += low <= 1.5 <= high
    # Four standard deviations of a binomial count.
    assert abs(held / trials - 0.95) < 4 * math.sqrt(0.05 * 0.95 / trials)


def test_inside_apart_and_in_between():
    values = [1.0, 1.1, 0.9, 1.05, 0.95]
    assert answer(Draws(values)).verdict is Verdict.SUPPORTED
    assert answer(Draws(values), -math.inf, 0.0).verdict is Verdict.REFUTED
    between = answer(Draws(values), 1.0, 2.0)
    assert between.verdict is Verdict.UNDECIDED
    assert between.not_confirmed
    shown = answer(Draws(values, table={"columns": ["a"], "rows": [[1]]}, remark="by hand"))
    assert "by hand" in shown.detail
    assert shown.data["mean"] == pytest.approx(1.0)
    assert "table" in shown.data


def test_the_grid_widens_the_interval():
    values = [0.2, 0.4, 0.2, 0.4, 0.3]
    low, high = answer(Draws(values)).data["interval"]
    widened = answer(Draws(values, below=0.2, above=0.1)).data["interval"]
    assert widened == pytest.approx([low - 0.2, high + 0.1])
    assert answer(Draws(values, above=0.4), -math.inf, 0.05).verdict is Verdict.REFUTED
    assert answer(Draws(values, below=0.4)).not_confirmed


def test_equal_draws_do_not_say_that_nothing_scatters():
    same = [0.3] * 5
    unknown = answer(Draws(same))
    assert unknown.not_confirmed
    assert unknown.data["interval"] == ["-inf", "inf"]
    # Within a cell of width 0.3 the largest standard deviation of five values is 0.15 √(5/4); Student's 99.5 % point
    # with four degrees of freedom is 4.604 (any table).
    half = 4.604 * 0.15 * math.sqrt(5 / 4) / math.sqrt(5)
    found = answer(Draws(same, below=0.2, above=0.1)).data["interval"]
    assert found == pytest.approx([0.3 - half - 0.2, 0.3 + half + 0.1], abs=1e-4)


@pytest.mark.parametrize(
    "values", [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, None], [1.0, 1.0, 1.0, math.nan, 1.0], []]
)
def test_a_draw_without_a_value_decides_nothing_and_kills_nothing(values):
    for low, high in ((0.0, math.inf), (-math.inf, 0.0)):
        found = answer(Draws(values), low, high)
        assert found.verdict is Verdict.UNDECIDED
        assert not found.not_confirmed


def test_an_exception_is_ours():
    def broken(context: Context) -> Draws:
        raise ZeroDivisionError("no")

    assert mean.within(broken, 0.0, quantity="gap").run(Context()).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("low", "high", "confidence"), [(1.0, 1.0, 0.9), (-math.inf, math.inf, 0.9), (0.0, 1.0, 1.0)]
)
def test_a_statement_that_says_nothing_is_refused(low, high, confidence):
    with pytest.raises(InputError, match="cannot be held against"):
        mean.within(lambda context: Draws([]), low, high, quantity="gap", confidence=confidence)
