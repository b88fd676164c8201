"""A parsed formula evaluated in balls: the target that was meant, not its rounded values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import arb

from numerics.balls.dyadic import ball
from numerics.errors import InputError
from numerics.expression import Expression

_METHODS = {"arctan": "atan", "atan": "atan", "abs": "__abs__"}


def in_balls(formula: Expression, values: Mapping[str, arb]) -> arb:
    """A ball that contains the formula's value for all values in the given balls.

    Its numbers are exact: 0.1 in a formula is one tenth. Not finite where the formula is not defined. InputError for a
    function without ball arithmetic.
    """
    return _value(formula.tree, values)


def _value(tree: Any, values: Mapping[str, arb]) -> arb:
    kind = tree[0]
    if kind == "num":
        return ball(tree[1])
    if kind == "var":
        return values[tree[1]]
    if kind == "const":
        return arb.pi()
    if kind == "neg":
        return -_value(tree[1], values)
    if kind == "call":
        argument = _value(tree[2], values)
        method = getattr(argument, _METHODS.get(tree[1], tree[1]), None)
        if method is None:
            raise InputError(f"There is no ball arithmetic for {tree[1]}.")
        result: arb = method()
        return result
    left = _value(tree[1], values)
    if kind == "pow":
        return _power(left, tree[2], values)
    right = _value(tree[2], values)
    if kind == "add":
        return left + right
    if kind == "sub":
        return left - right
    return left * right if kind == "mul" else left / right


def _power(base: arb, exponent: Any, values: Mapping[str, arb]) -> arb:
    power = _value(exponent, values)
    whole = power.unique_fmpz()
    if power.is_exact() and whole is not None and abs(int(whole)) <= 10_000:
        raised: arb = base ** abs(int(whole))
        return raised if int(whole) >= 0 else 1 / raised
    general: arb = (base.log() * power).exp()
    return general
