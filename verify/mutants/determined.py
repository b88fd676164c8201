"""Symbols that equations among the conditions determine: hardly any point that is tried at random satisfies one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.errors import TheoryError
from verify.mutants.evaluation import Point, value


@dataclass(frozen=True)
class Determined:
    """``symbol`` to the power ``power``, 1 or 2, is ``expr``."""

    symbol: sp.Symbol
    power: int
    expr: sp.Expr

    def at(self, point: Point) -> Fraction | None:
        """Its value where the others have these; None where it has no rational one."""
        try:
            found = value(self.expr, point)
        except TheoryError:  # not a rational function
            return None
        if self.power == 1:
            return found
        if found < 0:
            return None
        top, bottom = math.isqrt(found.numerator), math.isqrt(found.denominator)
        return Fraction(top, bottom) if Fraction(top, bottom) ** 2 == found else None


def determined(conditions: Iterable[Boolean], kept: Iterable[sp.Symbol] = ()) -> list[Determined]:
    """One symbol for each equation that is linear in a symbol, or has its square alone, in the order in which they
    have to be evaluated; never one of ``kept``."""
    found: list[Determined] = []
    used = set(kept)
    for equation in conditions:
        if not isinstance(equation, sp.Eq):
            continue
        one = _solved(equation, used)
        used |= equation.free_symbols
        if one is not None:
            found.append(one)
    return found


def _solved(equation: sp.Eq, used: set[sp.Symbol]) -> Determined | None:
    difference = sp.numer(sp.together(equation.lhs - equation.rhs))
    left = equation.lhs.free_symbols
    for symbol in sorted(equation.free_symbols - used, key=lambda s: (s not in left, s.name)):
        if not difference.is_polynomial(symbol):
            continue
        coefficients: Sequence[sp.Expr] = sp.Poly(difference, symbol).all_coeffs()
        if len(coefficients) == 2:
            return Determined(symbol, 1, -coefficients[1] / coefficients[0])
        if len(coefficients) == 3 and coefficients[1] == 0:
            return Determined(symbol, 2, -coefficients[2] / coefficients[0])
    return None
