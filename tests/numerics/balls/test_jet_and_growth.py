"""Jets and growth bounds against mpmath, symbolic differentiation, and values at random points."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.balls.growth import Growth
from numerics.balls.jet import Jet
from numerics.balls.subdivision import ball
from numerics.precision import working_precision
from theory.codegen import ball_expression

u = sp.Symbol("u", real=True)

FUNCTIONS = [
    sp.exp(-(u**2)) * sp.cos(u),
    sp.log(1 + u**2) + sp.sqrt(2 + u**2) ** 3,
    sp.tanh(u) / (1 + u**2) ** 2,
    sp.sinh(u) / sp.cosh(2 * u),
    sp.asinh(u) * sp.sin(u),
    sp.atan(u) * sp.erf(u) + sp.erfc(u),
    sp.sech(u) * sp.Abs(u + 9),
    sp.asin(u / 20) + sp.acos(u / 30) + sp.atanh(u / 40),
    sp.acosh(u + 20) * sp.tan(u / 20),
    sp.sign(u + 1) * sp.exp(u),
    sp.coth(u + 9) + sp.csch(u + 9) + sp.sec(u / 20) + sp.csc(u / 20 + 1) + sp.cot(u / 20 + 1),
]


def code(expression):
    generated = ball_expression([expression], [u], "function")
    return lambda value: generated(value)[0]


def number(value: mpmath.mpf) -> arb:
    return arb(mpmath.nstr(value, 70))


@pytest.mark.parametrize("expression", FUNCTIONS, ids=str)
def test_jets_hold_the_taylor_coefficients(expression):
    """Symbolic derivatives by mpmath at 60 digits are in thin jets, and in jets over a ball around the point."""
    at = Fraction(3, 7)
    with working_precision(180):
        thin = code(expression)(Jet.variable(ball(at), 5))
        wide = code(expression)(Jet.variable(ball(at - Fraction(1, 50), at + Fraction(1, 90)), 5))
        derivative = expression
        for n in range(6):
            with mpmath.mp.workdps(60):
                exact = sp.lambdify(u, derivative, "mpmath")(mpmath.mpf(3) / 7) / mpmath.factorial(n)
            slack = arb(0, 1e-40)
            assert thin.c[n].overlaps(number(exact) + slack)
            assert thin.c[n].rad() < 1e-35
            assert wide.c[n].contains(number(exact).mid())
            assert wide.c[n].contains(thin.c[n])
            # |u + 9| has no kink here.
            derivative = derivative.diff(u).replace(sp.DiracDelta, lambda *arguments: sp.S.Zero)


def test_the_constant_two_fifteenths_stays_exact():
    """x − x³/3 + 2x⁵/15 at x = 1 is 4/5."""
    value = code(u - u**3 / 3 + 2 * u**5 / 15)(Jet.variable(arb(1), 2))
    assert value.c[0].contains(fmpq(4, 5))
    assert value.c[1].contains(fmpq(2, 3))


def test_a_jet_outside_the_domain_is_not_finite():
    for expression in (sp.log(u), sp.sqrt(u), 1 / u, sp.Abs(u), sp.sign(u), sp.asin(u - 1)):
        jet = code(expression)(Jet.variable(ball(Fraction(-1), Fraction(1)), 3))
        assert not all(c.is_finite() for c in jet.c)


def test_negative_powers_and_differences():
    jet = Jet.variable(arb(2), 3)
    assert (jet**-2).c[3].contains(fmpq(-1, 8))  # −4/2^5
    assert (3 - jet).c[0] == 1
    assert (jet / 4).c[1].contains(fmpq(1, 4))


GROWING = [
    sp.tanh(u) - u + u**3 / 3,
    u / sp.sqrt(1 + u**2),
    (1 + u**2) ** 3 / (2 + u) - 5 * u**4,
    sp.exp(-u) * u**2 + sp.cos(u) / u,
    sp.exp(-(u**2) / 4) - 1,
    sp.log(u + sp.sqrt(1 + u**2)),
    sp.log(1 + sp.exp(-u)) + sp.atan(1 / u),
    sp.asinh(u) * sp.erf(u) - sp.erfc(u),
    1 / sp.cosh(u) + sp.sech(u) - sp.csch(u) + sp.coth(u),
    sp.sinh(1 / u) + sp.cosh(1 / u) + sp.tanh(1 / u) ** 3,
    sp.Abs(sp.sin(u) - 2) * u,
    1 / (1 + sp.exp(u)),
    (u - 3) ** 2 / (u + 1) ** 2,
    sp.exp(1 / u) / (1 + 1 / u),
    sp.sinh(u) / sp.cosh(u) ** 2,
    sp.sinh(2 * u) * u**2 * sp.exp(-3 * u) - sp.cosh(u),
    u**3 * sp.exp(-u / 2),
    sp.log((1 + sp.exp(u)) / (1 + sp.exp(-u))),
    sp.exp(-u * sp.sin(u)) * sp.exp(-2 * u),
    sp.tanh(sp.exp(-u)) + sp.exp(u - 20 + sp.atan(u)),
    sp.sqrt(sp.exp(u) + u),
    sp.exp(u) - 2 * sp.sinh(u / 2) - sp.exp(-u),
    sp.sign(2 - u**2 - u) * u + sp.sign(sp.sin(u) + 3),
]


@settings(max_examples=150)
@given(
    st.sampled_from(GROWING), st.sampled_from([Fraction(1), Fraction(4), Fraction(100)]), st.fractions(0, 20)
)
def test_growth_bounds_hold(expression, start, beyond):
    """lower ≤ |f(u)| ≤ upper and the sign, at points u ≥ R by mpmath."""
    found = code(expression)(Growth.variable(start))
    with mpmath.mp.workdps(3000):
        at = mpmath.mpf(start.numerator) * (1 + mpmath.mpf(beyond.numerator) / beyond.denominator)
        value = sp.lambdify(u, expression, "mpmath")(at)

        def of(law):
            c, p, r = (mpmath.mpf(v.numerator) / v.denominator for v in (fraction(law.c), law.p, law.r))
            return c * at**p * mpmath.exp(r * at)

        if found.upper is not None:
            assert abs(value) <= of(found.upper) * (1 + mpmath.mpf(10) ** -100)
        assert abs(value) >= of(found.lower) * (1 - mpmath.mpf(10) ** -100)
        assert found.sign == 0 or found.sign * value >= 0
        bound = found.bound()
        if bound is not None:
            most = fraction(bound.upper())
            assert abs(value) <= mpmath.mpf(most.numerator) / most.denominator


def fraction(end: arb) -> Fraction:
    number = end.fmpq()
    return Fraction(int(number.p), int(number.q))


def test_growth_of_the_activations_is_known():
    for expression, most in (
        (u / sp.sqrt(1 + u**2), 1.01),
        (sp.tanh(u), 1),
        (sp.sin(u), 1),
        (1 / (1 + u**2), 0.01),
        (sp.sinh(u) / sp.cosh(u) ** 2, 1e-40),
        (u**10 * sp.exp(-u), 1e-20),
    ):
        bound = code(expression)(Growth.variable(Fraction(100))).bound()
        assert bound is not None
        assert bound <= most


@pytest.mark.parametrize(
    "expression", [sp.sinh(u), sp.exp(u), u, sp.tan(u), sp.log(u - 50), 1 / sp.sin(u), sp.sqrt(sp.cos(u))]
)
def test_growth_without_a_bound(expression):
    assert code(expression)(Growth.variable(Fraction(4))).bound() is None


def test_growth_takes_no_nan():
    four = Growth.variable(Fraction(4))
    assert (four * arb("nan")).bound() is None
    assert (1 / four + arb("nan")).bound() is None
    with pytest.raises(ValueError, match="half-line"):
        Growth.variable(Fraction(1, 2))
