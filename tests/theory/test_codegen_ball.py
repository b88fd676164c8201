"""Code in ball arithmetic: the ball contains the exact value, and is small."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from theory import InexactConstant, TheoryError
from theory.codegen import ball_expression, ball_source

x, y = sp.symbols("x y", positive=True)


def fractions() -> st.SearchStrategy[Fraction]:
    return st.fractions(min_value=Fraction(1, 9), max_value=9, max_denominator=30)


def rational_functions() -> st.SearchStrategy[sp.Expr]:
    constant = fractions().map(lambda f: sp.Rational(f.numerator, f.denominator))
    leaf = st.one_of(st.sampled_from([x, y]), constant, constant.map(lambda c: -c))

    def grow(inner: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
        return st.one_of(
            st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
            st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
            st.tuples(inner, st.sampled_from([2, 3, -1, -2])).map(
                lambda p: p[0] ** p[1] if p[0] != 0 else p[0]
            ),
        )

    return st.recursive(leaf, grow, max_leaves=8)


def ball_of(number: sp.Rational) -> arb:
    return arb(fmpq(int(number.p), int(number.q)))


def contains(ball: arb, p: int, q: int) -> bool:
    """Whether p/q may lie in the ball; ``ball.contains(fmpq)`` asks for a whole ball around p/q instead."""
    return bool((ball * q - p).contains(0))


@given(rational_functions(), fractions(), fractions())
def test_balls_contain_the_exact_value(expr: sp.Expr, p: Fraction, q: Fraction) -> None:
    at = {x: sp.Rational(p.numerator, p.denominator), y: sp.Rational(q.numerator, q.denominator)}
    exact = expr.subs(at, simultaneous=True)
    (ball,) = ball_expression([expr], [x, y])(ball_of(at[x]), ball_of(at[y]))
    if exact.is_Rational:
        assert not ball.is_finite() or contains(ball, int(exact.p), int(exact.q))


@given(
    rational_functions(),
    fractions(),
    st.sampled_from([sp.sqrt, sp.exp, sp.tanh, sp.atan, sp.cosh, sp.erf, sp.sin]),
)
def test_functions_agree_with_fifty_digits(inner: sp.Expr, p: Fraction, function: type) -> None:
    argument = (inner**2 + 1) / (inner**2 + 2)  # between ½ and 1
    at = {x: sp.Rational(p.numerator, p.denominator), y: sp.Rational(3, 7)}
    (ball,) = ball_expression([function(argument)], [x, y])(ball_of(at[x]), ball_of(at[y]))
    exact = argument.subs(at, simultaneous=True)
    if exact.is_Rational:
        number = arb(str(sp.N(function(exact), 50)))
        assert abs(ball - number) < arb("1e-10")
        assert (ball - number).contains(0)


def test_the_polynomial_that_rounding_gets_wrong() -> None:
    """1 − 1/3 + 2/15 = 4/5 exactly; a rounded constant in the code would miss it."""
    (ball,) = ball_expression([x - x**3 / 3 + 2 * x**5 / 15], [x])(arb(1))
    assert contains(ball, 4, 5)
    assert ball.rad() < arb("1e-14")


@pytest.mark.parametrize("power", [-3, -2, -1, 2, 5])
def test_powers_of_negative_numbers(power: int) -> None:
    (ball,) = ball_expression([sp.Symbol("t") ** power], [sp.Symbol("t")])(arb(-2))
    exact = Fraction(-2) ** power
    assert contains(ball, exact.numerator, exact.denominator)
    assert ball.is_finite()


def test_roots_and_logarithms_outside_their_domain_are_not_finite() -> None:
    t = sp.Symbol("t")
    for expr in (sp.sqrt(t), sp.log(t), t ** sp.Rational(1, 3), 1 / (t + 1)):
        (ball,) = ball_expression([expr], [t])(arb(-1))
        assert not ball.is_finite()


@pytest.mark.parametrize(
    "expr",
    [sp.I * x, sp.floor(x), sp.Max(x, 1),
     sp.EulerGamma * x, sp.Function("f")(x), sp.oo * x, x > 1, sp.Sum(x, (y, 1, 2))],
)  # fmt: skip
def test_what_has_no_balls_is_refused(expr: sp.Expr) -> None:
    with pytest.raises(TheoryError, match="No ball arithmetic"):
        ball_expression([expr], [x])


def test_floats_and_unknown_symbols_are_refused() -> None:
    with pytest.raises(InexactConstant, match="Rational"):
        ball_source([sp.Float("0.1") * x], [x])
    with pytest.raises(TheoryError, match="value of y"):
        ball_source([x + y], [x])


def test_the_source_has_exact_constants() -> None:
    source = ball_source([x / 3], [x])
    assert "fmpq(1, 3)" in source
    assert "0.3" not in source
