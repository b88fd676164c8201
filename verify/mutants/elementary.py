"""By how much a relation between elementary functions holds at a rational point, by mpmath at 50 digits.

It shares nothing with ball arithmetic or with generated code. A margin smaller than any rounding counts as none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.logic.boolalg import And, Boolean

from theory.errors import TheoryError
from verify.mutants.evaluation import Point

DIGITS = 50

_FUNCTIONS: dict[type, Callable[..., Any]] = {
    sp.exp: mp.exp,
    sp.log: mp.log,
    sp.sin: mp.sin,
    sp.cos: mp.cos,
    sp.tan: mp.tan,
    sp.sinh: mp.sinh,
    sp.cosh: mp.cosh,
    sp.tanh: mp.tanh,
    sp.sech: mp.sech,
    sp.asin: mp.asin,
    sp.acos: mp.acos,
    sp.atan: mp.atan,
    sp.asinh: mp.asinh,
    sp.acosh: mp.acosh,
    sp.atanh: mp.atanh,
    sp.erf: mp.erf,
    sp.erfc: mp.erfc,
    sp.Abs: abs,
}


def margin(statement: Boolean, point: Point) -> float:
    """Positive where the statement certainly holds, negative where it certainly does not, 0 in doubt.

    For left ≤ right it is right − left, for several relations at once the least.
    """
    if isinstance(statement, And):
        return min(margin(part, point) for part in statement.args)
    match statement:
        case sp.LessThan() | sp.StrictLessThan():
            small, large = statement.lhs, statement.rhs
        case sp.GreaterThan() | sp.StrictGreaterThan():
            small, large = statement.rhs, statement.lhs
        case _:
            raise TheoryError(f"{statement} is not <, ≤, > or ≥, or several of these at once")
    with mp.workdps(DIGITS):
        low, high = _value(small, point), _value(large, point)
        if not (mp.isfinite(low) and mp.isfinite(high)) or mp.im(low) != 0 or mp.im(high) != 0:
            return 0.0
        difference = mp.re(high) - mp.re(low)
        doubt = (1 + abs(low) + abs(high)) * mp.mpf(10) ** (10 - DIGITS)
        return float(difference) if abs(difference) > doubt else 0.0


def approximate(expr: sp.Expr, point: Point) -> str:
    """The value to eight digits, as text."""
    with mp.workdps(DIGITS):
        return str(mp.nstr(_value(expr, point), 8))


def _value(expr: sp.Expr, point: Point) -> Any:
    if isinstance(expr, sp.Rational):
        return mp.mpf(int(expr.p)) / int(expr.q)
    if isinstance(expr, sp.Symbol):
        return mp.mpf(point[expr].numerator) / point[expr].denominator
    if expr is sp.pi:
        return mp.pi
    if expr is sp.E:
        return mp.e
    arguments = [_value(arg, point) for arg in expr.args]
    if isinstance(expr, sp.Add):
        return mp.fsum(arguments)
    if isinstance(expr, sp.Mul):
        return mp.fprod(arguments)
    try:
        if isinstance(expr, sp.Pow):
            return mp.power(*arguments)
        if type(expr) in _FUNCTIONS:
            return _FUNCTIONS[type(expr)](*arguments)
    except (ZeroDivisionError, ValueError):  # outside the domain
        return mp.nan
    raise TheoryError(f"{type(expr).__name__} is not evaluated here")
