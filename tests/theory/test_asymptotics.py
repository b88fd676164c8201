"""Leading terms against exact expressions evaluated at large m in high precision."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import theory
from theory import Asymptotic, Asymptotics, width
from theory.asymptotics import alpha, dominant, gamma, zeta
from theory.descent_time import descent_time_variance, leading_descent_time, mean_descent_time, small_start

ALPHA, GAMMA = sp.Rational(5, 4), sp.Rational(1, 3)


def value(expr: sp.Expr, m: int) -> mpmath.mpf:
    known = {alpha: ALPHA, gamma: GAMMA, width: m, zeta: sp.Rational(1, 10)}
    return mpmath.mpf(sp.N(expr.subs(known), 40))


@pytest.fixture(autouse=True)
def _digits() -> object:
    with mpmath.workdps(40):
        yield


def test_sums_of_the_linear_phase_at_large_width() -> None:
    """From a = a₀ cosh t + w₀ sinh t: E Σa² = mε² cosh 2t, E Σaw = mε² sinh 2t, weights across stay mε² each."""
    m, dim = 10**30, 3
    found = Asymptotics(dim)
    t = mpmath.mpf(GAMMA.p) / GAMMA.q * mpmath.log(m)
    variance = mpmath.mpf(m) ** (1 - 2 * mpmath.mpf(ALPHA.p) / ALPHA.q)  # m ε²
    square, product, across = (
        variance * mpmath.cosh(2 * t),
        variance * mpmath.sinh(2 * t),
        (dim - 1) * variance,
    )
    assert mpmath.almosteq(value(found.squares.leading, m), square, 1e-9)
    assert mpmath.almosteq(value(found.first_decay.leading, m), product / t, 1e-9)
    assert mpmath.almosteq(value(found.imbalance.leading, m), (square - product) / product, 1e-9)
    assert mpmath.almosteq(
        value(found.coupling.leading, m), mpmath.sqrt(2 * (square - product) / square), 1e-9
    )
    assert mpmath.almosteq(value(found.across.leading, m), across / (square + across), 1e-9)
    ratio = (1 - product) * mpmath.sqrt(2 * square / (2 * square + across))
    assert mpmath.almosteq(value(found.gradient_at_plateau.leading, m), 1 - ratio, 1e-9)


def test_the_risk_falls_by_half_on_the_way_to_the_plateau() -> None:
    level = sp.Symbol("P", positive=True)
    assert sp.expand(Asymptotics(2).risk(level) - (level**2 / 2 - level)) == 0


def test_nothing_across_on_the_line() -> None:
    assert Asymptotics(1).across.leading == 0


def test_constant_exponent_and_power_of_the_logarithm() -> None:
    term = Asymptotic("test", 3 * alpha * width ** (1 - gamma) / sp.log(width) ** 2)
    assert (term.constant, term.exponent, term.log_power) == (3 * alpha, 1 - gamma, -2)
    with pytest.raises(theory.TheoryError, match="not a constant times"):
        _ = Asymptotic("test", sp.sin(width)).constant


def test_the_largest_term_must_be_the_largest_everywhere() -> None:
    assert dominant(width ** (2 * gamma) + width ** (1 - 2 * alpha) + 5) == width ** (2 * gamma)
    with pytest.raises(theory.TheoryError, match="No term"):
        dominant(width**alpha + width ** (3 * gamma))


def test_the_descent_time_from_a_small_start() -> None:
    """Against B1 itself; what is left out is of second order in A and B."""
    solution, linear = small_start()
    exact = solution.descent_time(zeta)
    for size in ("1e-4", "1e-6"):
        at = {solution.A: sp.Rational(size), solution.B: 3 * sp.Rational(size), zeta: sp.Rational(1, 10)}
        difference = abs(sp.N(exact.subs(at), 40) - sp.N(linear.subs(at), 40))
        assert difference < 100 * float(size) ** 2


def test_the_mean_descent_time() -> None:
    """Against E log χ² = log 2 + ψ(m/2) by mpmath, and the first order in A and B."""
    m = 1000
    variance = mpmath.mpf(m) ** (-2 * mpmath.mpf(ALPHA.p) / ALPHA.q)
    log_of_A = mpmath.log(variance / 2) + mpmath.log(2) + mpmath.digamma(mpmath.mpf(m) / 2)
    direct = -log_of_A / 2 + mpmath.log(9) / 2 - m * variance / 2
    assert abs(value(mean_descent_time(), m) - direct) < mpmath.mpf(1) / m**2
    trigamma = mpmath.polygamma(1, mpmath.mpf(m) / 2) / 4
    assert mpmath.almosteq(value(descent_time_variance().leading, m), trigamma, 2 / mpmath.mpf(m))
    assert leading_descent_time().constant == alpha - sp.Rational(1, 2)


def test_the_ratio_of_decay_rates() -> None:
    later = sp.Symbol("T_2", positive=True)
    ratio = Asymptotics(1).decay_ratio(later)
    fall = (1 - zeta) - (1 - zeta) ** 2 / 2  # of R between P = 0 and P = 1 − ζ
    expected = fall / (later - gamma * sp.log(width)) / Asymptotics(1).first_decay.leading
    assert sp.simplify(ratio / expected) == 1
