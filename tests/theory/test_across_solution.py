"""The closed forms of the weights across e₁ against the equations that they solve, integrated numerically."""

from __future__ import annotations

import math

import pytest
import sympy as sp
from scipy.integrate import solve_ivp

import theory
from theory.across_solution import angle, clock, pull, rest, root, solve_across
from theory.descent_across import AcrossDescent, across_descent, alpha1, alpha3
from theory.order_parameters import P
from theory.vectorfield import VectorField

C3, K4, F21, M31 = -0.3, 2.7, 0.45, -0.2
KNOWN = {"c3": C3, "k4": K4, "F2_1": F21, "M3_1": M31}


def value(expression: sp.Expr, x: float = 1.0) -> float:
    places = {clock: x, root: math.tanh(x), rest: 1 / math.cosh(x), angle: math.atan(math.sinh(x))}
    numbers = {s: places.get(s, KNOWN.get(s.name, 0.0)) for s in expression.free_symbols}
    return float(expression.subs(numbers))


def test_the_closed_forms_solve_the_equations_of_the_descent() -> None:
    found = solve_across(across_descent(2, 2))

    def field(_: float, y: list[float]) -> list[float]:
        p, one, three = y
        # Proposition 3, written out by hand.
        return [
            2 * p * (1 - p),
            -p * (one + K4 * three) - C3 * K4 * M31 * p**2.5,
            3 * C3 * p**1.5 * (F21 - p * M31),
        ]

    start = 1e-12
    path = solve_ivp(field, (0, 40), [start, 0, 0], rtol=1e-11, atol=1e-24, dense_output=True)
    half = 0.5 * math.log((1 - start) / start)
    for since in (-2.0, 0.0, 1.1, 8.0, 20.0):
        _, one, three = path.sol(half + since)
        x = math.asinh(math.exp(since))
        assert value(found.drive, x) == pytest.approx(three, rel=1e-6, abs=1e-9)
        assert value(found.pull, x) == pytest.approx(one + K4 * three, rel=1e-6, abs=1e-9)


def test_on_the_plateau_one_grows_like_time_and_the_other_rests() -> None:
    found = solve_across(across_descent(2, 2))
    assert value(found.drive, 31.0) - value(found.drive, 30.0) == pytest.approx(
        value(found.drive_rate), rel=1e-9
    )
    assert value(found.pull, 30.0) == pytest.approx(value(found.pull_limit), rel=1e-9)


def test_the_square_is_that_of_the_descent() -> None:
    derived = across_descent(3, 2)
    there = derived.square.subs({alpha1: pull - sp.Symbol("k4", real=True) * alpha3})
    assert sp.expand(solve_across(derived).square - there) == 0


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ((-2 * P * alpha1, P ** sp.Rational(3, 2)), "another damping"),
        ((-P * (alpha1 + sp.Symbol("k4", real=True) * alpha3), P), "no P"),
    ],
)
def test_other_fields_are_refused(rates: tuple[sp.Expr, sp.Expr], words: str) -> None:
    field = VectorField((P, alpha1, alpha3), (2 * P * (1 - P), *rates))
    with pytest.raises(theory.TheoryError, match=words):
        solve_across(AcrossDescent(field, alpha1**2))
