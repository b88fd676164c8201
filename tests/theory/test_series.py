"""Taylor series by recurrences: against closed forms, mpmath, repeated differentiation and composition."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.errors import TheoryError
from theory.series import NotSmooth, taylor_series

u = sp.Symbol("u", real=True)


def test_closed_forms_to_order_25():
    """Bernoulli, Euler and binomial numbers."""
    n = 25
    tanh = taylor_series(sp.tanh(u), u, n)
    gd = taylor_series(2 * sp.atan(sp.tanh(u / 2)), u, n)
    rational = taylor_series(u / sp.sqrt(1 + u**2), u, n)
    erf = taylor_series(sp.erf(sp.sqrt(sp.pi) * u / 2), u, n)
    for k in range(1, 13):
        power = 2 * k - 1
        b = sp.bernoulli(2 * k)
        assert tanh[power] == 2 ** (2 * k) * (2 ** (2 * k) - 1) * b / sp.factorial(2 * k)
        assert gd[power] == sp.euler(2 * k - 2) / (sp.factorial(2 * k - 2) * power)
        assert rational[power] == sp.binomial(sp.Rational(-1, 2), k - 1)
        assert sp.expand(erf[power] - (-sp.pi / 4) ** (k - 1) / (sp.factorial(k - 1) * power)) == 0
    for coefficients in (tanh, gd, rational, erf):
        assert len(coefficients) == n + 1
        assert all(c == 0 for c in coefficients[::2])


EXPRESSIONS = [
    sp.exp(u) * sp.cos(u),
    sp.log(2 + u) / (1 + u**2),
    sp.sqrt(3 + u) ** 3,
    (1 + u) ** sp.Rational(-5, 3),
    sp.asinh(u + 1) + sp.acosh(u + 3),
    sp.asin(u / 2) * sp.acos(u / 3),
    sp.atanh(u / 2 + sp.Rational(1, 4)),
    sp.tan(u + sp.Rational(1, 2)),
    sp.sinh(u) * sp.cosh(2 * u) / sp.cosh(u),
    sp.sech(u) + sp.erfc(u + 1),
    sp.sec(u) + sp.csc(u + 1) + sp.cot(u + 1) + sp.coth(u + 1) + sp.csch(u + 1),
    sp.Abs(u - 3) * u,
    (2 + u) ** u,
    sp.sin(sp.tanh(sp.exp(u) - 1)),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_against_repeated_differentiation(expression):
    derivative = expression
    for n, c in enumerate(taylor_series(expression, u, 5)):
        value = derivative.subs(u, 0) / sp.factorial(n)
        assert abs(sp.N(c - value, 40)) < 1e-30
        derivative = derivative.diff(u)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_against_mpmath_at_a_point(expression):
    """Σ c_n h^n against the function itself: the tail is far below 1e-30 at h = 1e-3."""
    with mpmath.mp.workdps(60):
        h = sp.Rational(1, 1000)
        total = sp.Add(*(c * h**n for n, c in enumerate(taylor_series(expression, u, 14))))
        assert abs(sp.N(total - expression.subs(u, h), 50)) < 1e-35


@settings(max_examples=30)
@given(st.lists(st.fractions(-2, 2, max_denominator=5), min_size=4, max_size=4))
def test_polynomials_inside_functions(coefficients):
    """exp(p) exp(−p) = 1 and sin² + cos² = 1 as series, exactly, for p(0) = 0."""
    p = sp.Add(*(sp.Rational(c.numerator, c.denominator) * u ** (k + 1) for k, c in enumerate(coefficients)))
    one = [1] + [0] * 8

    def series(expression):
        return taylor_series(expression, u, 8)

    def times(left, right):
        return [sp.expand(sum(left[k] * right[n - k] for k in range(n + 1))) for n in range(9)]

    assert times(series(sp.exp(p)), series(sp.exp(-p))) == one
    squares = [
        s + c
        for s, c in zip(
            times(series(sp.sin(p)), series(sp.sin(p))),
            times(series(sp.cos(p)), series(sp.cos(p))),
            strict=True,
        )
    ]
    assert squares == one


@pytest.mark.parametrize(
    "expression",
    [
        1 / u,
        sp.sqrt(u),
        sp.log(u),
        sp.Abs(u),
        sp.sin(u) / u,
        sp.sqrt(u - 1),
        sp.acosh(u),
        sp.asin(u + 2),
        u**sp.pi,
        sp.coth(u),
    ],
)
def test_no_series_at_zero(expression):
    with pytest.raises(NotSmooth):
        taylor_series(expression, u, 3)


@pytest.mark.parametrize(
    "expression", [sp.Max(u, 0), sp.Piecewise((u, u > 0), (0, True)), sp.besselj(1, u), sp.LambertW(u)]
)
def test_unknown_functions_are_refused_and_not_called_rough(expression):
    with pytest.raises(TheoryError) as refused:
        taylor_series(expression, u, 3)
    assert not isinstance(refused.value, NotSmooth)


def test_order_below_zero():
    with pytest.raises(TheoryError):
        taylor_series(u, u, -1)
