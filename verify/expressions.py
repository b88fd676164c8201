"""A user's formula as a SymPy expression: the same whitelist parser as the simulation's, exact numbers."""

from __future__ import annotations

from typing import Any

import sympy as sp

from numerics.expression import Expression

_CALLS = {
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "tanh": sp.tanh,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "atan": sp.atan,
    "erf": sp.erf,
    "abs": sp.Abs,
}


def to_sympy(expression: Expression) -> sp.Expr:
    """The tree of a parsed formula in SymPy; variables become real symbols, numbers stay rational."""
    return _built(expression.tree)


def _built(tree: Any) -> sp.Expr:
    kind, *rest = tree
    if kind == "num":
        return sp.Rational(rest[0].numerator, rest[0].denominator)
    if kind == "var":
        return sp.Symbol(rest[0], real=True)
    if kind == "const":
        return sp.pi
    if kind == "call":
        return _CALLS[rest[0]](_built(rest[1]))
    if kind == "neg":
        return -_built(rest[0])
    left, right = _built(rest[0]), _built(rest[1])
    if kind == "add":
        return left + right
    if kind == "sub":
        return left - right
    if kind == "mul":
        return left * right
    return left / right if kind == "div" else left**right
