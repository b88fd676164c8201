"""The value of an exact expression in ball arithmetic, real or complex, for integrands that must be holomorphic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import acb, arb, fmpq

from numerics.errors import InputError

_METHODS: dict[type, str] = {
    sp.exp: "exp",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.erf: "erf",
}


def evaluate(expression: sp.Expr, values: Mapping[sp.Symbol, Any], analytic: bool = False) -> acb:
    """A complex ball that holds the expression at every point of the balls ``values``.

    With ``analytic`` the result is finite only if the expression is holomorphic on these balls, as ``acb.integral``
    asks of an integrand.

    Raises
    ------
    InputError
        For a float, an unknown symbol, or a function that has no ball arithmetic here.
    """
    if expression.is_Rational:
        return acb(fmpq(int(expression.p), int(expression.q)))
    if expression.is_Symbol:
        if expression not in values:
            raise InputError(f"No value is given for {expression}.")
        return acb(values[expression])
    if expression is sp.pi:
        return acb(arb.pi())
    if expression is sp.E:
        return acb(1).exp()
    if expression.is_Add:
        return sum((evaluate(arg, values, analytic) for arg in expression.args), acb(0))
    if expression.is_Mul:
        product = acb(1)
        for arg in expression.args:
            product *= evaluate(arg, values, analytic)
        return product
    if expression.is_Pow:
        return _power(expression, values, analytic)
    if not expression.args:
        raise InputError(f"{expression} has no exact value in ball arithmetic.")
    argument = evaluate(expression.args[0], values, analytic)
    kind = type(expression)
    if kind is sp.log:
        return argument.log(analytic=analytic)
    if kind is sp.Abs:
        return argument.real_abs(analytic=analytic)
    if kind is sp.atan:
        return _atan(argument, analytic)
    if kind not in _METHODS:
        raise InputError(f"There is no ball arithmetic for {kind.__name__}; write it with other functions.")
    value: acb = getattr(argument, _METHODS[kind])()
    return value


def _power(expression: sp.Expr, values: Mapping[sp.Symbol, Any], analytic: bool) -> acb:
    base, exponent = expression.base, expression.exp
    if base is sp.E:
        return evaluate(exponent, values, analytic).exp()
    inside = evaluate(base, values, analytic)
    if exponent.is_Integer:
        return inside ** int(exponent)
    if exponent.is_Rational and exponent.q == 2:
        root = inside.sqrt(analytic=analytic)
        return root ** int(exponent.p)
    return (evaluate(exponent, values, analytic) * inside.log(analytic=analytic)).exp()


def _atan(argument: acb, analytic: bool) -> acb:
    # The cuts of atan run along the imaginary axis from ±i to ±i∞.
    if analytic and argument.real.contains(0) and not abs(argument.imag) < 1:
        return acb("nan")
    return argument.atan()


def real_constant(expression: sp.Expr) -> arb:
    """A ball around an exact real number at the working precision.

    Raises
    ------
    InputError
        If its value is not finite, or not real.
    """
    value = evaluate(expression, {})
    if not value.is_finite():
        raise InputError(f"{str(expression)[:80]} has no finite value in ball arithmetic.")
    if not value.imag.contains(0):
        raise InputError(f"{str(expression)[:80]} is not real.")
    return value.real
