"""Exact evaluation of rational functions and relations at rational points, in plain fractions.

It shares nothing with the solver behind the check of inequalities, so that a point found here is a witness.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import sympy as sp
from sympy.logic.boolalg import And, Boolean, Implies, Not, Or

from theory.errors import TheoryError

Point = Mapping[sp.Symbol, Fraction]


def value(expr: sp.Expr, point: Point) -> Fraction:
    """Value of a rational function. ZeroDivisionError where it has none, TheoryError for any other
    expression."""
    if isinstance(expr, sp.Rational):
        return Fraction(int(expr.p), int(expr.q))
    if isinstance(expr, sp.Symbol):
        return point[expr]
    if isinstance(expr, sp.Add):
        return sum((value(arg, point) for arg in expr.args), Fraction(0))
    if isinstance(expr, sp.Mul):
        product = Fraction(1)
        for arg in expr.args:
            product *= value(arg, point)
        return product
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Integer):
        return Fraction(value(expr.base, point) ** int(expr.exp))
    if isinstance(expr, sp.Abs):
        return abs(value(expr.args[0], point))
    raise TheoryError(f"{expr} is not a rational function with rational coefficients")


def holds(statement: Boolean, point: Point) -> bool:
    """Whether a relation, or And, Or, Not, Implies of relations, holds at a point."""
    if isinstance(statement, sp.core.relational.Relational):
        difference = value(statement.lhs, point) - value(statement.rhs, point)
        match statement:
            case sp.Eq():
                return difference == 0
            case sp.Ne():
                return difference != 0
            case sp.StrictLessThan():
                return difference < 0
            case sp.LessThan():
                return difference <= 0
            case sp.StrictGreaterThan():
                return difference > 0
            case sp.GreaterThan():
                return difference >= 0
    if isinstance(statement, And):
        return all(holds(arg, point) for arg in statement.args)
    if isinstance(statement, Or):
        return any(holds(arg, point) for arg in statement.args)
    if isinstance(statement, Not):
        return not holds(statement.args[0], point)
    if isinstance(statement, Implies):
        return not holds(statement.args[0], point) or holds(statement.args[1], point)
    raise TheoryError(f"{statement} is neither a relation nor And, Or, Not or Implies of relations")
