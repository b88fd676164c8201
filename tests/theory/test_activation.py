"""Taylor models against numerical differentiation in high precision, and what breaks Assumption 3."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from theory import (
    NAMED,
    AssumptionViolated,
    InexactConstant,
    Remainder,
    Sigma,
    TheoryError,
    named_activation,
    tanh_like,
    taylor_of,
)

u = sp.Symbol("u", real=True)
PLAIN = {
    "tanh": mpmath.tanh,
    "erf": lambda t: mpmath.erf(mpmath.sqrt(mpmath.pi) * t / 2),
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "rational": lambda t: t / mpmath.sqrt(1 + t * t),
    "gd": lambda t: 2 * mpmath.atan(mpmath.tanh(t / 2)),
}


@pytest.mark.parametrize("name", NAMED)
def test_coefficients_agree_with_numerical_differentiation(name: str) -> None:
    exact = taylor_of(named_activation(name), 7).coefficients
    with mpmath.workdps(60):
        numeric = mpmath.taylor(PLAIN[name], 0, 7)
        for c, number in zip(exact, numeric, strict=True):
            assert abs(mpmath.mpf(str(sp.N(c, 40))) - number) < mpmath.mpf(10) ** -25


@pytest.mark.parametrize("name", NAMED)
def test_named_ones_are_of_the_class_and_odd(name: str) -> None:
    coefficients = taylor_of(named_activation(name), 6).coefficients
    assert coefficients[1] == 1
    assert all(c == 0 for c in coefficients[::2])


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        (u**2, "σ'"), (sp.cos(u), r"σ\(0\)"), (sp.tanh(2 * u), "rescale"), (sp.exp(u) - 1, "σ''"), (u + u**2, "σ''"),
        (1 / u, "Assumption 3"), (sp.sqrt(u), "Assumption 3"), (u + 1, r"σ\(0\)"), (sp.log(u), "Assumption 3"),
        (u + sp.Rational(1, 10**12), r"σ\(0\)"),
    ],
)  # fmt: skip
def test_outside_the_class_is_refused(expression: sp.Expr, part: str) -> None:
    with pytest.raises(AssumptionViolated, match=part):
        taylor_of(expression, 4)


def test_constants_must_be_exact_and_the_variable_one() -> None:
    with pytest.raises(InexactConstant, match="Rational"):
        taylor_of(u + sp.Float("0.1") * u**3, 3)
    with pytest.raises(TheoryError, match="one variable"):
        taylor_of(u * sp.Symbol("v"), 3)
    with pytest.raises(TheoryError, match="one variable"):
        taylor_of(sp.Integer(1), 3)
    with pytest.raises(TheoryError, match="Unknown activation"):
        named_activation("relu")
    with pytest.raises(TheoryError, match="at least 1"):
        tanh_like(0)


def test_any_name_of_the_variable_will_do() -> None:
    assert taylor_of(sp.sin(sp.Symbol("q")), 5).coefficients == taylor_of(sp.sin(u), 5).coefficients


@pytest.mark.parametrize("order", [1, 2, 3, 6])
@pytest.mark.parametrize("derivative", [0, 1, 2, 4])
def test_expansion_plus_remainder_is_the_derivative_of_the_expansion(order: int, derivative: int) -> None:
    """d/du of [polynomial + remainder] for σ^(n) is the one for σ^(n+1)."""
    taylor = tanh_like(order)
    now, after = taylor.expand(Sigma(derivative, u)), taylor.expand(Sigma(derivative + 1, u))
    assert sp.expand(now.diff(u) - after) == 0


def test_derivatives_raise_the_order() -> None:
    assert Sigma(0, u**2).diff(u) == 2 * u * Sigma(1, u**2)
    assert Remainder(3, 1, 2 * u).diff(u) == 2 * Remainder(3, 2, 2 * u)
    for function in (Sigma(0, u), Remainder(1, 0, u)):
        with pytest.raises(TheoryError, match="differentiated"):
            function.fdiff(1)


def test_symbolic_coefficients() -> None:
    c3, c4, c5 = sp.symbols("c3 c4 c5", real=True)
    assert tanh_like(5).coefficients == (0, 1, 0, c3, c4, c5)
    assert tanh_like(5, odd=True).coefficients == (0, 1, 0, c3, 0, c5)
    assert sp.expand(tanh_like(5).derivative(2, u) - 6 * c3 * u - 12 * c4 * u**2 - 20 * c5 * u**3) == 0
