"""Which activations are admitted, how they are rescaled, and what a refusal says."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import theory
from theory.activation_class import argument as u
from theory.constant import sign_of
from theory.domain import smooth_everywhere
from theory.errors import AssumptionViolated, InexactConstant, TheoryError

half = sp.Rational(1, 2)


@pytest.mark.parametrize("name", theory.NAMED)
def test_built_in_activations(name):
    found = theory.admit(name)
    assert (found.slope, found.odd, found.everywhere, found.note) == (1, True, True, "")
    assert found.coefficients(2) == (0, 1, 0)
    assert found.next_power(1) == 3
    assert found.next_power(4) == 5


@pytest.mark.parametrize(
    ("given", "slope"),
    [
        (sp.tanh(2 * u), 2),
        (sp.erf(u), 2 / sp.sqrt(sp.pi)),
        (sp.sinh(u) / 3, sp.Rational(1, 3)),
        (-sp.atan(u), -1),
    ],
)
def test_another_slope_is_divided_out_of_the_argument(given, slope):
    found = theory.admit(given)
    assert sp.simplify(found.slope - slope) == 0
    assert "argument is divided" in found.note
    assert sp.simplify(found.expression - given.subs(u, u / slope)) == 0
    assert found.coefficients(1)[1] == 1
    # The same coefficients by differentiating what the rescaling gave.
    direct = [found.expression.diff(u, n).subs(u, 0) / sp.factorial(n) for n in range(6)]
    assert all(sp.simplify(c - d) == 0 for c, d in zip(found.coefficients(5), direct, strict=True))


def test_erf_rescaled_is_the_built_in_one():
    assert theory.admit(sp.erf(u)).expression == theory.NAMED["erf"]


@pytest.mark.parametrize(
    ("given", "odd"),
    [
        (u + u**3, True),
        (sp.log(u + sp.sqrt(1 + u**2)), True),
        (u / (1 + u**2), True),
        (sp.log((1 + sp.exp(u)) / (1 + sp.exp(-u))), True),
        (sp.exp(u) - sp.exp(-u), True),
        (sp.tanh(u) + u**4, False),
        (sp.sin(u) * sp.exp(u**3), False),
    ],
)
def test_oddness(given, odd):
    found = theory.admit(given)
    assert found.odd is odd
    with mpmath.mp.workdps(30):
        f = sp.lambdify(u, given, "mpmath")
        even_part = abs(f(mpmath.mpf("0.7")) + f(mpmath.mpf("-0.7")))
    assert (even_part < 1e-25) is odd


REFUSED = [
    (sp.cos(u), "σ(0) = 1"),
    (sp.sin(u) + 1, "σ(0) = 1"),
    (u**2, "σ'(0) = 0"),
    (u**3, "σ'(0) = 0"),
    (sp.log(sp.cosh(u)), "σ'(0) = 0"),
    (u + u**2 / 1000, "even part, σ''(0) = 1/500"),
    (sp.exp(u) - 1, "even part"),
    (u / (1 + sp.exp(-u)), "even part"),
    (sp.Abs(u), "not smooth at u = 0"),
    (u * sp.Abs(u), "not smooth at u = 0"),
    (u + sp.sqrt(u**2) ** 3, "not smooth at u = 0"),
    (1 / u, "not smooth at u = 0"),
    (sp.log(1 + u), "log(u + 1) is not defined, or not smooth, at u = -1"),
    (sp.tan(u), "tan(u) is not defined"),
    (sp.atanh(u), "atanh(u) is not defined"),
    (sp.asin(u), "asin(u) is not defined"),
    (u / (1 - u**2), "at u = -1"),
    (u / (u**2 - 2), "near u = -1.41"),
    (u * sp.sqrt(1 - u**4), "at u = "),
    (sp.sin(u) + u**3 * sp.Abs(u - 5), "at u = 5"),
]


@pytest.mark.parametrize(("given", "words"), REFUSED, ids=[str(e) for e, _ in REFUSED])
def test_refusal_names_what_breaks(given, words):
    with pytest.raises(AssumptionViolated, match="Assumption 3") as refused:
        theory.admit(given)
    assert words in str(refused.value)


def test_refusals_of_another_kind():
    with pytest.raises(InexactConstant, match="Rational"):
        theory.admit(u + 0.5 * u**3)
    with pytest.raises(TheoryError, match="one variable"):
        theory.admit(u + sp.Symbol("v"))
    with pytest.raises(TheoryError, match="one variable"):
        theory.admit(sp.Integer(3))
    with pytest.raises(TheoryError, match="built in are"):
        theory.admit("relu")
    with pytest.raises(TheoryError):
        theory.admit(sp.Max(u, 0))
    with pytest.raises(TheoryError):
        theory.admit(42)  # type: ignore[arg-type]


def test_any_symbol_will_do():
    x = sp.Symbol("x")
    assert theory.admit(sp.tanh(x)) == theory.admit("tanh")


def test_taylor_of_wants_slope_one():
    assert theory.taylor_of(sp.sin(u), 3).coefficients == (0, 1, 0, -sp.Rational(1, 6))
    with pytest.raises(AssumptionViolated, match="admit rescales"):
        theory.taylor_of(sp.sin(2 * u), 3)


def test_next_power_of_polynomials():
    assert theory.admit(u + u**3).next_power(3) is None
    assert theory.admit(u + u**9).next_power(1) == 9


@pytest.mark.parametrize(
    ("expression", "everywhere"),
    [
        (sp.log(1 + u**2), True),
        (sp.sqrt(1 + u**2 + u), True),
        (1 / (u**4 - u**2 + 1), True),
        (1 / sp.cosh(u), True),
        (sp.log(u + sp.sqrt(1 + u**2)), None),
        (1 / (u - sp.sqrt(2)) ** 2, False),
        (sp.log(sp.cos(u)), False),
        (1 / (sp.exp(u) - 2), False),
        (u ** sp.Rational(1, 3), False),
        (sp.besselj(0, u), None),
    ],
)
def test_domain(expression, everywhere):
    assert smooth_everywhere(expression, u).everywhere is everywhere


def test_signs_of_constants():
    tiny = sp.exp(sp.Integer(-400))
    assert sign_of(sp.sqrt(2) - sp.Rational(141421356, 10**8)) == 1
    assert sign_of(tiny - 2 * tiny) == -1
    assert sign_of(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6)) == 0
    assert sign_of((1 + sp.sqrt(2)) ** 2 - 3 - 2 * sp.sqrt(2)) == 0
    assert sign_of(sp.nan) is None
    assert sign_of(u) is None
    # Zero by an identity that no canonical form here knows: not decided, and not called zero.
    assert sign_of(sp.atan(half) + sp.atan(sp.Rational(1, 3)) - sp.pi / 4) is None
