"""Measured values against predicted ones within an estimated error."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.context import Context
from verify.evidence import Evidence, Verdict


def answer(items: object, **options: object) -> Evidence:
    return simulation.compare(items, quantity="P", **options).run(Context())


def item(difference: float, error: float | None = 0.0, tolerance: float = 1.0) -> Comparison:
    return Comparison("case", difference, 0.0, tolerance, error)


eighths = st.integers(-80, 80).map(lambda k: k / 8)  # exact in binary, and so are their sums


@given(eighths, eighths, st.integers(0, 80).map(lambda k: k / 8), st.integers(0, 80).map(lambda k: k / 8))
def test_one_comparison_is_decided_by_the_interval_around_it(measured, predicted, tolerance, error):
    found = answer([Comparison("case", measured, predicted, tolerance, error)])
    # The true difference lies in [low, high].
    low, high = abs(measured - predicted) - error, abs(measured - predicted) + error
    if high <= tolerance:
        assert found.verdict is Verdict.SUPPORTED
    elif low > tolerance:
        assert found.verdict is Verdict.REFUTED
    else:
        assert found.verdict is Verdict.UNDECIDED
        assert found.not_confirmed


def test_the_tolerance_itself_is_within():
    assert answer([item(1.0)]).verdict is Verdict.SUPPORTED
    assert answer([item(1.5, 0.5)]).not_confirmed  # the true difference may be 1, which is allowed
    assert answer([item(1.625, 0.5)]).verdict is Verdict.REFUTED


LARGE = 10**17


@pytest.mark.parametrize(
    ("one_more", "large"),
    [
        (LARGE + 1, LARGE),
        (np.int64(LARGE + 1), np.int64(LARGE)),
        (Fraction(LARGE + 1), Fraction(LARGE)),
        (sp.Integer(LARGE + 1), sp.Integer(LARGE)),
        (sp.Rational(2 * LARGE + 2, 2), LARGE),
        (sp.Float(LARGE, 40) + 1, sp.Integer(LARGE)),
        (flint.fmpz(LARGE + 1), flint.fmpq(LARGE)),
        (mpmath.mp.make_mpf(mpmath.libmp.from_int(LARGE + 1)), LARGE),
    ],
)
def test_numbers_are_subtracted_before_they_are_rounded(one_more, large):
    assert float(one_more) == float(large)
    for measured, predicted in ((one_more, large), (large, one_more)):
        case = Comparison("case", measured, predicted, 0.5, 0)
        assert case.difference == 1.0
        assert answer([case]).verdict is Verdict.REFUTED
        assert answer([Comparison("case", measured, predicted, 1, 0)]).verdict is Verdict.SUPPORTED


def test_thirds_and_balls():
    third = Comparison("case", sp.Rational(1, 3), Fraction(1, 3), sp.Rational(1, 7), flint.fmpq(1, 7))
    assert third.difference == 0.0
    found = answer([third])
    assert found.verdict is Verdict.SUPPORTED
    assert "measured 0.333333, predicted 0.333333" in found.detail
    ball = answer([Comparison("case", flint.arb(1) / 3, 0, 1, 0)])
    assert ball.verdict is Verdict.ERROR
    assert "is a ball: give its middle" in ball.detail


@pytest.mark.parametrize("error", [None, math.nan, math.inf])
def test_without_an_error_estimate_nothing_is_decided(error):
    for difference in (0.0, 100.0):
        found = answer([item(difference, error)])
        assert found.verdict is Verdict.UNDECIDED
        assert not found.not_confirmed


@pytest.mark.parametrize("measured", [None, math.nan, math.inf])
def test_without_a_measured_value_nothing_is_decided(measured):
    found = answer([item(0.0), Comparison("lost", measured, 0.0, 1.0, 0.0)])
    assert found.verdict is Verdict.UNDECIDED
    assert not found.not_confirmed
    assert "lost" in found.detail


def test_one_comparison_outside_refutes_all():
    assert answer([item(0.0)] * 9 + [item(2.0)]).verdict is Verdict.REFUTED


@given(st.lists(st.sampled_from(["in", "out", "doubt", "lost"]), min_size=1, max_size=12), st.integers(1, 10))
def test_a_required_fraction_counts_what_is_certain(kinds: list[str], tenths: int):
    makers = {"in": item(0.0), "out": item(5.0), "doubt": item(1.0, 0.5), "lost": item(math.nan)}
    found = answer([makers[kind] for kind in kinds], required_fraction=f"{tenths}/10")
    inside, outside, total = kinds.count("in"), kinds.count("out"), len(kinds)
    if 10 * inside >= tenths * total:
        assert found.verdict is Verdict.SUPPORTED
    elif 10 * (total - outside) < tenths * total:
        assert found.verdict is Verdict.REFUTED
    else:
        assert found.verdict is Verdict.UNDECIDED
        assert found.not_confirmed is ("lost" not in kinds)


def test_ninety_nine_of_a_hundred_is_not_rounded():
    assert answer([item(0.0)] * 99 + [item(5.0)], required_fraction=0.99).verdict is Verdict.SUPPORTED
    assert answer([item(0.0)] * 98 + [item(5.0)] * 2, required_fraction=0.99).verdict is Verdict.REFUTED


def test_nothing_compared_is_undecided():
    assert answer([]).verdict is Verdict.UNDECIDED
    assert answer(lambda context: []).verdict is Verdict.UNDECIDED


def test_an_exception_in_the_measurement_is_an_error():
    def broken(context: Context) -> list[Comparison]:
        raise ArithmeticError("lost")

    assert answer(broken).verdict is Verdict.ERROR


def test_numpy_numbers_are_numbers():
    value = np.float64(0.5)
    found = answer([Comparison("a", value, np.float32(0.5), np.float64(0.1), np.float64(0.01))])
    assert found.verdict is Verdict.SUPPORTED
    json.dumps(dict(found.data), allow_nan=False)


def test_a_measurement_brings_its_figure_and_its_remark():
    panel = {"title": "P", "series": [], "marks": []}
    found = answer(lambda context: Measurement([item(0.0)], [panel], "seed 3"))
    assert found.data["figure"] == [panel]
    assert found.detail.endswith("seed 3")
    assert found.data["table"]["rows"][0][-1] == "yes"


def test_bad_comparisons_are_refused():
    for predicted, tolerance, error in (
        (math.nan, 1.0, 0.0),
        (0.0, -1.0, 0.0),
        (0.0, math.inf, 0.0),
        (0.0, 1.0, -1.0),
    ):
        with pytest.raises(InputError):
            Comparison("case", 0.0, predicted, tolerance, error)
    for fraction in (0, 1.5, "most"):
        with pytest.raises(InputError):
            simulation.compare([], quantity="P", required_fraction=fraction)
