"""Constants of Taylor remainders: closed forms, mpmath, and everything that must not be proved."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from flint import arb

import theory
from numerics.balls import remainder, supremum
from numerics.balls.quotient import BallFunction, Quotient
from numerics.balls.remainder import prove_remainder, remainder_bound
from numerics.balls.subdivision import Status
from numerics.errors import InputError
from numerics.precision import working_precision
from theory.activation_class import argument as u

EXACT = {
    "tanh": [Fraction(1, 3), Fraction(2, 15), Fraction(17, 315)],
    "arctan": [Fraction(1, 3), Fraction(1, 5), Fraction(1, 7)],
    "sin": [Fraction(1, 6), Fraction(1, 120), Fraction(1, 5040)],
    "rational": [Fraction(1, 2), Fraction(3, 8), Fraction(5, 16)],
    "gd": [Fraction(1, 6), Fraction(1, 24), Fraction(61, 5040)],
}
"""|c₃|, |c₅|, |c₇|: an alternating series is largest, relative to its first power, at 0."""


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("k", [0, 1, 2])
def test_sharp_constants_of_the_built_in_activations(name, k):
    order = 2 * k + 1
    activation = theory.admit(name)
    value = remainder_bound(activation, order)
    slope = remainder_bound(activation, order, derivative=1)
    assert value.proved
    assert value.sharp
    assert value.constant == EXACT[name][k]
    assert value.power == order + 2
    assert value.radius is None
    assert slope.constant == EXACT[name][k] * (order + 2)
    assert slope.power == order + 1


def test_irrational_constant_is_bounded_from_both_sides():
    found = remainder_bound(theory.admit("erf"), 1, derivative=1)
    assert found.proved
    assert not found.sharp
    with mpmath.mp.workdps(50):
        exact = mpmath.pi / 4
        assert mpmath.mpf(found.at_least.numerator) / found.at_least.denominator <= exact
        assert exact <= mpmath.mpf(found.constant.numerator) / found.constant.denominator < exact + 1e-9


OTHERS = [
    # (1 + u²)/(1 + u⁴) is largest at u² = √2 − 1, where it is (1 + √2)/2.
    (u + u**3 * (1 + u**2) / (1 + u**4), 1, None, (1 + sp.sqrt(2)) / 2),
    # (1 − u)/(1 + u²) for u < 0: not odd; (1 + √2)/2 at u = 1 − √2.
    (u + u**3 * (1 - u) / (1 + u**2), 1, None, (1 + sp.sqrt(2)) / 2),
    (sp.sinh(u), 1, 2, (sp.sinh(2) - 2) / 8),
    (
        sp.sinh(u),
        3,
        Fraction(1, 2),
        32 * (sp.sinh(sp.Rational(1, 2)) - sp.Rational(1, 2) - sp.Rational(1, 48)),
    ),
    (u * sp.exp(-(u**2)), 1, None, sp.S.One),
    (sp.log(u + sp.sqrt(1 + u**2)), 1, None, sp.Rational(1, 6)),
    (u + u**5 * sp.sin(u) ** 2, 5, None, sp.S.One),
    (sp.sin(3 * u) / 3, 1, None, sp.Rational(3, 2)),
    # |2 + sin u| is smooth, though that was not decided beforehand.
    (u + u**3 * sp.Abs(2 + sp.sin(u)), 1, 10, sp.Integer(3)),
]


@pytest.mark.parametrize(("given", "order", "radius", "exact"), OTHERS, ids=[str(o[0]) for o in OTHERS])
def test_other_activations(given, order, radius, exact):
    found = remainder_bound(theory.admit(given), order, radius=radius)
    assert found.proved, found.reason
    with mpmath.mp.workdps(40):
        value = mpmath.mpf(sp.N(exact, 40)._mpf_)
        assert mpmath.mpf(found.at_least.numerator) / found.at_least.denominator <= value * (
            1 + mpmath.mpf(10) ** -30
        )
        high = mpmath.mpf(found.constant.numerator) / found.constant.denominator
        assert value * (1 - mpmath.mpf(10) ** -30) <= high <= value * (1 + 2e-6)


def test_a_supremum_at_infinity_is_bounded_less_sharply():
    """The remainders are as large at infinity as anywhere: u³ itself, and u³(2 + sin u)."""
    for given, exact in ((u + u**3, 1), (u + u**3 * (2 + sp.sin(u)), 3)):
        found = remainder_bound(theory.admit(given), 1)
        assert found.proved
        assert exact - 1e-2 <= found.at_least <= exact <= found.constant <= exact * (1 + 2e-4)


def test_bounds_hold_at_random_points_by_mpmath():
    """|σ − T| ≤ L|u|^p at 50 digits on a logarithmic lattice, for a truncation of each activation."""
    with mpmath.mp.workdps(80):
        for name in theory.NAMED:
            activation = theory.admit(name)
            f = sp.lambdify(u, activation.expression, "mpmath")
            for order in (1, 4):
                found = remainder_bound(activation, order)
                listed = [sp.lambdify((), c, "mpmath")() for c in activation.coefficients(order)]
                high = mpmath.mpf(found.constant.numerator) / found.constant.denominator
                for k in range(-30, 31):
                    at = mpmath.mpf(2) ** (mpmath.mpf(k) / 4) * (-1) ** k
                    rest = abs(f(at) - mpmath.polyval(listed[::-1], at))
                    assert rest <= high * abs(at) ** found.power * (1 + mpmath.mpf(10) ** -25)


def test_polynomials_have_no_remainder():
    found = remainder_bound(theory.admit(u + u**3), 3)
    assert (found.constant, found.proved, found.sharp) == (0, True, True)


def test_too_fast_growth_needs_a_radius():
    found = remainder_bound(theory.admit(sp.sinh(u)), 1)
    assert not found.proved
    assert found.constant is None
    assert "radius" in found.reason
    assert prove_remainder(theory.admit(sp.sinh(u)), 1, sp.Integer(1), 3).status is Status.REFUTED
    assert prove_remainder(theory.admit(u + u**7), 1, sp.Integer(10**40), 3).status is Status.UNDECIDED


HALF = sp.Rational(1, 2)
CLAIMS = [
    ("tanh", 1, 2, 1),
    ("arctan", 1, 2, 1),
    ("sin", HALF, 2, 1),
    ("gd", HALF, 2, 1),
    ("rational", 3 * HALF, 2, 1),
    ("erf", sp.pi / 4, 2, 1),
    ("erf", sp.pi / 12, 3, 0),
]


@pytest.mark.parametrize(("name", "constant", "power", "derivative"), CLAIMS)
def test_the_exact_constant_is_proved_and_anything_less_is_not(name, constant, power, derivative):
    """The limit at 0 is touched; the bound that is the least is still proved, a ten-millionth less is false."""
    activation = theory.admit(name)
    assert (
        prove_remainder(activation, 1, sp.sympify(constant), power, derivative=derivative).status
        is Status.PROVED
    )
    for factor in (HALF, sp.Rational(9, 10), 1 - sp.Rational(1, 10**7)):
        found = prove_remainder(activation, 1, factor * constant, power, derivative=derivative)
        assert found.status is Status.REFUTED
        (at,) = found.point
        with mpmath.mp.workdps(80):
            point = mpmath.mpf(at.numerator) / at.denominator
            f = sp.lambdify(u, activation.expression.diff(u, derivative), "mpmath")
            left = abs(f(point) - (point if derivative == 0 else 1))
            assert left > mpmath.mpf(sp.N(factor * constant, 80)._mpf_) * abs(point) ** power


def test_a_tangency_inside_is_not_decided():
    """The constant is the maximum itself, at an irrational u: true, and out of reach of subdivision."""
    activation = theory.admit(u + u**3 * (1 + u**2) / (1 + u**4))
    exact = (1 + sp.sqrt(2)) / 2
    assert prove_remainder(activation, 1, exact, 3, budget=500).status is Status.UNDECIDED
    assert prove_remainder(activation, 1, exact + sp.Rational(1, 10**6), 3).status is Status.PROVED
    assert prove_remainder(activation, 1, exact - sp.Rational(1, 10**6), 3).status is Status.REFUTED


def test_a_slowly_touching_limit_from_above_is_refuted_or_open():
    """|q| grows away from 0: the limit at 0 is no bound, however close."""
    activation = theory.admit(sp.sinh(u))
    found = prove_remainder(activation, 1, sp.Rational(1, 6), 3, radius=1)
    assert found.status is Status.REFUTED


@pytest.mark.parametrize("budget", [0, 1, 2, 5])
def test_a_starved_budget_proves_nothing_false(budget):
    for name, constant, power, derivative in CLAIMS:
        found = prove_remainder(
            theory.admit(name), 1, sp.sympify(constant), power, derivative=derivative, budget=budget
        )
        assert found.status is not Status.REFUTED
        false = prove_remainder(
            theory.admit(name), 1, sp.sympify(constant) * HALF, power, derivative=derivative, budget=budget
        )
        assert false.status is not Status.PROVED
    starved = remainder_bound(theory.admit(u + u**3 * (1 + u**2) / (1 + u**4)), 1, budget=budget)
    assert starved.constant is None or float(starved.constant) >= 1.2071067811865475


@pytest.mark.parametrize("bits", [24, 32, 53])
def test_low_precision_stays_sound(bits):
    for name, constant, power, derivative in CLAIMS:
        activation = theory.admit(name)
        true = prove_remainder(
            activation, 1, sp.sympify(constant), power, derivative=derivative, bits=bits, budget=500
        )
        assert true.status is not Status.REFUTED
        false = prove_remainder(
            activation,
            1,
            sp.Rational(99, 100) * constant,
            power,
            derivative=derivative,
            bits=bits,
            budget=500,
        )
        assert false.status is not Status.PROVED


def test_nan_never_proves():
    def nowhere(value):
        return value * arb("nan")

    def coefficients(n):
        return [arb(0), arb(1), arb(0), arb(1), *[arb(0)] * n][: n + 1]

    with working_precision(64):
        side = Quotient(BallFunction(nowhere, coefficients), 1, 3, 1)
        found = supremum.prove_at_most([side], arb(10), Fraction(1), 100)
        assert found.status is Status.UNDECIDED
        assert supremum.enclose([side], None, 100, Fraction(1, 100)).high is None
        good = Quotient(BallFunction(lambda v: v + v * v * v, coefficients), 1, 3, 1)
        assert supremum.prove_at_most([good], arb("nan"), Fraction(1), 100).status is Status.UNDECIDED
        assert supremum.prove_at_most([good], arb(10), Fraction(1), 100).status is Status.PROVED
        assert supremum.prove_at_most([good, side], arb(10), Fraction(1), 100).status is Status.UNDECIDED


def test_a_lower_power_left_in_the_remainder_is_seen():
    """|δ| ≤ L|u|⁴ fails near 0 for any L, because c₃ ≠ 0."""
    found = prove_remainder(theory.admit("tanh"), 1, sp.Integer(1000), 4)
    assert found.status is Status.REFUTED
    assert abs(found.point[0]) < Fraction(1, 1000)


def test_an_activation_with_a_gap_is_never_proved_across_it():
    """Smoothness was not decided for it; balls do not get across the singularity at √2."""
    given = theory.SmoothActivation(u + u**3 / (u**2 - 2), u + u**3 / (u**2 - 2), sp.S.One, True, None)
    assert not remainder_bound(given, 1, radius=2, budget=2000).proved
    assert remainder_bound(given, 1, radius=1).proved


def test_bad_input():
    tanh = theory.admit("tanh")
    for arguments in (
        {"order": 0},
        {"order": 1, "derivative": -1},
        {"order": 1, "radius": 0},
        {"order": 1, "radius": 0.5},
    ):
        with pytest.raises(InputError):
            remainder_bound(tanh, **arguments)
    with pytest.raises(InputError):
        remainder_bound(tanh, 1, bits=3)
    with pytest.raises(InputError):
        remainder_bound(tanh, 1, derivative=4)
    with pytest.raises(InputError):
        prove_remainder(tanh, 1, sp.Integer(1), -1)
    with pytest.raises(InputError):
        prove_remainder(tanh, 1, sp.Integer(1), 3, budget=-1)


def test_rounding_up_is_up():
    for value in (Fraction(1, 3), Fraction(10**12, 7), Fraction(1, 7 * 10**15), Fraction(2), Fraction(0)):
        rounded = supremum.rounded_up(value)
        assert value <= rounded <= value * (1 + Fraction(1, 10**8))


def test_precision_is_restored():
    from flint import ctx

    before = ctx.prec
    remainder_bound(theory.admit("tanh"), 1, bits=200)
    with pytest.raises(InputError):
        remainder.prove_remainder(theory.admit("tanh"), 1, sp.Integer(1), -1, bits=200)
    assert ctx.prec == before
