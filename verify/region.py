"""The set over which an inequality is stated: a box, further conditions, and what the symbols themselves
assume."""

from __future__ import annotations

import functools
import numbers
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import Boolean, BooleanAtom

from theory.errors import InexactConstant, TheoryError

Over = Mapping[sp.Symbol, Any]
"""Symbol → ``(low, high)``, closed, with None or ±oo for no bound; or a SymPy ``Interval``, which may be
open."""


@dataclass(frozen=True)
class Bound:
    """Exact bounds of one symbol; None is no bound."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True)
class Region:
    """Points that satisfy every condition. ``conditions`` already holds the box and the signs assumed by the
    symbols."""

    symbols: tuple[sp.Symbol, ...]
    bounds: Mapping[sp.Symbol, Bound]
    conditions: tuple[Boolean, ...]

    def describe(self) -> str:
        return " and ".join(str(c) for c in self.conditions) or "all real numbers"


def region(statement: Boolean, over: Over | None = None, assuming: Sequence[Boolean] = ()) -> Region:
    """The set named by a box and by conditions, for the symbols of a statement and of the conditions.

    Raises ``InexactConstant`` for a floating-point bound or constant, ``TheoryError`` for a symbol that is
    not real or a condition that SymPy has already evaluated.
    """
    box = {symbol: _bound(symbol, given) for symbol, given in (over or {}).items()}
    conditions = [require_open(c, "a condition") for c in assuming]
    found = statement.free_symbols.union(box, *(c.free_symbols for c in conditions))
    symbols = tuple(sorted(found, key=lambda s: (s.name, sp.default_sort_key(s))))
    refuse_namesakes(symbols)
    implied: list[Boolean] = []
    for symbol in symbols:
        if symbol.is_extended_real is False or symbol.is_complex is False:
            raise TheoryError(f"{symbol} is not real; inequalities are checked over the real numbers")
        implied += _assumed(symbol) + _boxed(symbol, box.get(symbol, Bound()))
    return Region(symbols, box, tuple(implied + conditions))


def require_open(statement: Any, what: str) -> Boolean:
    """Refuse what is no relation, what SymPy has evaluated before we saw it, and floating-point constants."""
    if isinstance(statement, bool | BooleanAtom):
        raise TheoryError(
            f"SymPy evaluated {what} to {statement} before it could be checked; write it unevaluated, "
            "such as sympy.Ge(left, right, evaluate=False)"
        )
    if not isinstance(statement, Boolean) or isinstance(statement, sp.Symbol):
        raise TheoryError(f"{what} must be a SymPy relation such as x**2 >= y, not {statement!r}")
    for number in sorted(statement.atoms(sp.Float), key=str):
        raise InexactConstant(
            f"{what}, {statement}, contains the floating-point number {number}; write it exactly, "
            f"such as Rational('{sp.nsimplify(number, rational=True)}')"
        )
    return statement


def refuse_namesakes(unknowns: Iterable[sp.Basic]) -> None:
    """Two symbols, or undefined functions, that are printed alike would be read as one, and x < x would be proved of
    them.

    TheoryError says which two, whether they differ in their names or in their assumptions alone.
    """
    seen: dict[tuple[bool, str], Any] = {}
    for one in unknowns:
        called = one.func if isinstance(one, AppliedUndef) else one
        other = seen.setdefault((called is one, _printed(called)), called)
        if other != called:
            first, second = sorted((_name(other), _name(called)))
            if first == second:
                raise TheoryError(
                    f"two different symbols have the name {first}; give them one set of assumptions, or two names"
                )
            raise TheoryError(f"the symbols {first!r} and {second!r} are printed alike; rename one of them")


def _name(called: Any) -> str:
    return str(called.__name__ if isinstance(called, UndefinedFunction) else called)


@functools.cache
def _printed(called: Any) -> str:
    """As LaTeX has it, without blanks and braces, which are not seen."""
    shown = sp.Symbol(_name(called)) if isinstance(called, UndefinedFunction) else called
    return re.sub(r"[\s{}]", "", sp.latex(shown))


def fits(symbol: sp.Symbol, value: sp.Rational | None) -> bool:
    """Whether a value satisfies what a symbol assumes; None stands for an irrational number."""
    if value is None:
        return symbol.is_rational is not True
    return all(getattr(value, f"is_{fact}") == holds for fact, holds in symbol.assumptions0.items())


def exact(value: Any, where: str) -> Fraction | None:
    """A bound as a Fraction, None for ±∞."""
    if value is None or value in (sp.oo, -sp.oo):
        return None
    if isinstance(value, float | sp.Float):
        raise InexactConstant(
            f"{where} is the floating-point number {value}; write it exactly, such as Rational('{value}')"
        )
    if isinstance(value, numbers.Rational | sp.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    raise TheoryError(f"{where} must be a rational number, not {value!r}")


def _bound(symbol: Any, given: Any) -> Bound:
    if not isinstance(symbol, sp.Symbol):
        raise TheoryError(f"bounds are given for symbols, not for {symbol!r}")
    if isinstance(given, sp.Interval):
        low, high, flags = given.start, given.end, (bool(given.left_open), bool(given.right_open))
    elif isinstance(given, tuple | list | sp.Tuple) and len(given) == 2:
        (low, high), flags = given, (False, False)
    else:
        raise TheoryError(f"the bounds of {symbol} must be a pair (low, high) or an Interval, not {given!r}")
    bound = Bound(
        exact(low, f"the lower bound of {symbol}"), exact(high, f"the upper bound of {symbol}"), *flags
    )
    crossed = bound.low is not None and bound.high is not None and bound.low > bound.high
    if crossed or low == sp.oo or high == -sp.oo:
        raise TheoryError(f"the bounds of {symbol} are ({low}, {high}), which is empty; write (low, high)")
    return bound


def _boxed(symbol: sp.Symbol, bound: Bound) -> list[Boolean]:
    conditions: list[Boolean] = []
    if bound.low is not None:
        relation = sp.Gt if bound.low_open else sp.Ge
        conditions.append(relation(symbol, sp.Rational(bound.low), evaluate=False))
    if bound.high is not None:
        relation = sp.Lt if bound.high_open else sp.Le
        conditions.append(relation(symbol, sp.Rational(bound.high), evaluate=False))
    return conditions


def _assumed(symbol: sp.Symbol) -> list[Boolean]:
    # SymPy uses these silently when it builds a relation, so that they are part of what is stated.
    signs = (
        (symbol.is_zero, sp.Eq),
        (symbol.is_positive, sp.Gt),
        (symbol.is_negative, sp.Lt),
        (symbol.is_nonnegative and not symbol.is_positive, sp.Ge),
        (symbol.is_nonpositive and not symbol.is_negative, sp.Le),
        (symbol.is_nonzero and not symbol.is_positive and not symbol.is_negative, sp.Ne),
    )
    return [relation(symbol, sp.S.Zero, evaluate=False) for holds, relation in signs if holds]
