"""Whether an expression in one real variable is defined and smooth at every real value of it.

The parts that can fail are read off the expression: a logarithm or a fractional power needs a positive argument, a
quotient one that is not zero, and so on. Each condition is proved from SymPy's assumptions or, for polynomials, by
counting real roots; it is refuted at an exact rational point, or by a change of sign between two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from theory.codegen.ball import signs_at
from theory.errors import TheoryError


@dataclass(frozen=True)
class Domain:
    """Result of :func:`smooth_everywhere`.

    Attributes
    ----------
    everywhere:
        True: proved smooth on the whole line. False: refuted. None: not decided.
    reason:
        What fails, and where; or what was not decided. Empty if proved.
    """

    everywhere: bool | None
    reason: str = ""


@dataclass(frozen=True)
class _Condition:
    """``argument`` must be positive, or only different from 0, so that ``part`` is smooth."""

    argument: sp.Expr
    positive: bool
    part: sp.Expr


# Points at which conditions are tried, dense near 0 and out to 1000.
_POINTS = sorted(
    {sp.Rational(s * n, 8) for s in (1, -1) for n in range(33)}
    | {sp.Integer(s * n) for s in (1, -1) for n in (5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 50, 100, 300, 1000)}
)

_ENTIRE = (sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.exp)
_NOT_ZERO = (sp.Abs, sp.sign, sp.coth, sp.csch)


def smooth_everywhere(expr: sp.Expr, variable: sp.Symbol) -> Domain:
    """Decide whether the expression is a smooth real function of its one variable on the whole real line."""
    undecided = ""
    try:
        conditions = list(dict.fromkeys(_conditions(expr, variable)))
    except TheoryError as error:
        return Domain(None, str(error).rstrip("."))
    for condition in conditions:
        found = _decide(condition, variable)
        if found.everywhere is False:
            return found
        if found.everywhere is None:
            undecided = undecided or found.reason
    return Domain(None, undecided) if undecided else Domain(True)


def _conditions(expr: sp.Expr, variable: sp.Symbol) -> Iterator[_Condition]:
    if not expr.has(variable) or expr == variable:
        return
    for arg in expr.args:
        yield from _conditions(arg, variable)
    if expr.is_Add or expr.is_Mul or isinstance(expr, _ENTIRE):
        return
    if isinstance(expr, sp.Pow):
        if expr.exp.is_Integer:
            if expr.exp < 0:
                yield _Condition(expr.base, False, expr)
        elif expr.base.has(variable) or expr.base.is_positive is not True:
            yield _Condition(expr.base, True, expr)
        return
    (argument, *others) = expr.args
    if others:
        raise TheoryError(f"Where {str(expr)[:60]} is defined was not decided.")
    if isinstance(expr, sp.log):
        yield _Condition(argument, True, expr)
    elif isinstance(expr, _NOT_ZERO):
        yield _Condition(argument, False, expr)
    elif isinstance(expr, (sp.tan, sp.sec)):
        yield _Condition(sp.cos(argument), False, expr)
    elif isinstance(expr, (sp.cot, sp.csc)):
        yield _Condition(sp.sin(argument), False, expr)
    elif isinstance(expr, (sp.asin, sp.acos, sp.atanh)):
        yield _Condition(1 - argument**2, True, expr)
    elif isinstance(expr, sp.acosh):
        yield _Condition(argument - 1, True, expr)
    else:
        raise TheoryError(f"Where {str(expr)[:60]} is defined was not decided.")


def _decide(condition: _Condition, variable: sp.Symbol) -> Domain:
    argument = condition.argument
    if argument.is_positive or (not condition.positive and argument.is_nonzero):
        return Domain(True)
    if argument.is_polynomial(variable):
        polynomial = sp.Poly(argument, variable)
        if all(c.is_Rational for c in polynomial.all_coeffs()):
            return _of_polynomial(condition, polynomial, variable)
    signs = dict(zip(_POINTS, signs_at(argument, variable, _POINTS), strict=True))
    # The failure nearest to 0 is the one to report.
    for point in sorted(_POINTS, key=abs):
        sign = signs[point]
        zero = sign is None and argument.subs(variable, point) == 0
        if zero or (condition.positive and sign == -1):
            return _fails(condition, variable, f"at {variable} = {point}")
    known = [(point, sign) for point, sign in signs.items() if sign is not None]
    changes = [(p, q) for (p, left), (q, right) in pairwise(known) if left != right]
    if changes:
        # Either the argument is continuous in between and has a zero, or it is itself not defined somewhere there.
        low, high = min(changes, key=lambda pair: max(map(abs, pair)))
        return _fails(condition, variable, f"for some {variable} between {low} and {high}")
    return Domain(None, f"whether {condition.part} is smooth for all real {variable} was not decided")


def _of_polynomial(condition: _Condition, polynomial: sp.Poly, variable: sp.Symbol) -> Domain:
    if polynomial.count_roots() == 0:
        if not condition.positive or polynomial.eval(0) > 0:
            return Domain(True)
        return _fails(condition, variable, f"at {variable} = 0")
    (low, high), *_ = (interval for interval, _ in polynomial.intervals(eps=sp.Rational(1, 1000)))
    place = f"at {variable} = {low}" if low == high else f"near {variable} = {sp.Float((low + high) / 2, 4)}"
    return _fails(condition, variable, place)


def _fails(condition: _Condition, variable: sp.Symbol, place: str) -> Domain:
    return Domain(False, f"{condition.part} is not defined, or not smooth, {place}")
