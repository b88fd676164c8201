"""Activations, formulas, dyadic numbers and polynomial ranges in balls, against mpmath and exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from flint import acb, arb, arb_poly, arb_series, ctx
from hypothesis import given
from hypothesis import strategies as st

from numerics.balls.activation import BALL_ACTIVATIONS
from numerics.balls.dyadic import (
    ball,
    dyadic_time,
    float_above,
    float_below,
    fraction,
    norm_bound,
    square,
    text,
)
from numerics.balls.formula import in_balls
from numerics.balls.from_formula import ball_activation
from numerics.balls.polynomial import value_range
from numerics.certificate.activation import BOX, REAL, SERIES
from numerics.certificate.exact import exact
from numerics.errors import InputError
from numerics.expression import parse
from numerics.precision import working_precision

EXACT = {
    "tanh": mpmath.tanh,
    "erf": lambda u: mpmath.erf(u * mpmath.sqrt(mpmath.pi) / 2),
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "rational": lambda u: u / mpmath.sqrt(1 + u * u),
    "gd": lambda u: 2 * mpmath.atan(mpmath.tanh(u / 2)),
}

POINTS = (0.0, 1e-9, 0.3, -0.7, 2.5)


def near(ball_value: arb, value: object, tolerance: float = 1e-14) -> bool:
    return abs(float(ball_value) - float(mpmath.mpf(value))) <= tolerance * max(
        1.0, abs(float(mpmath.mpf(value)))
    )


@pytest.mark.parametrize("name", EXACT)
def test_series_boxes_and_intervals_of_activations(name: str) -> None:
    known = BALL_ACTIVATIONS[name]
    with mpmath.workdps(40), working_precision(80, 8):
        for at in POINTS:
            taylor = mpmath.taylor(EXACT[name], mpmath.mpf(at), 8)
            u = arb_series([arb(at), arb(1)], 8)
            for value, slope in (known.series(u), SERIES[name](u)):
                for j in range(7):
                    assert near(value[j], taylor[j])
                    assert near(slope[j], (j + 1) * taylor[j + 1])
            for found in (known.interval(arb(at)), REAL[name](arb(at))):
                assert all(near(found[j], taylor[j] * math.factorial(j)) for j in range(3))
            for found in (known.box(acb(at)), BOX[name](acb(at))):
                assert all(near(found[j].real, taylor[j]) for j in range(2))


@pytest.mark.parametrize("name", EXACT)
def test_boxes_hold_complex_values(name: str) -> None:
    known = BALL_ACTIVATIONS[name]
    with mpmath.workdps(30), working_precision(64):
        wide = acb(arb(0.4, 0.3), arb(0, 0.4))
        assert known.in_strip(wide)
        for box in (known.box(wide)[0], BOX[name](wide)[0]):
            for re in (0.15, 0.4, 0.65):
                for im in (-0.35, 0.0, 0.35):
                    value = EXACT[name](mpmath.mpc(re, im))
                    # One binary digit more than a float holds would be lost: allow 1e-15 around it.
                    assert (box + acb(arb(0, 1e-15), arb(0, 1e-15))).contains(
                        acb(float(value.real), float(value.imag))
                    )


@pytest.mark.parametrize("radius", [1e-6, 0.5, 3.0])
@pytest.mark.parametrize("name", EXACT)
def test_an_interval_centred_at_zero_holds_every_value(name: str, radius: float) -> None:
    """Powers of such balls are NaN in python-flint; here σ, σ' and σ'' are finite and hold what mpmath finds."""
    with mpmath.workdps(40), working_precision(64):
        centred = arb(0, radius)
        assert not (centred**2).is_finite()
        for found in (BALL_ACTIVATIONS[name].interval(centred), REAL[name](centred)):
            assert all(value.is_finite() for value in found)
            for share in (-1, -0.6, 0, 0.25, 1):
                taylor = mpmath.taylor(EXACT[name], mpmath.mpf(share) * radius, 2)
                for j, value in enumerate(found):
                    exactly = arb(mpmath.nstr(taylor[j] * math.factorial(j), 30))
                    # Derivatives by differences are right to half of the 40 digits.
                    assert value.contains(exactly) or (value + arb(0, 1e-15)).contains(exactly)
        assert all(not value.is_finite() for value in BALL_ACTIVATIONS[name].interval(arb("nan")))


@given(st.floats(-1e3, 1e3), st.floats(0, 1e3), st.floats(-1, 1))
def test_squares_hold_the_squares_and_nothing_negative(middle: float, radius: float, share: float) -> None:
    around = arb(middle, radius)
    found = square(around)
    assert found.contains(square(arb(middle) + arb(share) * arb(radius)).mid())
    assert square(arb(0, radius)).lower() >= 0
    assert found.upper() <= square(abs(arb(middle)) + arb(radius)).upper() * (1 + arb(2) ** -20)


@pytest.mark.parametrize("name", ["tanh", "arctan", "rational", "gd"])
def test_a_box_that_leaves_the_strip_is_not_analytic(name: str) -> None:
    assert not BALL_ACTIVATIONS[name].in_strip(acb(arb(0, 0.1), arb(0, 1.6)))
    assert not BALL_ACTIVATIONS[name].in_strip(acb(arb("nan"), arb(0)))
    assert BALL_ACTIVATIONS["sin"].in_strip(acb(arb(0, 0.1), arb(0, 9)))


@pytest.mark.parametrize("name", EXACT)
def test_small_arguments_keep_their_relative_accuracy(name: str) -> None:
    with working_precision(64, 4):
        tiny = arb((1, -300))
        for value in (BALL_ACTIVATIONS[name].series(arb_series([tiny, arb(1)], 4))[0][0],):
            assert abs(value / tiny - 1) < 1e-15


def test_an_unknown_activation() -> None:
    with pytest.raises(InputError, match="gelu"):
        ball_activation("gelu")


def test_formulas_mean_what_they_say() -> None:
    with working_precision(64):
        tenth = in_balls(parse("0.1*x", ["x"]), {"x": arb(1)})
        assert tenth.contains(ball(Fraction(1, 10)).mid()) or (tenth - ball(Fraction(1, 10))).contains(0)
        assert not tenth.is_exact()  # the binary number 0.1 would be
        for source, at, value in (
            ("sin(x)+0.3*sin(2*x)", 0.7, math.sin(0.7) + 0.3 * math.sin(1.4)),
            ("x**3/3 - x**(-2)", 1.5, 1.5**3 / 3 - 1.5**-2),
            ("exp(-abs(x))*pi", -0.5, math.exp(-0.5) * math.pi),
            ("sqrt(x)**(1/2)", 2.0, 2.0**0.25),
            ("atan(x)-arctan(x)+erf(x)", 0.4, math.erf(0.4)),
        ):
            assert abs(in_balls(parse(source, ["x"]), {"x": arb(at)}) - value) < 1e-14
        assert not in_balls(parse("log(x)", ["x"]), {"x": arb(-1)}).is_finite()
        assert not in_balls(parse("1/x", ["x"]), {"x": arb(0, 1)}).is_finite()


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-60, 60))
def test_dyadic_numbers_survive_text(value: float, shift: int) -> None:
    number = arb(value) * arb((1, shift))
    if number.is_exact():
        assert exact(text(number)) == number
        assert fraction(number) == Fraction(value) * Fraction(2) ** shift


def test_text_is_for_exact_numbers() -> None:
    for bad in (arb(1, 0.5), arb("nan"), arb("inf")):
        with pytest.raises(ValueError, match="not an exact"):
            text(bad)


@given(st.integers(-(2**80), 2**80), st.integers(-1100, 900))
def test_floats_outward(mantissa: int, exponent: int) -> None:
    number = arb((mantissa, exponent))
    assert arb(float_below(number)) <= number <= arb(float_above(number))
    assert float_above(number) <= math.nextafter(float_below(number), math.inf)


def test_times_are_dyadic() -> None:
    assert dyadic_time(0.1, "T") == Fraction(0.1)
    for bad in (0, -1.0, Fraction(1, 3), math.nan, math.inf):
        with pytest.raises(InputError, match="T is"):
            dyadic_time(bad, "T")


def test_norms_of_boxes() -> None:
    with working_precision(64):
        assert norm_bound([arb(3), arb(-4)]) >= 5
        assert norm_bound([arb(3, 1), arb(0, 3)]) >= 5
        assert not norm_bound([arb(1), arb("nan")]) < 100


@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=6),
    st.fractions(0, 2, max_denominator=64),
    st.fractions(0, 1, max_denominator=64),
    st.fractions(0, 1, max_denominator=64),
)
def test_ranges_hold_values(
    coefficients: list[int], low: Fraction, length: Fraction, share: Fraction
) -> None:
    with working_precision(64):
        found = value_range(arb_poly(coefficients), low, low + length)
        at = low + share * length
        value = sum((Fraction(c) * at**j for j, c in enumerate(coefficients)), Fraction(0))
        assert (found - ball(value)).contains(0)


@pytest.mark.parametrize("bits", [0, -1, 1.5, True, 10**9, "64"])
def test_a_precision_that_makes_no_sense(bits: object) -> None:
    before = ctx.prec
    with pytest.raises(InputError, match="precision"), working_precision(bits):  # type: ignore[arg-type]
        raise AssertionError("not reached")
    assert ctx.prec == before


def test_precision_is_restored_through_nesting_and_errors() -> None:
    before = ctx.prec, ctx.cap
    with working_precision(100, 7):
        with working_precision(200):
            assert (ctx.prec, ctx.cap) == (200, 7)
        assert (ctx.prec, ctx.cap) == (100, 7)
    with pytest.raises(ZeroDivisionError), working_precision(50, 3):
        raise ZeroDivisionError
    assert (ctx.prec, ctx.cap) == before
    with pytest.raises(InputError, match="term"), working_precision(64, 0):
        raise AssertionError("not reached")
